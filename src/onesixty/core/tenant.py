"""The tenant: an account in one mode, as one value. Every row of a customer belongs to a tenant.

Rules kept here:
- live and test are separate: messages, batches, events and webhooks of one mode do not exist for the other;
- what is set up for an account (keys, SMPP credentials, numbers) is visible to its live tenant in both modes, and
  to its test tenant only in test mode;
- visibility is decided only here (`own`, `setup`), and so are the parameters that statements get: their rows keep
  two columns, `account_id` and `test`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypedDict


class TenantColumns(TypedDict):
    """A tenant as the parameters of a statement."""

    account_id: str
    test: int


class Tenant(NamedTuple):
    """The owner of a row, and the caller of a request. Equal tenants own the same rows."""

    account_id: str
    test: bool

    @property
    def mode(self) -> Literal["live", "test"]:
        """`live` or `test`, as the API names it."""
        return "test" if self.test else "live"

    @property
    def params(self) -> TenantColumns:
        """The parameters of a statement that reads or writes rows of this tenant."""
        return {"account_id": self.account_id, "test": int(self.test)}

    @property
    def own(self) -> Reach:
        """The rows of this tenant."""
        return Reach(self.account_id, self.test)

    @property
    def setup(self) -> Reach:
        """The setup of its account that it may see and change: keys, credentials and numbers."""
        return Reach(self.account_id, True if self.test else None)


class Reach(NamedTuple):
    """Which rows a query covers. None: all accounts, or both modes."""

    account_id: str | None = None
    test: bool | None = None

    def covers(self, owner: Tenant) -> bool:
        """Whether rows of `owner` are covered."""
        return self.account_id in (None, owner.account_id) and self.test in (None, owner.test)

    @property
    def in_all_accounts(self) -> Reach:
        """The same mode in all accounts: for operators."""
        return self._replace(account_id=None)
