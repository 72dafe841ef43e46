"""Which accounts count as verified, in memory.

Rules kept here:
- the operator's account always does;
- an account on which an operator has decided counts by its own state;
- any other account counts as the account above it: whoever was verified answers for the accounts below. A customer
  without a verified profile has none above it that does;
- an account that is older than profiles is verified: the migration said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from onesixty.accounts import Account, Accounts
from onesixty.profiles.states import VERIFIED
from onesixty.profiles.tables import Profile
from onesixty.store.rows import Book, Rows

#: What an unverified account may send (the setting `unverified_may_send`).
Allowance = Literal["all", "test", "nothing"]
ALL: Final[Allowance] = "all"
TEST: Final[Allowance] = "test"


class Standing:
    """The states of all profiles, and what follows from them."""

    def __init__(self, rows: Rows[Profile], accounts: Accounts, unverified: Allowance) -> None:
        self._book = Book(rows)
        self._accounts = accounts
        #: What accounts may send that are not verified.
        self.unverified = unverified

    async def load(self) -> None:
        """Read all states."""
        await self._book.load()

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """All profiles by account. The number of their documents may be older."""
        return self._book.by_id

    @property
    def version(self) -> object:
        """Changes with whatever changes `verified`."""
        return self._book.version, self._accounts.version

    def verified(self, account_id: str) -> bool:
        """Whether an account counts as verified."""
        account = self._accounts.book.get(account_id)
        while account is not None and not account.operator:
            profile = self._book.by_id.get(account.id)
            if profile is not None and (profile.state == VERIFIED or profile.decided_at is not None):
                return profile.state == VERIFIED
            account = self._above(account)
            if account is not None and account.operator:
                return False
        return account is not None

    def may_send(self, account_id: str) -> Allowance:
        """What an account may send, as far as its verification goes."""
        return ALL if self.unverified == ALL or self.verified(account_id) else self.unverified

    def _above(self, account: Account) -> Account | None:
        return self._accounts.book.get(account.parent_id or "")
