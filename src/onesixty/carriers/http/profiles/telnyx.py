"""Telnyx, Messaging API version 2. One URL gets reports and inbound messages, told apart by `event_type`.

Sources: developers.telnyx.com/api-reference/messages/send-a-message (request, answer),
developers.telnyx.com/docs/messaging/messages/error-codes and support.telnyx.com/en/articles/6505121 (codes),
developers.telnyx.com/api-reference/callbacks/delivery-update and .../inbound-message (webhooks: Ed25519 over
`timestamp|body`).
"""

from __future__ import annotations

from typing import Any, Final

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("api_key", "callback_token")

CODES: Final = table(
    carrier_throttled="10011 40011 40318",
    carrier_busy="10007 10008 40006 40320",
    recipient_refused="10002 10016 40001 40008 40012 40309 40310",
    recipient_opted_out="40300",
    sender_refused="10001 40003 40013 40305 40306 40313 40321",
    message_refused="40002 40009 40014 40015 40302 40304 40316 40319 40322",
    carrier_refused="10005 10009 10010 10015 40311 40312 40314 40328",
)

STATES: Final = table(
    ENROUTE="queued sending sent",
    DELIVRD="delivered",
    EXPIRED="expired",
    UNDELIV="sending_failed delivery_failed",
    UNKNOWN="delivery_unconfirmed",
)

#: Codes of an undelivered message.
ERRORS: Final = table(
    recipient_refused="40001 40012",
    recipient_opted_out="40300",
    carrier_rejected="40002 40003 40004 40009 40013 40015",
    carrier_expired="40005 40014",
    undeliverable="40006 40008",
)


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """`public_key` is the account's, in base64 as the portal shows it; without it `callback_token` has to do."""

    api_key: Key
    public_key: OptionalKey = ""
    messaging_profile_id: OptionalKey = ""


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    base = settings.base_url or "https://api.telnyx.com"
    fields: dict[str, Any] = {
        "from": "{from}",
        "to": "{to}",
        "text": "{text}",
        "webhook_url": "{callback_url?}",
        "use_profile_webhooks": False,
    }
    if settings.messaging_profile_id:
        fields["messaging_profile_id"] = settings.messaging_profile_id
    return HttpSettings(
        **link_of(settings),
        url=f"{base}/v2/messages",
        fields=fields,
        auth="bearer",
        token=settings.api_key,
        answer=answers(settings, CODES, id="data.id", code=["errors[0].code"]),
        callback_signature="telnyx" if settings.public_key else "token",
        callback_secret=settings.public_key,
        receipts=Receipts(
            when={"data.event_type": ["message.sent", "message.finalized"]},
            id="data.payload.id",
            state="data.payload.to[0].status",
            states=STATES,
            code="data.payload.errors[0].code",
            errors=ERRORS,
            to="data.payload.to[0].phone_number",
            sender="data.payload.from.phone_number",
            at="data.occurred_at",
        ),
        inbound=Inbound(
            when={"data.event_type": ["message.received"]},
            id="data.payload.id",
            sender="data.payload.from.phone_number",
            to="data.payload.to[0].phone_number",
            text="data.payload.text",
        ),
        check_url=f"{base}/v2/balance",
    )
