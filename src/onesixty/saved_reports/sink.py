"""The work of runs: read the report, send it, and note what became of it.

Rules kept here:
- rights are asked first, at each attempt. If they are gone, nothing is sent, and the report stops with the reason;
- a report is sent when the statistics have everything until its due time, or `PATIENCE_MS` later;
- a receiver gets a run again only after a crash between its answer and our note of it, with the same `webhook-id` or
  `Message-ID`;
- a mail that the server took for some recipients and not for others is partly delivered: those whom it refused are
  named, and get no other attempt, because the others would get the report twice;
- a run that could not be sent for `LIFE_MS` has failed, as has one that the receiver refused for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec
import structlog

from onesixty.core import times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.mail.postman import File, Postman, is_final
from onesixty.saved_reports import runs
from onesixty.saved_reports.files import file_of, mail_of
from onesixty.saved_reports.rights import GONE, Rights
from onesixty.saved_reports.runs import (
    DELIVERED,
    FAILED,
    PARTLY,
    POLICY,
    REFUSED,
    Ended,
    NewRunWork,
    Run,
)
from onesixty.saved_reports.service import SavedReports
from onesixty.saved_reports.tables import SavedReport
from onesixty.statistics.bodies import Report
from onesixty.store.contract import Row, Store
from onesixty.store.rows import Lost
from onesixty.store.units import StoreError, Unit
from onesixty.webhooks.poster import Answer
from onesixty.work.item import Item
from onesixty.work.lanes import Limits
from onesixty.work.sink import Outcome, Verdict
from onesixty.work.tasks import TaskSink

LIMITS: Final = Limits(waiting=200, waiting_of_lane=10, in_flight=4, batch=10, forget=0.0)
LIFE_MS: Final = 24 * 3_600_000
PATIENCE_MS: Final = 15 * 60_000
LONGEST_ERROR: Final = 2_000
#: Answers after which no other attempt is made.
_FOR_GOOD: Final = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})


class Post(Protocol):
    """Posts a file, signed (`webhooks.feature.WebhooksFeature.post`)."""

    async def __call__(
        self, tenant: Tenant, lane: str, url: str, id_: str, body: bytes, content_type: str
    ) -> Answer: ...


class _Again(Exception):
    """This attempt failed; another one may work."""


class _ForGood(Exception):
    """The run cannot be done."""


class ReportSink(TaskSink):
    """The sink of runs. `counted(result)` hears of each run that ends."""

    name = "report"
    insert = "report_work_insert"
    policy = POLICY

    def __init__(
        self,
        store: Store,
        reports: SavedReports,
        rights: Rights,
        *,
        postman: Postman | None,
        post: Post,
        clock: Clock,
        counted: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._store = store
        self._reports = reports
        self._rights = rights
        self._postman = postman
        self._post = post
        self._clock = clock
        self._counted = counted
        self._log = structlog.get_logger("onesixty.saved_reports")

    def new(self, row: Row) -> Item:
        return NewRunWork._make(row).item()

    async def attempt(self, item: Item) -> Outcome:
        run = await runs.read(self._store, item.subject)
        if run is None or run.ended_at is not None:
            return Outcome(Verdict.DONE)
        saved = await self._reports.rows.find(run.report_id)
        if saved is None or not saved.delivers:
            return await self._end(run, Ended(FAILED, run.tries, "The report is sent nowhere."))
        try:
            return await self._end(run, await self._delivered(run, saved))
        except _ForGood as error:
            return await self._end(run, Ended(FAILED, run.tries + 1, str(error)))
        except Problem as problem:
            if problem.code in GONE:
                await self._stop(saved, problem)
                return await self._end(run, Ended(REFUSED, run.tries + 1, _words(problem)))
            if not problem.kind.retryable:
                return await self._end(run, Ended(FAILED, run.tries + 1, _words(problem)))
            return await self._again(run, _words(problem))
        except _Again as error:
            return await self._again(run, str(error))
        except StoreError as error:
            if error.retryable:
                raise
            return await self._end(run, Ended(FAILED, run.tries + 1, str(error)))

    async def _delivered(self, run: Run, saved: SavedReport) -> Ended:
        """Send the report. Raises Problem, _Again and _ForGood."""
        caller = await self._rights.caller(saved)
        report = await self._reports.report(saved, caller, run.due_at)
        as_of = times.from_text(report.as_of)
        waited = self._clock.now_ms() - run.created_at
        if waited < PATIENCE_MS and (as_of < run.due_at or not report.complete):
            raise _Again("The statistics do not have everything yet.")
        file = file_of(saved, report, run.due_at)
        refused: Mapping[str, str] = {}
        if saved.url is not None:
            await self._to_url(run, saved, saved.url, file)
        else:
            refused = await self._by_mail(run, saved, report, file)
        named = "; ".join(f"{address}: {answer}" for address, answer in refused.items())
        return Ended(
            PARTLY if refused else DELIVERED,
            run.tries + 1,
            f"Refused for {named}"[:LONGEST_ERROR] if refused else None,
            len(report.data),
            report.left_out,
            len(file.content),
            as_of,
        )

    async def _to_url(self, run: Run, saved: SavedReport, url: str, file: File) -> None:
        answer = await self._post(saved.tenant, f"report {saved.id}", url, run.id, file.content, file.type)
        if answer.delivered:
            return
        told = answer.error or f"The receiver answered {answer.status}."
        raise _ForGood(told) if answer.status in _FOR_GOOD else _Again(told)

    async def _by_mail(self, run: Run, saved: SavedReport, report: Report, file: File) -> Mapping[str, str]:
        """Send a mail. Returns the answers for those whom the server refused."""
        if self._postman is None:
            raise _ForGood("No mail server is set up.")
        told = mail_of(saved, report)
        posted = await self._postman.deliver(saved.recipients, told, [file], about=run.id)
        if posted.error is not None:
            raise _ForGood(posted.error) if is_final(posted.error) else _Again(posted.error)
        return posted.refused

    async def _again(self, run: Run, reason: str) -> Outcome:
        if self._clock.now_ms() - run.created_at >= LIFE_MS:
            return await self._end(run, Ended(FAILED, run.tries + 1, reason))
        await self._write(run, "report_run_try", (run.id, run.tries + 1, reason))
        return Outcome(Verdict.AGAIN, error=reason)

    async def _end(self, run: Run, ended: Ended) -> Outcome:
        await self._write(run, *runs.ending(run, ended, self._clock.now_ms()))
        self._counted(ended.status)
        self._log.info(
            "report_run_ended", report=run.report_id, run=run.id, status=ended.status, reason=ended.error
        )
        return Outcome(Verdict.DONE)

    async def _write(self, run: Run, statement: str, params: Row) -> None:
        (result,) = await self._store.commit([Unit(keys=(run.id,), writes=((statement, params),))])
        if isinstance(result, StoreError):
            raise result

    async def _stop(self, saved: SavedReport, problem: Problem) -> None:
        """Stop a report whose maker lost the rights, unless somebody changed it meanwhile."""
        stopped = msgspec.structs.replace(
            saved, stopped_at=self._clock.now_ms(), stopped_reason=_words(problem)
        )
        try:
            await self._reports.rows.change(saved, stopped, writes=[("report_due_drop", (saved.id,))])
        except Lost:
            self._log.info("report_not_stopped", report=saved.id)


def _words(problem: Problem) -> str:
    return f"{problem.code}: {problem.detail}"
