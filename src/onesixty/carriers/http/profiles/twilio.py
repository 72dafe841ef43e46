"""Twilio, Programmable Messaging, API 2010-04-01.

Sources: www.twilio.com/docs/messaging/api/message-resource (request, answer, statuses),
www.twilio.com/docs/api/errors (codes),
www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks (receipts),
www.twilio.com/docs/messaging/guides/webhook-request (inbound),
www.twilio.com/docs/usage/webhooks/webhooks-security (X-Twilio-Signature).
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("auth_token", "api_key_secret", "callback_token")

Sid = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,64}$")]
OptionalSid = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{0,64}$")]

CODES: Final = table(
    carrier_throttled="20429 21611 14107 30001",
    carrier_busy="20500 20503",
    recipient_refused="21211 21217 21265 21407 21421 21614",
    recipient_opted_out="21610",
    sender_refused="21212 21603 21606 21608 21612 21659 21660 21661 21703 21704 21714",
    message_refused="21602 21605 21617 21619 21656 30044",
    carrier_refused="20003 20005 21408 21701 21705",
)

STATES: Final = table(
    ACCEPTD="accepted",
    ENROUTE="scheduled queued sending sent",
    DELIVRD="delivered read",
    UNDELIV="undelivered failed",
    DELETED="canceled",
)

#: ErrorCode of an undelivered message.
ERRORS: Final = table(
    recipient_refused="30005 30006",
    recipient_opted_out="21610",
    carrier_rejected="30004 30007 30034",
    carrier_expired="30036",
    undeliverable="30003 30008",
)


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """`auth_token` also checks what Twilio signs; with an API key it is not used for sending."""

    account_sid: Sid
    auth_token: Key
    api_key_sid: OptionalSid = ""
    api_key_secret: OptionalKey = ""
    #: Sends from a Messaging Service rather than from the message's sender.
    messaging_service_sid: OptionalSid = ""


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    base = settings.base_url or "https://api.twilio.com"
    account = f"{base}/2010-04-01/Accounts/{settings.account_sid}"
    service = settings.messaging_service_sid
    sender = {"MessagingServiceSid": service} if service else {"From": "{from}"}
    return HttpSettings(
        **link_of(settings),
        url=f"{account}/Messages.json",
        body="form",
        fields={
            "To": "{to}",
            **sender,
            "Body": "{text}",
            "StatusCallback": "{callback_url?}",
            "ValidityPeriod": "{validity_seconds}",
        },
        validity_max_s=36_000,
        auth="basic",
        username=settings.api_key_sid or settings.account_sid,
        password=settings.api_key_secret or settings.auth_token,
        answer=answers(settings, CODES, id="sid", code=["code"]),
        callback_signature="twilio",
        callback_secret=settings.auth_token,
        callback_answer="<Response/>",
        callback_answer_type="text/xml",
        receipts=Receipts(
            id="MessageSid",
            state="MessageStatus",
            states=STATES,
            code="ErrorCode",
            errors=ERRORS,
            to="To",
            sender="From",
            at="RawDlrDoneDate",
            at_format="%y%m%d%H%M",
        ),
        inbound=Inbound(id="MessageSid", sender="From", to="To", text="Body"),
        check_url=f"{account}.json",
    )
