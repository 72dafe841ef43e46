"""The effect of a changed account: its credit limit also stands in its row of `credit`, which nodes guard on.

Rules kept here:
- the row is made, changed and removed in the transaction that changes the account;
- a new account has no history, so its row counts at once; an account that gets a limit later is counted first
  (billing/credit_rows.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.accounts import Account
from onesixty.core.contracts import Write
from onesixty.store.rows import RowChange


def follow_limit(change: RowChange) -> Sequence[Write]:
    """The writes that follow a change of an account's credit limit. See `store.rows.RowEffect`."""
    before, after = change.before, change.after
    if not isinstance(after, Account):
        return ()
    was = before.settings.credit_limit if isinstance(before, Account) else None
    limit = after.settings.credit_limit
    if was == limit:
        return ()
    if limit is None:
        return (("credit_close", (after.id,)),)
    if was is None:
        return (("credit_open", (after.id, limit, after.version, int(before is None))),)
    return (("credit_set", (after.id, limit)),)
