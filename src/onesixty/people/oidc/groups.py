"""From the groups that a provider says to roles in accounts, by the table of the settings.

Rules kept here:
- the table is read in its order, and the first group that a user has decides the role in an account;
- a role without an account is one in the operator's account;
- only memberships that came from the table are changed or removed by it. What somebody gave by hand stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from onesixty.http.scopes import ROLES
from onesixty.people.tables import Membership


def said(claims: Mapping[str, Any], path: str) -> list[str]:
    """The groups at a path in the claims: a list or one text; `realm_access.roles` names a claim inside another."""
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, str):
        return [found]
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def wanted(
    table: Mapping[str, str], groups: Collection[str], operator: str, known: Collection[str]
) -> dict[str, str]:
    """The role in each account, by the groups of a user. Accounts that do not exist are left out."""
    roles: dict[str, str] = {}
    for group, value in table.items():
        role, _, account = value.partition("@")
        account = account or operator
        if group in groups and role in ROLES and account in known:
            roles.setdefault(account, role)
    return roles


def differences(
    roles: Mapping[str, str], present: Collection[Membership]
) -> tuple[dict[str, str], list[tuple[Membership, str]], list[Membership]]:
    """What has to be done so that managed memberships are as wanted: accounts to join with the role, memberships to
    change with the role, and memberships to remove."""
    joined = {membership.account_id: membership for membership in present}
    join = {account: role for account, role in roles.items() if account not in joined}
    change = [
        (joined[account], role)
        for account, role in roles.items()
        if account in joined and joined[account].managed and joined[account].role != role
    ]
    remove = [one for one in present if one.managed and one.account_id not in roles]
    return join, change, remove
