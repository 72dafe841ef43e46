"""The tables of configured carriers and routes."""

from __future__ import annotations

from typing import Final

from onesixty.core import ids
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.store.table import Table, Unique

CARRIERS: Final = Table(
    "carriers",
    CarrierConfig,
    prefix=ids.CARRIER,
    fixed=("type",),
    unique=(Unique("carriers_name_key", ("name",), "This name is already in use.", "name"),),
    named="name",
    oldest_first=True,
    tells="carriers",
    # All of them: which are secrets, only the connector knows, and URLs and headers may hold some too.
    sealed=("settings",),
    lost="{}",
    documents=("settings",),
)
ROUTES: Final = Table(
    "routes",
    RouteConfig,
    prefix=ids.ROUTE,
    columns={"match": "filters"},
    unique=(Unique("routes_name_key", ("name",), "This name is already in use.", "name"),),
    named="name",
    oldest_first=True,
    tells="routes",
    documents=("match", "carriers"),
)
#: The fields of a carrier in the settings file that are no settings of its connector.
BESIDE_SETTINGS: Final = ("name", "type", "enabled", "cost_per_segment", "currency")

TABLES: Final = (CARRIERS, ROUTES)
