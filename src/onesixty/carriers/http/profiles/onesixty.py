"""Another onesixty as a carrier: its API, and its webhooks after Standard Webhooks 1.0.0.

Sources: docs/reference/api.md (request, answer), docs/reference/errors.md (codes), docs/reference/webhooks.md
(events, signature). The message's class is not handed on, since the account there may not have the right to it; the
validity that remains is.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("api_key", "webhook_secret", "inbound_secret", "callback_token")

CODES: Final = table(
    carrier_throttled="rate_limited unavailable draining",
    carrier_busy="internal_error request_timeout",
    recipient_refused="invalid_recipient",
    recipient_opted_out="recipient_opted_out opted_out",
    sender_refused="invalid_sender",
    message_refused="text_empty text_too_long not_encodable not_decodable body_too_large loop_detected",
    carrier_refused="unauthorized key_revoked forbidden wrong_mode no_route unknown_route not_found",
)

STATES: Final = table(
    ENROUTE="scheduled queued held sent",
    DELIVRD="delivered",
    UNDELIV="undelivered",
    EXPIRED="expired",
    DELETED="canceled",
    REJECTD="failed",
    UNKNOWN="unconfirmed",
)

EVENTS: Final = [
    f"message.{word}"
    for word in (
        "queued", "held", "sent", "delivered", "undelivered", "unconfirmed", "failed", "expired", "canceled",
        "corrected",
    )
]  # fmt: skip


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """`webhook_secret` signs status callbacks there, `inbound_secret` the webhook that hands over messages from
    handsets (both `whsec_...`)."""

    base_url: Annotated[str, msgspec.Meta(max_length=512, pattern=r"^https?://[^/?#{}@\s]+$")]
    api_key: Key
    webhook_secret: OptionalKey = ""
    inbound_secret: OptionalKey = ""
    #: A route of the other platform, by name or id.
    route: Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[A-Za-z0-9._-]*$")] = ""


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    fields = {
        "from": "{from}",
        "to": "{to}",
        "text": "{text?}",
        "binary": "{binary_base64?}",
        "encoding": "{encoding?}",
        "flash": "{flash?}",
        "udh": "{udh?}",
        "valid_for": "{validity_seconds}",
        "reference": "{id}",
        "status_callback": "{callback_url?}",
    }
    secrets = f"{settings.webhook_secret} {settings.inbound_secret}".strip()
    if settings.route:
        fields["route"] = settings.route
    return HttpSettings(
        **link_of(settings),
        url=f"{settings.base_url}/v1/sms/send",
        fields=fields,
        words={"encoding": {"binary": ""}},
        validity_max_s=7 * 86_400,
        auth="bearer",
        token=settings.api_key,
        answer=answers(settings, CODES, id="id", code=["code"]),
        callback_signature="standard" if secrets else "token",
        callback_secret=secrets,
        receipts=Receipts(
            when={"type": EVENTS},
            id="data.id",
            state="data.status",
            states=STATES,
            code="data.error.code",
            to="data.to",
            sender="data.from",
            at="created_at",
            network="data.network",
        ),
        inbound=Inbound(
            when={"type": ["message.received"]},
            id="data.id",
            sender="data.from",
            to="data.to",
            text="data.text",
            octets="data.text",
            octets_encoding="base64",
            octets_when={"data.encoding": ["binary"]},
        ),
        check_url=f"{settings.base_url}/v1/messages?limit=1",
    )
