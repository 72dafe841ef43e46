"""The tenant: an account in one mode, as one value. Every row that belongs to a customer belongs to a tenant.

Rules kept here:
- live and test are apart: messages, batches, events and webhooks of one mode do not exist for the other;
- what is set up for an account (keys, SMPP credentials, numbers) is seen by its live tenant in both modes, and by its
  test tenant in the test mode alone;
- what a tenant sees is asked here and nowhere else (`own`, `setup`), and so is what a statement gets of it: its rows
  keep two columns, `account_id` and `test`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypedDict


class TenantColumns(TypedDict):
    """A tenant as the parameters of a statement."""

    account_id: str
    test: int


class Tenant(NamedTuple):
    """Whose something is, and who asks. Equal tenants own the same rows."""

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
        """The rows that are its own."""
        return Reach(self.account_id, self.test)

    @property
    def setup(self) -> Reach:
        """What is set up for it: the keys, credentials and numbers that it may see and change."""
        return Reach(self.account_id, True if self.test else None)


class Reach(NamedTuple):
    """Whose rows are asked for. None: those of every account, of both modes."""

    account_id: str | None = None
    test: bool | None = None

    def covers(self, owner: Tenant) -> bool:
        """Whether what belongs to `owner` is among them."""
        return self.account_id in (None, owner.account_id) and self.test in (None, owner.test)

    @property
    def in_all_accounts(self) -> Reach:
        """The same mode of every account: for operators."""
        return self._replace(account_id=None)
