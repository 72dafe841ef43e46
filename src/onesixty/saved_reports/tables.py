"""The table of saved reports. Times are epoch milliseconds."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.core.tenant import Tenant
from onesixty.saved_reports.shapes import Format, SavedQuery, Schedule, Span
from onesixty.store.table import Table


class SavedReport(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `saved_reports`.

    It runs in the name of `runs_as`, who made or last changed it: an actor as text, whose own account is `home` if
    that is another one. `stopped_at` is set when that actor lost the rights for it.
    """

    id: str
    account_id: str
    test: bool
    name: str
    query: SavedQuery
    span: Span
    format: Format
    schedule: Schedule | None = None
    recipients: tuple[str, ...] = ()
    url: str | None = None
    enabled: bool = True
    runs_as: str
    home: str | None = None
    stopped_at: int | None = None
    stopped_reason: str | None = None
    version: int = 1
    created_at: int

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the report."""
        return Tenant(self.account_id, self.test)

    @property
    def delivers(self) -> bool:
        """Whether it is sent anywhere."""
        return bool(self.recipients or self.url)

    @property
    def runs(self) -> bool:
        """Whether its schedule counts."""
        return self.enabled and self.stopped_at is None and self.schedule is not None and self.delivers


SAVED_REPORTS: Final = Table(
    "saved_reports",
    SavedReport,
    prefix=ids.SAVED_REPORT,
    owner=("account_id", "test"),
    fixed=("account_id", "test"),
    personal=("recipients",),
)
TABLES: Final = (SAVED_REPORTS,)
