"""The SMPP generator: a customer with one or more binds that submits at a rate, or as fast as the window allows.

Rules kept here:
- each submit_sm has a recipient of its own; nothing is sent twice, whatever the outcome of the first;
- with a rate, messages are due at fixed times and latency counts from there, even while all windows are full;
- receipts are acknowledged at once and counted; after the last answer, the load waits a limited time for them.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Final

import msgspec

from onesixty import text as texts
from onesixty.load.bounds import Bounds, LoadError, check_connections, check_target
from onesixty.load.http import RECIPIENT_PREFIX, RECIPIENTS
from onesixty.load.pace import Pace
from onesixty.load.report import Report, Tally
from onesixty.numbers import InvalidSender, parse_sender
from onesixty.smpp import constants as c
from onesixty.smpp.client import Bind, BindConfig
from onesixty.smpp.errors import SessionError
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.states import SessionConfig

_BIND_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 5.0


class SmppTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where to bind, and with which credentials. `window` is per bind. Binds take turns between `port` and
    `more_ports`."""

    host: str
    port: int
    system_id: str
    password: str
    binds: int = 1
    window: int = 10
    more_ports: tuple[int, ...] = ()


class SmppLoad:
    """One run. Await `run()` once; `first` is the number of the first recipient. It is the handler of its binds."""

    def __init__(
        self,
        target: SmppTarget,
        bounds: Bounds,
        *,
        random: Callable[[], float],
        sender: str,
        text: str,
        receipts: bool = True,
        receipt_seconds: float = 10.0,
        first: int = 0,
        own_target: bool = False,
    ) -> None:
        bounds.check()
        check_connections(target.binds)
        check_target(target.host, own=own_target)
        self._bounds = bounds
        self._fields = _fields(sender, text, receipts=receipts)
        self._receipt_seconds = receipt_seconds if receipts else 0.0
        self._next = first
        self._tally = Tally(bounds)
        self._settled = 0  # messages that were answered or lost
        self._stopping = False
        self._refusal = ""
        self._changed = asyncio.Event()
        self._binds = [
            Bind(
                BindConfig(
                    target.host,
                    port,
                    target.system_id,
                    target.password,
                    session=SessionConfig(window=target.window),
                ),
                self,
                random=random,
            )
            for _, port in zip(range(target.binds), itertools.cycle((target.port, *target.more_ports)))
        ]

    async def run(self) -> Report:
        """Bind, submit, wait for answers and receipts, unbind, report. Raises LoadError if no bind succeeds."""
        for bind in self._binds:
            bind.start()
        pace: Pace | None = None
        try:
            if not await self._until(lambda: all(bind.bound for bind in self._binds), _BIND_SECONDS):
                raise LoadError(f"cannot bind: {self._refusal or 'no answer'}")
            self._tally.begin()
            if rate := self._bounds.rate:
                loop = asyncio.get_running_loop()
                pace = Pace(loop, self._pump, started=self._tally.started, rate=rate)
            self._pump()
            await self._until(self._all_answered, self._bounds.seconds)
            # Time may be up: nothing new is sent, and messages in flight get a moment to be answered.
            self._stopping = True
            if not await self._until(self._all_answered, _STOP_SECONDS):
                self._tally.unanswered("no answer at the end", self._tally.sent - self._settled)
            await self._until(lambda: self._tally.receipts >= self._tally.accepted, self._receipt_seconds)
        finally:
            self._stopping = True
            if pace is not None:
                pace.stop()
            await asyncio.gather(*(bind.stop(_STOP_SECONDS) for bind in self._binds))
        return self._tally.report()

    # ------------------------------------------------------------ BindHandler

    def on_bound(self, bind: Bind, pdu: Pdu) -> None:
        self._changed.set()
        if self._tally.started:
            self._pump()

    def on_bind_failed(self, bind: Bind, reason: str, command_status: int | None, retry_in: float) -> None:
        self._refusal = reason if command_status is None else c.status_name(command_status)

    def on_response(self, bind: Bind, context: object, pdu: Pdu) -> None:
        if not isinstance(context, float):
            return
        status = pdu.command_status
        self._tally.answered(c.status_name(status), context, accepted=status == c.ESME_ROK)
        self._settled += 1
        if not self._bounds.rate:
            self._pump()
        self._changed.set()

    def on_timeout(self, bind: Bind, context: object) -> None:
        self._lose("no answer in time", 1)

    def on_request(self, bind: Bind, pdu: Pdu) -> None:
        if pdu.command_id == c.DELIVER_SM:
            if pdu.number("esm_class") & c.ESM_TYPE_MASK == c.ESM_TYPE_DELIVERY_RECEIPT:
                self._tally.receipt()
            bind.respond(pdu)
            self._changed.set()
        else:
            bind.respond(pdu, c.ESME_RINVCMDID)

    def on_protocol_error(self, bind: Bind, error: ProtocolError) -> None:
        self._tally.unanswered("protocol errors by the server")

    def on_closed(self, bind: Bind, reason: str, written: list[object], unwritten: list[object]) -> None:
        self._lose("connection lost", len(written) + len(unwritten))

    # ------------------------------------------------------------ sending

    def _pump(self) -> None:
        """Fill the windows with the messages that are due."""
        now = time.monotonic()
        for bind in self._binds:
            while bind.window_free and not self._stopping and (due := self._tally.due(now)) is not None:
                number = f"{RECIPIENT_PREFIX}{self._next % RECIPIENTS:07d}"
                try:
                    bind.submit({**self._fields, "destination_addr": number}, context=due)
                except SessionError:
                    break
                self._tally.wrote(due, now)
                self._next += 1

    def _all_answered(self) -> bool:
        return self._settled >= self._tally.sent and (self._stopping or self._tally.all_sent)

    def _lose(self, why: str, number: int) -> None:
        self._settled += number
        if number:
            self._tally.unanswered(why, number)
        self._changed.set()

    async def _until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait until `done` is true; it is evaluated after each event. Returns False after `seconds`."""
        deadline = time.monotonic() + seconds
        while not done():
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), deadline - time.monotonic())
            except TimeoutError:
                return done()
        return True


def _fields(sender: str, text: str, *, receipts: bool) -> dict[str, FieldValue]:
    """Return the submit_sm fields that all messages share. Raises LoadError for values that do not fit."""
    rendering = texts.render(text, "auto")
    if len(rendering.segments) != 1:
        raise LoadError("the text must fit one segment")
    try:
        source = parse_sender(sender)
    except InvalidSender as error:
        raise LoadError(f"{sender!r} is not a valid sender: {error}") from None
    return {
        "source_addr_ton": source.ton,
        "source_addr_npi": source.npi,
        "source_addr": source.address,
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "registered_delivery": c.RECEIPT_FINAL if receipts else c.RECEIPT_NONE,
        "data_coding": rendering.data_coding,
        "short_message": rendering.segments[0].payload,
    }
