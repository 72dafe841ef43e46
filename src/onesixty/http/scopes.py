"""What a caller may do: the tables of scopes and roles, the principal, and the checks between them.

Rules kept here:
- every endpoint names one scope; a scope belongs to tenants or to operators;
- operators' scopes, and the tenant scopes that concern an account as a whole, need a live caller: a test key gets
  `wrong_mode`;
- a test key sees and creates only rows of the test mode;
- a key and a user's session are both a `Principal`, and pass the same checks;
- a role is a name for scopes. Outside the operator's account a role has no operators' scopes;
- nobody grants a scope or a role with scopes that they lack. Only an owner makes an owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from onesixty.core.actor import Actor
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.tenant import Reach, Tenant

TENANT: Final = "tenant"
OPERATOR: Final = "operator"


class Scope(NamedTuple):
    """A row of the table. `about` is its sentence in the documentation. `whole` says that it concerns an account in
    both modes, so that a test key cannot have it."""

    name: str
    audience: str
    about: str
    whole: bool = False

    @property
    def live_only(self) -> bool:
        """Whether a test key cannot have it."""
        return self.whole or self.audience == OPERATOR


_ROWS: Final = (
    Scope("messages:send", TENANT, "Send, cancel and redact messages."),
    Scope("messages:read", TENANT, "List messages; read messages and their history."),
    Scope("verify", TENANT, "Start, resend, check and cancel verifications."),
    Scope("verify:read", TENANT, "List and read verifications and their profiles; read their figures."),
    Scope(
        "verify:manage",
        TENANT,
        "Set up verify profiles; release and redact verifications; change what guards block and trust.",
    ),
    Scope("webhooks", TENANT, "Create, list, change, test and replay webhooks."),
    Scope("keys", TENANT, "Create, list and revoke keys of your own account."),
    Scope("smpp", TENANT, "Create, list, change and revoke SMPP credentials; list and close their binds."),
    Scope("account:read", TENANT, "Read your own account."),
    Scope("sandbox", TENANT, "Read sandbox handsets and reply from them; list fixed test numbers."),
    Scope("reports:read", TENANT, "Read and save reports about your own account."),
    Scope("audit:read", TENANT, "Read the audit log of your own account.", whole=True),
    Scope("users", TENANT, "Invite, list, change and remove the users of your own account.", whole=True),
    Scope(
        "profile",
        TENANT,
        "Change the business profile of your own account, its documents, and submit it for verification.",
        whole=True,
    ),
    Scope("templates", TENANT, "Create, change, submit and delete templates.", whole=True),
    Scope("templates:approve", TENANT, "Approve, reject and retire templates.", whole=True),
    Scope("subaccounts", TENANT, "Create, list and change sub-accounts of your own account.", whole=True),
    Scope(
        "subaccounts:enter",
        TENANT,
        "Act in a sub-account by naming it in `Onesixty-Account`, with your other tenant scopes.",
    ),
    Scope("carriers", OPERATOR, "Create, list, change and delete carriers; read their state."),
    Scope("routes", OPERATOR, "Create, list, change and delete routes."),
    Scope("alerts", OPERATOR, "List and acknowledge alerts; change alert rules."),
    Scope("numbers", OPERATOR, "Assign numbers to accounts, change and release them."),
    Scope("desk", OPERATOR, "Pause, drain and resume; test carriers; cancel, requeue and reroute in bulk."),
    Scope(
        "installation",
        OPERATOR,
        "Run the doctor's checks; read the settings and the nodes of this installation.",
    ),
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
#: The scopes that a test key can have.
TEST_SCOPES: Final = tuple(row.name for row in _ROWS if not row.live_only)

OWNER: Final = "owner"


class Role(NamedTuple):
    """A row of the table of roles. `scopes` are those in the operator's account."""

    name: str
    about: str
    scopes: frozenset[str]

    def scopes_in(self, *, operator: bool) -> frozenset[str]:
        """What the role may do in the operator's account, or in another one."""
        return self.scopes if operator else self.scopes & _TENANT


_TENANT: Final = frozenset(TENANT_SCOPES)
_READS: Final = ("account:read", "messages:read", "reports:read", "verify:read")

_ROLES: Final = (
    Role(OWNER, "Has all rights, and is the only role that can make owners.", frozenset(ALL_SCOPES)),
    Role("admin", "Has all rights, except to make owners.", frozenset(ALL_SCOPES)),
    Role(
        "developer",
        "Connects applications: messages, templates, verifications, webhooks, keys, SMPP credentials and the "
        "sandbox.",
        frozenset(
            {
                *_READS,
                *("messages:send", "templates", "webhooks", "keys", "smpp", "sandbox"),
                *("verify", "verify:manage"),
            }
        ),
    ),
    Role(
        "network",
        "Works at the desk, in the operator's account: carriers, routes, numbers, alerts, pauses, bulk jobs and the "
        "doctor.",
        frozenset(
            {*_READS, "subaccounts:enter", "carriers", "routes", "alerts", "numbers", "desk", "installation"}
        ),
    ),
    Role(
        "marketer",
        "Writes templates, sends messages, and reads what became of them.",
        frozenset({*_READS, "messages:send", "templates"}),
    ),
    Role(
        "finance",
        "Reads the account and its reports, and keeps its business profile; in the operator's account, also sets "
        "prices and credit of accounts, and decides on their profiles.",
        frozenset({"account:read", "reports:read", "profile", "subaccounts:enter", "accounts"}),
    ),
    Role(
        "support",
        "Reads messages and verifications to find out what became of them.",
        frozenset({"account:read", "messages:read", "verify:read", "subaccounts:enter"}),
    ),
    Role("viewer", "Reads the account, its messages and reports.", frozenset(_READS)),
)

ROLES: Final[dict[str, Role]] = {role.name: role for role in _ROLES}


class Principal(msgspec.Struct, frozen=True, gc=False):
    """The caller: who it is, where it acts, and what it may do there.

    `home` is the account of its key or session, if that is not the one in which it acts. `role` is the role that a
    user has in this account; a key has none. `grant` says what it may send, `networks` from where it may be used (in
    CIDR notation) and `expires_at` until when (epoch ms); None and empty are no restriction.
    `session_id` is the session of a user. `fresh` says that the user proved
    a short while ago who they are (`http.step_up`); a key always is.
    """

    tenant: Tenant
    actor: Actor
    scopes: frozenset[str]
    requests_per_second: int
    home: str | None = None
    role: str | None = None
    grant: Grant | None = None
    networks: tuple[str, ...] = ()
    expires_at: int | None = None
    session_id: str | None = None
    fresh: bool = True

    @property
    def account_id(self) -> str:
        """The account in which it acts."""
        return self.tenant.account_id

    @property
    def test(self) -> bool:
        """Whether it acts in the test mode."""
        return self.tenant.test

    @property
    def key_id(self) -> str | None:
        """The id of its key, if it is one."""
        return self.actor.id if self.actor.kind == "key" else None

    @property
    def bucket(self) -> str:
        """Whose requests count together for `requests_per_second`: those of one key or user."""
        return self.actor.id

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
    if principal.test and SCOPES[scope].live_only:
        detail = f"The scope `{scope}` needs a live key; this is a test key."
        if principal.session_id is not None:
            detail = f"The scope `{scope}` needs the live mode; you are in the test mode."
        raise Problem("wrong_mode", detail)
    if scope not in principal.scopes:
        detail = f"This key lacks the scope `{scope}`. Use a key that has it."
        if principal.session_id is not None:
            detail = (
                f"Your role lacks the scope `{scope}`. Somebody who manages users can give you another one."
            )
        raise Problem("forbidden", detail, extra={"scope": scope})


def check_grants(giver: Principal, scopes: Iterable[str], *, test: bool, param: str = "scopes") -> None:
    """Raise Problem `invalid_field` or `forbidden` unless the giver may give a key all these scopes."""
    for index, name in enumerate(scopes):
        at = f"{param}[{index}]"
        scope = SCOPES.get(name)
        if scope is None:
            raise Problem("invalid_field", f"Unknown scope `{name}`.", param=at)
        if test and scope.live_only:
            raise Problem("invalid_field", f"The scope `{name}` needs a live key.", param=at)
        if name not in giver.scopes:
            raise Problem("forbidden", f"This key lacks the scope `{name}`, so it cannot grant it.", param=at)


def may_grant(giver: Principal, scope: Scope) -> bool:
    """Whether the giver may give a key this scope. A test key makes only test keys."""
    return scope.name in giver.scopes and not (giver.test and scope.live_only)


def check_gives_role(giver: Principal, name: str, *, operator: bool, param: str = "role") -> Role:
    """The role, if the giver may give it to a user of an account. `operator` says whether that is the operator's.
    Raises Problem `invalid_field` or `forbidden`."""
    role = ROLES.get(name)
    if role is None:
        raise Problem(
            "invalid_field", f"Unknown role `{name}`. The roles are {', '.join(ROLES)}.", param=param
        )
    if name == OWNER and giver.role != OWNER:
        raise Problem("forbidden", "Only an owner can make an owner.", param=param)
    for scope in sorted(role.scopes_in(operator=operator) - giver.scopes):
        raise Problem(
            "forbidden",
            f"You lack the scope `{scope}` of the role `{name}`, so you cannot give it.",
            param=param,
        )
    return role
