"""`/v1/account`, the account in which the caller acts."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import Depends
from starlette.responses import Response

from onesixty.accounts.bodies import (
    OwnAccount,
    account_view,
)
from onesixty.accounts.service import Accounts
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal

AccountReader = Annotated[Principal, Depends(Requires("account:read"))]


def own_account_routes(accounts: Accounts) -> Router:
    """`/v1/account`, the account in which the caller acts."""
    router = Router("accounts")
    router.describe(lambda: openapi.of_struct(OwnAccount))
    responses: Any = openapi.answers(200, "OwnAccount", "The account of the key.")

    @router.get("/v1/account", responses=responses)
    async def get_own_account(caller: AccountReader) -> Response:
        """Get your own account."""
        account = await accounts.rows.get(caller.account_id)
        view = account_view(account, accounts.tree.state_of(account.id), own=True)
        return json_answer({**msgspec.to_builtins(view), "mode": caller.tenant.mode})

    return router
