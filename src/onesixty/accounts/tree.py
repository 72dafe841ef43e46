"""The tree of accounts in memory: who is above whom, and what follows from it. Made anew whenever an account changes.

Rules kept here:
- the operator's account is the root. Customers are below it, and their sub-accounts below them, `DEEPEST` levels in
  all. An account's parent never changes;
- a suspended or closed account stops all accounts below it. The operator's account stops only itself: customers do
  not depend on what it sends;
- the right to use class otp needs that of every account above, the operator's excepted;
- an account covers itself and what is below it; the operator's covers every account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from onesixty.accounts.account import ACTIVE, CLOSED, Account

#: How many levels of accounts there may be below the operator's: customers are the first.
DEEPEST: Final = 5


class Tree:
    """What follows from the places of accounts. `book` has every account by id."""

    def __init__(self, book: Mapping[str, Account]) -> None:
        self._book = book
        #: The accounts that may not send, with their state: their own, or that of an account above.
        self.stopped: dict[str, str] = {}
        #: The accounts whose keys, sessions and binds open nothing.
        self.closed: frozenset[str] = frozenset()
        #: The accounts that may not use class otp.
        self.without_otp: frozenset[str] = frozenset()
        #: The accounts above each account, nearest first and without the operator's. Customers are missing.
        self.above: dict[str, tuple[str, ...]] = {}
        #: The accounts whose messages may be refused for want of credit: theirs, or that of an account above.
        self.limited: frozenset[str] = frozenset()
        self._below: dict[str, list[str]] = {}
        self._listeners: list[Callable[[], None]] = []

    def on_stopped(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever other accounts than before may not send, or are closed."""
        self._listeners.append(listener)

    def renew(self) -> None:
        """Make everything anew from the book."""
        stopped: dict[str, str] = {}
        without_otp, limited = set(), set()
        self.above, self._below = {}, {}
        for account in self._book.values():
            above = self._accounts_above(account)
            if above:
                self.above[account.id] = tuple(one.id for one in above)
            if account.parent_id is not None:
                self._below.setdefault(account.parent_id, []).append(account.id)
            chain = (account, *above)
            states = {one.state for one in chain} - {ACTIVE}
            if states:
                stopped[account.id] = CLOSED if CLOSED in states else states.pop()
            if not all(one.settings.may_use_otp for one in chain):
                without_otp.add(account.id)
            if any(one.settings.credit_limit is not None for one in chain):
                limited.add(account.id)
        self.without_otp, self.limited = frozenset(without_otp), frozenset(limited)
        if stopped != self.stopped:
            self.stopped = stopped
            self.closed = frozenset(id_ for id_, state in stopped.items() if state == CLOSED)
            for listener in self._listeners:
                listener()

    def state_of(self, account_id: str) -> str:
        """The state that counts: the account's own, or that of an account above."""
        return self.stopped.get(account_id, ACTIVE)

    def depth(self, account: Account) -> int:
        """Its level: 0 for the operator's account, 1 for a customer."""
        return 0 if account.operator else 1 + len(self._accounts_above(account))

    def covers(self, account_id: str, other_id: str) -> bool:
        """Whether an account is another one, or is above it."""
        if account_id == other_id or account_id in self.above.get(other_id, ()):
            return other_id in self._book
        top = self._book.get(account_id)
        return top is not None and top.operator and other_id in self._book

    def below(self, account_id: str) -> list[str]:
        """The ids of all accounts below one, the newest first."""
        found: list[str] = []
        waiting = [account_id]
        while waiting:
            children = self._below.get(waiting.pop(), ())
            found += children
            waiting += children
        return sorted(found, reverse=True)

    def _accounts_above(self, account: Account) -> list[Account]:
        """The accounts above one, nearest first, without the operator's."""
        found: list[Account] = []
        parent = self._book.get(account.parent_id or "")
        while parent is not None and not parent.operator:
            found.append(parent)
            parent = self._book.get(parent.parent_id or "")
        return found
