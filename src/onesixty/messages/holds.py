"""Holds: what is reserved for a message before its commit, and kept or given back after it.

Everything scarce (the places of a lane, the passes of a looping message, credit) has the same three calls. The code
that commits takes all holds before the commit, and keeps or drops them after it.

Rules kept here:
- `take` takes all holds or none: if one refuses, those taken before it are given back;
- each message that was taken is kept or dropped exactly once;
- `take` never waits. A hold that may have to read the store first (`Filled`) says so before: the caller awaits
  `filled`, and takes in the same turn of the loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol, runtime_checkable

from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.paid_above import Held
from onesixty.messages.drafts import Draft


class Hold(Protocol):
    """A resource that can be reserved. `name` is the rule of its refusals. Implemented by
    `dispatch.dispatcher.Dispatcher`, `routing.loops.LoopDetection`, `limits.hold.LimitHold` and
    `billing.credit.Credit`."""

    name: str

    def take(self, message: Message, hops: Sequence[Hop], held: Held | None) -> None:
        """Reserve for a message that is about to be committed. `hops` are those that it may take; empty if it stays
        with its carrier. `held` is what is held for it already; None if its price stays. Raises Problem,
        and then has reserved nothing."""

    def kept(self, message: Message) -> None:
        """The message is on disk."""

    def dropped(self, message: Message) -> None:
        """The message did not reach the disk: free what was reserved for it."""


@runtime_checkable
class Filled(Hold, Protocol):
    """A hold whose memory is filled from the store. Implemented by `billing.credit.Credit` and
    `limits.hold.LimitHold`."""

    def short(self, drafts: Sequence[Draft]) -> Awaitable[None] | None:
        """What to await before `take` can answer for these drafts; None if it can answer now."""

    def concerns(self, message: Message) -> bool:
        """Whether it may have to reserve anything for messages of this tenant."""

    def may_wait(self, account_id: str, grant: Grant | None) -> bool:
        """Whether new messages of a caller may soon have to wait for the store."""

    async def check(self, draft: Draft) -> None:
        """Raise Problem if `take` would refuse the draft; reserves nothing."""


class Holds:
    """The holds that apply at one moment, taken and settled together."""

    def __init__(self, holds: Sequence[Hold]) -> None:
        self._holds = tuple(holds)
        self._filled = tuple(hold for hold in holds if isinstance(hold, Filled))

    def concern(self, message: Message) -> bool:
        """Whether `filled` may ever have to wait for messages of this tenant."""
        return any(hold.concerns(message) for hold in self._filled)

    def may_wait(self, account_id: str, grant: Grant | None) -> bool:
        """Whether `filled` may soon have to wait for new messages of a caller. `grant` is what it may send."""
        return any(hold.may_wait(account_id, grant) for hold in self._filled)

    async def filled(self, drafts: Sequence[Draft]) -> None:
        """Await until `take` can answer for these drafts; nothing to wait for in nearly all cases."""
        while (short := self._short(drafts)) is not None:  # asks again: others take meanwhile
            await short

    def _short(self, drafts: Sequence[Draft]) -> Awaitable[None] | None:
        for hold in self._filled:
            short = hold.short(drafts)
            if short is not None:
                return short
        return None

    async def check(self, draft: Draft) -> None:
        """Refuse a draft that cannot be taken for now, for a preview. Reserves nothing."""
        for hold in self._filled:
            try:
                await hold.check(draft)
            except Problem as problem:
                problem.rule = hold.name
                draft.refusal = problem
                return

    def take(self, message: Message, hops: Sequence[Hop] = (), held: Held | None = None) -> None:
        """Reserve from all holds. Raises Problem, whose `rule` names the hold that refused."""
        for hold in self._holds:
            try:
                hold.take(message, hops, held)
            except Problem as problem:
                problem.rule = hold.name
                for taken in self._holds[: self._holds.index(hold)]:
                    taken.dropped(message)
                raise

    def kept(self, message: Message) -> None:
        """The message is on disk."""
        for hold in self._holds:
            hold.kept(message)

    def dropped(self, message: Message) -> None:
        """The message is not on disk."""
        for hold in self._holds:
            hold.dropped(message)

    def settle(self, message: Message, committed: bool) -> None:
        """Keep the holds if the message was committed, else drop them."""
        (self.kept if committed else self.dropped)(message)
