"""The access log as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.core.contracts import Effect
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.reports.access_log import AccessLog


class AccessLogFeature(Feature):
    """A log line for each message that reached a final status, if the settings ask for it."""

    def __init__(self, node: Context) -> None:
        self._log: AccessLog | None = None
        if node.settings.access_log:
            self._log = AccessLog(node.observer.carrier_name)
            node.store.subscribe("event_insert", self._log.committed)

    def effects(self) -> Sequence[Effect]:
        """See Feature."""
        return [] if self._log is None else [self._log]
