"""`/v1/keys` and `/v1/accounts`.

Rules kept here:
- a key can give away only scopes that it has itself; a test key makes, sees and revokes only test keys;
- operators' scopes are for live keys;
- the secret of a key is in the answer that made it, and nowhere else.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field, field_validator
from starlette.responses import Response

from onesixty.accounts import schemas
from onesixty.accounts.account import AccountSettings
from onesixty.accounts.service import Accounts
from onesixty.core import ids, money
from onesixty.core.errors import Problem
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.limits import DEFAULT_PER_SECOND
from onesixty.http.paging import PageQuery, page_answer
from onesixty.http.scopes import OPERATOR_SCOPES, SCOPES, TENANT_SCOPES, Principal

KeyHolder = Annotated[Principal, Depends(Requires("keys"))]
AccountReader = Annotated[Principal, Depends(Requires("account:read"))]
AccountMaker = Annotated[Principal, Depends(Requires("accounts"))]

#: Nobody pays a million for a segment, and sums of prices must stay within 64 bits.
MOST_PER_SEGMENT = 1_000_000 * money.MICRO


class NewKeyBody(Body):
    """A key to make."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="What you will know it by.")]
    mode: Annotated[Literal["live", "test"], Field(description="Test keys send nothing real, and are free.")]
    scopes: Annotated[
        list[str] | None,
        Field(
            min_length=1,
            max_length=50,
            description="What it may do. Default: every tenant scope that your key has.",
        ),
    ] = None
    requests_per_second: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="A limit of its own, up to that of the account, its default."),
    ] = None


class NewAccountBody(Body):
    """An account to make."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.")] = "EUR"
    price_per_segment: Annotated[
        str, Field(max_length=20, description="A decimal string.", examples=["0.0075"])
    ]
    requests_per_second: Annotated[int, Field(ge=1, le=1_000_000)] = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Field(description="Whether it may send class otp.")] = True

    @field_validator("price_per_segment")
    @classmethod
    def _an_amount(cls, value: str) -> str:
        if not 0 <= money.from_text(value) <= MOST_PER_SEGMENT:
            raise ValueError("not an amount from 0 to 1000000")
        return value


def key_routes(accounts: Accounts) -> APIRouter:
    """`/v1/keys`."""
    router = APIRouter(prefix="/v1/keys", tags=["keys"])

    @router.post("", status_code=201, response_model=schemas.KeyMade)
    async def create_key(caller: KeyHolder, body: NewKeyBody) -> Response:
        """Make a key.

        The answer's `secret` is shown this once.
        """
        test = body.mode == "test"
        if caller.test and not test:
            raise Problem("wrong_mode", "A test key can make test keys only.", param="mode")
        scopes = body.scopes or [name for name in TENANT_SCOPES if name in caller.scopes]
        for index, name in enumerate(scopes):
            param = f"scopes[{index}]"
            if name not in SCOPES:
                raise Problem("invalid_field", f"`{name}` is not a scope.", param=param)
            if test and name in OPERATOR_SCOPES:
                raise Problem("invalid_field", f"The scope `{name}` needs a live key.", param=param)
            if name not in caller.scopes:
                raise Problem("forbidden", f"This key lacks the scope `{name}` itself.", param=param)
        most = accounts.book[caller.account_id].settings.requests_per_second
        if body.requests_per_second is not None and body.requests_per_second > most:
            raise Problem("invalid_field", f"The account has {most}.", param="requests_per_second")
        made = await accounts.create_key(
            caller.account_id,
            body.name,
            test=test,
            scopes=list(dict.fromkeys(scopes)),
            requests_per_second=body.requests_per_second,
        )
        return json_answer({**made.key.view(), "secret": made.secret}, 201)

    @router.get("", response_model=schemas.KeyList)
    async def list_keys(caller: KeyHolder, page: Annotated[PageQuery, Query()]) -> Response:
        """List keys, revoked ones too."""
        keys, next_ = await accounts.list_keys(
            caller.account_id, only_test=caller.test, limit=page.limit, after=page.after
        )
        return json_answer(page_answer([key.view() for key in keys], next_))

    @router.get("/{id}", response_model=schemas.KeyView)
    async def get_key(caller: KeyHolder, id: str) -> Response:  # noqa: A002
        """Read a key."""
        key = await accounts.get_key(caller.account_id, id) if ids.is_id(ids.KEY, id) else None
        if key is None or (caller.test and not key.test):
            raise Problem("not_found", "There is no such key.")
        return json_answer(key.view())

    @router.delete("/{id}", status_code=204)
    async def revoke_key(caller: KeyHolder, id: str) -> Response:  # noqa: A002
        """Revoke a key.

        It opens nothing from the answer on; on other nodes within seconds. A key may revoke itself.
        """
        if not ids.is_id(ids.KEY, id):
            raise Problem("not_found", "There is no such key.")
        await accounts.revoke_key(caller.account_id, id, only_test=caller.test)
        return empty_answer()

    return router


def account_routes(accounts: Accounts) -> APIRouter:
    """`/v1/account`, the own one, and `/v1/accounts`, for operators."""
    router = APIRouter(prefix="/v1", tags=["accounts"])

    async def view(account_id: str) -> dict[str, Any]:
        account = await accounts.get(account_id) if ids.is_id(ids.ACCOUNT, account_id) else None
        if account is None:
            raise Problem("not_found", "There is no such account.")
        return account.view()

    @router.get("/account", response_model=schemas.OwnAccount)
    async def get_own_account(caller: AccountReader) -> Response:
        """Read the own account."""
        return json_answer({**await view(caller.account_id), "mode": "test" if caller.test else "live"})

    @router.get("/accounts", response_model=schemas.AccountList)
    async def list_accounts(caller: AccountMaker, page: Annotated[PageQuery, Query()]) -> Response:
        """List accounts."""
        found, next_ = await accounts.list(page.limit, page.after)
        return json_answer(page_answer([account.view() for account in found], next_))

    @router.get("/accounts/{id}", response_model=schemas.AccountView)
    async def get_account(caller: AccountMaker, id: str) -> Response:  # noqa: A002
        """Read an account."""
        return json_answer(await view(id))

    @router.post("/accounts", status_code=201, response_model=schemas.AccountMade)
    async def create_account(caller: AccountMaker, body: NewAccountBody) -> Response:
        """Make an account.

        The answer holds its first two keys, one live and one test; their `secret` is shown this once.
        """
        account, keys = await accounts.create(
            body.name,
            body.currency,
            money.from_text(body.price_per_segment),
            AccountSettings(requests_per_second=body.requests_per_second, may_use_otp=body.may_use_otp),
        )
        made = [{**new.key.view(), "secret": new.secret} for new in keys]
        return json_answer({**account.view(), "keys": made}, 201)

    return router
