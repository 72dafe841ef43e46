"""What a key may do: the table of scopes, the principal of a key, and the check between the two.

Rules kept here:
- every endpoint names one scope; a scope belongs to tenants or to operators;
- operators' scopes change the real platform, so they need a live key: a test key gets `wrong_mode`;
- a test key sees and creates only rows of the test mode.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach, Tenant

TENANT: Final = "tenant"
OPERATOR: Final = "operator"


class Scope(NamedTuple):
    """A row of the table. `about` is its sentence in the documentation."""

    name: str
    audience: str
    about: str


_ROWS: Final = (
    Scope("messages:send", TENANT, "Send, cancel and redact messages."),
    Scope("messages:read", TENANT, "List messages; read messages and their history."),
    Scope("webhooks", TENANT, "Create, list, change, test and replay webhooks."),
    Scope("keys", TENANT, "Create, list and revoke keys of your own account."),
    Scope("smpp", TENANT, "Create, list, change and revoke SMPP credentials; list and close their binds."),
    Scope("account:read", TENANT, "Read your own account."),
    Scope("sandbox", TENANT, "Read sandbox handsets and reply from them; list fixed test numbers."),
    Scope("carriers", OPERATOR, "Create, list, change and delete carriers; read their state."),
    Scope("routes", OPERATOR, "Create, list, change and delete routes."),
    Scope("alerts", OPERATOR, "List and acknowledge alerts; change alert rules."),
    Scope("numbers", OPERATOR, "Assign numbers to accounts, change and release them."),
    Scope("desk", OPERATOR, "Pause, drain and resume; test carriers; cancel, requeue and reroute in bulk."),
    Scope(
        "accounts",
        OPERATOR,
        "Create, list and change accounts; create and revoke their keys and SMPP credentials.",
    ),
)

SCOPES: Final[dict[str, Scope]] = {row.name: row for row in _ROWS}
ALL_SCOPES: Final = tuple(SCOPES)
TENANT_SCOPES: Final = tuple(row.name for row in _ROWS if row.audience == TENANT)
OPERATOR_SCOPES: Final = tuple(row.name for row in _ROWS if row.audience == OPERATOR)


class Principal(msgspec.Struct, frozen=True, gc=False):
    """The caller: the tenant of a key, and what the key may do."""

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

    def operates(self, scope: str) -> bool:
        """Whether it may use `scope` for every account: operators' scopes need a live key."""
        return scope in self.scopes and not self.test

    def reach(self, scope: str) -> Reach:
        """The set-up rows that it sees: those of its tenant, or of every account if it has
        the operators' scope `scope`."""
        setup = self.tenant.setup
        return setup.in_all_accounts if self.operates(scope) else setup


def check_scope(principal: Principal, scope: str) -> None:
    """Raise Problem `wrong_mode` or `forbidden` unless the principal may use endpoints of `scope`."""
    if principal.test and SCOPES[scope].audience == OPERATOR:
        raise Problem("wrong_mode", f"The scope `{scope}` needs a live key; this is a test key.")
    if scope not in principal.scopes:
        raise Problem(
            "forbidden", f"This key lacks the scope `{scope}`. Use a key that has it.", extra={"scope": scope}
        )
