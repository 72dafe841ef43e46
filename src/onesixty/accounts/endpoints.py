"""`/v1/keys` and `/v1/accounts`.

Rules kept here:
- a key can give away only scopes that it has itself; a test key makes, sees and revokes only test keys;
- operators' scopes are for live keys;
- an operator with the scope `accounts` makes, sees and revokes the keys of every account (`accounts.reach`);
- of two changes of an account at once both hold;
- the secret of a key is in the answer that made it, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from msgspec.structs import replace
from pydantic import AfterValidator, Field
from starlette.responses import Response

from onesixty.accounts import schemas
from onesixty.accounts.account import SUSPENDED, Account, AccountSettings
from onesixty.accounts.reach import AccountId, AccountQuery, account_for, reaches_all
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


def _an_amount(value: str) -> str:
    if not 0 <= money.from_text(value) <= MOST_PER_SEGMENT:
        raise ValueError("not an amount from 0 to 1000000")
    return value


Amount = Annotated[
    str,
    Field(max_length=20, description="A decimal string.", examples=["0.0075"]),
    AfterValidator(_an_amount),
]


class NewKeyBody(Body):
    """A key to make."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="What you will know it by.")]
    mode: Annotated[Literal["live", "test"], Field(description="Test keys send nothing real, and are free.")]
    account_id: AccountId = None
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
    price_per_segment: Amount
    requests_per_second: Annotated[int, Field(ge=1, le=1_000_000)] = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Field(description="Whether it may send class otp.")] = True


class KeyQuery(AccountQuery):
    """The query of `GET /v1/keys`."""

    kind = ids.KEY


class AccountsQuery(PageQuery):
    """The query of `GET /v1/accounts`."""

    kind = ids.ACCOUNT


class AccountChangeBody(Body):
    """What to change; what is left out stays."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    price_per_segment: Amount | None = None
    state: (
        Annotated[
            Literal["active", "suspended"],
            Field(
                description="Of a suspended account nothing new is accepted. What was accepted goes on, what comes "
                "in is delivered, and its keys still read."
            ),
        ]
        | None
    ) = None
    requests_per_second: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    may_use_otp: Annotated[bool, Field(description="Whether it may send class otp.")] | None = None


def key_routes(accounts: Accounts) -> APIRouter:
    """`/v1/keys`."""
    router = APIRouter(prefix="/v1/keys", tags=["keys"])

    @router.post("", status_code=201, response_model=schemas.KeyMade)
    async def create_key(caller: KeyHolder, body: NewKeyBody) -> Response:
        """Make a key.

        The answer's `secret` is shown this once.
        """
        account_id = account_for(caller, body.account_id, accounts.book)
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
        most = accounts.book[account_id].settings.requests_per_second
        if body.requests_per_second is not None and body.requests_per_second > most:
            raise Problem("invalid_field", f"The account has {most}.", param="requests_per_second")
        if account_id != caller.account_id and any(name in OPERATOR_SCOPES for name in scopes):
            raise Problem("invalid_field", "Another account gets tenant scopes only.", param="scopes")
        made = await accounts.create_key(
            account_id,
            body.name,
            test=test,
            scopes=list(dict.fromkeys(scopes)),
            requests_per_second=body.requests_per_second,
        )
        return json_answer({**made.key.view(), "secret": made.secret}, 201)

    @router.get("", response_model=schemas.KeyList)
    async def list_keys(caller: KeyHolder, page: Annotated[KeyQuery, Query()]) -> Response:
        """List keys, revoked ones too."""
        account_id = account_for(caller, page.account_id, accounts.book, "invalid_parameter")
        keys, next_ = await accounts.list_keys(
            account_id, only_test=caller.test, limit=page.limit, after=page.after
        )
        return json_answer(page_answer([key.view() for key in keys], next_))

    @router.get("/{id}", response_model=schemas.KeyView)
    async def get_key(caller: KeyHolder, id: str) -> Response:  # noqa: A002
        """Read a key."""
        key = await accounts.get_key(_own_or_any(caller), id) if ids.is_id(ids.KEY, id) else None
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
        await accounts.revoke_key(_own_or_any(caller), id, only_test=caller.test)
        return empty_answer()

    return router


def _own_or_any(caller: Principal) -> str | None:
    """The account that a key has to be of; None for operators, who reach them all."""
    return None if reaches_all(caller) else caller.account_id


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
    async def list_accounts(caller: AccountMaker, page: Annotated[AccountsQuery, Query()]) -> Response:
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

    @router.patch("/accounts/{id}", response_model=schemas.AccountView)
    async def change_account(caller: AccountMaker, id: str, body: AccountChangeBody) -> Response:  # noqa: A002
        """Change an account: its name, price, state, limit and rights.

        A price holds for what is accepted from then on; on other nodes within seconds. Of a suspended account
        nothing new is accepted (`account_suspended`); what was accepted still goes: pause the account to keep it.
        """
        if not ids.is_id(ids.ACCOUNT, id):
            raise Problem("not_found", "There is no such account.")
        said = body.model_dump(exclude_none=True)
        if not said:
            raise Problem("missing_field", "There is nothing to change: give at least one field.")
        return json_answer((await accounts.change(id, partial(_changed, said))).view())

    return router


def _changed(said: Mapping[str, Any], account: Account) -> Account:
    """The account with what was said of it."""
    settings = account.settings
    return replace(
        account,
        name=said.get("name", account.name),
        price_per_segment=(
            money.from_text(said["price_per_segment"])
            if "price_per_segment" in said
            else account.price_per_segment
        ),
        settings=replace(
            settings,
            requests_per_second=said.get("requests_per_second", settings.requests_per_second),
            may_use_otp=said.get("may_use_otp", settings.may_use_otp),
            suspended=said["state"] == SUSPENDED if "state" in said else settings.suspended,
        ),
    )
