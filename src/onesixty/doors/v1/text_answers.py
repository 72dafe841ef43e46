"""Examples of answers that are text: CSV, JSON Lines, server-sent events, metrics.

A file (a pcap, a PDF) has none. Lines are made from the schemas of what stands in them, and CSV by what writes it in
the product, so that a new field is in its example at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from onesixty.alerts import endpoints as alerts
from onesixty.audit_log import export as audit_export
from onesixty.billing import adjustments
from onesixty.doors.v1 import batches
from onesixty.http import exports
from onesixty.http.examples import answer_of
from onesixty.inventory import endpoints as numbers
from onesixty.messages.export import MESSAGES
from onesixty.refusals import endpoints as refusals
from onesixty.verify import endpoints as verifications
from onesixty.verify.guards import bodies as guards
from onesixty.webhooks import endpoints as webhooks

Document = dict[str, Any]
Make = Callable[[Document], str]


def text_answer(document: Document, operation_id: str, kind: str) -> str | None:
    """The example of an operation's answer of a media type; None: the answer is a file, or JSON."""
    make = _TEXTS.get(operation_id, {}).get(kind)
    return None if make is None else make(document)


def _example(document: Document, name: str) -> Any:
    return answer_of(document, {"$ref": f"#/components/schemas/{name}"})


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _of_export(table: exports.Table, schema: str) -> dict[str, Make]:
    """The examples of an export, whose lines are of the schema with this name."""
    return {
        "text/csv": lambda document: table.head() + table.csv([_example(document, schema)]),
        "application/x-ndjson": lambda document: _line(_example(document, schema)),
    }


def _audit_lines(document: Document) -> str:
    entry = {
        **_example(document, "AuditEntry"),
        "hashed": '["onesixty.audit.1","acc_01h455vb4pex5vsknk084sn02q",1]',
        "personal": {},
    }
    return _line(entry) + _line({audit_export.HEAD: _example(document, "AuditHead")})


def _audit_csv(document: Document) -> str:
    entry = _example(document, "AuditEntry")
    end = audit_export.csv_end(entry["account_id"], entry["sequence"], entry["hash"])
    return audit_export.TABLE.head() + audit_export.TABLE.csv([entry]) + end


def _events(document: Document) -> str:
    event = _example(document, "Event")
    return f"retry: 2000\n\nid: {event['id']}\nevent: {event['type']}\ndata: {_line(event)}\n"


def _metrics(_: Document) -> str:
    return (
        "# HELP onesixty_http_requests_total HTTP requests answered.\n"
        "# TYPE onesixty_http_requests_total counter\n"
        'onesixty_http_requests_total{route="/v1/sms/send",status="202"} 1.0\n'
    )


def _taken(_: Document) -> str:
    """What a provider wants to hear: `callback_answer` of the carrier's settings."""
    return "OK"


_TEXTS: Final[dict[str, dict[str, Make]]] = {
    "export_messages": _of_export(MESSAGES, "Message"),
    "export_refusals": _of_export(refusals.TABLE, "RefusalView"),
    "export_batches": _of_export(batches.TABLE, "Batch"),
    "export_verifications": _of_export(verifications.TABLE, "VerificationView"),
    "export_webhook_deliveries": _of_export(webhooks.DELIVERIES, "DeliveryView"),
    "export_numbers": _of_export(numbers.TABLE, "Number"),
    "export_verify_blocks": _of_export(guards.BLOCKS, "VerifyBlockView"),
    "export_adjustments": _of_export(adjustments.TABLE, "AdjustmentView"),
    "export_alerts": _of_export(alerts.TABLE, "AlertView"),
    "export_audit": {"text/csv": _audit_csv, "application/x-ndjson": _audit_lines},
    "follow_events": {"text/event-stream": _events},
    "read_metrics": {"text/plain": _metrics},
    "take_carrier_receipts": {"text/plain": _taken},
    "take_carrier_inbound": {"text/plain": _taken},
}
