"""The ESME on asyncio: a `Bind` keeps one connection to an SMSC bound.

Callbacks instead of futures: a request costs no task and no future. The loop calls the handler's functions,
which must not block; they get the context object that was given with the request. A bind that is lost reconnects
by itself, after a back-off with jitter. Requests that were in flight are reported as either written (outcome
unknown) or unwritten (safe to send again); they are never resent here.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Protocol

from onesixty.smpp import codec, states, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.backoff import Backoff
from onesixty.smpp.bind_config import BIND_COMMAND_OF, BindConfig
from onesixty.smpp.errors import InvalidStateError, NotConnectedError
from onesixty.smpp.events import (
    BindRefused,
    Bound,
    Closed,
    Event,
    ProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
)
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.link import Link, Tap
from onesixty.smpp.network import LoopNetwork, Network, reason_of
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.tlv import Tlv

__all__ = ["BIND_COMMAND_OF", "Bind", "BindConfig", "BindHandler", "CongestionHandler"]


class CongestionHandler(Protocol):
    """An optional part of a BindHandler, for the SMSC's load."""

    def on_congestion(self, bind: "Bind", congestion_state: int) -> None:
        """The SMSC's congestion_state (5.0, 4.8.4.18) changed: 0 idle to 100 overloaded. An answer without a
        congestion_state counts as 0."""


class BindHandler(Protocol):
    """The events of a bind. Plain functions; none may block."""

    def on_bound(self, bind: "Bind", pdu: Pdu) -> None:
        """The SMSC accepted the bind; `pdu` is its response."""

    def on_bind_failed(self, bind: "Bind", reason: str, command_status: int | None, retry_in: float) -> None:
        """The bind failed; `command_status` is set if the SMSC refused it. The next attempt follows in `retry_in`
        seconds."""

    def on_response(self, bind: "Bind", context: object, pdu: Pdu) -> None:
        """A request was answered: by its own response or by a generic_nack."""

    def on_timeout(self, bind: "Bind", context: object) -> None:
        """No answer came in time after the write: the outcome is unknown."""

    def on_request(self, bind: "Bind", pdu: Pdu) -> None:
        """A deliver_sm, data_sm or alert_notification came; answer it with `bind.respond`, now or later."""

    def on_protocol_error(self, bind: "Bind", error: ProtocolError) -> None:
        """The SMSC broke a rule and got an answer; for the log."""

    def on_closed(self, bind: "Bind", reason: str, written: list[object], unwritten: list[object]) -> None:
        """A bind that was established has ended. See events.Closed for the two lists."""


class Bind:
    """One bind that is kept up from `start` to `stop`.

    Raises EncodeError if a field of the bind does not fit, InvalidStateError for an unknown kind of bind.
    """

    def __init__(
        self,
        config: BindConfig,
        handler: BindHandler,
        *,
        random: Callable[[], float],
        network: Network | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        if config.bind not in BIND_COMMAND_OF:
            raise InvalidStateError(f"no bind is called {config.bind}")
        self.config = config
        self._bind_fields: dict[str, FieldValue] = {
            "system_id": config.system_id,
            "password": config.password,
            "system_type": config.system_type,
            "interface_version": config.interface_version,
            "addr_ton": config.addr_ton,
            "addr_npi": config.addr_npi,
            "address_range": config.address_range,
        }
        # Check the fields now, so that a value that does not fit fails here and not at the first connection.
        codec.encode(Pdu(BIND_COMMAND_OF[config.bind], 0, 1, self._bind_fields))
        self._handler = handler
        self._network: Network = LoopNetwork() if network is None else network
        self._clock = clock
        self._backoff = Backoff(config.backoff, random)
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._ended: asyncio.Future[float] | None = None  # its result is the delay before the next attempt
        self._bound_at = math.nan
        self._refusal: int | None = None
        self._tap = config.tap
        self.congestion_state: int | None = None  # the last value that the SMSC sent over this connection
        on_congestion = getattr(handler, "on_congestion", None)
        self._on_congestion: Callable[[Bind, int], None] | None = on_congestion

    # ------------------------------------------------------------ its life

    def start(self) -> None:
        """Start connecting; needs a running loop. A failure to connect is a state, not an error."""
        if self._task is None:
            self._stopping.clear()
            if self._clock is None:
                self._clock = asyncio.get_running_loop().time
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self, timeout: float) -> None:
        """Accept no new requests, wait for those in flight, unbind, close. After `timeout` seconds, cut the
        connection."""
        self._stopping.set()
        task = self._task
        if task is None:
            return
        link = self._link
        if link is not None and link.connected:
            link.unbind()
        await asyncio.wait((task,), timeout=timeout)
        if not task.done():
            if self._link is not None:
                self._link.abort("stopped")
            task.cancel()
            await asyncio.wait((task,))
        self._task = None

    # ------------------------------------------------------------ its state

    @property
    def bound(self) -> bool:
        """Whether requests can be sent."""
        return self._link is not None and self._link.session.bound

    @property
    def window_free(self) -> int:
        """How many more requests fit into the window; 0 while not bound."""
        return 0 if self._link is None else self._link.session.window_free

    @property
    def in_flight(self) -> int:
        """The number of requests without an answer."""
        return 0 if self._link is None else self._link.session.in_flight

    @property
    def link(self) -> Link | None:
        """The current connection, for metrics; None if there is none."""
        return self._link

    @property
    def tap(self) -> Tap | None:
        """Sees every frame; None for no tap. May be set and removed at any time, and stays set for later
        connections."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._tap = tap
        if self._link is not None:
            self._link.tap = tap

    # ------------------------------------------------------------ sending

    def submit(
        self, fields: dict[str, FieldValue], tlvs: tuple[Tlv, ...] = (), context: object = None
    ) -> int:
        """Queue a submit_sm; it is written at the end of the loop's turn. Returns its sequence.

        Raises NotConnectedError, InvalidStateError, WindowFullError or EncodeError; in each case nothing was queued.
        """
        return self.send(Pdu(c.SUBMIT_SM, 0, 0, fields, tlvs), context)

    def submit_body(self, body: bytes, context: object = None) -> int:
        """Queue a submit_sm whose body a template made (`templates`). As `submit`."""
        link = self._link
        if link is None:
            raise NotConnectedError("not connected")
        return link.send_body(c.SUBMIT_SM, body, context)

    def send(self, pdu: Pdu, context: object = None) -> int:
        """Queue any request that an ESME may send. As `submit`."""
        link = self._link
        if link is None:
            raise NotConnectedError("not connected")
        return link.send(pdu, context)

    def respond(
        self,
        request: Pdu,
        command_status: int = c.ESME_ROK,
        fields: dict[str, FieldValue] | None = None,
        tlvs: tuple[Tlv, ...] = (),
    ) -> bool:
        """Answer a request. Returns False if that is no longer possible: it was answered, or its connection is
        gone."""
        return self._link is not None and self._link.respond(request, command_status, fields, tlvs)

    # ------------------------------------------------------------ LinkOwner

    def on_link_made(self, link: Link) -> None:
        """LinkOwner: connected, so send the bind."""
        self._link = link
        self.congestion_state = None
        if self._tap is not None:
            link.tap = self._tap
        link.session.bind(BIND_COMMAND_OF[self.config.bind], self._bind_fields)

    def on_link_event(self, link: Link, event: Event) -> None:
        """LinkOwner: translate events into the handler's calls."""
        if isinstance(event, ResponseReceived):
            if event.pdu.tlvs or self.congestion_state is not None:
                self._hear_congestion(event.pdu)
            self._handler.on_response(self, event.context, event.pdu)
        elif isinstance(event, RequestReceived):
            self._handler.on_request(self, event.pdu)
        elif isinstance(event, ResponseTimedOut):
            self._handler.on_timeout(self, event.context)
        elif isinstance(event, Bound):
            self._bound_at = self._now()
            self._handler.on_bound(self, event.pdu)
            self._hear_congestion(event.pdu)
        elif isinstance(event, BindRefused):
            self._refusal = event.pdu.command_status
        elif isinstance(event, ProtocolError):
            self._handler.on_protocol_error(self, event)
        elif isinstance(event, Closed):
            self._on_closed(event)

    # ------------------------------------------------------------ inside

    def _hear_congestion(self, pdu: Pdu) -> None:
        state = pdu.tlv_int(tlv.CONGESTION_STATE)
        if state is None:
            # An SMSC may send its congestion_state only while there is congestion. A refusal has no TLV for it.
            if self.congestion_state is not None and pdu.command_status == c.ESME_ROK:
                self.congestion_state = None
                if self._on_congestion is not None:
                    self._on_congestion(self, c.CONGESTION_IDLE)
            return
        if state != self.congestion_state:
            self.congestion_state = state
            if self._on_congestion is not None:
                self._on_congestion(self, state)

    def _on_closed(self, event: Closed) -> None:
        was_bound = not math.isnan(self._bound_at)
        refusal = self._refusal
        if was_bound:
            self._backoff.lived(self._now() - self._bound_at)
        delay = self._backoff.failed() if refusal is None else self._backoff.refused()
        self._bound_at = math.nan
        self._refusal = None
        self._link = None
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(delay)
        if was_bound:
            self._handler.on_closed(self, event.reason, event.written, event.unwritten)
        else:
            self._handler.on_bind_failed(self, event.reason, refusal, delay)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            delay = await self._connect_once()
            if not self._stopping.is_set():
                await self._pause(delay)

    async def _connect_once(self) -> float:
        """Run one connection from its start to its end. Returns the delay before the next."""
        config = self.config
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        try:
            async with asyncio.timeout(config.connect_timeout):
                await self._network.connect(
                    self._make_link,
                    config.host,
                    config.port,
                    tls=config.tls,
                    server_hostname=config.server_hostname if config.tls is not None else None,
                )
        except (
            OSError,
            ValueError,
        ) as error:  # TimeoutError and SSLError are OSErrors; ValueError: a bad host
            if self._link is not None:  # connected, and then lost before the handshake was reported
                self._link.abort("connect failed")
                return await self._ended
            delay = self._backoff.failed()
            try:
                self._handler.on_bind_failed(self, f"connect failed: {reason_of(error)}", None, delay)
            except Exception as failure:
                loop.call_exception_handler({"message": "SMPP: on_bind_failed failed", "exception": failure})
            return delay
        if self._stopping.is_set() and self._link is not None:
            self._link.unbind()
        return await self._ended

    def _make_link(self) -> Link:
        return Link(
            states.ESME,
            self.config.session,
            self,
            loop=asyncio.get_running_loop(),
            clock=self._now,
            write_timeout=self.config.write_timeout,
        )

    async def _pause(self, delay: float) -> None:
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((stop,), timeout=delay)
        finally:
            stop.cancel()

    def _now(self) -> float:
        return asyncio.get_running_loop().time() if self._clock is None else self._clock()
