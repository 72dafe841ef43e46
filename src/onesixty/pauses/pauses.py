"""Pauses set by operators, stored as rows, and their consequences.

A pause has a kind (carrier, bind, route, account, sender, country), a value, and a mode. `pause` sends nothing new;
messages are accepted and kept. `drain` sends queued messages and takes no new ones.

Rules kept here:
- there is one row for each kind and value: a second request for the same subject replaces the first;
- a paused carrier keeps its lane. Messages of a paused account, sender, route or country move from the lanes to the
  database (`core.message.HALTED`), so that they take no room and no turn of others;
- resuming deletes the row; a restart applies the rows that exist;
- a pause with an end is resumed by the first node that finds it past its end (`end`), within a second.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec

from onesixty.core import events, ids, times
from onesixty.core.clock import Clock
from onesixty.core.contracts import Tell, Write, tell_nobody
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.dispatch.halts import Halts
from onesixty.store.contract import Store
from onesixty.store.notes import NoNotes, Note, Notes
from onesixty.store.rows import By
from onesixty.store.units import StoreError, Unit

CARRIER: Final = "carrier"
BIND: Final = "bind"
ROUTE: Final = "route"
ACCOUNT: Final = "account"
SENDER: Final = "sender"
COUNTRY: Final = "country"
KINDS: Final = (CARRIER, BIND, ROUTE, ACCOUNT, SENDER, COUNTRY)

PAUSE: Final = "pause"
DRAIN: Final = "drain"
MODES: Final = (PAUSE, DRAIN)


class Pause(msgspec.Struct, kw_only=True):
    """A row of `pauses`. `value` is an id, a sender as messages show it, a country of recipients, or for a bind the
    carrier's id, a slash and the name of the bind, as in attempts. `made_by` is the key or user of the request,
    `ends_at` when it ends by itself.
    """

    id: str
    kind: str
    value: str
    mode: str
    reason: str | None
    made_by: str
    created_at: int
    ends_at: int | None = None


def values(pauses: Iterable[Pause], kind: str, mode: str) -> frozenset[str]:
    """The paused or draining values of a kind."""
    return frozenset(pause.value for pause in pauses if pause.kind == kind and pause.mode == mode)


def binds(pauses: Iterable[Pause], carrier_id: str) -> frozenset[str]:
    """The binds of a carrier that are paused or draining, which is the same for a bind."""
    found = (pause.value.partition("/") for pause in pauses if pause.kind == BIND)
    return frozenset(bind for carrier, _, bind in found if carrier == carrier_id)


def halts(pauses: Sequence[Pause], stopped: frozenset[str] = frozenset()) -> Halts | None:
    """Which messages stay out of the lanes: those of pauses, and of `stopped` accounts. None if there are none."""
    found = Halts(
        accounts=values(pauses, ACCOUNT, PAUSE) | stopped,
        senders=values(pauses, SENDER, PAUSE),
        routes=values(pauses, ROUTE, PAUSE),
        countries=values(pauses, COUNTRY, PAUSE),
    )
    return None if found == Halts() else found


class Pauses:
    """The rows. After each change `reload` is awaited, so the change is in force on this node when the caller gets
    an answer.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        id_source: IdSource,
        reload: Callable[[], Awaitable[None]],
        notes: Notes | None = None,
        tell: Tell = tell_nobody,
    ) -> None:
        self._store = store
        self._tell = tell
        self._notes = notes or NoNotes()
        self._clock = clock
        self._ids = id_source
        self._reload = reload

    def now(self) -> int:
        """The time in epoch milliseconds."""
        return self._clock.now_ms()

    async def all(self) -> list[Pause]:
        """All pauses, oldest first."""
        rows = await self._store.fetch("pauses_all")
        return [Pause(**dict(zip(Pause.__struct_fields__, row, strict=True))) for row in rows]

    async def put(
        self,
        kind: str,
        value: str,
        mode: str,
        reason: str | None,
        made_by: str,
        by: By | None = None,
        *,
        ends_at: int | None = None,
    ) -> Pause:
        """Pause or drain; replaces an existing pause. `by` is the author, for the audit log. Raises Problem
        `unavailable`."""
        pause = Pause(
            id=self._ids.new(ids.PAUSE), kind=kind, value=value, mode=mode, reason=reason, made_by=made_by,
            created_at=self._clock.now_ms(), ends_at=ends_at,
        )  # fmt: skip
        known = await self._find(kind, value)
        if known is not None:
            pause.id = known.id
            also = self._noted(by, "changed", pause)
            await self._commit(pause.id, guard=("pause_change", _change_row(pause)), also=also)
        else:
            also = self._noted(by, "made", pause)
            await self._commit(pause.id, guard=("pause_insert", msgspec.structs.astuple(pause)), also=also)
        await self._reload()
        return pause

    async def remove(self, pause_id: str, by: By | None = None) -> None:
        """Remove a pause. `by` is who removes it, for the audit log. Raises Problem `not_found` or `unavailable`."""
        known = next((pause for pause in await self.all() if pause.id == pause_id), None)
        also = () if known is None else self._noted(by, "removed", known)
        await self._commit(pause_id, guard=("pause_delete", (pause_id,)), also=also)
        await self._reload()

    async def resume(self, kind: str, value: str, by: By | None = None) -> None:
        """Remove the pause of a subject, if there is one."""
        known = await self._find(kind, value)
        if known is not None:
            await self.remove(known.id, by)

    async def end(self, pause: Pause) -> bool:
        """Remove a pause that is past its end. False if another node did so first, or it was changed; what holds
        now is in force when this returns."""
        unit = Unit(
            keys=(pause.id,),
            guards=(("pause_end", (pause.id, pause.ends_at)),),
            writes=tuple(self._noted(None, "removed", pause)),
        )
        result = (await self._store.commit([unit]))[0]
        if isinstance(result, StoreError):
            return False
        await self._reload()
        return result

    async def _find(self, kind: str, value: str) -> Pause | None:
        return next((p for p in await self.all() if (p.kind, p.value) == (kind, value)), None)

    def _noted(self, by: By | None, action: str, pause: Pause) -> Sequence[Write]:
        """What is written with a change: its event, and its note in the audit log."""
        data = {
            "id": pause.id,
            "action": action,
            "kind": pause.kind,
            "value": pause.value,
            "mode": pause.mode,
        }
        told = self._tell(events.PAUSE_CHANGED, data, self._clock.now_ms())
        if by is None:
            return told
        details = {"kind": pause.kind, "value": pause.value, "mode": pause.mode}
        if pause.ends_at is not None:
            details["ends_at"] = times.to_text(pause.ends_at)
        said = {} if pause.reason is None else {"reason": pause.reason}
        note = Note(by=by, action=action, object="pause", object_id=pause.id, details=details, personal=said)
        return [*told, *self._notes.writes(note)]

    async def _commit(self, key: str, *, guard: Write, also: Sequence[Write]) -> None:
        unit = Unit(keys=(key,), guards=(guard,), writes=tuple(also))
        result = (await self._store.commit([unit]))[0]
        if isinstance(result, StoreError):
            raise Problem("unavailable", retry_after=1)
        if result is False:
            raise Problem("not_found", "Pause not found, or it was just changed by another request.")


def _change_row(pause: Pause) -> tuple[object, ...]:
    return (pause.id, pause.mode, pause.reason, pause.made_by, pause.created_at, pause.ends_at)
