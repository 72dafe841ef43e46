"""Providers as their documentation describes them: what they are sent, answer, report and sign, a row for each.

The signatures are made here by the providers' rules, apart from the code under test; vectors that providers publish
stand in the test of signatures.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks.webhooks import Webhook

from onesixty.core.contracts import CallbackRequest

NOW = 1_800_000_000
PUBLIC = "https://sms.example.net"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WHSEC = "whsec_" + base64.b64encode(bytes(range(24))).decode()


class Provider(NamedTuple):
    """`sent` is the body of the first message (+15550000001 from +15559990000, "hi", 60 s), as data.

    `refusals` are answers (status, body) and the code each means. `report` and `inbound` make signed calls: the
    first of DELIVRD for an id, the second of the text "answer" from +15550000001.
    """

    type: str
    settings: dict[str, Any]
    path: str
    headers: dict[str, str]
    sent: dict[str, Any]
    answer: tuple[int, Any]
    id: str
    refusals: list[tuple[int, Any, str]]
    report: Callable[[str], CallbackRequest]
    inbound: Callable[[], CallbackRequest]
    form: bool = False


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def digest(key: str, data: str | bytes, name: str = "sha256") -> str:
    raw = hmac.new(key.encode(), data if isinstance(data, bytes) else data.encode(), name).digest()
    return base64.b64encode(raw).decode()


def jwt(claims: dict[str, Any], key: str) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    text = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    return text + "." + part(hmac.new(key.encode(), text.encode(), "sha256").digest())


def request(kind: str, body: bytes, headers: dict[str, str], **changes: Any) -> CallbackRequest:
    values: dict[str, Any] = {
        "kind": kind,
        "method": "POST",
        "url": f"{PUBLIC}/v1/carriers/car_http/{kind}",
        "query": "",
        "headers": headers,
        "body": body,
    }
    return CallbackRequest(**(values | changes))


# ---------------------------------------------------------------- how each calls


def twilio(kind: str, fields: dict[str, str]) -> CallbackRequest:
    call = request(kind, urlencode(fields).encode(), {"content-type": FORM})
    text = call.url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    call.headers["x-twilio-signature"] = digest("tw-token", text, "sha1")
    return call


def vonage(kind: str, fields: dict[str, str]) -> CallbackRequest:
    fields = fields | {"timestamp": str(NOW), "nonce": "n&1"}
    text = "".join(f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields))
    sig = hmac.new(b"vo-secret", text.encode(), "sha256").hexdigest().upper()
    return request(kind, json.dumps(fields | {"sig": sig}).encode(), {"content-type": JSON})


def infobip(kind: str, document: Any) -> CallbackRequest:
    headers = {"content-type": JSON, "authorization": basic("ib", "ib-pass")}
    return request(kind, json.dumps({"results": [document]}).encode(), headers)


def sinch(kind: str, document: Any) -> CallbackRequest:
    body = json.dumps(document).encode()
    headers = {
        "content-type": JSON,
        "x-sinch-webhook-signature": digest("si-secret", body + b".n1." + str(NOW).encode()),
        "x-sinch-webhook-signature-nonce": "n1",
        "x-sinch-webhook-signature-timestamp": str(NOW),
        "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    }
    return request(kind, body, headers)


def plivo(kind: str, fields: dict[str, str]) -> CallbackRequest:
    call = request(kind, urlencode(fields).encode(), {"content-type": FORM})
    text = call.url + "?" + "".join(f"{name}{fields[name]}" for name in sorted(fields)) + ".nonce-1"
    call.headers["x-plivo-signature-v3"] = "other," + digest("pl-token", text)
    call.headers["x-plivo-signature-v3-nonce"] = "nonce-1"
    return call


def telnyx(kind: str, type_: str, payload: Any) -> CallbackRequest:
    document = {"data": {"event_type": type_, "occurred_at": "2027-01-15T08:00:00.000Z", "payload": payload}}
    body = json.dumps(document).encode()
    signature = ED25519.sign(f"{NOW}|".encode() + body)
    headers = {
        "content-type": JSON,
        "telnyx-timestamp": str(NOW),
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }
    return request(kind, body, headers)


def messagebird(kind: str, fields: dict[str, str]) -> CallbackRequest:
    query = urlencode(fields)
    url = f"{PUBLIC}/v1/carriers/car_http/{kind}?{query}"
    claims = {
        "iss": "MessageBird", "nbf": NOW - 1, "exp": NOW + 60, "jti": "1",
        "url_hash": hashlib.sha256(url.encode()).hexdigest(),
    }  # fmt: skip
    headers = {"messagebird-signature-jwt": jwt(claims, "mb-key")}
    return request(kind, b"", headers, method="GET", url=url, query=urlsplit(url).query)


def onesixty(kind: str, type_: str, message: Any) -> CallbackRequest:
    from datetime import UTC, datetime

    body = json.dumps({"id": "evt_1", "type": type_, "created_at": "2027-01-15T08:00:00Z", "data": message})
    signature = Webhook(WHSEC).sign("evt_1", datetime.fromtimestamp(NOW, UTC), body)
    headers = {
        "content-type": JSON, "webhook-id": "evt_1", "webhook-timestamp": str(NOW),
        "webhook-signature": f"v1,AAAA {signature}",
    }  # fmt: skip
    return request(kind, body.encode(), headers)


# ---------------------------------------------------------------- the rows

_RECEIPTS = f"{PUBLIC}/v1/carriers/car_http/receipts"

PROVIDERS = [
    Provider(
        type="twilio",
        settings={"account_sid": "AC1", "auth_token": "tw-token"},
        path="/2010-04-01/Accounts/AC1/Messages.json",
        headers={"Authorization": basic("AC1", "tw-token")},
        sent={
            "To": "+15550000001", "From": "+15559990000", "Body": "hi", "StatusCallback": _RECEIPTS,
            "ValidityPeriod": "60",
        },
        form=True,
        answer=(201, {"sid": "SM0f", "status": "queued", "num_segments": "1", "error_code": None}),
        id="SM0f",
        refusals=[
            (400, {"code": 21610, "message": "unsubscribed", "status": 400}, "recipient_opted_out"),
            (400, {"code": 21211, "message": "invalid 'To'", "status": 400}, "recipient_refused"),
            (401, {"code": 20003, "message": "Authenticate", "status": 401}, "carrier_refused"),
            (429, {"code": 20429, "message": "Too Many Requests", "status": 429}, "carrier_throttled"),
        ],
        report=lambda id_: twilio(
            "receipts",
            {"MessageSid": id_, "MessageStatus": "delivered", "To": "+15550000001", "From": "+15559990000",
             "AccountSid": "AC1", "ApiVersion": "2010-04-01", "RawDlrDoneDate": "2701150800"},
        ),
        inbound=lambda: twilio(
            "inbound",
            {"MessageSid": "SM9", "From": "+15550000001", "To": "+15559990000", "Body": "answer", "NumMedia": "0"},
        ),
    ),
    Provider(
        type="vonage",
        settings={
            "api_key": "vo", "api_secret": "vo-pass", "signature_secret": "vo-secret",
            "signature_method": "sha256",
        },
        path="/sms/json",
        headers={},
        sent={
            "api_key": "vo", "api_secret": "vo-pass", "to": "15550000001", "from": "15559990000", "text": "hi",
            "type": "text", "ttl": "60000", "status-report-req": "1", "callback": _RECEIPTS,
            "client-ref": "msg_00000000000000000000000001",
        },
        form=True,
        answer=(
            200,
            {"message-count": "1", "messages": [{"to": "15550000001", "message-id": "0A00", "status": "0"}]},
        ),
        id="0A00",
        refusals=[
            (200, {"messages": [{"status": "1", "error-text": "Throttled"}]}, "carrier_throttled"),
            (200, {"messages": [{"status": "15", "error-text": "Invalid sender"}]}, "sender_refused"),
            (200, {"messages": [{"status": "4", "error-text": "Bad credentials"}]}, "carrier_refused"),
        ],
        report=lambda id_: vonage(
            "receipts",
            {"messageId": id_, "status": "delivered", "msisdn": "15550000001", "to": "15559990000",
             "err-code": "0", "scts": "2701150800", "network-code": "310260", "api-key": "vo"},
        ),
        inbound=lambda: vonage(
            "inbound",
            {"messageId": "0B", "msisdn": "15550000001", "to": "15559990000", "text": "answer", "type": "text"},
        ),
    ),
    Provider(
        type="infobip",
        settings={"api_key": "ib-key", "callback_username": "ib", "callback_password": "ib-pass"},
        path="/sms/3/messages",
        headers={"Authorization": "App ib-key"},
        sent={
            "messages": [
                {
                    "sender": "15559990000",
                    "destinations": [{"to": "15550000001"}],
                    "content": {"text": "hi"},
                    "options": {"validityPeriod": {"amount": 1, "timeUnit": "MINUTES"}},
                    "webhooks": {"delivery": {"url": _RECEIPTS}, "contentType": "application/json"},
                }
            ]
        },
        answer=(
            200,
            {"messages": [{"messageId": "2250be", "destination": "15550000001",
                           "status": {"groupId": 1, "groupName": "PENDING", "name": "PENDING_ACCEPTED"}}]},
        ),
        id="2250be",
        refusals=[
            (200, {"messages": [{"messageId": "1", "status": {"groupName": "REJECTED", "name": "REJECTED_SENDER"}}]},
             "sender_refused"),
            (401, {"errorCode": "E401", "description": "Unauthorized"}, "carrier_refused"),
            (429, {"requestError": {"serviceException": {"messageId": "TOO_MANY_REQUESTS"}}},
             "carrier_throttled"),
        ],
        report=lambda id_: infobip(
            "receipts",
            {"messageId": id_, "to": "15550000001", "sender": "15559990000", "mccMnc": "310260",
             "doneAt": "2027-01-15T08:00:00.000+0000", "status": {"groupName": "DELIVERED", "id": 5},
             "error": {"name": "NO_ERROR", "permanent": False}},
        ),
        inbound=lambda: infobip(
            "inbound", {"messageId": "9", "from": "15550000001", "to": "15559990000", "text": "answer"}
        ),
    ),
    Provider(
        type="sinch",
        settings={"service_plan_id": "plan", "api_token": "si-token", "webhook_secret": "si-secret"},
        path="/xms/v1/plan/batches",
        headers={"Authorization": "Bearer si-token"},
        sent={
            "type": "mt_text", "from": "15559990000", "to": ["15550000001"], "body": "hi",
            "delivery_report": "per_recipient_final", "callback_url": _RECEIPTS,
            "expire_at": "2027-01-15T08:01:00.000Z", "client_reference": "msg_00000000000000000000000001",
        },
        answer=(201, {"id": "01FC66", "to": ["15550000001"], "canceled": False, "type": "mt_text"}),
        id="01FC66",
        refusals=[
            (400, {"code": "syntax_constraint_violation", "text": "to"}, "message_refused"),
            (403, {"code": "forbidden", "text": "no"}, "carrier_refused"),
            (429, {}, "carrier_throttled"),
        ],
        report=lambda id_: sinch(
            "receipts",
            {"type": "recipient_delivery_report_sms", "batch_id": id_, "recipient": "15550000001", "code": 0,
             "status": "Delivered", "at": "2027-01-15T08:00:00.000Z", "operator": "310260"},
        ),
        inbound=lambda: sinch(
            "receipts",  # one URL for both: they are told apart by their type
            {"type": "mo_text", "id": "01XX", "from": "15550000001", "to": "15559990000", "body": "answer"},
        ),
    ),
    Provider(
        type="plivo",
        settings={"auth_id": "MA1", "auth_token": "pl-token"},
        path="/v1/Account/MA1/Message/",
        headers={"Authorization": basic("MA1", "pl-token")},
        sent={
            "src": "15559990000", "dst": "15550000001", "text": "hi", "type": "sms", "url": _RECEIPTS,
            "method": "POST", "message_expiry": 60,
        },
        answer=(202, {"message": "message(s) queued", "message_uuid": ["db3ce55a-7f1d"], "api_id": "x"}),
        id="db3ce55a-7f1d",
        refusals=[
            (400, {"api_id": "x", "error": "dst is required"}, "message_refused"),
            (401, "Could not verify your access level", "carrier_refused"),
            (429, {}, "carrier_throttled"),
        ],
        report=lambda id_: plivo(
            "receipts",
            {"MessageUUID": id_, "Status": "delivered", "To": "15550000001", "From": "15559990000",
             "Units": "1", "DeliveryReportTime": "2027-01-15 08:00:00.000000"},
        ),
        inbound=lambda: plivo(
            "inbound",
            {"MessageUUID": "u9", "From": "15550000001", "To": "15559990000", "Text": "answer", "Type": "sms"},
        ),
    ),
    Provider(
        type="telnyx",
        settings={
            "api_key": "te-key",
            "public_key": base64.b64encode(ED25519.public_key().public_bytes_raw()).decode(),
            "messaging_profile_id": "prof",
        },
        path="/v2/messages",
        headers={"Authorization": "Bearer te-key"},
        sent={
            "from": "+15559990000", "to": "+15550000001", "text": "hi", "webhook_url": _RECEIPTS,
            "use_profile_webhooks": False, "messaging_profile_id": "prof",
        },
        answer=(200, {"data": {"id": "40385f64-5717", "to": [{"status": "queued"}], "parts": 1}}),
        id="40385f64-5717",
        refusals=[
            (409, {"errors": [{"code": "40300", "title": "Blocked due to STOP message"}]}, "recipient_opted_out"),
            (400, {"errors": [{"code": "40310", "title": "Invalid 'to' address"}]}, "recipient_refused"),
            (429, {"errors": [{"code": "10011", "title": "Too many requests"}]}, "carrier_throttled"),
        ],
        report=lambda id_: telnyx(
            "receipts", "message.finalized",
            {"id": id_, "to": [{"phone_number": "+15550000001", "status": "delivered"}],
             "from": {"phone_number": "+15559990000"}, "errors": []},
        ),
        inbound=lambda: telnyx(
            "inbound", "message.received",
            {"id": "in1", "to": [{"phone_number": "+15559990000"}], "from": {"phone_number": "+15550000001"},
             "text": "answer", "direction": "inbound"},
        ),
    ),
    Provider(
        type="messagebird",
        settings={"access_key": "mb", "signing_key": "mb-key"},
        path="/messages",
        headers={"Authorization": "AccessKey mb"},
        sent={
            "type": "sms", "originator": "15559990000", "recipients": ["15550000001"], "body": "hi",
            "datacoding": "plain", "validity": 60, "reference": "msg_00000000000000000000000001",
            "reportUrl": _RECEIPTS,
        },
        answer=(201, {"id": "e8077d803532c0b5937c639b60216938", "recipients": {"totalSentCount": 1}}),
        id="e8077d803532c0b5937c639b60216938",
        refusals=[
            (422, {"errors": [{"code": 9, "description": "no (correct) recipients found"}]}, "recipient_refused"),
            (422, {"errors": [{"code": 25, "description": "Not enough balance"}]}, "carrier_refused"),
            (429, {}, "carrier_throttled"),
        ],
        report=lambda id_: messagebird(
            "receipts",
            {"id": id_, "reference": "r", "recipient": "15550000001", "status": "delivered",
             "statusDatetime": "2027-01-15T08:00:00+00:00", "mccmnc": "310260"},
        ),
        inbound=lambda: messagebird(
            "inbound",
            {"id": "9", "originator": "15550000001", "recipient": "15559990000", "body": "answer"},
        ),
    ),
    Provider(
        type="onesixty",
        settings={"api_key": "os_live_x", "webhook_secret": WHSEC, "route": "cheap"},
        path="/v1/sms/send",
        headers={"Authorization": "Bearer os_live_x"},
        sent={
            "from": "+15559990000", "to": "+15550000001", "text": "hi", "encoding": "gsm7", "valid_for": 60,
            "reference": "msg_00000000000000000000000001", "status_callback": _RECEIPTS, "route": "cheap",
        },
        answer=(202, {"id": "msg_far", "message_id": "msg_far", "status": "queued"}),
        id="msg_far",
        refusals=[
            (422, {"code": "invalid_sender", "param": "from"}, "sender_refused"),
            (401, {"code": "key_revoked"}, "carrier_refused"),
            (429, {"code": "rate_limited"}, "carrier_throttled"),
            (503, {"code": "unavailable"}, "carrier_throttled"),
        ],
        report=lambda id_: onesixty(
            "receipts", "message.delivered",
            {"id": id_, "status": "delivered", "to": "+15550000001", "from": "+15559990000", "error": None,
             "network": "310260"},
        ),
        inbound=lambda: onesixty(
            "inbound", "message.received",
            {"id": "msg_in", "status": "received", "from": "+15550000001", "to": "+15559990000",
             "text": "answer", "encoding": "gsm7"},
        ),
    ),
]  # fmt: skip
