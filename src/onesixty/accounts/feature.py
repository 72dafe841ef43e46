"""Accounts and keys as a feature of a node."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts, bootstrap, ensure_admin_key
from onesixty.accounts.account_endpoints import account_routes
from onesixty.accounts.endpoints import own_account_routes
from onesixty.accounts.key_endpoints import key_routes
from onesixty.accounts.keys import NewKey
from onesixty.core import money
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature


class AccountsFeature(Feature):
    """The accounts in memory, and their endpoints."""

    def __init__(self, node: Context) -> None:
        self._settings = node.settings
        self._idempotency = node.idempotency
        self.accounts = Accounts(node.store, node.clock, node.ids, secrets.token_bytes, node.row_effects)

    async def open(self) -> list[NewKey]:
        """Load all accounts; create the operator's account in an empty database. Returns the keys created with it."""
        settings = self._settings
        made = await bootstrap(
            self.accounts,
            name="default",
            currency=settings.billing_currency,
            price_per_segment=money.from_text(str(settings.billing_price_per_segment)),
            with_keys=settings.admin_key is None,
        )
        if settings.admin_key is not None:
            await ensure_admin_key(self.accounts, settings.admin_key.get_secret_value())
        return made

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [
            key_routes(self.accounts, self._idempotency),
            own_account_routes(self.accounts),
            account_routes(self.accounts, self._idempotency),
        ]

    async def load(self) -> None:
        """See Feature."""
        await self.accounts.load()
