"""Cancels and redacts messages at the request of a person or an application.

Rules kept here (docs/how-to/change-or-cancel.md):
- for a message in memory, its lane decides in one step; a message in flight answers 409 `too_late`;
- for a message that is only in the database, its version decides;
- a message of which a carrier took some segments is on its way: `too_late` as well;
- redaction waits for a terminal status.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onesixty.core import outcomes, statuses
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.message import Attempt, Message, attempt_from_row, from_row, is_final
from onesixty.core.tenant import Tenant
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.messages import changes
from onesixty.messages.contracts import Lanes, Withdrawn
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

ROUNDS = 5


async def attempts_of(store: Store, messages: Iterable[Message]) -> dict[str, list[Attempt]]:
    """The attempts of each of these messages that has any, by message id."""
    tried = [message.id for message in messages if message.attempts]
    found: dict[str, list[Attempt]] = {}
    if tried:
        for row in await store.fetch("attempts_of_messages", ids=tried):
            attempt = attempt_from_row(row)
            found.setdefault(attempt.message_id, []).append(attempt)
    return found


async def partly_taken(store: Store, messages: Iterable[Message]) -> set[str]:
    """The ids of those messages of which a carrier took segments. None of the messages is in a lane."""
    found = await attempts_of(store, messages)
    return {id_ for id_, attempts in found.items() if any(a.outcome == outcomes.ACCEPTED for a in attempts)}


class Control:
    """Cancels and redacts."""

    def __init__(
        self, node: Context, *, recorder: Recorder, lanes: Lanes, features: Sequence[Feature]
    ) -> None:
        """Each of `features` scrubs or forgets what it keeps of a redacted message."""
        self._store, self._clock, self._fault = node.store, node.clock, node.fault
        self._recorder = recorder
        self._lanes = lanes
        self._features = features

    async def cancel(self, tenant: Tenant, message_id: str) -> Message:
        """Cancel a message and return it. Canceling twice is fine. Raises Problem `not_found`,
        `too_late` or `unavailable`."""
        for _ in range(ROUNDS):
            message = await self._find(tenant, message_id)
            if message.status == statuses.CANCELED:
                return message
            if message.status not in statuses.WAITING:
                raise Problem("too_late", f"The message is {message.status}.")
            withdrawn = None
            if message.claim > 0:
                withdrawn = self._lanes.withdraw(message_id)
                if withdrawn is None:
                    fresh = await self._find(tenant, message_id)
                    if fresh.version != message.version:
                        continue
                    raise Problem("too_late", "The message is being handed to a carrier.")
                message = withdrawn.message
            if await self._is_partly_taken(message, withdrawn):
                if withdrawn is not None:
                    self._lanes.restore(withdrawn)
                raise Problem("too_late", "A carrier has already taken a part of the message.")
            change = changes.end(message, statuses.CANCELED, self._clock.now_ms(), "canceled")
            result = (await self._store.commit([self._recorder.change(change)]))[0]
            self._fault("cancel.after_commit")
            if result is True:
                return change.after
            if withdrawn is not None:  # it stays in its lane, whichever writer won
                self._lanes.restore(withdrawn)
            if isinstance(result, StoreError):
                raise Problem("unavailable", retry_after=1)
        raise Problem(
            "unavailable",
            "The message changed while it was being canceled. Retry in a moment.",
            retry_after=1,
        )

    async def _is_partly_taken(self, message: Message, withdrawn: Withdrawn | None) -> bool:
        if withdrawn is not None:
            return withdrawn.partly_taken
        return bool(await partly_taken(self._store, [message]))

    async def redact(
        self, tenant: Tenant, message_id: str, also: Sequence[Write] = (), *, wipe: bool = True
    ) -> Message:
        """Remove text and number from a message, and return it. `also` is written with it. `wipe`: also from the
        unused parts of a SQLite file, at once. Raises Problem `not_found`, `not_terminal` or `unavailable`."""
        for _ in range(ROUNDS):
            message = await self._find(tenant, message_id)
            if message.redacted_at is not None:
                return message
            if not is_final(message):
                raise Problem("not_terminal", f"The message is {message.status}.", retry_after=60)
            result = (await self._store.commit([self._redaction(message, also, wipe)]))[0]
            if result is True:
                for feature in self._features:
                    await feature.forget(message)
                return await self._find(tenant, message_id)
            if isinstance(result, StoreError):
                raise Problem("unavailable", retry_after=1)
        raise Problem(
            "unavailable",
            "The message changed while it was being redacted. Retry in a moment.",
            retry_after=1,
        )

    def _redaction(self, message: Message, also: Sequence[Write], wipe: bool) -> Unit:
        """The unit that removes the text and the number from all rows at once."""
        guard: Write = ("message_redact", (message.id, message.version, self._clock.now_ms()))
        writes: list[Write] = [("receipts_redact", (message.id,))]
        for feature in self._features:
            writes += feature.scrub(message)
        if wipe:
            writes.append(("redaction_note", ("redactions",)))
        writes += also
        return Unit(keys=(message.id,), guards=(guard,), writes=tuple(writes))

    async def _find(self, tenant: Tenant, message_id: str) -> Message:
        rows = await self._store.fetch("message_of_account", id=message_id, **tenant.params)
        if not rows:
            raise Problem("not_found", "Message not found.")
        return from_row(rows[0])
