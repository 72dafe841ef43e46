"""The table of numbers that accounts own. Their keywords stand beside it, in `number_keywords`."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from onesixty.core import ids
from onesixty.core.tenant import Tenant
from onesixty.store.table import Table, Unique

DeliverTo = Literal["webhooks", "binds", "both"]


class NumberSettings(
    msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What is set for one number; the column `settings` is its JSON."""

    deliver_to: DeliverTo = "both"
    #: The SMPP credential whose binds get what comes in; None: any of the account.
    credential_id: str | None = None


class OwnNumber(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `numbers` with its keywords; without any it takes what no keyword of the number does."""

    id: str
    number: str
    account_id: str
    carrier_id: str | None
    test: bool
    settings: NumberSettings
    version: int = 1
    created_at: int
    keywords: tuple[str, ...] = ()

    @property
    def tenant(self) -> Tenant:
        """Whose number it is."""
        return Tenant(self.account_id, self.test)


NUMBERS: Final = Table(
    "numbers",
    OwnNumber,
    prefix=ids.NUMBER,
    owner=("account_id", "test"),
    fixed=("number",),
    beside=("keywords",),
    unique=(
        Unique(
            "number_keywords_pkey",
            ("number_keywords.keyword",),
            "The number is already assigned with this keyword, or already has an account without keywords.",
            "keywords",
        ),
    ),
    tells="numbers",
)
TABLES: Final = (NUMBERS,)
