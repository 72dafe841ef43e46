"""Notes who acts inside another account (`Onesixty-Account`) or reads its messages (`account_id`).

Rules kept here:
- one entry says that an actor used one part of the API (`GET /v1/messages`) in an account, once an hour and node: who
  reads a thousand messages leaves one entry, not a thousand;
- nothing waits for the entry. If it cannot be written, the next request tries again;
- changes leave entries of their own.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.http.call import Call
from onesixty.http.resource import by_of
from onesixty.http.scopes import Principal
from onesixty.store.contract import Store
from onesixty.store.notes import Note, Notes
from onesixty.store.rows import By
from onesixty.store.units import Result, StoreError, Unit

#: Seconds for which one entry stands.
EVERY: Final = 3600.0
#: How many visits are remembered.
MOST: Final = 10_000

_Visit = tuple[str, str, str]


class Visits:
    """The visits of one node."""

    def __init__(self, store: Store, clock: Clock, notes: Notes) -> None:
        self._store = store
        self._clock = clock
        self._notes = notes
        self._noted: OrderedDict[_Visit, float] = OrderedDict()
        self._log = structlog.get_logger("onesixty.audit_log")

    def enter(self, call: Call, caller: Principal) -> None:
        """Note a request of a caller that acts in another account than its own."""
        self._note(call, caller, by_of(call, caller), caller.account_id)

    def look(self, call: Call, caller: Principal, account_id: str | None) -> None:
        """Note a request of an operator that reads what belongs to another account, or (None) to all accounts. The
        entry stands in the log of that account, or in the operator's own."""
        by = by_of(call, caller)
        if account_id is not None:
            by = by._replace(account_id=account_id, home=caller.account_id)
        self._note(call, caller, by, account_id or "*")

    def _note(self, call: Call, caller: Principal, by: By, account_id: str) -> None:
        used = f"{call.method} {_part_of(call.path)}"
        visit = (caller.actor.text, account_id, used)
        now = self._clock.monotonic()
        before = self._noted.get(visit)
        if before is not None and now - before < EVERY:
            return
        self._noted[visit] = now
        self._noted.move_to_end(visit)
        while len(self._noted) > MOST:
            self._noted.popitem(last=False)
        note = Note(
            by=by,
            action="entered",
            object="account",
            object_id=account_id,
            details={"used": used},
            test=caller.test,
        )
        writes = self._notes.writes(note)
        if writes:
            written = self._store.commit([Unit((str(writes[0][1][0]),), writes=tuple(writes))])
            written.add_done_callback(lambda done: self._written(visit, done))

    def _written(self, visit: _Visit, done: asyncio.Future[list[Result]]) -> None:
        if done.cancelled():
            return
        (result,) = done.result()
        if isinstance(result, StoreError):
            self._noted.pop(visit, None)
            self._log.warning("audit_log_visit_not_noted", account=visit[1], reason=str(result))


def _part_of(path: str) -> str:
    """The part of the API that a path belongs to: `/v1/messages`. What follows may name a person."""
    return "/".join(path.split("/", 3)[:3])
