"""The time zones of a report: that of its schedule and that of its query, by default the account's."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from onesixty.accounts.service import Accounts
from onesixty.saved_reports.tables import SavedReport
from onesixty.statistics.reporting import zone_of


class Zones:
    """Finds time zones. Raises Problem for a name that is none."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def of(self, report: SavedReport) -> ZoneInfo:
        """The zone of its schedule, or that of its query."""
        named = None if report.schedule is None else report.schedule.zone
        return self._zone(named or report.query.zone, report.account_id)

    def of_query(self, report: SavedReport) -> ZoneInfo:
        """The zone of its days and months."""
        return self._zone(report.query.zone, report.account_id)

    def _zone(self, name: str | None, account_id: str) -> ZoneInfo:
        account = self._accounts.book.get(account_id)
        return zone_of(name or ("UTC" if account is None else account.time_zone))
