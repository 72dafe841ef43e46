"""The history of a message: what its rows and the features tell about it, in order of time (`core.history`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from onesixty.core import errors, events, money, notices, outcomes, statuses, times
from onesixty.core.errors import Problem
from onesixty.core.history import ACCEPTED, ATTEMPT, EVENT, RECEIPT, Entry
from onesixty.core.message import INBOUND, Attempt, Message, attempt_from_row
from onesixty.core.statuses import MESSAGE_STATE, RECEIPT_WORD
from onesixty.core.tenant import Reach, Tenant
from onesixty.messages.queries import Queries
from onesixty.store.contract import Row, Store

#: What a feature tells about a message; the second parameter is whether an operator asks.
Teller = Callable[[Message, bool], Awaitable[Sequence[Entry]]]


class Histories:
    """Reads histories. `tellers` are the features that tell more than the message path knows."""

    def __init__(self, queries: Queries, store: Store, tellers: Iterable[Teller] = ()) -> None:
        self._queries = queries
        self._store = store
        self._tellers = tuple(tellers)

    async def history(self, reach: Tenant | Reach, message_id: str, operator: bool) -> dict[str, Any]:
        """The history of a message within reach. Raises Problem `not_found`."""
        message = await self._queries.get(reach, message_id)
        if message is None:
            raise Problem("not_found", "Message not found.")
        entries = await self._told_by_rows(message, operator)
        for tell in self._tellers:
            entries += await tell(message, operator)
        entries.sort(key=lambda entry: entry[:2])
        return {
            "message_id": message.id,
            "status": message.status,
            "country": message.country,
            "network": message.network,
            "ported": None,
            **({"route_id": message.route_id} if operator else {}),
            "data": [{"at": times.to_text(entry.at), **entry.fields} for entry in entries],
        }

    async def _told_by_rows(self, message: Message, operator: bool) -> list[Entry]:
        entries: list[Entry] = []
        changes = await self._store.fetch("events_of_message", message_id=message.id)
        if message.direction != INBOUND:  # an inbound message has the event of its receipt instead
            accepted = {"type": "accepted", "status": _accepted_as(message, changes)}
            entries.append(Entry(message.created_at, ACCEPTED, accepted))
        entries += map(_notice, notices.of_column(message.notices))
        for id_, type_, sequence, at in changes:
            entries.append(Entry(at, EVENT, {"type": type_, "event_id": id_, "sequence": sequence}))
        attempts = [
            attempt_from_row(row) for row in await self._store.fetch("attempts_of_messages", ids=[message.id])
        ]
        for attempt in attempts:
            entries += _attempt(message, attempt, operator)
        known = {(attempt.attempt, attempt.segment): attempt for attempt in attempts}
        for row in await self._store.fetch("receipts_of_message", message_id=message.id):
            about = known.get((row[_ATTEMPT], row[_SEGMENT]))
            entries.append(Entry(row[_RECEIVED_AT], RECEIPT, _receipt(row, about, operator)))
        return entries


def _accepted_as(message: Message, changes: Sequence[Row]) -> str:
    """The status in which the message was accepted. If a rule deferred or held it then, its first event tells."""
    first = {type_ for _, type_, sequence, at in changes if sequence == 1 and at == message.created_at}
    for status in (statuses.SCHEDULED, statuses.HELD):
        if events.of_status(status) in first:
            return status
    return statuses.SCHEDULED if message.scheduled_at else statuses.QUEUED


def _notice(notice: notices.Notice) -> Entry:
    told = {"type": notice.kind, "rule": notice.rule, "code": notice.code, "text": notice.text}
    if notice.until is not None:
        told["until"] = times.to_text(notice.until)
    return Entry(notice.at, ACCEPTED, told)


def _attempt(message: Message, attempt: Attempt, operator: bool) -> list[Entry]:
    """A segment that was handed over, and the outcome if it was learned later."""
    place = {"attempt": attempt.attempt, "segment": attempt.segment + 1}
    entry: dict[str, Any] = {
        "type": "attempt",
        **place,
        "segments": attempt.segments,
        "outcome": attempt.outcome if attempt.found_at is None else outcomes.UNKNOWN,
        "error": attempt.error_code if attempt.found_at is None else None,
        "error_title": title_of(attempt.error_code) if attempt.found_at is None else None,
        "sender": attempt.sender or message.sender,
        "submitted_at": times.to_text(attempt.submitted_at),
        "milliseconds": max(0, attempt.answered_at - attempt.submitted_at),
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
    entries = [Entry(attempt.answered_at, ATTEMPT, entry)]
    if attempt.found_at is not None:
        found = {
            "type": "outcome", **place, "outcome": attempt.outcome, "error": attempt.error_code,
            "error_title": title_of(attempt.error_code),
        }  # fmt: skip
        entries.append(Entry(attempt.found_at, ATTEMPT, found))
    return entries


def title_of(code: str | None) -> str | None:
    """The title of a code of the catalogue: what went wrong, in words."""
    kind = errors.CATALOGUE.get(code or "")
    return None if kind is None else kind.title


#: The shortest word for each message_state, as receipts write it.
_WORDS: Final = {state: word for word, state in reversed(RECEIPT_WORD.items())}

#: The columns of a row of `receipts`.
_STATE, _CODE, _RAW, _RECEIVED_AT, _ATTEMPT, _SEGMENT = 4, 5, 8, 9, 12, 13


def _receipt(row: Row, about: Attempt | None, operator: bool) -> dict[str, Any]:
    means, code = MESSAGE_STATE.get(row[_STATE], (statuses.ENROUTE, None))
    if code is not None and about is not None and (about.state, about.state_code) == (means, row[_CODE]):
        code = about.error_code or code  # a carrier may have tables of its own
    entry = {
        "type": "receipt",
        "attempt": row[_ATTEMPT],
        "segment": None if row[_SEGMENT] is None else row[_SEGMENT] + 1,
        "state": _WORDS.get(row[_STATE], str(row[_STATE])),
        "means": means,
        "error": code,
        "error_title": title_of(code),
    }
    if operator:
        entry |= {"carrier_code": row[_CODE], "raw": row[_RAW]}
    return entry
