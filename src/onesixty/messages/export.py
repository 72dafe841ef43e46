"""What an export of messages has in its lines (`http.exports`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from onesixty.core.channel import Channels
from onesixty.core.message import Message
from onesixty.http.exports import Table
from onesixty.messages.queries import Cost

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

#: The further column for keys that may read other accounts.
OF_ACCOUNTS: Final = ("account_id",)

#: The fields of the message object that have a place in the other columns.
_PLACED: Final = frozenset((*COLUMNS, *FOR_OPERATORS, *OF_ACCOUNTS, "error", "template"))


def _flat(view: dict[str, Any]) -> dict[str, Any]:
    """The columns of a message that are not its fields. Messages of other channels lack the fields of SMS."""
    error, template = view["error"] or {}, view.get("template") or {}
    beyond = {name: view[name] for name in view if name not in _PLACED}
    return {
        **view,
        "template_id": template.get("id"),
        "template_version": template.get("version"),
        "error_code": error.get("code"),
        "error_retryable": error.get("retryable"),
        "carrier_code": error.get("carrier_code"),
        "notices": [notice["code"] for notice in view["notices"]],
        "cost": [f"{cost['amount']} {cost['currency']}" for cost in view.get("cost", ())],
        "channel_fields": beyond or None,
    }


MESSAGES: Final = Table("messages", COLUMNS, _flat)


def table_for(*, operator: bool, accounts: bool) -> Table:
    """The table for a caller that sees what operators see, and one that reads other accounts."""
    more = (*(FOR_OPERATORS if operator else ()), *(OF_ACCOUNTS if accounts else ()))
    return MESSAGES._replace(columns=(*COLUMNS, *more))


def views(
    messages: Sequence[Message],
    channels: Channels,
    names: Mapping[str, str] | None,
    costs: Mapping[str, Sequence[Cost]],
    *,
    accounts: bool,
) -> list[dict[str, Any]]:
    """The messages as the API shows them. For operators, `names` has carriers' and routes' names by id, and `costs`
    the costs of messages. With `accounts`, each names its account."""
    shown = [channels.view(message) for message in messages]
    for view, message in zip(shown, messages, strict=True):
        if names is not None:
            for field, id_ in (("carrier", message.carrier_id), ("route", message.route_id)):
                view[field] = None if id_ is None else names.get(id_, id_)
            view["cost"] = [cost._asdict() for cost in costs.get(message.id, ())]
        if accounts:
            view["account_id"] = message.account_id
    return shown
