"""Credit as a hold of messages: an account with a limit spends its balance and the limit, and no more.

Rules kept here (docs/decisions/0113):
- a message reserves from a slice in memory; the database is asked only if the slice is too small, once for all
  messages that wait, and ahead of time while an account is busy;
- near the limit slices get small, so that the last unit can be spent on any node; before a node refuses, it counts
  what is loose and asks the other nodes for what they do not use;
- what is not used goes back: after some seconds, when another node asks, when the limit changes, and at a stop;
- a message spends the credit of its account and, through it, of each account above, each at its own price: it takes
  from all of them or from none. A refusal says how far above the credit ended;
- an account without a limit, of its own or above it, costs one look-up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from onesixty.accounts import Account
from onesixty.accounts.tree import Tree
from onesixty.billing.credit_rows import CreditRows, State
from onesixty.billing.purse import ROWS, Purse, Slice
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.paid_above import Held, shares_of
from onesixty.kit.returns import Returns
from onesixty.messages.drafts import Draft
from onesixty.store.units import StoreError

#: Seconds after which what an account does not use goes back.
IDLE: Final = 2.0

#: Seconds for which a refusal stands before the database is asked again.
REFUSED: Final = 0.25

#: Seconds between two questions to other nodes for one account, and how long to wait for what they give back.
ASKING: Final = 1.0
WAITING: Final = 0.5
LOOK: Final = 0.02

#: Seconds for which messages wait for a database that does not answer.
PATIENCE: Final = 5.0

#: How often a take is tried against other nodes' takes.
TRIES: Final = 8


class _Reserved(NamedTuple):
    """What a message has reserved of one account: the message's own (level 0), or one above it."""

    level: int
    slice: Slice
    amount: int


class Credit:
    """The credit that this node holds, as a hold (messages.holds)."""

    name = "credit"

    def __init__(
        self,
        book: Mapping[str, Account],
        tree: Tree,
        rows: CreditRows,
        clock: Clock,
        *,
        several: bool = False,
    ) -> None:
        """`book` has every account by id, `tree` their places. `several`: other nodes may hold credit of the same
        accounts."""
        self._book = book
        self._tree = tree
        self._rows = rows
        self._clock = clock
        self._several = several
        self._purses: dict[str, Purse] = {}
        #: What each message on its way to disk has reserved, by the identity of the object: two tasks may change
        #: one message, each with its own copy.
        self._reserved: dict[int, Sequence[_Reserved]] = {}
        self._returns = Returns("onesixty.credit", "credit_not_returned")
        self._log = structlog.get_logger("onesixty.credit")

    # ------------------------------------------------------------ the hold

    def short(self, drafts: Sequence[Draft]) -> Awaitable[None] | None:
        """See Holds: None if what the drafts need can be reserved, or refused, without asking the database."""
        needed: dict[str, tuple[int, int]] = {}
        for draft in drafts:
            if draft.refusal is not None:
                continue
            for _, account_id, amount in self._amounts(draft.message, draft.held):
                total, least = needed.get(account_id, (0, amount))
                needed[account_id] = (total + amount, min(least, amount))
        if not needed:
            return None
        now = self._clock.monotonic()
        fillings: dict[Purse, asyncio.Task[None]] = {}
        for account_id, (total, least) in needed.items():
            purse = self._purse(account_id, now)
            if purse.lacks(total, least, now):
                fillings[purse] = self._filling(purse, total, least)
        return self._filled(fillings) if fillings else None

    def take(self, message: Message, hops: Sequence[Hop] = (), held: Held | None = None) -> None:
        """Reserve what the message costs more than is held for it, of its account and of each account above. Raises
        Problem `insufficient_credit`, or `unavailable` if the database does not say."""
        if held is None:
            return
        taken: list[_Reserved] = []
        now = self._clock.monotonic()
        for level, account_id, amount in self._amounts(message, held):
            purse = self._purse(account_id, now)
            if purse.applies is False:
                continue
            slice_ = purse.reserve(amount, now)
            if slice_ is None:
                _free(taken)
                raise self._refusal(purse, level)
            taken.append(_Reserved(level, slice_, amount))
            if slice_.left < purse.low and purse.filling is None and now >= purse.rests_until:
                self._filling(purse, 0, 0)
        if taken:
            self._reserved[id(message)] = taken

    def kept(self, message: Message) -> None:
        """The message is on disk, with ledger rows that name the slices."""
        for _, taken, amount in self._reserved.pop(id(message), ()) if self._reserved else ():
            taken.reserved -= amount
            taken.rows += 1

    def dropped(self, message: Message) -> None:
        """The message did not reach the disk."""
        _free(self._reserved.pop(id(message), ()))

    def slice_of(self, message: Message) -> tuple[int, int] | None:
        """The slice that a message on its way to disk has reserved from, and the lease that it needs."""
        found = self._reserved.get(id(message))
        if found is None or found[0].level != 0:
            return None
        return found[0].slice.id, self._rows.lease_id

    def slices_above(self, message: Message) -> Mapping[int, tuple[int, int]]:
        """The same for the accounts above the message's own, by their level."""
        found = self._reserved.get(id(message), ())
        return {level: (taken.id, self._rows.lease_id) for level, taken, _ in found if level}

    async def check(self, draft: Draft) -> None:
        """Raise Problem if the draft could not be paid for now. Nothing is reserved."""
        now = self._clock.monotonic()
        for level, account_id, amount in self._amounts(draft.message, draft.held):
            if self._purse(account_id, now).left >= amount:
                continue
            try:
                available = await self._rows.available(account_id)
            except StoreError:
                raise Problem("unavailable", retry_after=1) from None
            if available is not None and available < amount:
                raise _insufficient(account_id, level)

    @property
    def slices(self) -> int:
        """How many slices this node holds."""
        return sum(len(purse.slices) for purse in self._purses.values())

    def concerns(self, message: Message) -> bool:
        """See Holds."""
        return not message.test and message.account_id in self._tree.limited

    def may_wait(self, account_id: str, grant: Grant | None) -> bool:
        """See Holds."""
        return account_id in self._tree.limited

    def _amounts(self, message: Message, held: Held) -> Sequence[tuple[int, str, int]]:
        """What a message costs more than is held for it: level, account and amount of each account with a limit."""
        if message.account_id not in self._tree.limited or message.test:
            return ()
        found = []
        amount = message.price - held.price
        if amount > 0 and self._limit(message.account_id) is not None:
            found.append((0, message.account_id, amount))
        if message.paid_above is not None:
            before = {share.account_id: share.price for share in shares_of(held.above)}
            for level, share in enumerate(shares_of(message.paid_above), 1):
                amount = share.price - before.get(share.account_id, 0)
                if amount > 0 and self._limit(share.account_id) is not None:
                    found.append((level, share.account_id, amount))
        return found

    def _limit(self, account_id: str) -> int | None:
        return self._book[account_id].settings.credit_limit

    def _purse(self, account_id: str, now: float) -> Purse:
        purse = self._purses.get(account_id)
        limit = self._limit(account_id) or 0
        if purse is None:
            purse = self._purses[account_id] = Purse(account_id, limit, now)
        elif purse.limit != limit:
            purse.limit = limit
            purse.ask_again()
            self._returns.start(self._giving_back(purse))  # what was taken under the old limit
        return purse

    def _refusal(self, purse: Purse, level: int) -> Problem:
        if purse.refusal == "insufficient_credit":
            return _insufficient(purse.account_id, level)
        return Problem(
            "unavailable", "The credit of the account cannot be read. Retry in a moment.", retry_after=1
        )

    # ------------------------------------------------------------ filling a purse

    def _filling(self, purse: Purse, need: int, least: int) -> asyncio.Task[None]:
        """The task that fills a purse; one at a time."""
        if purse.filling is None:
            purse.filling = asyncio.get_running_loop().create_task(self._fill(purse, need, least))
        return purse.filling

    async def _filled(self, fillings: Mapping[Purse, asyncio.Task[None]]) -> None:
        """Wait until purses are filled, all at once, but no longer than a caller may wait for the database."""
        await asyncio.wait(fillings.values(), timeout=PATIENCE)
        now = self._clock.monotonic()
        for purse, filling in fillings.items():
            if not filling.done():
                purse.rest(REFUSED, now, "unavailable")
            elif purse.refusal:  # stands for whoever waited, although others took longer
                purse.rests_until = now + REFUSED

    async def _fill(self, purse: Purse, need: int, least: int) -> None:
        """Take credit so that `need` is there; `least` is the smallest amount that is worth taking. A `need` of 0
        takes ahead, and refuses nothing."""
        try:
            async with purse.lock:
                if need:
                    await self._fill_for(purse, need, least)
                else:
                    await self._fill_ahead(purse)
        except StoreError as error:
            purse.rest(REFUSED, self._clock.monotonic(), "unavailable")
            self._log.warning("credit_not_taken", account=purse.account_id, reason=str(error))
        except Exception:
            purse.rest(REFUSED, self._clock.monotonic(), "unavailable")
            self._log.exception("credit_failed", account=purse.account_id)
        finally:
            purse.filling = None

    async def _fill_for(self, purse: Purse, need: int, least: int) -> None:
        purse.ask_again()
        size = purse.next_size(self._clock.monotonic(), least)
        asked = not self._several
        for _ in range(TRIES):
            state = await self._state(purse)
            if state is None:
                return
            if state.room < need - purse.left and state.elsewhere and not asked:
                asked = True
                await self._gathered(purse, need)
                continue
            lacking = need - purse.left
            if lacking <= 0:
                return
            if state.room + purse.left < least or state.room <= 0:
                break
            share = state.room // 4 if self._several else state.room
            amount = min(state.room, max(lacking, min(size, share)))
            if await self._take(purse, amount):
                if amount < lacking:
                    break
                return
        else:  # other nodes were faster each time
            purse.rest(REFUSED, self._clock.monotonic(), "unavailable")
            return
        purse.rest(REFUSED, self._clock.monotonic(), "insufficient_credit", least)

    async def _fill_ahead(self, purse: Purse) -> None:
        state = await self._state(purse)
        if state is None:
            return
        size = purse.next_size(self._clock.monotonic())
        amount = min(size, state.room // 4 if self._several else state.room)
        if amount <= 0 or not await self._take(purse, amount):
            purse.low = 0  # until it is filled for a message

    async def _state(self, purse: Purse) -> State | None:
        """The state of the account; None if its limit does not apply (yet)."""
        state = await self._rows.state(purse.account_id)
        if state is not None and not state.counted:
            await self._rows.count(purse.account_id)
            state = await self._rows.state(purse.account_id)
        if state is not None and state.loose:
            await self._rows.fold()
            state = await self._rows.state(purse.account_id)
        purse.applies = state is not None and state.counted
        if purse.applies:
            return state
        purse.rest(1.0, self._clock.monotonic())
        return None

    async def _gathered(self, purse: Purse, need: int) -> None:
        """Ask the other nodes for what they do not use, and wait until there is enough, or they have nothing left.
        Two nodes may ask each other: so this one gives back meanwhile, too."""
        now = self._clock.monotonic()
        if now - purse.asked_at < ASKING:
            return
        purse.asked_at = now
        purse.lock.release()
        try:
            await self._rows.want(purse.account_id)
            while self._clock.monotonic() - now < WAITING:
                await asyncio.sleep(LOOK)
                state = await self._rows.state(purse.account_id)
                if state is None or not state.elsewhere or state.room >= need - purse.left:
                    return
        finally:
            await purse.lock.acquire()

    async def _take(self, purse: Purse, amount: int) -> bool:
        """Grow the slice by an amount, or open a new one with what the old one has left."""
        current = purse.current
        if current is not None and current.rows < ROWS:
            if not await self._rows.take(
                purse.account_id, amount, ("credit_slice_change", (current.id, amount))
            ):
                return False
            current.left += amount
            return True
        slice_id, moved = self._rows.new_slice(), 0
        changes: list[Write] = []
        if current is not None and current.left:
            moved, current.left = current.left, 0
            changes.append(("credit_slice_change", (current.id, -moved)))
        changes.append(self._rows.opening(slice_id, purse.account_id, amount + moved))
        done = False
        try:
            done = await self._rows.take(purse.account_id, amount, *changes)
        finally:
            if not done and current is not None:
                current.left += moved
        if done:
            if current is not None:
                purse.old.append(current)
            purse.current = Slice(slice_id, amount + moved)
        return done

    # ------------------------------------------------------------ giving back

    async def once(self) -> None:
        """Give back what is not used, count new limits, and fold loose rows. Raises StoreError."""
        now = self._clock.monotonic()
        for purse in list(self._purses.values()):
            if now - purse.used_at > IDLE:
                await self._give_back(purse)
                if not purse.slices and purse.filling is None:
                    self._purses.pop(purse.account_id, None)
            elif purse.old:
                await self._give_back(purse, purse.old)
            else:
                self._purse(purse.account_id, now)  # notices another limit
        for account_id in await self._rows.uncounted():
            await self._rows.count(account_id)
        await self._rows.fold()

    async def refresh(self) -> None:
        """Give back what other nodes asked for, and what was taken under another limit. Raises StoreError."""
        if not self._purses:
            return
        wanted = await self._rows.wanted()
        for purse in list(self._purses.values()):
            count = wanted.get(purse.account_id, 0)
            if purse.wanted != count:
                purse.wanted = count
                await self._give_back(purse)
            else:
                self._purse(purse.account_id, self._clock.monotonic())  # notices another limit

    async def stop(self) -> None:
        """Give everything back. What fails comes back when another node takes over. Raises StoreError."""
        for purse in list(self._purses.values()):
            if purse.filling is not None:
                await asyncio.wait([purse.filling])
            await self._give_back(purse)

    def changed(self, account_id: str) -> None:
        """The account got more: ask the database again."""
        purse = self._purses.get(account_id)
        if purse is not None:
            purse.ask_again()

    async def _give_back(self, purse: Purse, slices: Sequence[Slice] | None = None) -> None:
        """Give back what is left in slices, all unless they are named, and close those that are drained."""
        # A task of its own, because the unit is written even if the caller is cancelled.
        await asyncio.shield(self._returns.start(self._giving_back(purse, slices)))

    async def _giving_back(self, purse: Purse, slices: Sequence[Slice] | None = None) -> None:
        async with purse.lock:
            chosen = list(purse.slices if slices is None else slices)
            changes: list[Write] = []
            back: list[tuple[Slice, int]] = []
            closed: list[Slice] = []
            for each in chosen:
                left, each.left = each.left, 0
                back.append((each, left))
                if each.drained:
                    closed.append(each)
                    changes.append(("credit_slice_close", (each.id,)))
                elif left:
                    changes.append(("credit_slice_change", (each.id, -left)))
            if not changes:
                return
            if purse.current in closed:
                purse.current = None
            purse.old = [each for each in purse.old if each not in closed]
            try:
                done = await self._rows.give_back(purse.account_id, sum(left for _, left in back), *changes)
            except Exception:
                for each, left in back:
                    each.left += left
                purse.old += closed  # for another try
                raise
            if not done:
                purse.forget()


def _free(taken: Sequence[_Reserved]) -> None:
    """Give back to slices what was reserved of them."""
    for _, slice_, amount in taken:
        slice_.reserved -= amount
        slice_.left += amount


def _insufficient(account_id: str, level: int) -> Problem:
    """The refusal. An account does not learn which accounts are above it, only how far above the credit ended."""
    if level == 0:
        return Problem(
            "insufficient_credit",
            f"The credit of the account {account_id} is used up.",
            extra={"account_id": account_id, "levels_above": 0},
        )
    where = "directly above this one" if level == 1 else f"{level} levels above this one"
    return Problem(
        "insufficient_credit", f"The credit of the account {where} is used up.", extra={"levels_above": level}
    )
