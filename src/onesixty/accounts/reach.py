"""Which accounts a caller may manage keys and credentials of: its own; with the scope `accounts`, every account.

Rules kept here:
- a key sees only its own account; other accounts do not exist for it;
- an operator's live key with the scope `accounts` reaches every account, through `account_id`; where a list takes it,
  `*` is all accounts together.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Annotated, Final, Literal

from msgspec import Meta
from pydantic import Field
from starlette.requests import Request

from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.http.bodies import Query
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.paging import PageQuery
from onesixty.http.scopes import Principal

SCOPE: Final = "accounts"
#: All accounts, as a list takes it.
EVERY: Final = "*"

_ABOUT: Final = "The account; needs a key with the scope `accounts`. Default: your own account."
_EXAMPLES: Final = ["acc_01h455vb4pex5vsknk084sn02q"]

#: The field `account_id` of a body.
AccountId = Annotated[str, Meta(min_length=1, max_length=40, description=_ABOUT, examples=_EXAMPLES)] | None


class AccountFilter(Query):
    """The filter of a list, or of an export, that belongs to one account."""

    account_id: Annotated[
        str | None, Field(min_length=1, max_length=40, description=_ABOUT, examples=_EXAMPLES)
    ] = None


class AccountQuery(AccountFilter, PageQuery):
    """The query of a list that belongs to one account."""


#: The query parameter `account_id` where operators can also read all accounts.
AnyAccountId = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=40,
        description="The account, or `*` for all accounts; needs a live key with the scope `accounts`. Default: "
        "your own account.",
        examples=_EXAMPLES,
    ),
]


#: Is called with each request for messages of another account, or (None) of all accounts.
Looked = Callable[[Call, Principal, str | None], None]
#: Which messages a request is about, by the account that it names. Raises Problem.
ReachOf = Callable[[Request, Principal, str | None], Reach]


#: Query parameters of lists of keys and SMPP credentials.
ModeFilter = Annotated[
    Literal["live", "test"] | None,
    Field(description="Only those of this mode. A test key sees only its own."),
]
StateFilter = Annotated[
    Literal["active", "expired", "revoked"] | None, Field(description="Only those in this state.")
]


class ReachQuery(Query):
    """The query of what belongs to one account, and what operators can also read for all accounts."""

    account_id: AnyAccountId = None


class AnyAccountQuery(ReachQuery, PageQuery):
    """The query of a list of what operators can also read for all accounts."""


def accounts_for(caller: Principal, wanted: str | None, known: Container[str]) -> str | None:
    """The account that a list is for; None is all accounts. Raises Problem if it is unknown or out of reach."""
    if wanted != EVERY:
        return account_for(caller, wanted, known, "invalid_parameter")
    check_operates(caller)
    return None


def messages_for(known: Container[str], looked: Looked) -> ReachOf:
    """Whose messages requests are about. `looked` is told of those of others."""

    def reach_of(request: Request, caller: Principal, wanted: str | None) -> Reach:
        account_id = accounts_for(caller, wanted, known)
        if account_id != caller.account_id:
            looked(request.scope[SCOPE_KEY], caller, account_id)
        return Reach(account_id, caller.test)

    return reach_of


def setup_for(
    caller: Principal, account_id: str | None, known: Container[str], mode: str | None = None
) -> Reach:
    """What a list of things that are set up for accounts covers: keys, SMPP credentials. Raises Problem."""
    reach = caller.tenant.setup._replace(account_id=accounts_for(caller, account_id, known))
    if mode is None:
        return reach
    if caller.test and mode == "live":
        raise Problem("wrong_mode", "A test key sees only what is for tests.", param="mode")
    return reach._replace(test=mode == "test")


def check_operates(caller: Principal) -> None:
    """Raise Problem `forbidden` unless the caller reaches other accounts."""
    if not caller.operates(SCOPE):
        raise Problem(
            "forbidden",
            f"Access to other accounts needs a live key with the scope `{SCOPE}`.",
            param="account_id",
        )


def account_for(
    caller: Principal, wanted: str | None, known: Container[str], code: str = "invalid_field"
) -> str:
    """The account that a request is for. Raises Problem if it is unknown or out of reach."""
    if wanted is None or wanted == caller.account_id:
        return caller.account_id
    check_operates(caller)
    if wanted not in known:
        raise Problem(code, "Unknown account.", param="account_id")
    return wanted
