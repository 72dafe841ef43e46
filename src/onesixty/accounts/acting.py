"""In which account a caller acts: its own, or one below it that the header `Onesixty-Account` names.

Rules kept here:
- a key that names another mode than its own is refused;
- the header needs the scope `subaccounts:enter`; without it, nobody learns which accounts exist;
- an account that is not below the caller's does not exist for it;
- inside another account only tenant scopes count, so an operator sees there what the account itself sees;
- the principal keeps its own account as `home`, which every change notes. The audit log hears of every entry;
- a closed account lets nobody in with its own keys and sessions. Accounts above can still read it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from onesixty.accounts.service import Accounts
from onesixty.accounts.tree import Tree
from onesixty.core.errors import Problem
from onesixty.http.acting import ACCOUNT, check_mode
from onesixty.http.call import Call
from onesixty.http.scopes import TENANT_SCOPES, Principal, check_scope

SCOPE: Final = "subaccounts:enter"

_ACCOUNT: Final = ACCOUNT.lower().encode()
_TENANT: Final = frozenset(TENANT_SCOPES)


class Acting:
    """Places callers. It is asked with every request, so the usual case is three look-ups."""

    def __init__(self, accounts: Accounts, entered: Callable[[Call, Principal], None]) -> None:
        """`entered` is called with each request of a caller in another account."""
        self._tree = accounts.tree
        self._entered = entered

    def place(self, call: Call, caller: Principal) -> Principal:
        """The caller in the account in which it acts. Raises Problem."""
        if caller.account_id in self._tree.closed:
            raise Problem("account_closed")
        check_mode(call, caller.tenant)
        named = call.header(_ACCOUNT)
        if named is None:
            return caller
        inside = enter(self._tree, caller, named.decode("latin-1"))
        if inside.home is not None:
            self._entered(call, inside)
        return inside


def enter(tree: Tree, caller: Principal, account_id: str) -> Principal:
    """The caller inside an account: its own or one below it. Raises Problem."""
    if account_id == caller.account_id:
        return caller
    check_scope(caller, SCOPE)
    if not tree.covers(caller.account_id, account_id):
        raise Problem("not_found", f"`{ACCOUNT}` names no account that you can see.", param=ACCOUNT)
    return msgspec.structs.replace(
        caller,
        tenant=caller.tenant._replace(account_id=account_id),
        scopes=caller.scopes & _TENANT,
        home=caller.account_id,
        role=None,
    )
