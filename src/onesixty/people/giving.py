"""Who may give which role: nobody gives what they lack, and owners come from owners.

Rules kept here:
- in one's own account, only an owner makes or unmakes an owner (`http.scopes.check_gives_role`);
- who acts in an account from above it (`Principal.home`), with all scopes of its owner, may give it an owner: else an
  account that an operator made could never get a first one. So may a key with the scope `accounts`.
"""

from __future__ import annotations

from onesixty.core.errors import Problem
from onesixty.http.scopes import OWNER, ROLES, Principal, check_gives_role


def check_gives(giver: Principal, name: str, *, operator: bool, taken: bool = False) -> None:
    """Raise Problem `invalid_field` or `forbidden` unless the giver may give this role, or take it away."""
    if name == OWNER and giver.role != OWNER and _is_above(giver, operator=operator):
        return
    try:
        check_gives_role(giver, name, operator=operator)
    except Problem as problem:
        if taken and problem.code == "forbidden":
            raise Problem(
                "forbidden", f"The user is {name}, which you could not give. So you cannot change it."
            ) from None
        raise


def may_give(giver: Principal, name: str, *, operator: bool) -> bool:
    """Whether the giver may give a role."""
    try:
        check_gives(giver, name, operator=operator)
    except Problem:
        return False
    return True


def _is_above(giver: Principal, *, operator: bool) -> bool:
    above = giver.home is not None or (giver.key_id is not None and giver.operates("accounts"))
    return above and ROLES[OWNER].scopes_in(operator=operator) <= giver.scopes
