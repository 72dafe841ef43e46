"""The table of saved views. Times are epoch milliseconds."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from onesixty.core import ids
from onesixty.store.table import Table, Unique


class SavedView(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `saved_views`. `made_by` is the actor that owns it, as text. `search` is what a list is asked for."""

    id: str
    account_id: str
    made_by: str
    page: str
    name: str
    search: dict[str, Any]
    shared: bool = False
    version: int = 1
    created_at: int


SAVED_VIEWS: Final = Table(
    "saved_views",
    SavedView,
    prefix=ids.SAVED_VIEW,
    owner=("account_id",),
    fixed=("account_id", "made_by", "page"),
    unique=(
        Unique(
            "saved_views_name",
            ("account_id", "made_by", "page", "name"),
            "You have a view of this page with this name.",
            "name",
        ),
    ),
    personal=("search",),
)
TABLES: Final = (SAVED_VIEWS,)
