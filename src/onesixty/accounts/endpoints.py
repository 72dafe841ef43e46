"""`/v1/keys` and `/v1/accounts`.

Rules kept here:
- a key can grant only scopes that it has; a test key creates, reads and revokes only test keys;
- operators' scopes need a live key;
- an operator with the scope `accounts` manages the keys of every account (`accounts.reach`);
- the secret of a key is returned only by the call that creates it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from msgspec.structs import replace
from starlette.responses import Response

from onesixty.accounts.account import Account, AccountSettings
from onesixty.accounts.bodies import (
    AccountFields,
    AccountMade,
    AccountView,
    KeyMade,
    KeyView,
    NewAccountBody,
    NewKeyBody,
    OwnAccount,
    account_view,
    key_view,
)
from onesixty.accounts.keys import Key
from onesixty.accounts.reach import SCOPE, AccountQuery, account_for
from onesixty.accounts.service import Accounts
from onesixty.core import ids, money
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach, Tenant
from onesixty.http import openapi
from onesixty.http.amounts import micros_of
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery
from onesixty.http.resource import CHANGE, GET, LIST, MAKE, REMOVE, ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import OPERATOR_SCOPES, SCOPES, TENANT_SCOPES, Principal
from onesixty.http.structs import Body
from onesixty.store.rows import By

AccountReader = Annotated[Principal, Depends(Requires("account:read"))]

#: The highest credit limit.
MOST_CREDIT: Final = 1_000_000_000 * money.MICRO


class KeyQuery(AccountQuery):
    """The query of `GET /v1/keys`."""

    kind = ids.KEY


class AccountsQuery(PageQuery):
    """The query of `GET /v1/accounts`."""

    kind = ids.ACCOUNT


class Keys(Resource[Key, NewKeyBody, Body, KeyView]):
    """`/v1/keys`."""

    path, tag, one, many, scope = "/v1/keys", "keys", "key", "keys", "keys"
    verbs = (MAKE, LIST, GET, REMOVE)
    new, fields, shown, shown_once, query = NewKeyBody, Body, KeyView, KeyMade, KeyQuery
    list_name = "KeyList"
    operations = ByVerb(remove="revoke_key")
    about = ByVerb(
        make="Create a key.\n\nThe answer contains the key in `secret`. It is returned only once.",
        list="List keys, including revoked ones.",
        remove="Revoke a key.\n\nThis node rejects the key at once, other nodes within seconds. A key may "
        "revoke itself.",
    )

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts.keys)
        self._accounts = accounts

    def reach(self, caller: Principal) -> Reach:
        return caller.reach(SCOPE)

    async def page(self, caller: Principal, query: KeyQuery) -> tuple[Sequence[Key], str | None]:
        account_id = account_for(caller, query.account_id, self._accounts.book, "invalid_parameter")
        return await self.rows.page(query.limit, query.after, Tenant(account_id, caller.test).setup)

    async def made(self, body: NewKeyBody, caller: Principal) -> Made:
        account_id = account_for(caller, body.account_id, self._accounts.book)
        test = body.mode == "test"
        if caller.test and not test:
            raise Problem("wrong_mode", "A test key can create only test keys.", param="mode")
        scopes = body.scopes or [name for name in TENANT_SCOPES if name in caller.scopes]
        _check_scopes(scopes, test, caller)
        most = self._accounts.book[account_id].settings.requests_per_second
        if body.requests_per_second is not None and body.requests_per_second > most:
            raise Problem(
                "invalid_field",
                f"`requests_per_second` must not exceed the limit of the account, {most}.",
                param="requests_per_second",
            )
        if account_id != caller.account_id and any(name in OPERATOR_SCOPES for name in scopes):
            raise Problem(
                "invalid_field", "Keys of another account can have only tenant scopes.", param="scopes"
            )
        made = self._accounts.new_key(
            Tenant(account_id, test),
            body.name,
            scopes=list(dict.fromkeys(scopes)),
            requests_per_second=body.requests_per_second,
        )
        return Made(made.key, {"secret": made.secret})

    async def remove(self, row: Key, caller: Principal, by: By) -> None:
        await self._accounts.revoke(row, by)

    def view(self, row: Key, caller: Principal) -> KeyView:
        return key_view(row)


def _check_scopes(scopes: Sequence[str], test: bool, caller: Principal) -> None:
    for index, name in enumerate(scopes):
        param = f"scopes[{index}]"
        if name not in SCOPES:
            raise Problem("invalid_field", f"Unknown scope `{name}`.", param=param)
        if test and name in OPERATOR_SCOPES:
            raise Problem("invalid_field", f"The scope `{name}` needs a live key.", param=param)
        if name not in caller.scopes:
            raise Problem(
                "forbidden", f"This key lacks the scope `{name}`, so it cannot grant it.", param=param
            )


class AccountsResource(Resource[Account, NewAccountBody, AccountFields, AccountView]):
    """`/v1/accounts`, for operators."""

    path, tag, one, many, scope = "/v1/accounts", "accounts", "account", "accounts", "accounts"
    verbs = (MAKE, LIST, GET, CHANGE)
    new, fields, shown, shown_once = NewAccountBody, AccountFields, AccountView, AccountMade
    query = AccountsQuery
    list_name, change_name = "AccountList", "AccountChangeBody"
    about = ByVerb(
        make="Create an account.\n\nThe answer contains its first two keys, one live and one test. Each "
        "`secret` is returned only once.",
        change="Change an account: its name, price, state, limits and permissions.\n\nA new price applies "
        "to messages accepted after the change; on other nodes within seconds. So does a new `credit_limit`; it "
        "counts all that the account ever spent. A suspended account "
        "accepts no new messages (`account_suspended`), but accepted messages are still sent: pause "
        "the account to hold them.",
    )

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts.rows)
        self._accounts = accounts

    async def made(self, body: NewAccountBody, caller: Principal) -> Made:
        settings = AccountSettings(
            requests_per_second=body.requests_per_second,
            may_use_otp=body.may_use_otp,
            credit_limit=_limit(body.credit_limit),
        )
        price = micros_of(body.price_per_segment, "price_per_segment")
        account = self._accounts.new_account(body.name, body.currency, price, settings)
        keys, writes = self._accounts.first_keys(account)
        shown = [{**msgspec.to_builtins(key_view(made.key)), "secret": made.secret} for made in keys]
        return Made(account, {"keys": shown}, writes)

    def fields_of(self, row: Account) -> AccountFields:
        settings = row.settings
        return AccountFields(
            name=row.name,
            price_per_segment=money.to_text(row.price_per_segment),
            state="suspended" if settings.suspended else "active",
            requests_per_second=settings.requests_per_second,
            may_use_otp=settings.may_use_otp,
            credit_limit=None if settings.credit_limit is None else money.to_text(settings.credit_limit),
        )

    async def changed(
        self, row: Account, fields: AccountFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        settings = replace(
            row.settings,
            requests_per_second=fields.requests_per_second,
            may_use_otp=fields.may_use_otp,
            suspended=fields.state == "suspended",
            credit_limit=_limit(fields.credit_limit),
        )
        price = micros_of(fields.price_per_segment, "price_per_segment")
        return Changed(replace(row, name=fields.name, price_per_segment=price, settings=settings))

    def view(self, row: Account, caller: Principal) -> AccountView:
        return account_view(row)


def _limit(amount: str | None) -> int | None:
    """A credit limit in micro-units. Raises Problem."""
    return None if amount is None else micros_of(amount, "credit_limit", MOST_CREDIT)


def key_routes(accounts: Accounts, idempotency: Idempotency | None = None) -> Router:
    """`/v1/keys`."""
    return routes(Keys(accounts), idempotency)


def account_routes(accounts: Accounts, idempotency: Idempotency | None = None) -> Router:
    """`/v1/account`, the caller's own account, and `/v1/accounts`, for operators."""
    router = Router("accounts")
    router.describe(lambda: openapi.of_struct(OwnAccount))
    responses: Any = openapi.answers(200, "OwnAccount", "The account of the key.")

    @router.get("/v1/account", responses=responses)
    async def get_own_account(caller: AccountReader) -> Response:
        """Get your own account."""
        account = await accounts.rows.get(caller.account_id)
        return json_answer({**msgspec.to_builtins(account_view(account)), "mode": caller.tenant.mode})

    return routes(AccountsResource(accounts), idempotency, router)
