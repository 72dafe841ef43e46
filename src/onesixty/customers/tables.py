"""The table of SMPP credentials."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.core.tenant import Tenant
from onesixty.customers.profile import SmppProfile
from onesixty.store.table import Table, Unique


class SmppCredential(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `smpp_credentials`."""

    id: str
    account_id: str
    system_id: str
    test: bool
    password_hash: str
    profile: SmppProfile
    version: int = 1
    created_at: int
    changed_at: int
    revoked_at: int | None = None

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the credential."""
        return Tenant(self.account_id, self.test)


CREDENTIALS: Final = Table(
    "smpp_credentials",
    SmppCredential,
    prefix=ids.SMPP_CREDENTIAL,
    owner=("account_id", "test"),
    fixed=("account_id", "system_id", "test"),
    unique=(
        Unique(
            "smpp_credentials_system_id", ("system_id",), "This system_id is already in use.", "system_id"
        ),
    ),
    tells="SMPP credentials",
)
TABLES: Final = (CREDENTIALS,)
