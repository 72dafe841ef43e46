"""What a key may do: scopes as a table, the principal that a key stands for, and the check between the two.

Rules kept here:
- every endpoint names one scope; a scope belongs to tenants or to operators;
- operators' scopes change the real platform, so they need a live key: a test key meets `wrong_mode`;
- a test key sees and makes only what is of the test mode.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant

TENANT: Final = "tenant"
OPERATOR: Final = "operator"


class Scope(NamedTuple):
    """A row of the table. `about` is the sentence of the documentation."""

    name: str
    audience: str
    about: str


_ROWS: Final = (
    Scope("messages:send", TENANT, "Send messages; cancel and redact them."),
    Scope("messages:read", TENANT, "List messages, read them and their history."),
    Scope("webhooks", TENANT, "Make, list, change, test and replay webhooks."),
    Scope("keys", TENANT, "Make, list and revoke keys of the own account."),
    Scope("smpp", TENANT, "Make, list, change and revoke SMPP credentials; see and end their binds."),
    Scope("account:read", TENANT, "Read the own account."),
    Scope("sandbox", TENANT, "Read handsets of the sandbox and answer from them; list fixed numbers."),
    Scope("carriers", OPERATOR, "Make, list, change and delete carriers, and see how they are."),
    Scope("routes", OPERATOR, "Make, list, change and delete routes."),
    Scope("alerts", OPERATOR, "See and acknowledge alerts; change their rules."),
    Scope("numbers", OPERATOR, "Give numbers to accounts, change them and take them back."),
    Scope("desk", OPERATOR, "Pause, drain and resume; try carriers; cancel, requeue and reroute in bulk."),
    Scope(
        "accounts",
        OPERATOR,
        "Make, list and change accounts; make and end keys and SMPP credentials of theirs.",
    ),
)

SCOPES: Final[dict[str, Scope]] = {row.name: row for row in _ROWS}
ALL_SCOPES: Final = tuple(SCOPES)
TENANT_SCOPES: Final = tuple(row.name for row in _ROWS if row.audience == TENANT)
OPERATOR_SCOPES: Final = tuple(row.name for row in _ROWS if row.audience == OPERATOR)


class Principal(msgspec.Struct, frozen=True, gc=False):
    """Who asks: the tenant of a key, and what it may do."""

    tenant: Tenant
    key_id: str
    scopes: frozenset[str]
    requests_per_second: int

    @property
    def account_id(self) -> str:
        """The account of the key."""
        return self.tenant.account_id

    @property
    def test(self) -> bool:
        """Whether it is a test key."""
        return self.tenant.test


def check_scope(principal: Principal, scope: str) -> None:
    """Raises Problem `wrong_mode` or `forbidden` unless the principal may use endpoints of `scope`."""
    if principal.test and SCOPES[scope].audience == OPERATOR:
        raise Problem("wrong_mode", f"The scope `{scope}` needs a live key, and this is a test key.")
    if scope not in principal.scopes:
        raise Problem("forbidden", f"This key lacks the scope `{scope}`.", extra={"scope": scope})
