"""Vonage (Nexmo), SMS API. A long message is answered, and reported, part by part.

Sources: developer.vonage.com/en/api/sms (request, answer, statuses of the answer, delivery receipt),
developer.vonage.com/messaging/sms/guides/inbound-sms (inbound, parts), developer.vonage.com/getting-started/
concepts/signing-messages (`sig`), developer.vonage.com/en/messages/concepts/signed-webhooks (JWT).
"""

from __future__ import annotations

from typing import Final, Literal

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("api_secret", "signature_secret", "callback_token")

#: The `status` of each part in the answer.
CODES: Final = table(
    carrier_throttled="1",
    carrier_busy="5 10",
    recipient_refused="7 33",
    sender_refused="15",
    message_refused="3 6 12 22",
    carrier_refused="2 4 8 9 11 14 23 29 32",
)

STATES: Final = table(
    ACCEPTD="accepted",
    ENROUTE="buffered submitted",
    DELIVRD="delivered",
    EXPIRED="expired",
    UNDELIV="failed",
    REJECTD="rejected",
    UNKNOWN="unknown",
)
#: `err-code` of a delivery receipt.
ERRORS: Final = table(
    recipient_refused="3 4 12",
    recipient_opted_out="8",
    carrier_rejected="5 6 13 15 50 51 52 53",
    undeliverable="1 2 7 9 10 11 14 99",
)

_HASHES: Final[dict[str, Literal["md5", "sha1", "sha256", "sha512"]]] = {
    "md5hash": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "sha512": "sha512",
}


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """Without `signature_secret` calls are known by `callback_token` alone."""

    api_key: Key
    api_secret: Key
    signature_secret: OptionalKey = ""
    signature_method: Literal["md5hash", "sha1", "sha256", "sha512"] = "md5hash"


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    base = settings.base_url or "https://rest.nexmo.com"
    return HttpSettings(
        **link_of(settings),
        url=f"{base}/sms/json",
        body="form",
        fields={
            "api_key": "{username}",
            "api_secret": "{password}",
            "from": "{from_digits}",
            "to": "{to_digits}",
            "type": "{encoding}",
            "text": "{text?}",
            "body": "{binary_hex?}",
            "udh": "{udh?}",
            "message-class": "{flash?}",
            "ttl": "{validity_ms}",
            "status-report-req": "1",
            "callback": "{callback_url?}",
            "client-ref": "{id}",
        },
        words={
            "encoding": {"gsm7": "text", "ucs2": "unicode"},
            "flash": {"true": "0", "false": ""},
        },
        validity_min_s=20,
        validity_max_s=604_800,
        username=settings.api_key,
        password=settings.api_secret,
        answer=answers(
            settings,
            CODES,
            parts="messages",
            id="message-id",
            state="status",
            state_ok=["0"],
            code=["status"],
        ),
        callback_signature="vonage" if settings.signature_secret else "token",
        callback_secret=settings.signature_secret,
        callback_hash=_HASHES[settings.signature_method],
        receipts=Receipts(
            id="messageId",
            state="status",
            states=STATES,
            code="err-code",
            errors=ERRORS,
            to="msisdn",
            sender="to",
            at="scts",
            at_format="%y%m%d%H%M",
            network="network-code",
        ),
        inbound=Inbound(
            id="messageId",
            sender="msisdn",
            to="to",
            text="text",
            octets="data",
            octets_when={"type": ["binary"]},
            udh="udh",
            part_reference="concat-ref",
            part_total="concat-total",
            part_number="concat-part",
        ),
        check_url=f"{base}/account/get-balance?api_key={{username}}&api_secret={{password}}",
    )
