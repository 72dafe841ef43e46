"""`GET /v1/balance`: what an account has, holds and may still spend, at one moment.

Rules kept here:
- all numbers come from one snapshot of the database;
- an account with a limit has running rows (docs/decisions/0113); without one, its ledger is added up, which takes
  longer the more it ever sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from onesixty.accounts import Account
from onesixty.accounts.reach import account_for
from onesixty.core import money, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, TooBroad

Reader = Annotated[Principal, Depends(Requires("account:read"))]

_Amount = Annotated[str, Meta(description="A decimal string.", examples=["12.50"])]


class Balance(Answer):
    """The balance of an account at one moment."""

    account_id: str
    currency: Annotated[str, Meta(description="ISO 4217.")]
    balance: Annotated[
        str,
        Meta(description="All adjustments, less all that was charged; below zero: owed.", examples=["12.50"]),
    ]
    held: Annotated[
        str,
        Meta(description="The prices of messages that are accepted and not charged yet.", examples=["0.75"]),
    ]
    credit_limit: Annotated[
        _Amount | None, Meta(description="How far below zero the balance may go; null: no limit.")
    ]
    available: Annotated[
        _Amount | None,
        Meta(description="What new messages may cost: balance + credit_limit - held; null: no limit."),
    ]
    as_of: Annotated[Time, Meta(description="The moment of these numbers.")]


class BalanceQuery(BaseModel):
    """The query of `GET /v1/balance`."""

    model_config = ConfigDict(extra="forbid")

    account_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="The account; needs a key with the scope `accounts`. Default: your own account.",
            examples=["acc_01h455vb4pex5vsknk084sn02q"],
        ),
    ] = None


async def balance_of(store: Store, account: Account, now: int) -> Balance:
    """The balance of an account. Raises StoreError."""
    limit = account.settings.credit_limit
    rows = await store.fetch("balance_guarded", account_id=account.id)
    if rows:
        available, limit, held = rows[0]
        balance = available - limit + held
    else:
        charged, held = (await store.fetch("balance_of_ledger", account_id=account.id))[0]
        balance = -charged
    return Balance(
        account_id=account.id,
        currency=account.currency,
        balance=money.to_text(balance),
        held=money.to_text(held),
        credit_limit=None if limit is None else money.to_text(limit),
        available=None if limit is None else money.to_text(balance + limit - held),
        as_of=times.to_text(now),
    )


def balance_routes(store: Store, clock: Clock, book: Mapping[str, Account]) -> openapi.Router:
    """The route, for keys that may read their account."""
    router = openapi.Router("accounts", "/v1")
    router.describe(lambda: openapi.of_struct(Balance))

    @router.get("/balance", responses=openapi.answers(200, "Balance", "The balance."))
    async def get_balance(caller: Reader, query: Annotated[BalanceQuery, Query()]) -> Response:
        """Get the balance of an account.

        Test traffic costs nothing, so a test key sees the same numbers as a live key. Reading other accounts needs
        the scope `accounts`.
        """
        account_id = account_for(caller, query.account_id, book, "invalid_parameter")
        try:
            return json_answer(await balance_of(store, book[account_id], clock.now_ms()))
        except TooBroad:
            raise Problem("query_too_broad", "Adding up the account's ledger takes too long.") from None
        except StoreError:
            raise Problem("unavailable", retry_after=1) from None

    return router
