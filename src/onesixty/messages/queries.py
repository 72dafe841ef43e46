"""Reads messages: one, many by filters, and the history of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from onesixty.core import events, ids, money, notices, statuses, times
from onesixty.core.errors import Problem
from onesixty.core.message import INBOUND, Message, attempt_from_row, from_row
from onesixty.core.statuses import RECEIPT_WORD
from onesixty.core.tenant import Tenant
from onesixty.store.contract import Row, Store

#: How many messages one read of a list looks at, and how many such reads one page may take. Other statements run
#: between two reads, so that a filter that few messages pass delays them by one read at most.
SLICE: Final = 20_000
SLICES: Final = 5


class Filters(msgspec.Struct, kw_only=True):
    """The filters of a list. None is no filter. Times are in epoch ms."""

    status: str | None = None
    held_for: str | None = None
    to: str | None = None
    sender: str | None = None
    created_after: int | None = None
    created_before: int | None = None
    tag: str | None = None
    reference: str | None = None
    batch_id: str | None = None
    campaign_id: str | None = None
    direction: str | None = None
    country: str | None = None
    class_: str | None = None
    error_code: str | None = None


class Cost(NamedTuple):
    """An amount of money as the API shows it."""

    amount: str
    currency: str


class Queries:
    """Reads messages. Every query is bound to a tenant."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, tenant: Tenant, message_id: str) -> Message | None:
        """A message, or None."""
        rows = await self._store.fetch("message_of_account", id=message_id, **tenant.params)
        return from_row(rows[0]) if rows else None

    async def find(
        self, tenant: Tenant, filters: Filters, limit: int, after: str | None
    ) -> tuple[list[Message], str | None]:
        """The messages of a list, newest first, and the cursor of the next page, which is None at the end.

        The cursor is the id of the last message that was looked at. If few messages pass the filters, a page may be
        shorter than `limit` although more pages follow. Raises StoreError.
        """
        below = after or ids.end_of(ids.MESSAGE)
        if filters.created_before is not None:
            below = min(below, ids.lowest_at(ids.MESSAGE, filters.created_before))
        above = ids.lowest_at(ids.MESSAGE, filters.created_after or 0)
        statement = _narrowest(filters)
        if statement != "messages_list":
            rows = await self._page(statement, tenant, filters, below, above, limit + 1)
            return _cut(rows, limit)
        rows = []
        for _ in range(SLICES):
            end = await self._store.fetch(
                "messages_slice", account_id=tenant.account_id, below=below, above=above, count=SLICE
            )
            until = str(end[0][0]) if end else above
            rows += await self._page(statement, tenant, filters, below, until, limit + 1 - len(rows))
            if len(rows) > limit or not end:
                return _cut(rows, limit)
            below = until
        return [from_row(row) for row in rows], below

    async def _page(
        self,
        statement: str,
        tenant: Tenant,
        filters: Filters,
        below: str,
        above: str,
        count: int,
    ) -> list[Row]:
        return await self._store.fetch(
            statement,
            **tenant.params,
            below=below,
            above=above,
            status=filters.status,
            held_for=filters.held_for,
            recipient=filters.to,
            sender=filters.sender,
            tag=filters.tag,
            reference=filters.reference,
            batch_id=filters.batch_id,
            campaign_id=filters.campaign_id,
            direction=filters.direction,
            country=filters.country,
            class_=filters.class_,
            error_code=filters.error_code,
            count=count,
        )

    async def costs(self, messages: Sequence[Message]) -> dict[str, list[Cost]]:
        """What carriers take for these messages, by id: a sum for each currency. It is one read, however many there
        are. Messages that cost nothing are left out."""
        found: dict[str, list[Cost]] = {}
        tried = [message.id for message in messages if message.attempts]
        if tried:
            for id_, currency, micros in await self._store.fetch("costs_of_messages", ids=tried):
                found.setdefault(str(id_), []).append(Cost(money.to_text(micros), str(currency)))
        return found

    async def history(self, tenant: Tenant, message_id: str, operator: bool) -> dict[str, Any]:
        """The history of a message: acceptance, notices, events, attempts and receipts, in order of time.

        Carriers, costs and raw carrier data are for operators only. Raises Problem `not_found`.
        """
        message = await self.get(tenant, message_id)
        if message is None:
            raise Problem("not_found", "Message not found.")
        entries: list[tuple[int, int, dict[str, Any]]] = []
        changes = await self._store.fetch("events_of_message", message_id=message_id)
        if message.direction != INBOUND:  # an inbound message has the event of its receipt instead
            accepted = {"type": "accepted", "status": _accepted_as(message, changes)}
            entries.append((message.created_at, 0, accepted))
        for notice in notices.of_column(message.notices):
            told = {"type": notice.kind, "rule": notice.rule, "code": notice.code, "text": notice.text}
            if notice.until is not None:
                told["until"] = times.to_text(notice.until)
            entries.append((notice.at, 0, told))
        for id_, type_, sequence, at in changes:
            entries.append((at, 3, {"type": type_, "event_id": id_, "sequence": sequence}))
        for row in await self._store.fetch("attempts_of_messages", ids=[message_id]):
            attempt = attempt_from_row(row)
            entry: dict[str, Any] = {
                "type": "attempt",
                "attempt": attempt.attempt,
                "segment": attempt.segment + 1,
                "segments": attempt.segments,
                "outcome": attempt.outcome,
                "error": attempt.error_code,
                "sender": attempt.sender or message.sender,
                "submitted_at": times.to_text(attempt.submitted_at),
            }
            if operator:
                entry |= {
                    "carrier_id": attempt.carrier_id,
                    "bind": attempt.bind,
                    "carrier_message_id": attempt.carrier_message_id,
                    "carrier_code": attempt.carrier_code,
                    "cost": None if attempt.cost is None else money.to_text(attempt.cost),
                    "currency": attempt.currency,
                }
            entries.append((attempt.answered_at, 1, entry))
        for row in await self._store.fetch("receipts_of_message", message_id=message_id):
            entries.append((row[_RECEIVED_AT], 2, _receipt_entry(row, operator)))
        entries.sort(key=lambda entry: entry[:2])
        return {
            "message_id": message.id,
            "status": message.status,
            **({"route_id": message.route_id} if operator else {}),
            "data": [{"at": times.to_text(at), **entry} for at, _, entry in entries],
        }


def _accepted_as(message: Message, changes: Sequence[Row]) -> str:
    """The status in which the message was accepted. If a rule deferred or held it then, its first event tells."""
    first = {type_ for _, type_, sequence, at in changes if sequence == 1 and at == message.created_at}
    for status in (statuses.SCHEDULED, statuses.HELD):
        if events.of_status(status) in first:
            return status
    return statuses.SCHEDULED if message.scheduled_at else statuses.QUEUED


def _cut(rows: list[Row], limit: int) -> tuple[list[Message], str | None]:
    found = [from_row(row) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


def _narrowest(filters: Filters) -> str:
    """The statement that reads the fewest rows for these filters. There is one for each index that can help."""
    if filters.batch_id is not None:
        return "messages_list_batch"
    return "messages_list_reference" if filters.reference is not None else "messages_list"


#: The shortest word for each message_state, as receipts write it.
_WORDS = {state: word for word, state in reversed(RECEIPT_WORD.items())}

_STATE, _CODE, _RAW, _RECEIVED_AT, _ATTEMPT, _SEGMENT = 4, 5, 8, 9, 12, 13


def _receipt_entry(row: tuple[Any, ...], operator: bool = False) -> dict[str, Any]:
    entry = {
        "type": "receipt",
        "attempt": row[_ATTEMPT],
        "segment": None if row[_SEGMENT] is None else row[_SEGMENT] + 1,
        "state": _WORDS.get(row[_STATE], str(row[_STATE])),
    }
    if operator:
        entry |= {"carrier_code": row[_CODE], "raw": row[_RAW]}
    return entry
