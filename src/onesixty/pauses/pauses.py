"""Pauses set by operators, stored as rows, and their consequences.

A pause has a kind (carrier, bind, route, account, sender), a value, and a mode. `pause` sends nothing new; messages
are accepted and kept. `drain` sends queued messages and takes no new ones.

Rules kept here:
- there is one row for each kind and value: a second request for the same subject replaces the first;
- a paused carrier keeps its lane. Messages of a paused account, sender or route move from the lanes to the database
  (`core.message.HALTED`), so that they take no room and no turn of others;
- resuming deletes the row; a restart applies the rows that exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.dispatch.halts import Halts
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

CARRIER: Final = "carrier"
BIND: Final = "bind"
ROUTE: Final = "route"
ACCOUNT: Final = "account"
SENDER: Final = "sender"
KINDS: Final = (CARRIER, BIND, ROUTE, ACCOUNT, SENDER)

PAUSE: Final = "pause"
DRAIN: Final = "drain"
MODES: Final = (PAUSE, DRAIN)


class Pause(msgspec.Struct, kw_only=True):
    """A row of `pauses`. `value` is an id, a sender as messages show it, or for a bind the carrier's id, a slash
    and the name of the bind, as in attempts. `made_by` is the key of the request.
    """

    id: str
    kind: str
    value: str
    mode: str
    reason: str | None
    made_by: str
    created_at: int


def values(pauses: Iterable[Pause], kind: str, mode: str) -> frozenset[str]:
    """The paused or draining values of a kind."""
    return frozenset(pause.value for pause in pauses if pause.kind == kind and pause.mode == mode)


def binds(pauses: Iterable[Pause], carrier_id: str) -> frozenset[str]:
    """The binds of a carrier that are paused or draining, which is the same for a bind."""
    found = (pause.value.partition("/") for pause in pauses if pause.kind == BIND)
    return frozenset(bind for carrier, _, bind in found if carrier == carrier_id)


def halts(pauses: Sequence[Pause]) -> Halts | None:
    """Which messages must stay out of the lanes; None if there are no pauses."""
    found = Halts(values(pauses, ACCOUNT, PAUSE), values(pauses, SENDER, PAUSE), values(pauses, ROUTE, PAUSE))
    return None if found == Halts() else found


class Pauses:
    """The rows. After each change `reload` is awaited, so the change is in force on this node when the caller gets
    an answer.
    """

    def __init__(
        self, store: Store, clock: Clock, id_source: IdSource, reload: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = id_source
        self._reload = reload

    async def all(self) -> list[Pause]:
        """All pauses, oldest first."""
        rows = await self._store.fetch("pauses_all")
        return [Pause(**dict(zip(Pause.__struct_fields__, row, strict=True))) for row in rows]

    async def put(self, kind: str, value: str, mode: str, reason: str | None, made_by: str) -> Pause:
        """Pause or drain; replaces an existing pause. Raises Problem `unavailable`."""
        pause = Pause(
            id=self._ids.new(ids.PAUSE), kind=kind, value=value, mode=mode, reason=reason, made_by=made_by,
            created_at=self._clock.now_ms(),
        )  # fmt: skip
        known = await self._find(kind, value)
        if known is not None:
            pause.id = known.id
            await self._commit(pause.id, guard=("pause_change", _change_row(pause)))
        else:
            await self._commit(pause.id, guard=("pause_insert", msgspec.structs.astuple(pause)))
        await self._reload()
        return pause

    async def remove(self, pause_id: str) -> None:
        """Remove a pause. Raises Problem `not_found` or `unavailable`."""
        await self._commit(pause_id, guard=("pause_delete", (pause_id,)))
        await self._reload()

    async def resume(self, kind: str, value: str) -> None:
        """Remove the pause of a subject, if there is one."""
        known = await self._find(kind, value)
        if known is not None:
            await self.remove(known.id)

    async def _find(self, kind: str, value: str) -> Pause | None:
        return next((p for p in await self.all() if (p.kind, p.value) == (kind, value)), None)

    async def _commit(self, key: str, *, guard: Write) -> None:
        result = (await self._store.commit([Unit(keys=(key,), guards=(guard,))]))[0]
        if isinstance(result, StoreError):
            raise Problem("unavailable", retry_after=1)
        if result is False:
            raise Problem("not_found", "Pause not found, or it was just changed by another request.")


def _change_row(pause: Pause) -> tuple[object, ...]:
    return (pause.id, pause.mode, pause.reason, pause.made_by, pause.created_at)
