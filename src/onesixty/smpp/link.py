"""One SMPP connection on asyncio: a session with a transport. Client and server share it.

- All frames of a read are handled together; the output that they cause is written once, at the end of the read
  or of the loop's turn. A long read is handled in slices, one in each turn of the loop, and nothing more is read
  until it is done: a peer that floods its connection slows down only itself.
- While the transport holds back output (its buffer is not empty), the session hands out nothing, so requests
  waiting here still count as unwritten. If that lasts longer than `write_timeout`, the connection is aborted.
- The session answers some PDUs itself (enquire_link, malformed or misplaced PDUs). A peer that sends more of
  them than `self_answered_per_second` is answered, but then not read for as long as that many should have taken,
  up to 10 s.
- If a timer fires late because the loop was busy, or fires while the peer is not read, waiting reads are handled
  first: a slow handler must not make the peer look silent.
- If an owner's callback raises, the connection and the other events go on: the exception goes to the loop's
  exception handler, and a request is answered with ESME_RSYSERR.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol, cast

from onesixty.smpp import constants as c
from onesixty.smpp import states
from onesixty.smpp.events import BindReceived, Closed, Event, RequestReceived
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.session import Session
from onesixty.smpp.session_base import FrameTap
from onesixty.smpp.states import SessionConfig
from onesixty.smpp.tlv import Tlv

# A timer that is later than this shows that the loop was busy. Waiting reads then get this much time.
_LATE = 0.1
_READ_GRACE = 0.02

# Octets that are handled in one turn of the loop: 1,536 of the shortest frames, or some 120 receipts. A full
# window of 100 that arrives in one read stays one batch, hence one commit.
_SLICE = 24 * 1024

# If more output than this is held back for a stalled peer, stop reading: more requests would cause more output.
_HELD_BACK_LIMIT = 1 << 20

# The period over which self-answered PDUs are counted, and the longest time for which a flooding peer is not read.
_SECOND = 1.0
_LONGEST_WAIT = 10.0


#: Sees every frame of a link when it is read or given to the transport. Gets the link, "in" or "out", the
#: octets, and the time on the link's clock. `link.local` and `link.peer` are the addresses. It must not block.
Tap = Callable[["Link", str, bytes, float], None]


class LinkOwner(Protocol):
    """The receiver of a link's events. Plain functions, called from the loop."""

    def on_link_made(self, link: "Link") -> None:
        """The transport is connected; the session is open."""

    def on_link_event(self, link: "Link", event: Event) -> None:
        """An event of the session. Closed is the last."""


class Link(asyncio.Protocol):
    """One connection on asyncio. `session` exists once the transport is connected."""

    def __init__(
        self,
        role: str,
        config: SessionConfig,
        owner: LinkOwner,
        *,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float],
        write_timeout: float,
    ) -> None:
        self.session = Session(role, config, clock())
        self.connected = False
        self.peer: object = None  # the peer's address, as the transport gives it
        self.local: object = None  # this side's address
        self._tap: Tap | None = None
        self._role = role
        self._config = config
        self._owner = owner
        self._loop = loop
        self._clock = clock
        self._write_timeout = write_timeout
        self._transport: asyncio.Transport | None = None
        self._is_tls = False
        self._paused = False
        self._wants_reading = True  # whether the owner wants to read
        self._held_back = False  # the peer takes no output, so nothing is read from it
        self._self_answered = 0  # PDUs that the session answered by itself in this second
        self._counted_since = 0.0
        self._slowed = False
        self._slowed_until = 0.0
        self._unhandled = b""  # the rest of a long read, for the next turns of the loop
        self._flush_scheduled = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._heard_since_late = False
        self._was_late = False
        self._stall_timer: asyncio.TimerHandle | None = None
        self._untold: list[Event] = []
        self._telling = False

    # ------------------------------------------------------------ for the owner

    def send(self, pdu: Pdu, context: object) -> int:
        """Queue a request; see Session.send. It is written at the end of the loop's turn."""
        sequence = self.session.send(pdu, context, self._clock())
        self.flush_soon()
        return sequence

    def send_body(self, command_id: int, body: bytes, context: object) -> int:
        """Queue a request whose body is encoded already; see Session.send_body."""
        sequence = self.session.send_body(command_id, body, context, self._clock())
        self.flush_soon()
        return sequence

    def respond(
        self,
        request: Pdu,
        command_status: int = c.ESME_ROK,
        fields: dict[str, FieldValue] | None = None,
        tlvs: tuple[Tlv, ...] = (),
    ) -> bool:
        """Answer a request; see Session.respond."""
        answered = self.session.respond(request, command_status, fields, tlvs)
        if self.session.state == states.CLOSED:
            self._tell(self.session.on_time(self._clock()))  # the unbind may have waited for this answer
        self.flush_soon()
        return answered

    def accept_bind(
        self, request: Pdu, fields: dict[str, FieldValue] | None = None, tlvs: tuple[Tlv, ...] = ()
    ) -> None:
        """Accept a bind; see Session.accept_bind."""
        self._tell(self.session.accept_bind(request, self._clock(), fields, tlvs))
        self.flush_soon()

    def reject_bind(self, request: Pdu, command_status: int) -> None:
        """Refuse a bind; see Session.reject_bind."""
        self.session.reject_bind(request, command_status)
        self.flush_soon()

    def send_raw(self, data: bytes) -> None:
        """Queue octets unchanged; see Session.send_raw."""
        self.session.send_raw(data)
        self.flush_soon()

    def unbind(self) -> None:
        """Start an orderly end of the session; Closed reports when it has ended."""
        self._tell(self.session.unbind(self._clock()))
        self.flush_soon()

    def abort(self, reason: str) -> None:
        """End the connection at once."""
        unsent = self._unsent()
        if self._transport is not None:
            self._transport.abort()
        self._tell(self.session.connection_lost(reason, unsent))

    def pause_reading(self) -> None:
        """Stop reading from the peer, to simulate a peer that stalls."""
        self._wants_reading = False
        self._set_reading()

    def resume_reading(self) -> None:
        """Read from the peer again."""
        self._wants_reading = True
        self._set_reading()

    def close(self, reason: str) -> None:
        """End the connection without an unbind, after the queued output has been written."""
        self._tell(self.session.connection_lost(reason))

    @property
    def tap(self) -> Tap | None:
        """Sees every frame; None for no tap. May be set and removed at any time."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._tap = tap
        self.session.tap = None if tap is None else self._frame_tap(tap)

    def flush_soon(self) -> None:
        """Write the queued output at the end of this turn of the loop."""
        if not self._flush_scheduled and self.connected:
            self._flush_scheduled = True
            self._loop.call_soon(self._flush_now)

    # ------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the transport is connected."""
        self._transport = cast(asyncio.Transport, transport)
        # Pause as soon as anything stays in the transport's buffer: see the second rule of the module.
        self._transport.set_write_buffer_limits(high=1, low=0)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._is_tls = transport.get_extra_info("sslcontext") is not None
        self.peer = transport.get_extra_info("peername")
        self.local = transport.get_extra_info("sockname")
        # The session-init timer counts from here, not from the creation of the object.
        self.session = Session(self._role, self._config, self._clock())
        self.tap = self._tap
        self.connected = True
        try:
            self._owner.on_link_made(self)
        except Exception as error:
            self._report("on_link_made", error)
            self.abort("the connection's handler failed")
        self.flush_soon()
        self._arm()

    def data_received(self, data: bytes) -> None:
        """asyncio: octets arrived."""
        self._heard_since_late = True
        if self._unhandled:  # a read may still have been under way in the transport
            self._unhandled += data
        elif len(data) <= _SLICE:
            self._take(data)
        else:
            self._unhandled = data
            self._take_slice()

    def _take(self, data: bytes) -> None:
        self._tell(self.session.receive(data, self._clock()))
        self._flush()
        if self.session.has_self_answered:
            self._slow_down()

    def _slow_down(self) -> None:
        """Slow a flooding peer down: others must not wait while it sends thousands of enquire_links or bad PDUs.
        See the module."""
        now = self._clock()
        if now - self._counted_since >= _SECOND:
            self._counted_since, self._self_answered = now, 0
        self._self_answered += self.session.count_self_answered()
        allowed = self._config.self_answered_per_second
        if self._self_answered > allowed and not self._slowed:
            self._slowed = True
            self._set_reading()
            wait = min(_LONGEST_WAIT, self._self_answered / allowed)
            self._slowed_until = now + wait
            self._loop.call_later(wait, self._read_on)

    def _read_on(self) -> None:
        self._slowed = False
        self._set_reading()

    def _take_slice(self) -> None:
        data, self._unhandled = self._unhandled[:_SLICE], self._unhandled[_SLICE:]
        self._take(data)
        if self._unhandled and self.connected:
            self._loop.call_soon(self._take_slice)
        self._set_reading()

    def _take_rest(self) -> None:
        """Handle the unhandled rest of a read when the connection ends: it may hold answers, which are never
        repeated."""
        if self._unhandled:
            data, self._unhandled = self._unhandled, b""
            self._take(data)

    def pause_writing(self) -> None:
        """asyncio: the transport could not send everything at once."""
        self._paused = True
        if self._stall_timer is None:
            self._stall_timer = self._loop.call_later(self._write_timeout, self._stalled)

    def resume_writing(self) -> None:
        """asyncio: the transport has sent everything."""
        self._paused = False
        self._stop_stall_timer()
        if self._held_back:
            self._held_back = False
            self._set_reading()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the transport is closed."""
        self._take_rest()
        self.connected = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stop_stall_timer()
        reason = "the peer closed the connection" if exc is None else f"connection lost: {exc}"
        self._tell(self.session.connection_lost(reason))
        self._transport = None

    # ------------------------------------------------------------ inside

    def _tell(self, events: list[Event]) -> None:
        """Report events to the owner, in order. Events that a callback causes are reported after the present ones,
        so that Closed stays the last."""
        self._untold += events
        if self._telling or not events:
            return
        self._telling = True
        told = self._untold
        for event in told:  # grows during the loop
            try:
                self._owner.on_link_event(self, event)
            except Exception as error:
                self._report(type(event).__name__, error)
                if isinstance(event, RequestReceived | BindReceived):
                    self._answer_failure(event)
        self._untold = []
        self._telling = False
        if isinstance(told[-1], Closed):
            self._close_transport()

    def _frame_tap(self, tap: Tap) -> FrameTap:
        """Make the session's tap. If the owner's tap raises, it is reported and removed, and the traffic goes on."""

        def see(direction: str, frame: bytes, now: float) -> None:
            if self._tap is not tap:
                return  # removed in the middle of a batch
            try:
                tap(self, direction, frame, now)
            except Exception as error:
                self.tap = None
                self._report("the tap", error)

        return see

    def _report(self, what: str, error: Exception) -> None:
        self._loop.call_exception_handler(
            {"message": f"SMPP: the handler failed at {what}", "exception": error}
        )

    def _answer_failure(self, event: RequestReceived | BindReceived) -> None:
        if isinstance(event, BindReceived):
            self.session.reject_bind(event.pdu, c.ESME_RSYSERR)
        else:
            self.session.respond(event.pdu, c.ESME_RSYSERR)
        self.flush_soon()

    def _close_transport(self) -> None:
        """The session has ended: send the queued output, then close. A peer that does not take it is cut off at
        the write deadline."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        data = self.session.data_to_send(self._clock())
        if data:
            transport.write(data)
        transport.close()
        if self._stall_timer is None:
            self._stall_timer = self._loop.call_later(self._write_timeout, transport.abort)

    def _flush_now(self) -> None:
        self._flush_scheduled = False
        self._flush()

    def _flush(self) -> None:
        session = self.session
        transport = self._transport
        if transport is None or session.state == states.CLOSED:
            return
        if self._paused:
            if session.queued_bytes > _HELD_BACK_LIMIT and not self._held_back:
                self._held_back = True
                self._set_reading()
            return
        data = session.data_to_send(self._clock())
        if data:
            transport.write(data)
        self._arm()

    def _arm(self) -> None:
        """Set the one timer to the session's next deadline. A timer that is early enough is left alone."""
        deadline = self.session.next_timeout()
        if deadline is None:
            return
        if self._timer is not None:
            if self._timer_at <= deadline:
                return
            self._timer.cancel()
        self._set_timer(deadline, max(0.0, deadline - self._clock()))

    def _set_timer(self, deadline: float, delay: float) -> None:
        self._timer_at = deadline
        self._timer = self._loop.call_later(delay, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if not self.connected:
            return
        now = self._clock()
        late = now - self._timer_at > _LATE
        if self._unhandled:
            self._set_timer(now, _READ_GRACE)
            return
        # wait only once: a peer that keeps flooding is not waited for again
        if self._slowed and not self._was_late:
            self._was_late = True
            self._heard_since_late = False
            wait = max(0.0, self._slowed_until - now) + _READ_GRACE
            self._timer = self._loop.call_later(wait, self._on_timer)
            return
        if late and (not self._was_late or self._heard_since_late):
            self._was_late = True
            self._heard_since_late = False
            self._set_timer(now, _READ_GRACE)
            return
        self._was_late = False
        self._tell(self.session.on_time(now))
        self._flush()
        if self._timer is None:
            self._arm()

    def _set_reading(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        wanted = self._wants_reading and not self._held_back and not self._slowed and not self._unhandled
        if wanted and not transport.is_reading():
            transport.resume_reading()
        elif not wanted and transport.is_reading():
            transport.pause_reading()

    def _stalled(self) -> None:
        self._stall_timer = None
        self._take_rest()
        self.abort("the peer did not read the data in time")

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _unsent(self) -> int:
        """The octets that the transport still holds; 0 if they are not our own octets (TLS)."""
        if self._transport is None or self._is_tls or not self._paused:
            return 0
        return self._transport.get_write_buffer_size()
