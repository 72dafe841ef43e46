"""The recorder turns changes of messages into units of the store: the guarded row, then what follows from it.

Rules kept here:
- a change is written under the guard of the version it started from. If two writers compete, one wins; the other
  learns that it lost, and reads again;
- billing, events and receipts for customers are effects: pure functions from a change to further writes, and rarely
  guards, in the same unit. `app/features.py` lists them in their order (`writing`); this module imports none of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.core.contracts import Consequences, Effect, Write
from onesixty.core.message import Change, Message, changing, edit_row, insertion
from onesixty.store.units import Unit


class Recorder:
    """Makes units from changes."""

    def __init__(self, effects: Sequence[Effect]) -> None:
        self._effects = tuple(effects)
        #: Those that are asked about a change without an event.
        self._always = tuple(effect for effect in effects if not getattr(effect, "only_events", False))

    def acceptance(
        self,
        message: Message,
        guards: tuple[Write, ...] = (),
        lock: str | None = None,
        event: str | None = None,
        beside: Consequences | None = None,
    ) -> Unit:
        """The unit that accepts a message, with the guards of its door (idempotency), and what else is committed with
        it or not at all (`beside`).

        `event` is set if the message is not simply scheduled or queued: a step deferred or held it, or it already has
        its final status (an inbound message, or one that a door had taken before intake refused it).
        """
        change = Change(before=None, after=message, event=event, at=message.created_at)
        writes: list[Write] = [insertion(message)]
        keys: tuple[str, ...] = (message.id,) if lock is None else (message.id, lock)
        if beside is not None:
            guards, keys = guards + beside.guards, keys + beside.keys
            writes += beside.writes
        return self._unit(keys, guards, writes, change)

    def change(self, *changes: Change, writes: Sequence[Write] = (), guards: tuple[Write, ...] = ()) -> Unit:
        """The unit of one or more changes of one message, each starting where the one before ended.

        `writes` are further writes of the unit. They happen only if the guard wins.
        """
        first, last = changes[0], changes[-1]
        assert first.before is not None
        guard = changing(first.before, last.after)
        return self._unit((last.after.id,), (guard, *guards), list(writes), *changes)

    def edit(self, *changes: Change) -> Unit:
        """The unit of one or more changes that may also change a message's content or options: an edit with what
        follows from it, or a release that judged the message again."""
        before, after = changes[0].before, changes[-1].after
        assert before is not None
        guard: Write = ("message_edit", edit_row(before, after))
        return self._unit((after.id,), (guard,), [], *changes)

    def _unit(
        self, keys: tuple[str, ...], guards: tuple[Write, ...], writes: list[Write], *changes: Change
    ) -> Unit:
        """The unit of changes, with what follows from them."""
        for change in changes:
            for effect in self._always if change.event is None else self._effects:
                found = effect(change)
                if isinstance(found, Consequences):
                    writes += found.writes
                    guards += found.guards
                    keys += found.keys
                else:
                    writes += found
        return Unit(keys=keys, guards=guards, writes=tuple(writes))
