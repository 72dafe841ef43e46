"""The table of shelves."""

import msgspec

from onesixty.store.table import Table, Unique


class Shelf(msgspec.Struct, kw_only=True, frozen=True):
    id: str
    account_id: str
    test: bool
    name: str
    colour: str = "white"
    labels: tuple[str, ...] = ()
    size: dict[str, int] = {}
    note: str | None = None
    lit: bool = False
    version: int = 1
    created_at: int


SHELVES = Table(
    "shelves",
    Shelf,
    prefix="shf",
    owner=("account_id", "test"),
    filters=("colour", "lit", "labels"),
    unique=(Unique("shelves_name", ("account_id", "name"), "This name is already in use.", "name"),),
    named="name",
)
TABLES = (SHELVES,)
