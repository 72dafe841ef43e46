"""Which accounts a caller may manage keys and credentials of: its own; with the scope `accounts`, every account.

Rules kept here:
- a key sees only its own account; other accounts do not exist for it;
- an operator's live key with the scope `accounts` reaches every account, through `account_id`.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Final

from msgspec import Meta
from pydantic import Field

from onesixty.core.errors import Problem
from onesixty.http.paging import PageQuery
from onesixty.http.scopes import Principal

SCOPE: Final = "accounts"

_ABOUT: Final = "The account; needs a key with the scope `accounts`. Default: your own account."
_EXAMPLES: Final = ["acc_01h455vb4pex5vsknk084sn02q"]

#: The field `account_id` of a body.
AccountId = Annotated[str, Meta(min_length=1, max_length=40, description=_ABOUT, examples=_EXAMPLES)] | None


class AccountQuery(PageQuery):
    """The query of a list that belongs to one account."""

    account_id: Annotated[
        str | None, Field(min_length=1, max_length=40, description=_ABOUT, examples=_EXAMPLES)
    ] = None


def account_for(
    caller: Principal, wanted: str | None, known: Container[str], code: str = "invalid_field"
) -> str:
    """The account that a request is for. Raises Problem if it is unknown or out of reach."""
    if wanted is None or wanted == caller.account_id:
        return caller.account_id
    if not caller.operates(SCOPE):
        raise Problem(
            "forbidden",
            f"Access to other accounts needs a live key with the scope `{SCOPE}`.",
            param="account_id",
        )
    if wanted not in known:
        raise Problem(code, "Unknown account.", param="account_id")
    return wanted
