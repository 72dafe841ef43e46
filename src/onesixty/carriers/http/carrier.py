"""A carrier over HTTP: sends requests within its window, and decides when to report what.

Rules kept here:
- a message is one request, however many segments it has: the provider cuts it. Each segment gets the outcome of
  the request, and the provider's id;
- "connected" means that the provider could be reached at the last attempt. After a failure, the carrier probes
  it again with growing pauses; until a probe succeeds, messages go to other carriers;
- outcomes: an answer is read by the tables of the link. If there is no answer, if it could not be understood, or
  if the connection was lost after the request was written: unknown. If that happened before: retryable. A bug of
  onesixty follows the same rule;
- after a throttled answer, waiting submissions are not written, so that the whole link slows down;
- an outcome is never reported from within `submit`, and exactly once for each segment;
- a provider's call is answered when all that it reports is on disk (promise 4). The reports are read and handed
  over in slices, so that a call with thousands of reports is taken whole and does not delay other work.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlsplit

import structlog

from onesixty.carriers.host_turn import HostTurn
from onesixty.carriers.http import callbacks, checkup, requests
from onesixty.carriers.http.answers import Answer, Reader
from onesixty.carriers.http.link import HeldBack, Link, NotWritten, Unanswered, reason_of
from onesixty.carriers.http.oauth import TokenRefused, Tokens
from onesixty.carriers.http.paths import each_of, slices
from onesixty.carriers.http.requests import Place, Request
from onesixty.carriers.http.settings import HttpSettings
from onesixty.carriers.http.signatures import genuine
from onesixty.carriers.link_log import LinkLog
from onesixty.carriers.waiting import NOT_WRITTEN
from onesixty.core import outcomes
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import (
    INBOUND,
    RECEIPTS,
    Acknowledge,
    CallbackAnswer,
    CallbackRequest,
    CarrierHost,
    CarrierState,
    Finding,
    Refusal,
    Rendered,
    Submission,
)
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome

BIND: Final = "http"

#: Seconds for which a provider's call waits until its reports are on disk.
STORED_WITHIN: Final = 20.0

_Report = TypeVar("_Report")


class HttpCarrier:
    """The connector of type "http" and of all profiles; see `core.contracts.Carrier` and `Callbacks`."""

    simulated = False

    def __init__(
        self,
        carrier_id: str,
        settings: HttpSettings,
        *,
        clock: Clock,
        random: Random,
        public_url: str = "",
        name: Callable[[], str] | None = None,
    ) -> None:
        self.id = carrier_id
        self.throughput = float(settings.throughput)
        self.receipt_timeout_ms = int(settings.receipt_timeout_s * 1000)
        self._settings = settings
        self._clock = clock
        self._random = random
        self._public_url = public_url
        self._reader = Reader(settings.answer)
        self._placeholders = requests.placeholders_of(settings)
        self._tokens = Tokens(settings, clock)
        self._waiting: deque[Submission] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._up = False
        self._stopping = False
        self._turning_away = False
        self._last_error: str | None = None
        self._log = structlog.get_logger("onesixty.carriers")
        self._links = LinkLog(name or (lambda: carrier_id), clock)
        self._link: Link | None = None
        self._host: CarrierHost
        self._loop: asyncio.AbstractEventLoop
        self._turn = HostTurn(carrier_id)

    # ------------------------------------------------------------ the contract

    async def start(self, host: CarrierHost) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._turn.begin(host)
        self._link = Link(self._settings, self._settings.url, self._clock)
        self._look()

    async def stop(self, deadline: float) -> None:
        """Report the waiting submissions first, since they were never written; then wait for the requests in
        flight."""
        self._stopping = True
        self._up = False
        if self._link is None:
            return
        self._give_up(Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND))
        if self._looking is not None:
            self._looking.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=deadline)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        self._turn.report()
        await self._link.close()

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        return requests.render(message, sender, self._placeholders)

    def capacity(self) -> int:
        if not self._up:
            return 0
        return max(0, self._settings.window - len(self._tasks) - len(self._waiting))

    def submit(self, submission: Submission) -> None:
        if not self._up or self._link is None:
            self._refuse(submission, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND))
        elif len(submission.pending) < submission.rendered.units:
            # Another connector sent a part of it, but over HTTP a message can only be sent whole.
            self._refuse(submission, Outcome(outcomes.PERMANENT, code="carrier_cannot_carry", bind=BIND))
        elif self._waiting or len(self._tasks) >= self._settings.window:
            self._waiting.append(submission)
        else:
            self._send(submission, self._link)

    def state(self) -> CarrierState:
        return CarrierState(
            connected=self._up,
            binds=1,
            binds_bound=int(self._up),
            in_flight=len(self._tasks),
            window=self._settings.window,
            last_error=self._last_error,
        )

    # ------------------------------------------------------------ calls of the provider

    async def called(self, request: CallbackRequest) -> CallbackAnswer:
        """See `core.contracts.Callbacks`."""
        if not genuine(self._settings, request, self._clock.now_ms() // 1000):
            if not self._turning_away:  # log only the first of several bad calls; a good call resets this
                self._turning_away = True
                self._log.warning(
                    "call_refused",
                    carrier=self.id,
                    kind=request.kind,
                    known_by=self._settings.callback_signature,
                )
            raise Problem("unauthorized", "The signature or token of this call is invalid.")
        self._turning_away = False
        if self._link is None:
            raise Problem("unavailable", "This carrier is still starting. Call again.", retry_after=5)
        try:
            async with asyncio.timeout(STORED_WITHIN):
                stored = await self._store(request)
        except TimeoutError:
            stored = False
        if not stored:
            raise Problem("unavailable", "The call could not be stored. Call again.", retry_after=5)
        return CallbackAnswer(
            body=self._settings.callback_answer.encode(),
            content_type=self._settings.callback_answer_type.encode(),
        )

    async def _store(self, request: CallbackRequest) -> bool:
        """Hand over the reports of a call, a slice at a time, so that thousands of them do not delay other work.
        Returns False as soon as a slice could not be stored; reports that were stored are recognized when the
        provider repeats the call.

        If a provider has only one URL for both kinds of report, their words tell them apart (`when`).
        """
        settings = self._settings
        document = callbacks.document_of(request)
        if request.kind == RECEIPTS or settings.receipts.when:
            for reports in slices(each_of(document, settings.receipts.each)):
                receipts = callbacks.receipts_of(reports, settings.receipts, self.id)
                if not await self._handed(self._host.receipt, receipts):
                    return False
        if request.kind == INBOUND or settings.inbound.when:
            for reports in slices(each_of(document, settings.inbound.each)):
                messages = callbacks.inbound_of(reports, settings.inbound, self.id, self._clock.now_ms())
                if not await self._handed(self._host.inbound, messages):
                    return False
        return True

    async def _handed(self, take: Callable[[_Report, Acknowledge], None], reports: list[_Report]) -> bool:
        """Whether all of these reports are on disk."""
        stored = [self._loop.create_future() for _ in reports]
        for report, future in zip(reports, stored, strict=True):
            take(report, partial(_stored, future))
        return all(await asyncio.gather(*stored))

    def receipt_error(self, code: str) -> str | None:
        """See `core.contracts.ReadsErrors`."""
        return self._settings.receipts.errors.get(code)

    async def check(self) -> list[Finding]:
        """See `core.contracts.Checkable`."""
        return await checkup.check(self._settings, self._clock, self._public_url)

    # ------------------------------------------------------------ submissions

    def _send(self, submission: Submission, link: Link) -> None:
        task = self._loop.create_task(self._go(submission, link))
        self._tasks.add(task)

    async def _go(self, submission: Submission, link: Link) -> None:
        segments = submission.rendered.units
        try:
            results = await self._outcomes(submission, link, segments)
        except HeldBack:
            results = [Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN)] * segments
        except NotWritten as error:
            self._went_down(str(error))
            results = [Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN)] * segments
        except Unanswered as error:
            if error.lost:
                self._went_down(str(error))
            else:
                self._last_error = str(error)
            if error.__cause__ is not None:
                self._tell_fault(submission)
            results = [Outcome(outcomes.UNKNOWN, code="outcome_unknown")] * segments
        except Exception as error:
            # Nothing was written. Not NOT_WRITTEN: the link is fine, so the message waits before the next attempt.
            self._last_error = type(error).__name__
            self._tell_fault(submission)
            results = [Outcome(outcomes.RETRYABLE, code="carrier_busy")] * segments
        self._tasks.discard(asyncio.current_task())
        self._report(submission, results)

    def _tell_fault(self, submission: Submission) -> None:
        """Log the current exception: it is a bug of onesixty, and the message still needs an outcome."""
        self._log.exception("submission_failed", carrier=self.id, message_id=submission.message.id)

    async def _outcomes(self, submission: Submission, link: Link, segments: int) -> list[Outcome]:
        """Send the request and return the outcome of each segment. Raises NotWritten or Unanswered; any other
        exception comes only before the request is written."""
        token = ""
        if self._settings.auth == "oauth2":
            try:
                token = await self._tokens.get(link.session)
            except asyncio.CancelledError:
                raise NotWritten("shutting down") from None
            except TokenRefused as error:
                self._last_error = str(error)
                return [Outcome(outcomes.RETRYABLE, code="carrier_busy", carrier_code="token")] * segments
            except Exception as error:
                raise NotWritten(reason_of(error)) from None
        try:
            request = self._request(submission, token)
        except ValueError as error:
            refused = Outcome(outcomes.PERMANENT, code="message_refused", carrier_code=str(error)[:64])
            return [refused] * segments
        answer = await link.send(request, partial(self._host.may_write, submission))
        try:
            return self._understood(answer, token, segments)
        except Exception as error:
            raise Unanswered(type(error).__name__, lost=False) from error

    def _understood(self, answer: Answer, token: str, segments: int) -> list[Outcome]:
        if answer.status == 401:
            self._last_error = "the provider refused the credentials"
            if token:
                self._tokens.forget()
                return [Outcome(outcomes.RETRYABLE, code="carrier_busy", carrier_code="http 401")] * segments
        return self._reader.outcomes(answer, segments)

    def _request(self, submission: Submission, token: str) -> Request:
        settings = self._settings
        place = Place(
            callback_url=self._url_of(RECEIPTS) if settings.callbacks else "",
            inbound_url=self._url_of(INBOUND) if settings.callbacks else "",
            now_ms=self._clock.now_ms(),
            nonce=f"{self._random.getrandbits(128):032x}",
        )
        return requests.request_of(settings, requests.values_of(submission, settings, place), token)

    def _url_of(self, kind: str) -> str:
        token = self._settings.callback_token
        return f"{self._public_url}/v1/carriers/{self.id}/{kind}" + (f"/{token}" if token else "")

    # ------------------------------------------------------------ outcomes

    def _report(self, submission: Submission, results: list[Outcome]) -> None:
        throttled: Outcome | None = None
        for segment in list(submission.pending):
            outcome = results[segment]
            outcome.bind = BIND
            self._host.outcome(submission, segment, outcome)
            if outcome.kind == outcomes.THROTTLED:
                throttled = outcome
            elif outcome.kind == outcomes.ACCEPTED and self._up:
                self._last_error = None
        if throttled is not None:
            self._give_up(throttled)
        self._fill()
        self._turn.room()

    def _fill(self) -> None:
        while self._waiting and self._link is not None and len(self._tasks) < self._settings.window:
            submission = self._waiting.popleft()
            if self._host.may_write(submission):
                self._send(submission, self._link)
            else:
                self._never_written(submission, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND))

    def _give_up(self, outcome: Outcome) -> None:
        """Report everything that waits: it was never written."""
        waiting, self._waiting = self._waiting, deque()
        for submission in waiting:
            self._never_written(submission, outcome)

    def _never_written(self, submission: Submission, outcome: Outcome) -> None:
        for segment in list(submission.pending):
            self._host.outcome(submission, segment, outcome)

    def _refuse(self, submission: Submission, outcome: Outcome) -> None:
        for segment in submission.pending:
            self._turn.outcome(submission, segment, outcome)

    # ------------------------------------------------------------ up and down

    def _went_down(self, reason: str) -> None:
        self._last_error = reason
        if self._stopping or self._looking is not None:
            return
        self._up = False
        self._links.lost(BIND, reason, len(self._tasks))
        self._give_up(Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND))
        self._look()

    def _look(self) -> None:
        self._looking = self._loop.create_task(self._look_for_it())

    async def _look_for_it(self) -> None:
        assert self._link is not None
        pause = self._settings.reconnect_min_s
        while True:
            try:
                await self._link.reach()
                break
            except (OSError, ssl.SSLError) as error:
                self._last_error = reason_of(error)
                self._turn.room()
            rest = pause * (0.5 + self._random.random())
            self._links.failed(BIND, self._last_error or "", rest)
            await asyncio.sleep(rest)
            pause = min(pause * 2, self._settings.reconnect_max_s)
        self._looking = None
        if not self._stopping:
            self._up = True
            self._last_error = None
            self._links.up(BIND, urlsplit(self._settings.url).netloc)
            self._turn.room()


def _stored(future: asyncio.Future[bool], stored: bool) -> None:
    if not future.done():
        future.set_result(stored)
