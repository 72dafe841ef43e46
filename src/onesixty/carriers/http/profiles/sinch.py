"""Sinch, SMS REST API (XMS), version 1. Reports and inbound messages are told apart by their `type`.

Sources: developers.sinch.com/docs/sms/api-reference/sms/tag/Batches (request, answer),
developers.sinch.com/docs/sms/api-reference/status-codes (error codes), developers.sinch.com/docs/sms/api-reference/
sms/tag/Webhooks (delivery report of a recipient, inbound, HMAC headers; 5xx is called again, other 4xx is not).
"""

from __future__ import annotations

from typing import Final, Literal

from onesixty.carriers.http.profiles.common import Key, OptionalKey, answers, link_of, table
from onesixty.carriers.http.settings import HttpSettings, Inbound, ProfileSettings, Receipts

SECRETS: Final = ("api_token", "webhook_secret", "callback_token")

CODES: Final = table(
    message_refused="syntax_invalid_parameter_format syntax_constraint_violation",
    carrier_refused="syntax_invalid_json unauthorized forbidden missing_callback_url unknown_campaign",
)

STATES: Final = table(
    ENROUTE="Queued Dispatched",
    DELIVRD="Delivered",
    EXPIRED="Expired",
    DELETED="Cancelled Deleted",
    UNDELIV="Failed",
    REJECTD="Aborted Rejected",
    UNKNOWN="Unknown",
)


class Settings(ProfileSettings, kw_only=True, forbid_unknown_fields=True):
    """Without `webhook_secret` calls are known by `callback_token` alone."""

    service_plan_id: Key
    api_token: Key
    region: Literal["us", "eu", "au", "br", "ca"] = "us"
    webhook_secret: OptionalKey = ""


def expand(settings: Settings) -> HttpSettings:
    """The connector's settings."""
    base = settings.base_url or f"https://{settings.region}.sms.api.sinch.com"
    batches = f"{base}/xms/v1/{settings.service_plan_id}/batches"
    return HttpSettings(
        **link_of(settings),
        url=batches,
        fields={
            "type": "{encoding}",
            "from": "{from_digits}",
            "to": ["{to_digits}"],
            "body": "{text}{binary_base64}",
            "udh": "{udh?}",
            "flash_message": "{flash?}",
            "delivery_report": "per_recipient_final",
            "callback_url": "{callback_url?}",
            "expire_at": "{expires_at}",
            "client_reference": "{id}",
        },
        words={"encoding": {"gsm7": "mt_text", "ucs2": "mt_text", "binary": "mt_binary"}},
        validity_max_s=3 * 86_400,
        auth="bearer",
        token=settings.api_token,
        answer=answers(settings, CODES, id="id", code=["code"]),
        callback_signature="sinch" if settings.webhook_secret else "token",
        callback_secret=settings.webhook_secret,
        receipts=Receipts(
            when={"type": ["recipient_delivery_report_sms"]},
            id="batch_id",
            state="status",
            states=STATES,
            code="code",
            to="recipient",
            at="at",
            network="operator",
        ),
        inbound=Inbound(
            when={"type": ["mo_text", "mo_binary"]},
            id="id",
            sender="from",
            to="to",
            text="body",
            octets="body",
            octets_encoding="base64",
            octets_when={"type": ["mo_binary"]},
            udh="udh",
        ),
        check_url=f"{batches}?page_size=1",
    )
