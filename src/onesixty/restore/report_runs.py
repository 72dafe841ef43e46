"""The runs of saved reports in a restored database: those that may have been sent after the backup are left out.

Rules kept here:
- a run that had not ended may have been sent since: it ends as failed, and says why. A person can run the report
  again;
- a due time that has passed since may have had its run: the schedule goes on with the next one;
- repeating this step changes nothing.
"""

from __future__ import annotations

import secrets
from typing import Final

from onesixty.accounts.service import Accounts
from onesixty.core.clock import Clock
from onesixty.core.ids import IdSource
from onesixty.saved_reports.planner import Planner
from onesixty.saved_reports.runs import FAILED
from onesixty.saved_reports.tables import SAVED_REPORTS
from onesixty.saved_reports.zones import Zones
from onesixty.store.contract import Store
from onesixty.store.rows import Rows

REASON: Final = "The database was restored from a backup: the report may have been sent since."


async def leave_out(store: Store, clock: Clock, id_source: IdSource) -> int:
    """Leave out the runs that may have been sent. Returns how many. Raises StoreError."""
    accounts = Accounts(store, clock, id_source, secrets.token_bytes)
    await accounts.load()
    ended = await store.execute("report_runs_stop", status=FAILED, error=REASON, now=clock.now_ms())
    reports = Rows(SAVED_REPORTS, store, clock, id_source, one="saved report")
    passed = await Planner(store, reports, Zones(accounts), clock, id_source).pass_over()
    return len(ended) + passed
