"""Retention as a feature of a node: data past its time is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.retention.keeper import Keep, Keeper
from onesixty.store.rounds import Rounds


class RetentionFeature(Feature):
    """Deletes data past its retention time, in the background."""

    def __init__(self, node: Context) -> None:
        settings = node.settings
        keep = Keep(
            events=settings.retention_events_days,
            messages=settings.retention_messages_days,
            records=settings.retention_records_days,
            refusals=settings.retention_refusals_days,
        )
        self._keeper = Keeper(node.store, keep, clock=node.clock, observer=node.observer)

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self._keeper.rounds]
