"""MessageBird (Bird), SMS API at rest.messagebird.com. Reports come as GET, and only for messages with a reference.

Sources: developers.messagebird.com/api/sms-messaging (request, answer, status reports, inbound),
developers.messagebird.com/api/#api-errors (codes), developers.messagebird.com/api/#verifying-http-requests
(MessageBird-Signature-JWT with the hashes of URL and body).
"""

from __future__ import annotations

from typing import Final

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("access_key", "signing_key", "callback_token")

CODES: Final = table(
    carrier_busy="99",
    recipient_refused="9",
    message_refused="10 21",
    carrier_refused="2 20 25 98",
)

STATES: Final = table(
    ENROUTE="scheduled sent buffered",
    DELIVRD="delivered",
    EXPIRED="expired",
    UNDELIV="delivery_failed",
)


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """Without `signing_key` calls are known by `callback_token` alone."""

    access_key: Key
    signing_key: OptionalKey = ""


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    base = settings.base_url or "https://rest.messagebird.com"
    return HttpSettings(
        **link_of(settings),
        url=f"{base}/messages",
        headers={"Authorization": "AccessKey {token}"},
        fields={
            "type": "{flash}",
            "originator": "{from_digits}",
            "recipients": ["{to_digits}"],
            "body": "{text}",
            "datacoding": "{encoding}",
            "validity": "{validity_seconds}",
            "reference": "{id}",
            "reportUrl": "{callback_url?}",
        },
        words={
            "encoding": {"gsm7": "plain", "ucs2": "unicode"},
            "flash": {"true": "flash", "false": "sms"},
        },
        token=settings.access_key,
        answer=answers(settings, CODES, id="id", code=["errors[0].code"]),
        callback_signature="messagebird" if settings.signing_key else "token",
        callback_secret=settings.signing_key,
        receipts=Receipts(
            id="id",
            state="status",
            states=STATES,
            code="statusErrorCode",
            to="recipient",
            at="statusDatetime",
            network="mccmnc",
        ),
        inbound=Inbound(id="id", sender="originator", to="recipient", text="body"),
        check_url=f"{base}/balance",
    )
