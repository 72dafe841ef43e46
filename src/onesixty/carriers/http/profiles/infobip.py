"""Infobip, SMS API version 3. The base URL is the account's own.

Sources: www.infobip.com/docs/api/channels/sms/outbound-sms/send-sms-messages (request, answer),
www.infobip.com/docs/essentials/response-status-and-error-codes (status groups and names, API errors),
www.infobip.com/docs/api/channels/sms/logs-and-status-reports/receive-outbound-sms-message-report (receipts),
www.infobip.com/docs/api/channels/sms/inbound-sms/receive-inbound-sms-messages (inbound).
Calls are known by Basic credentials, if the account's notification profile has them, or by the path's token.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("api_key", "callback_password", "callback_token")

#: Names of statuses of a rejected message, and codes of API errors.
CODES: Final = table(
    carrier_throttled="TOO_MANY_REQUESTS E429",
    carrier_busy="REJECTED_SYSTEM_ERROR GENERAL_ERROR E500",
    recipient_refused="REJECTED_PREFIX_MISSING REJECTED_DESTINATION REJECTED_DESTINATION_NOT_REGISTERED "
    "REJECTED_INVALID_DESTINATION MISSING_TO",
    recipient_opted_out="REJECTED_DND",
    sender_refused="REJECTED_SOURCE REJECTED_SENDER MISSING_FROM REJECTED_ALPHANUMERIC_SENDER",
    message_refused="REJECTED_FLOODING_FILTER REJECTED_DUPLICATE_MESSAGE_ID REJECTED_INVALID_UDH "
    "REJECTED_MESSAGE_TOO_LONG E400",
    carrier_refused="REJECTED_NETWORK REJECTED_NOT_ENOUGH_CREDITS REJECTED_PREPAID_PACKAGE_EXPIRED "
    "REJECTED_ROUTE_NOT_AVAILABLE UNAUTHORIZED E401 E403 E404",
)

STATES: Final = table(
    ACCEPTD="ACCEPTED",
    ENROUTE="PENDING",
    DELIVRD="DELIVERED",
    EXPIRED="EXPIRED",
    UNDELIV="UNDELIVERABLE",
    REJECTD="REJECTED",
)


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """Calls are known by `callback_username` and `callback_password`, or else by `callback_token`."""

    base_url: Annotated[str, msgspec.Meta(max_length=512, pattern=r"^https?://[^/?#{}@\s]+$")]
    api_key: Key
    callback_username: OptionalKey = ""
    callback_password: OptionalKey = ""


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    return HttpSettings(
        **link_of(settings),
        url=f"{settings.base_url}/sms/3/messages",
        headers={"Authorization": "App {token}"},
        fields={
            "messages": [
                {
                    "sender": "{from_digits}",
                    "destinations": [{"to": "{to_digits}"}],
                    "content": {"text": "{text}"},
                    "options": {"validityPeriod": {"amount": "{validity_minutes}", "timeUnit": "MINUTES"}},
                    "webhooks": {"delivery": {"url": "{callback_url?}"}, "contentType": "application/json"},
                }
            ]
        },
        validity_max_s=48 * 3600,
        token=settings.api_key,
        answer=answers(
            settings,
            CODES,
            id="messages[0].messageId",
            state="messages[0].status.groupName",
            state_ok=["PENDING", "ACCEPTED", "DELIVERED"],
            code=["messages[0].status.name", "errorCode", "requestError.serviceException.messageId"],
        ),
        callback_signature="basic" if settings.callback_password else "token",
        callback_username=settings.callback_username,
        callback_secret=settings.callback_password,
        receipts=Receipts(
            each="results",
            id="messageId",
            state="status.groupName",
            states=STATES,
            code="error.name",
            to="to",
            sender="sender",
            at="doneAt",
            network="mccMnc",
        ),
        inbound=Inbound(each="results", id="messageId", sender="from", to="to", text="text"),
        check_url=f"{settings.base_url}/account/1/balance",
    )
