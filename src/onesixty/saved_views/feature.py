"""Saved views as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.saved_views.endpoints import saved_view_routes
from onesixty.saved_views.tables import SAVED_VIEWS
from onesixty.store.rows import Rows


class SavedViewsFeature(Feature):
    """Saved views. They are read from the database each time: people look at a list of views now and then."""

    cleaners = ("saved_views_forget",)

    def __init__(self, node: Context) -> None:
        self._node = node
        self._rows = Rows(
            SAVED_VIEWS, node.store, node.clock, node.ids, one="saved view", effects=node.row_effects
        )

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [saved_view_routes(self._rows, self._node.store, self._node.idempotency)]
