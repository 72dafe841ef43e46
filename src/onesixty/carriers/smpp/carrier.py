"""A carrier over SMPP: its binds, its window, and when it reports what.

Rules kept here:
- a segment costs only its submit_sm: no task, no future, no timer. The context of the request is the
  (submission, segment) that the answer is reported for;
- a segment goes over the bind with the most free slots, so that a slow bind gets fewer;
- outcomes: an answer is read by the table of `statuses`. A time-out, or a link lost after the write: unknown. A
  link lost before the write, or no link at all: retryable. A bug of onesixty follows the same rule: retryable
  before the write, unknown after it;
- an outcome is never reported from within `submit`, and exactly once for each segment;
- PDUs of the SMSC are read leniently (`smpp.reading`), and what was tolerated is counted and logged;
- deliver_sm and data_sm are answered when the host has stored them (ESME_ROK) or could not store them
  (ESME_RX_T_APPN, and the SMSC offers them again);
- the host is told that there is room once in a turn of the loop, not once for each answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, cast

import structlog

from onesixty.carriers.host_turn import HostTurn
from onesixty.carriers.link_log import LinkLog
from onesixty.carriers.smpp.checkup import Checkup
from onesixty.carriers.smpp.plan import Plans
from onesixty.carriers.smpp.settings import VERSIONS, SmppSettings, tls_context, tls_name
from onesixty.carriers.smpp.statuses import DEFAULT, ReceiptErrors, outcome_kind, table_with
from onesixty.carriers.smpp.translate import inbound_of, receipt_of
from onesixty.carriers.waiting import NOT_WRITTEN, Entry, Waiting
from onesixty.core import outcomes
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import (
    BindState,
    CarrierHost,
    CarrierState,
    CheckOptions,
    Finding,
    Net,
    Refusal,
    Rendered,
    Submission,
)
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.backoff import BackoffConfig
from onesixty.smpp.client import Bind, BindConfig, BindHandler
from onesixty.smpp.errors import EncodeError, SmppError
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.link import Tap
from onesixty.smpp.network import LoopNetwork
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.reading import LENIENT
from onesixty.smpp.receipt import MAX_ID, parse_receipt
from onesixty.smpp.states import SessionConfig

#: message_id is unused in deliver_sm_resp but must be present (4.6.2).
_NO_ID: Final[dict[str, FieldValue]] = {"message_id": ""}


class SmppCarrier:
    """The connector of type "smpp"; see `core.contracts.Carrier` for what each method promises."""

    simulated = False

    def __init__(
        self,
        carrier_id: str,
        settings: SmppSettings,
        *,
        clock: Clock,
        random: Random,
        net: Net | None = None,
        name: Callable[[], str] | None = None,
    ) -> None:
        self.id = carrier_id
        self.throughput = float(settings.throughput)
        self.receipt_timeout_ms = int(settings.receipt_timeout_s * 1000)
        self._settings = settings
        self._clock = clock
        self._table = table_with(settings.command_status)
        self._errors = ReceiptErrors(settings.receipt_errors, settings.network_errors)
        self._plans = Plans(settings)
        self._losses = 0  # links lost: after a loss, a message over another link may be a repeat
        # The limit of a congested bind's segments in flight; 0 for a paused bind.
        self._congested: dict[Bind, int] = {}
        self._paused: frozenset[str] = frozenset()
        self._log = structlog.get_logger("onesixty.carriers.smpp")
        self._links = LinkLog(name or (lambda: carrier_id), clock)
        self._waiting = Waiting()
        self._last_error: str | None = None
        #: Since when each bind is bound or lost (epoch ms), and why it is lost.
        self._since: dict[Bind, tuple[int, str | None]] = {}
        self._tolerated = 0
        self._noted: set[str] = set()  # the kinds of PDUs that were already logged
        self._stopping = False
        self._host: CarrierHost
        self._turn = HostTurn(carrier_id)
        self._senders, self._receivers = _make_binds(settings, self, random, net)
        self._names = {bind: str(number) for number, bind in enumerate(self._binds, 1)}

    @property
    def _binds(self) -> list[Bind]:
        return [*self._senders, *self._receivers]

    # ------------------------------------------------------------ the contract

    async def start(self, host: CarrierHost) -> None:
        self._host = host
        self._turn.begin(host)
        for bind in self._binds:
            bind.start()

    async def stop(self, deadline: float) -> None:
        """Report the waiting segments first, since they were never written; then unbind each bind and wait for it."""
        self._stopping = True
        self._give_up(self._waiting.take_all())
        await asyncio.gather(*(bind.stop(deadline) for bind in self._binds))
        self._turn.report()

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        return self._plans.of(message.recipient).render(message, sender, concat_reference)

    def capacity(self) -> int:
        if self._stopping:
            return 0
        free = 0
        for bind in self._senders:
            free += bind.window_free if not self._congested else self._room(bind)
        return max(0, free - len(self._waiting))

    def submit(self, submission: Submission) -> None:
        for segment in submission.pending:
            bind = None if self._waiting else self._freest()
            if bind is not None:
                self._send(bind, submission, segment)
            elif not self._stopping and any(sender.bound for sender in self._senders):
                self._waiting.add(submission, segment)
            else:
                self._turn.outcome(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN))

    def receipt_error(self, code: str) -> str | None:
        """Look a receipt's code up in this carrier's own tables. Returns a code of the catalogue, or None."""
        return self._errors.of(code)

    def pause_binds(self, names: frozenset[str]) -> None:
        """See `core.contracts.Pausable`."""
        if names == self._paused:
            return
        for bind in self._senders:
            if self._names[bind] in names:
                self._congested[bind] = 0
            elif self._names[bind] in self._paused:
                self._congested.pop(bind, None)
        self._paused = names
        self._fill()
        self._turn.room()

    def state(self) -> CarrierState:
        bound = sum(bind.bound for bind in self._binds)
        return CarrierState(
            connected=bound > 0,
            binds=len(self._binds),
            binds_bound=bound,
            in_flight=sum(bind.in_flight for bind in self._senders),
            window=self._settings.window * len(self._senders),
            last_error=self._last_error,
            tolerated=self._tolerated,
        )

    def bind_states(self) -> list[BindState]:
        """See `core.contracts.HasBinds`."""
        found = []
        for bind, name in self._names.items():
            since, error = self._since.get(bind, (None, None))
            found.append(
                BindState(
                    name=name,
                    type=bind.config.bind,
                    bound=bind.bound,
                    since=since,
                    in_flight=bind.in_flight,
                    window=0 if bind in self._receivers else self._settings.window,
                    paused=name in self._paused,
                    last_error=None if bind.bound else error,
                )
            )
        return found

    @property
    def bind_names(self) -> tuple[str, ...]:
        """The names of its binds: "1" and on."""
        return tuple(self._names[one] for one in self._binds)

    def set_tap(self, tap: Tap | None, bind: str | None = None) -> bool:
        """Show every frame of one bind (by its name, "1" and on) or of all binds to `tap`, also on later
        connections; None removes the tap. Returns False if there is no such bind."""
        chosen = [one for one in self._binds if bind is None or self._names[one] == bind]
        for one in chosen:
            one.tap = tap
        return bool(chosen)

    async def check(self) -> list[Finding]:
        """See `core.contracts.Checkable`."""
        return await self.check_with(CheckOptions())

    async def check_with(self, options: CheckOptions) -> list[Finding]:
        """See `core.contracts.CheckableByUse`."""
        return await Checkup(self._settings, self._clock).run(options)

    # ------------------------------------------------------------ what the binds report

    def on_bound(self, bind: Bind, pdu: Pdu) -> None:
        """A bind is established."""
        if pdu.tolerated:
            self._note(bind, pdu)
        if all(other.bound for other in self._binds):
            self._last_error = None
        self._since[bind] = (self._clock.now_ms(), None)
        self._links.up(self._names[bind], f"{self._settings.host}:{self._settings.port}")
        self._fill()
        self._turn.room()

    def on_bind_failed(self, bind: Bind, reason: str, command_status: int | None, retry_in: float) -> None:
        """An attempt to bind failed; the bind tries again by itself."""
        self._last_error = f"bind {self._names[bind]}: {reason}"
        lost_at, _ = self._since.get(bind, (self._clock.now_ms(), None))
        self._since[bind] = (lost_at, reason)
        if not self._stopping:
            self._links.failed(self._names[bind], reason, retry_in)
        self._turn.room()

    def on_response(self, bind: Bind, context: object, pdu: Pdu) -> None:
        """An answer to a submit_sm arrived."""
        submission, segment = cast(Entry, context)
        try:
            outcome = self._outcome(bind, pdu)
        except Exception:  # a bug of onesixty says nothing about what the SMSC did with the segment
            self._log.exception("answer_not_understood", carrier=self.id, message_id=submission.message.id)
            outcome = Outcome(outcomes.UNKNOWN, code="outcome_unknown", bind=self._names[bind])
        self._host.outcome(submission, segment, outcome)
        if self._waiting:
            self._fall(submission, outcome)
            self._fill()
        self._turn.room()

    def _outcome(self, bind: Bind, pdu: Pdu) -> Outcome:
        """Turn an answer to a submit_sm into its outcome."""
        status = pdu.command_status
        if pdu.tolerated:
            self._note(bind, pdu)
        if status == c.ESME_ROK:
            id_ = pdu.text("message_id")[:MAX_ID] or None
            return Outcome(outcomes.ACCEPTED, carrier_message_id=id_, bind=self._names[bind])
        code = self._table.get(status, DEFAULT)
        return Outcome(
            outcome_kind(code), code=code, carrier_code=c.status_name(status), bind=self._names[bind]
        )

    def on_timeout(self, bind: Bind, context: object) -> None:
        """No answer came in time, counted from the write."""
        self._unknown(bind, cast(Entry, context))
        self._fill()
        self._turn.room()

    def on_request(self, bind: Bind, pdu: Pdu) -> None:
        """A deliver_sm or data_sm arrived: a receipt or a message from a handset."""
        if pdu.command_id == c.ALERT_NOTIFICATION:
            # This PDU (alert_notification) has no answer, and nothing here waits for a handset to become available.
            available = pdu.tlv_int(tlv.MS_AVAILABILITY_STATUS)
            self._log.info("alert_notification", carrier=self.id, ms_availability_status=available)
            return
        if pdu.tolerated:
            self._note(bind, pdu)
        receipt = parse_receipt(pdu, self._settings.loose_receipts)
        acknowledge = partial(_acknowledge, bind, pdu)
        if receipt is None and pdu.tolerated and not _says_anything(pdu):
            bind.respond(pdu, c.ESME_RINVCMDLEN, _NO_ID)
        elif receipt is not None:
            self._host.receipt(receipt_of(self.id, pdu, receipt, self._settings, self._errors), acknowledge)
        else:
            now = self._clock.now_ms()
            inbound = inbound_of(self.id, pdu, now, self._settings, str(self._losses))
            self._host.inbound(inbound, acknowledge)

    def on_congestion(self, bind: Bind, congestion_state: int) -> None:
        """The SMSC's load changed (5.0). From 90 on, less of the window is used; at 100 a single slot, so that the
        SMSC's next answer still comes and reports the end of the congestion."""
        if self._names[bind] in self._paused:
            return
        if congestion_state >= c.CONGESTION_NEAR:
            over = min(congestion_state, c.CONGESTION_FULL) - c.CONGESTION_NEAR
            share = 1 - over / (c.CONGESTION_FULL - c.CONGESTION_NEAR)
            self._congested[bind] = max(1, int(self._settings.window * share / 2))
        else:
            self._congested.pop(bind, None)
            self._fill()
        self._turn.room()

    def on_protocol_error(self, bind: Bind, error: ProtocolError) -> None:
        """The SMSC broke a rule and got an error in response. The link stays up unless `on_closed` follows."""
        self._last_error = f"bind {self._names[bind]}: {error.reason}"

    def on_closed(self, bind: Bind, reason: str, written: list[object], unwritten: list[object]) -> None:
        """A bind ended: what was written has no known outcome, and what was not written can be sent again."""
        self._losses += 1
        self._since[bind] = (self._clock.now_ms(), reason)
        if self._names[bind] not in self._paused:
            self._congested.pop(bind, None)
        if self._stopping:
            self._links.ended(self._names[bind])
        else:
            self._last_error = f"bind {self._names[bind]}: {reason}"
            self._links.lost(self._names[bind], reason, len(written))
        for context in written:
            self._unknown(bind, cast(Entry, context))
        self._give_up([cast(Entry, context) for context in unwritten])
        if not any(sender.bound for sender in self._senders):
            self._give_up(self._waiting.take_all())
        else:
            self._fill()
        self._turn.room()

    # ------------------------------------------------------------ inside

    def _note(self, bind: Bind, pdu: Pdu) -> None:
        """The SMSC sent a PDU that does not follow its layout: count it, and log it once for each kind of PDU."""
        self._tolerated += 1
        if pdu.name not in self._noted:
            self._noted.add(pdu.name)
            self._log.warning(
                "carrier_pdu_tolerated",
                carrier=self.id,
                bind=self._names[bind],
                command=pdu.name,
                tolerated="; ".join(pdu.tolerated),
            )

    def _room(self, bind: Bind) -> int:
        """The free slots of a bind, reduced if its SMSC reported congestion."""
        allowed = self._congested.get(bind)
        free = bind.window_free
        return free if allowed is None else min(free, max(0, allowed - bind.in_flight))

    def _freest(self) -> Bind | None:
        """Return the bound sender with the most free slots, or None."""
        best, most = None, 0
        if self._stopping:
            return None
        for bind in self._senders:
            free = bind.window_free if not self._congested else self._room(bind)
            if free > most:
                best, most = bind, free
        return best

    def _send(self, bind: Bind, submission: Submission, segment: int) -> None:
        try:
            plan = self._plans.only or self._plans.of(submission.message.recipient)
            body = plan.body(submission, segment)
            if body is not None:
                bind.submit_body(body, (submission, segment))
            else:
                fields, tlvs = plan.submit(submission, segment)
                bind.submit(fields, tlvs, (submission, segment))
        except EncodeError as error:
            # A value that no submit_sm can hold, such as a sender of 30 characters: a retry does not help.
            self._turn.outcome(
                submission,
                segment,
                Outcome(outcomes.PERMANENT, code="message_refused", carrier_code=str(error)[:64]),
            )
        except SmppError:  # the link was lost in this very turn
            self._turn.outcome(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN))
        except Exception:  # a bug of onesixty must not cost the segment its outcome; nothing was queued
            self._log.exception("submission_failed", carrier=self.id, message_id=submission.message.id)
            self._turn.outcome(submission, segment, Outcome(outcomes.RETRYABLE, code="carrier_busy"))

    def _fill(self) -> None:
        """Give free slots to the waiting segments."""
        while self._waiting:
            bind = self._freest()
            if bind is None:
                return
            submission, segment = self._waiting.take()
            if self._host.may_write(submission):
                self._send(bind, submission, segment)
            else:
                self._give_up([(submission, segment), *self._waiting.take_of(submission)])

    def _unknown(self, bind: Bind, entry: Entry) -> None:
        submission, segment = entry
        outcome = Outcome(outcomes.UNKNOWN, code="outcome_unknown", bind=self._names[bind])
        self._host.outcome(submission, segment, outcome)
        self._fall(submission, outcome)

    def _fall(self, submission: Submission, outcome: Outcome) -> None:
        for fallen in self._waiting.fall_with(submission, outcome):
            self._host.outcome(*fallen)

    def _give_up(self, entries: list[Entry]) -> None:
        """Report segments that were never written."""
        for submission, segment in entries:
            self._host.outcome(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN))


def _make_binds(
    settings: SmppSettings, handler: BindHandler, random: Random, net: Net | None
) -> tuple[list[Bind], list[Bind]]:
    """Make the binds that send, and those that only receive."""
    config = BindConfig(
        host=settings.host,
        port=settings.port,
        system_id=settings.system_id,
        password=settings.password,
        bind=settings.bind,
        system_type=settings.system_type,
        interface_version=VERSIONS[settings.interface_version],
        addr_ton=settings.addr_ton,
        addr_npi=settings.addr_npi,
        address_range=settings.address_range,
        tls=tls_context(settings),
        server_hostname=tls_name(settings) if settings.tls else None,
        connect_timeout=settings.bind_timeout_s,
        write_timeout=settings.response_timeout_s,
        session=SessionConfig(
            reading=LENIENT,
            window=settings.window,
            response_timeout=settings.response_timeout_s,
            session_init_timeout=settings.bind_timeout_s,
            enquire_link_interval=settings.enquire_link_s,
            enquire_link_timeout=min(settings.enquire_link_s, settings.response_timeout_s),
        ),
        backoff=BackoffConfig(
            base=settings.reconnect_min_s,
            cap=settings.reconnect_max_s,
            refused_base=settings.refused_min_s,
            refused_cap=settings.refused_max_s,
        ),
    )

    network = LoopNetwork(settings.source_ip) if net is None and settings.source_ip else net

    def make(bind: str) -> Bind:
        return Bind(replace(config, bind=bind), handler, random=random.random, network=network)

    senders = [] if settings.bind == "receiver" else [make(settings.bind) for _ in range(settings.binds)]
    receivers = settings.binds if settings.bind == "receiver" else settings.receivers
    return senders, [make("receiver") for _ in range(receivers)]


def _says_anything(pdu: Pdu) -> bool:
    """Whether a PDU that does not follow its layout names a number or has a text. Without these it is useless."""
    return bool(pdu.text("source_addr") or pdu.text("destination_addr") or pdu.message())


def _acknowledge(bind: Bind, pdu: Pdu, stored: bool) -> None:
    """Answer a deliver_sm or data_sm. If the link was lost in the meantime, the SMSC offers the PDU again."""
    bind.respond(pdu, c.ESME_ROK if stored else c.ESME_RX_T_APPN, _NO_ID)
