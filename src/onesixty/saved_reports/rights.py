"""In whose name a report runs: the caller as it is now, made anew from its key or its membership.

Rules kept here:
- nothing of a right is kept with a report. A key that was revoked or has expired, a role that was taken or changed,
  a closed account: each counts at the next run;
- a caller who acted inside another account has to be able to enter it still.
"""

from __future__ import annotations

from typing import Final

from onesixty.accounts.acting import enter
from onesixty.accounts.service import Accounts
from onesixty.core.actor import Actor
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http.scopes import ROLES, Principal, check_scope
from onesixty.people.users import Users
from onesixty.saved_reports.tables import SavedReport

#: Reading figures, and having files sent to a URL.
SCOPE: Final = "reports:read"
TO_URLS: Final = "webhooks"

#: What says that rights are gone. A report stops then, until somebody with the rights changes it.
GONE: Final = frozenset({
    "unauthorized", "key_revoked", "key_expired", "forbidden", "wrong_mode", "account_closed", "not_found",
})  # fmt: skip


class Rights:
    """Makes callers of reports."""

    def __init__(self, accounts: Accounts, users: Users) -> None:
        self._accounts = accounts
        self._users = users

    async def caller(self, report: SavedReport) -> Principal:
        """The caller in whose name a report runs, if it may still have the report sent. Raises Problem with a code of
        `GONE`, and StoreError."""
        kind, _, id_ = report.runs_as.partition(":")
        tree, home = self._accounts.tree, report.home or report.account_id
        caller = await (
            self._accounts.holder_of(id_) if kind == "key" else self._member(id_, Tenant(home, report.test))
        )
        if caller.account_id in tree.closed or report.account_id in tree.closed:
            raise Problem("account_closed")
        caller = enter(tree, caller, report.account_id)
        check(caller, url=report.url)
        return caller

    async def _member(self, user_id: str, tenant: Tenant) -> Principal:
        account = self._accounts.book.get(tenant.account_id)
        membership = await self._users.membership(user_id, tenant.account_id)
        if membership is None or account is None:
            raise Problem("forbidden", "The user is no longer a member of the account.")
        return Principal(
            tenant=tenant,
            actor=Actor("user", user_id),
            scopes=ROLES[membership.role].scopes_in(operator=account.operator),
            requests_per_second=account.settings.requests_per_second,
            role=membership.role,
        )


def check(caller: Principal, *, url: str | None) -> None:
    """Raise Problem `forbidden` or `wrong_mode` unless the caller may read reports, and send them there."""
    check_scope(caller, SCOPE)
    if url is not None:
        check_scope(caller, TO_URLS)
