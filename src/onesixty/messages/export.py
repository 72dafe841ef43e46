"""Messages as CSV or JSON Lines, page by page, so that their number does not matter.

Rules kept here:
- a page is read, written and forgotten: the memory that an export takes does not grow, and no transaction lasts
  longer than a page. Messages accepted after the export began are not in it;
- an export that broke off continues after the id of its last line (`after`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from onesixty.core.cells import cell, lines
from onesixty.core.channel import Channels
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.messages.queries import Cost, Filters, Queries

PAGE: Final = 200

#: The columns of a CSV file: the fields of the message object, with its error in three columns and its template in
#: two, and tags and the codes of notices joined by "; ". What only the message's channel has, and not SMS, is one
#: column, as a JSON object: whoever writes the header need not know the channels.
COLUMNS: Final = (
    *("id", "status", "held_for", "direction", "channel", "from", "sender_used", "to", "text", "encoding"),
    *("segments", "flash", "binary", "udh", "template_id", "template_version", "class", "priority", "price"),
    *("currency", "country", "network"),
    *("error_code", "error_retryable", "carrier_code", "notices", "reference", "tags"),
    *("batch_id", "campaign_id", "chain_id", "test", "duplicates", "incomplete"),
    *("created_at", "scheduled_at", "not_before", "queued_at", "sent_at", "expires_at", "received_at"),
    *("redacted_at", "delivered_at", "undelivered_at", "unconfirmed_at", "failed_at", "expired_at"),
    *("canceled_at", "channel_fields"),
)

#: The further columns for operators' keys: names, or ids of carriers and routes that no longer exist, and costs, one
#: for each currency, joined by "; ".
FOR_OPERATORS: Final = ("carrier", "route", "cost")

#: The fields of the message object that have a place in the other columns.
_PLACED: Final = frozenset((*COLUMNS, *FOR_OPERATORS, "error", "template"))

_encode: Final = msgspec.json.Encoder().encode


async def pages(
    queries: Queries, tenant: Tenant, filters: Filters, after: str | None
) -> AsyncIterator[Sequence[Message]]:
    """All messages that pass the filters, newest first, starting behind the id `after`."""
    while True:
        found, after = await queries.find(tenant, filters, PAGE, after)
        if found:
            yield found
        if after is None:
            return


def views(
    messages: Iterable[Message],
    names: Mapping[str, str] | None,
    channels: Channels,
    costs: Mapping[str, Sequence[Cost]] | None = None,
) -> list[dict[str, Any]]:
    """The messages as the API shows them. For operators' keys, `names` has carriers' and routes' names by id, and
    `costs` the costs of messages."""
    shown = [channels.view(message) for message in messages]
    if names is not None:
        for view, message in zip(shown, messages, strict=True):
            for field, id_ in (("carrier", message.carrier_id), ("route", message.route_id)):
                view[field] = None if id_ is None else names.get(id_, id_)
            view["cost"] = [cost._asdict() for cost in (costs or {}).get(message.id, ())]
    return shown


def json_lines(shown: Iterable[dict[str, Any]]) -> bytes:
    """One line of JSON for each message object."""
    return b"".join(_encode(view) + b"\n" for view in shown)


def csv_head(operator: bool = False) -> str:
    """The first line of a CSV file (RFC 4180)."""
    return lines([(*COLUMNS, *FOR_OPERATORS) if operator else COLUMNS])


def csv_lines(shown: Iterable[dict[str, Any]]) -> str:
    """One line of CSV for each message object."""
    return lines(map(_row, shown))


def _row(view: dict[str, Any]) -> list[object]:
    error, template = view["error"] or {}, view.get("template") or {}
    flat = {
        **view,
        "template_id": template.get("id"),
        "template_version": template.get("version"),
        "error_code": error.get("code"),
        "error_retryable": error.get("retryable"),
        "carrier_code": error.get("carrier_code"),
        "notices": "; ".join(notice["code"] for notice in view["notices"]),
        "tags": "; ".join(view["tags"]),
    }
    if view.keys() - _PLACED:
        flat["channel_fields"] = _encode({name: view[name] for name in view if name not in _PLACED}).decode()
    columns: Sequence[str] = COLUMNS
    if "carrier" in view:
        columns = (*COLUMNS, *FOR_OPERATORS)
        flat["cost"] = "; ".join(f"{cost['amount']} {cost['currency']}" for cost in view["cost"])
    return [cell(flat.get(name)) for name in columns]  # messages of other channels lack the fields of SMS
