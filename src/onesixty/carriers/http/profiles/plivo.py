"""Plivo, Messaging API. Its errors have no codes, so the HTTP status decides.

Sources: www.plivo.com/docs/messaging/api/message/send-a-message (request, answer, `message_expiry`),
www.plivo.com/docs/messaging/api/message/message-status-callbacks (receipts), www.plivo.com/docs/messaging/
use-cases/receive-sms (inbound), www.plivo.com/docs/messaging/concepts/signature-validation (V2, V3).
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("auth_token", "callback_token")

STATUSES: Final = {"400": "message_refused", "401-404": "carrier_refused"}

STATES: Final = table(
    ENROUTE="queued sent",
    DELIVRD="delivered read",
    UNDELIV="undelivered failed",
    REJECTD="rejected",
)


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """`auth_token` also checks what Plivo signs."""

    auth_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,64}$")]
    auth_token: Key
    #: Sends from a Powerpack rather than from the message's sender.
    powerpack_uuid: OptionalKey = ""


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    base = settings.base_url or "https://api.plivo.com"
    account = f"{base}/v1/Account/{settings.auth_id}"
    powerpack = settings.powerpack_uuid
    sender = {"powerpack_uuid": powerpack} if powerpack else {"src": "{from_digits}"}
    return HttpSettings(
        **link_of(settings),
        url=f"{account}/Message/",
        fields={
            **sender,
            "dst": "{to_digits}",
            "text": "{text}",
            "type": "sms",
            "url": "{callback_url?}",
            "method": "POST",
            "message_expiry": "{validity_seconds}",
        },
        validity_min_s=5,
        validity_max_s=10_800,
        auth="basic",
        username=settings.auth_id,
        password=settings.auth_token,
        answer=answers(settings, {}, STATUSES, id="message_uuid[0]", code=["error_code"]),
        callback_signature="plivo",
        callback_secret=settings.auth_token,
        callback_answer="<Response></Response>",
        callback_answer_type="application/xml",
        receipts=Receipts(
            id="MessageUUID",
            state="Status",
            states=STATES,
            code="ErrorCode",
            to="To",
            sender="From",
            at="DeliveryReportTime",
        ),
        inbound=Inbound(id="MessageUUID", sender="From", to="To", text="Text"),
        check_url=f"{account}/",
    )
