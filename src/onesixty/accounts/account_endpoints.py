"""`/v1/accounts`, for operators, and `/v1/subaccounts`, for accounts and what is below them.

Rules kept here:
- an operator sees every account; a tenant sees the accounts below its own, and no other exists for it;
- the account above a new one is chosen once; it never changes;
- the first keys of a sub-account have no scope that its maker lacks, and a key with limits of its own makes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field

from onesixty.accounts import forms
from onesixty.accounts.account import Account
from onesixty.accounts.bodies import (
    AccountFields,
    AccountMade,
    AccountView,
    NewAccountBody,
    NewSubaccountBody,
    account_view,
)
from onesixty.accounts.key_bodies import key_view
from onesixty.accounts.restrictions import Restrictions, check_unlimited, columns, inherited
from onesixty.accounts.service import Accounts
from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery
from onesixty.http.resource import CHANGE, GET, LIST, MAKE, ByVerb, Changed, F, Made, N, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import TENANT_SCOPES, Principal

_CHANGE = (
    "A new price applies to messages accepted after the change; on other nodes within seconds. So does a new "
    "`credit_limit`; it counts all that the account ever spent.\n\nA suspended account sends nothing, and neither do "
    "the accounts below it: new messages are refused (`account_suspended`), accepted ones are held back until it is "
    "active again, or until their validity ends. A closed account also lets nobody in with its keys and SMPP "
    "credentials (`account_closed`). Both can be undone."
)


class AccountsQuery(PageQuery):
    """The query of a list of accounts."""

    kind = ids.ACCOUNT

    parent_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="Only the accounts directly below this one.",
            examples=["acc_01h455vb4pex5vsknk084sn02q"],
        ),
    ] = None
    state: Annotated[
        Literal["active", "suspended", "closed"] | None,
        Field(description="Only accounts whose `effective_state` it is."),
    ] = None


class _Accounts(Resource[Account, N, F, AccountView]):
    """What both resources share."""

    tag = "accounts"
    verbs = (MAKE, LIST, GET, CHANGE)
    shown, shown_once = AccountView, AccountMade
    query = AccountsQuery
    fields: type[Any] = AccountFields
    list_name, change_name = "AccountList", "AccountChangeBody"

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts.rows)
        self._accounts = accounts

    def _made(
        self,
        body: NewAccountBody | NewSubaccountBody,
        parent: Account,
        scopes: Sequence[str],
        caller: Principal,
    ) -> Made:
        check_unlimited(caller, "accounts")
        account = forms.new_account(self._accounts, body, parent)
        keys = self._accounts.first_keys(account, scopes, **columns(inherited(Restrictions(), caller)))
        now = self.rows.now()
        shown = [{**msgspec.to_builtins(key_view(made.key, now)), "secret": made.secret} for made in keys]
        return Made(account, {"keys": shown}, also=[(self._accounts.keys, made.key) for made in keys])

    def fields_of(self, row: Account) -> Any:
        return forms.fields_of(row)

    async def changed(self, row: Account, fields: Any, said: Mapping[str, Any], caller: Principal) -> Changed:
        check_unlimited(caller, "accounts")
        parent = self._accounts.book.get(row.parent_id or "")
        above = None if parent is None or parent.operator else parent
        return Changed(forms.changed_account(row, fields, above))

    def view(self, row: Account, caller: Principal) -> AccountView:
        return account_view(row, self._state(row))

    def _page(self, ids_: Iterable[str], query: AccountsQuery) -> tuple[list[Account], str | None]:
        """A page of these accounts, in memory: the state that counts follows from the tree."""
        book, after = self._accounts.book, query.after
        found = [
            book[id_]
            for id_ in ids_
            if (after is None or id_ < after)
            and (query.parent_id is None or book[id_].parent_id == query.parent_id)
            and query.state in (None, self._state(book[id_]))
        ]
        page = found[: query.limit]
        return page, page[-1].id if len(found) > query.limit else None

    def _state(self, row: Account) -> str:
        """The state that counts. The row may be newer than the tree."""
        above = self._accounts.tree.stopped.get(row.parent_id or "")
        if above is None or self._is_operator(row.parent_id):
            return row.state
        return "closed" if "closed" in (above, row.state) else above

    def _is_operator(self, account_id: str | None) -> bool:
        found = self._accounts.book.get(account_id or "")
        return found is not None and found.operator


class AccountsResource(_Accounts[NewAccountBody, AccountFields]):
    """`/v1/accounts`, for operators."""

    path, one, many, scope = "/v1/accounts", "account", "accounts", "accounts"
    new = NewAccountBody
    about = ByVerb(
        make="Create an account.\n\nThe answer contains its first two keys, one live and one test. Each "
        "`secret` is returned only once.",
        change="Change an account: its name, price, state, limits, permissions and defaults.\n\n" + _CHANGE,
    )

    async def page(self, caller: Principal, query: AccountsQuery) -> tuple[Sequence[Account], str | None]:
        if query.state is None:
            return await super().page(caller, query)
        return self._page(sorted(self._accounts.book, reverse=True), query)

    async def made(self, body: NewAccountBody, caller: Principal) -> Made:
        wanted = body.parent_id or self._accounts.operator().id
        parent = self._accounts.book.get(wanted)
        if parent is None:
            raise Problem("invalid_field", "Unknown account.", param="parent_id")
        return self._made(body, parent, TENANT_SCOPES, caller)


class Subaccounts(_Accounts[NewSubaccountBody, AccountFields]):
    """`/v1/subaccounts`, for every account."""

    path, one, many, scope = "/v1/subaccounts", "subaccount", "subaccounts", "subaccounts"
    new = NewSubaccountBody
    about = ByVerb(
        make="Create a sub-account.\n\nIt has its own price, which it pays to you; keys, webhooks and SMPP "
        "credentials of its own; and what it spends counts for your account too, at your price. The answer contains "
        "its first two keys, one live and one test, with the tenant scopes of your key. Each `secret` is returned "
        "only once.",
        list="List all accounts below yours, newest first.",
        get="Get a sub-account.",
        change="Change a sub-account: its name, price, state, limits, permissions and defaults.\n\n"
        + _CHANGE,
    )

    async def find(self, caller: Principal, key: str) -> Account:
        row = await self.rows.get(key)
        if row.parent_id is None or not self._accounts.tree.covers(caller.account_id, row.parent_id):
            raise self.rows.missing()
        return row

    async def page(self, caller: Principal, query: AccountsQuery) -> tuple[Sequence[Account], str | None]:
        return self._page(self._accounts.tree.below(caller.account_id), query)

    async def made(self, body: NewSubaccountBody, caller: Principal) -> Made:
        wanted = body.parent_id or caller.account_id
        if not self._accounts.tree.covers(caller.account_id, wanted):
            raise Problem("invalid_field", "Unknown account.", param="parent_id")
        scopes = [name for name in TENANT_SCOPES if name in caller.scopes]
        return self._made(body, self._accounts.book[wanted], scopes, caller)


def account_routes(accounts: Accounts, idempotency: Idempotency | None = None) -> Router:
    """`/v1/accounts` and `/v1/subaccounts`."""
    router = routes(AccountsResource(accounts), idempotency)
    return routes(Subaccounts(accounts), idempotency, router)
