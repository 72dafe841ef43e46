"""What is done with a verification besides starting and checking it: read, resent, canceled, reported, released,
redacted.

Rules kept here:
- a cancel ends the verification first, so no fallback follows, and then takes back the messages that no carrier has.
  It says which were gone already;
- a resend that comes too early is refused with the time that is left, and never starts anything else;
- a report ends a verification whose own code the caller checked itself. It is no check, and no code comes with it;
- a redaction removes who was verified and for what, once the verification has ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.contracts import Consequences, Write
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.tenant import Tenant
from onesixty.store.rows import Lost
from onesixty.verify import life
from onesixty.verify import verification as v
from onesixty.verify.records import ROUNDS, Records, SentMessage, redaction, together
from onesixty.verify.starting import Again, Beside, Started, Starting, too_early
from onesixty.verify.verification import Verification

#: Cancels a message (`messages.control.Control.cancel`). Raises Problem `too_late`, `not_found`, `unavailable`.
CancelMessage = Callable[[Tenant, str], Awaitable[object]]

_GONE: Final = frozenset({"too_late", "not_found"})


class Canceled(NamedTuple):
    """A canceled verification, and the ids of its messages: those that were stopped, and those that were gone."""

    one: Verification
    stopped: tuple[str, ...]
    gone: tuple[str, ...]


class Control:
    """Acts on one verification."""

    def __init__(
        self, *, clock: Clock, records: Records, starting: Starting, cancel_message: CancelMessage
    ) -> None:
        self._clock = clock
        self._records = records
        self._starting = starting
        self._cancel_message = cancel_message

    async def get(self, tenant: Tenant, verification_id: str) -> Verification:
        """One verification of a tenant. Raises Problem `not_found`."""
        found = await self._records.find(verification_id)
        if found is None or found.tenant != tenant:
            raise Problem("not_found", "Verification not found.")
        return found

    async def messages(self, one: Verification) -> dict[str, SentMessage]:
        """What became of its messages."""
        return await self._records.messages(one.sent_messages)

    async def resend(
        self,
        tenant: Tenant,
        verification_id: str,
        channel: str | None,
        grant: Grant | None,
        beside: Beside | None,
    ) -> Started:
        """Send once more. Raises Problem; Lost if `beside` lost."""
        for _ in range(ROUNDS):
            one, now = await self.get(tenant, verification_id), self._clock.now_ms()
            if not one.is_open or life.is_over(one, now):
                status = one.status if not one.is_open else v.EXPIRED
                raise Problem(
                    "verification_ended",
                    f"The verification is {status}. Start another one.",
                    extra={"status": status},
                )
            if one.status == v.HELD or one.fixed:
                why = "it is held" if one.status == v.HELD else "nothing is sent to a test number"
                raise Problem("conflict", f"This verification cannot be sent again: {why}.")
            if not life.may_send(one, now):
                raise too_early(one, now, "the last send was a moment ago")
            try:
                return await self._starting.again(Again(one, None, channel, grant, beside, False))
            except Lost:
                if beside is not None:
                    raise
        raise Lost

    async def cancel(self, tenant: Tenant, verification_id: str) -> Canceled:
        """Cancel a verification. Canceling twice is fine. Raises Problem."""
        one = await self.get(tenant, verification_id)
        for _ in range(ROUNDS):
            if one.status == v.CANCELED:
                break
            now = self._clock.now_ms()
            if not one.is_open:
                raise Problem(
                    "verification_ended", f"The verification is {one.status}.", extra={"status": one.status}
                )
            try:
                one = await self._records.change(one, life.ended(one, v.CANCELED, now))
            except Lost:
                one = await self.get(tenant, verification_id)
        stopped, gone = [], []
        for message_id in one.sent_messages:
            try:
                await self._cancel_message(tenant, message_id)
                stopped.append(message_id)
            except Problem as problem:
                if problem.code not in _GONE:
                    raise
                gone.append(message_id)
        return Canceled(one, tuple(stopped), tuple(gone))

    async def report(self, tenant: Tenant, verification_id: str, *, approved: bool) -> Verification:
        """End a verification of a caller's own code as the caller says. Saying the same twice is fine. Raises
        Problem."""
        for _ in range(ROUNDS):
            one, now = await self.get(tenant, verification_id), self._clock.now_ms()
            if one.sealed_code is None or one.fixed or one.status in (v.HELD, v.BLOCKED):
                raise Problem(
                    "conflict",
                    "Only a verification that sent a code of your own can be reported. Check this one.",
                )
            if one.is_open and not life.is_over(one, now):
                try:
                    return await self._records.change(one, life.reported(one, approved=approved, now=now))
                except Lost:
                    continue
            status = v.EXPIRED if one.is_open else one.status
            said = v.APPROVED if approved else v.EXPIRED
            if status == said and (approved or one.reason == v.REPORTED):
                return one
            raise Problem("verification_ended", f"The verification is {status}.", extra={"status": status})
        raise Lost

    async def release(self, tenant: Tenant, verification_id: str, also: Sequence[Write]) -> Verification:
        """Send a held verification. `also` is written with it. Raises Problem."""
        for _ in range(ROUNDS):
            one, now = await self.get(tenant, verification_id), self._clock.now_ms()
            if one.status != v.HELD or life.is_over(one, now):
                raise Problem(
                    "conflict", f"Only a held verification can be released; this one is {one.status}."
                )
            try:
                sent = await self._starting.release(one, also=also)
            except Lost:
                continue
            if sent is None:
                raise Problem("conflict", "The verify profile was deleted, so nothing can be sent.")
            return sent
        raise Lost

    async def redact(self, tenant: Tenant, verification_id: str, also: Sequence[Write]) -> Verification:
        """Remove who was verified, and for what, and return it. `also` is written with it. Redacting twice is fine.
        Raises Problem `not_terminal`, `not_found`."""
        one = await self.get(tenant, verification_id)
        if one.is_open:
            raise Problem("not_terminal", f"The verification is {one.status}.", retry_after=60)
        if one.redacted_at is None:
            with suppress(Lost):  # somebody else redacted it
                parts = redaction(one.id, self._clock.now_ms())
                await self._records.commit(together(parts, Consequences(writes=tuple(also))))
            one = await self.get(tenant, verification_id)
        return one

    async def change(self, verification_id: str, how: Callable[[Verification], Verification]) -> None:
        """Change an open verification, after whatever comes first. Does nothing if it has ended."""
        for _ in range(ROUNDS):
            one = await self._records.find(verification_id)
            after = None if one is None else how(one)
            if one is None or after is None or after == one or not one.is_open:
                return
            try:
                await self._records.change(one, after)
                return
            except Lost:
                continue
