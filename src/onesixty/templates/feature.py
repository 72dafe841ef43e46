"""Templates as a feature of a node: endpoints, and the approved versions in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.ops.metrics import Metrics
from onesixty.store.rows import Book, Rows
from onesixty.templates.endpoints import template_routes
from onesixty.templates.registering import FindAsked, nothing_asked
from onesixty.templates.sending import Sending
from onesixty.templates.service import Templates
from onesixty.templates.tables import TEMPLATES, VERSIONS


class TemplatesFeature(Feature):
    """Templates, and the texts of messages that are made from them."""

    def __init__(self, node: Context, asked: FindAsked = nothing_asked) -> None:
        """`asked` finds the ids of registrations that carriers ask for."""
        self._node = node
        self._asked = asked
        rows = Rows(TEMPLATES, node.store, node.clock, node.ids, one="template", effects=node.row_effects)
        versions = Rows(VERSIONS, node.store, node.clock, node.ids, one="version")
        self._templates = Templates(node.store, rows, versions)
        self._book = Book(rows)
        self.sending = Sending(self._book)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [template_routes(self._templates, self._node.idempotency, self._asked)]

    async def load(self) -> None:
        """See Feature."""
        await self._book.load()

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.templates.read_from(
            lambda: {
                (state,): count
                for state, count in Counter(one.state for one in self._book.by_id.values()).items()
            }
        )
