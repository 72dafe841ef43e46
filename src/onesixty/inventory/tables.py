"""The table of numbers of accounts. Their keywords are in `number_keywords`."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from onesixty.core import ids
from onesixty.core.tenant import Tenant
from onesixty.store.table import Table, Unique, text_part

DeliverTo = Literal["webhooks", "binds", "both"]


class NumberSettings(
    msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The settings of one number; the column `settings` holds them as JSON."""

    deliver_to: DeliverTo = "both"
    #: The SMPP credential whose binds get incoming messages; None: any credential of the account.
    credential_id: str | None = None


class OwnNumber(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `numbers` with its keywords. Without keywords it takes the messages that no keyword of the number
    matches. `last_received_at` is read for answers only.
    """

    id: str
    number: str
    account_id: str
    carrier_id: str | None
    test: bool
    settings: NumberSettings
    version: int = 1
    created_at: int
    keywords: tuple[str, ...] = ()
    last_received_at: int | None = None

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the number."""
        return Tenant(self.account_id, self.test)


NUMBERS: Final = Table(
    "numbers",
    OwnNumber,
    prefix=ids.NUMBER,
    owner=("account_id", "test"),
    fixed=("number",),
    beside=("keywords", "last_received_at"),
    conditions={"part": text_part("number", "part")},
    unique=(
        Unique(
            "number_keywords_pkey",
            ("number_keywords.keyword",),
            "The number is already assigned with this keyword, or already has an account without keywords.",
            "keywords",
        ),
    ),
    tells="numbers",
    internal=("carrier_id",),
)
TABLES: Final = (NUMBERS,)
