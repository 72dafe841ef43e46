"""The state of a session and its end. `session` adds sending and receiving.

This is the state that both directions share: the window, the timers, the queue of octets, the peer's requests
that wait, and the steps of unbinding and closing.
"""

from collections.abc import Callable
from typing import Final

from onesixty.smpp import codec, states, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.events import Closed, Event, Unbound
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.framing import Framer
from onesixty.smpp.layouts import RESPONSE_OF
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.states import SessionConfig
from onesixty.smpp.timers import NEVER, Timers
from onesixty.smpp.tlv import Tlv
from onesixty.smpp.window import Window

#: Directions of a frame, as passed to a tap.
IN: Final = "in"
OUT: Final = "out"

#: Sees every frame: its direction, its octets, and the time on the session's clock. It must not raise or block.
FrameTap = Callable[[str, bytes, float], None]


class Counters:
    """Counts what no event reports, or what is useful as a metric."""

    __slots__ = ("malformed", "overflowed", "timed_out", "unexpected_responses", "wrong_state")

    def __init__(self) -> None:
        self.malformed = 0
        self.overflowed = 0
        self.timed_out = 0
        self.unexpected_responses = 0
        self.wrong_state = 0


class SessionBase:
    """The state that both directions share. Use it through `session.Session`."""

    __slots__ = (
        "_asked_version",
        "_bind_by",
        "_bind_sequence",
        "_config",
        "_early",
        "_framer",
        "_handed",
        "_incoming",
        "_late_events",
        "_out",
        "_peer_commands",
        "_queued",
        "_receivable",
        "_self_answered",
        "_sendable",
        "_timers",
        "_unbind_sequence",
        "_window",
        "bind_command",
        "congestion_state",
        "counters",
        "role",
        "state",
        "tap",
        "version",
    )

    def __init__(self, role: str, config: SessionConfig, now: float) -> None:
        self.role = role
        self.state = states.OPEN
        self.bind_command = 0  # the command of the requested or accepted bind
        self.counters = Counters()
        self.version = c.INTERFACE_VERSION_34  # the interface_version of the bind, once there is one
        # The load that our answers report (5.0, 4.8.4.18: 0 to 100), to a 5.0 peer only; None to report nothing.
        self.congestion_state: int | None = None
        self.tap: FrameTap | None = None
        self._asked_version = c.INTERFACE_VERSION_34
        self._config = config
        self._sendable: frozenset[int] = frozenset()  # the commands that this side may send in this bind
        self._receivable: frozenset[int] = frozenset()  # the commands that the peer may send
        self._peer_commands = states.COMMANDS_OF[states.PEER_OF[role]]
        self._framer = Framer(config.max_pdu_length)
        self._window = Window(config.window, config.response_timeout, config.first_sequence)
        self._timers = Timers(
            now,
            config.session_init_timeout,
            config.enquire_link_interval,
            config.enquire_link_timeout,
            config.inactivity_timeout,
        )
        self._incoming: dict[int, Pdu] = {}  # by their identity, because a peer may use a number twice
        self._early: list[Pdu] = []
        self._late_events: list[Event] = []
        self._out: list[bytes] = []
        self._queued = 0  # octets queued since the start
        self._handed = 0  # octets given to the transport since the start
        self._self_answered = 0  # PDUs that the session answered by itself since the last count
        self._bind_sequence = 0
        # SMSC: the end of the session-init time, kept while a bind waits for our answer
        self._bind_by = NEVER
        self._unbind_sequence = 0

    def configure(self, config: SessionConfig) -> None:
        """Use other limits and times from now on, such as those of the customer who has bound. Requests in flight
        keep their slots; the session-init time, framing and sequence do not change."""
        self._config = config
        self._window.size = config.window
        self._window.timeout = config.response_timeout
        self._timers.set_intervals(
            config.enquire_link_interval, config.enquire_link_timeout, config.inactivity_timeout
        )

    # ------------------------------------------------------------ properties

    @property
    def config(self) -> SessionConfig:
        """The present limits and times."""
        return self._config

    @property
    def bound(self) -> bool:
        """Whether requests can be sent."""
        return self.state == states.BOUND

    @property
    def window_free(self) -> int:
        """How many requests can be sent now."""
        return self._window.free if self.state == states.BOUND and self._sendable else 0

    @property
    def in_flight(self) -> int:
        """The number of our requests without an answer."""
        return len(self._window)

    @property
    def unanswered(self) -> int:
        """The number of the peer's requests that wait for our answer."""
        return len(self._incoming)

    @property
    def queued_bytes(self) -> int:
        """The number of octets that wait for `data_to_send`."""
        return self._queued - self._handed

    @property
    def transmits(self) -> bool:
        """Whether this side may send messages in this bind."""
        return bool(self._sendable)

    @property
    def has_self_answered(self) -> bool:
        """Whether the session has answered PDUs by itself since the last `count_self_answered`."""
        return self._self_answered > 0

    def count_self_answered(self) -> int:
        """Return how many of the peer's PDUs the session answered by itself since the last call."""
        count, self._self_answered = self._self_answered, 0
        return count

    def data_to_send(self, now: float) -> bytes:
        """Return everything queued, for one write. From then on, the requests in it count as written."""
        if not self._out:
            return b""
        tap = self.tap
        if tap is not None:
            for frame in self._out:
                tap(OUT, frame, now)
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out = []
        self._handed += len(data)
        self._window.wrote(now)
        return data

    def next_timeout(self) -> float | None:
        """When `on_time` has to be called next, if nothing happens before; None for never."""
        if self._late_events:
            return 0.0
        if self.state == states.CLOSED:
            return None
        bound = self.state == states.BOUND
        deadline = self._timers.next(enquiries=bound or self.state == states.DRAINING, inactivity=bound)
        response = self._window.next_deadline()
        if response is not None and response < deadline:
            deadline = response
        return None if deadline == NEVER else deadline

    # ------------------------------------------------------------ the end

    def _continue_unbind(
        self, events: list[Event], timed_out: bool = False, now: float | None = None
    ) -> None:
        """Take the next step of unbinding if nothing is in flight in either direction, or if its time is over."""
        if not timed_out and (len(self._window) or self._incoming):
            return
        if self.state == states.DRAINING:
            self._unbind_sequence = self._window.reserve()
            self._queue(codec.encode(Pdu(c.UNBIND, 0, self._unbind_sequence)))
            self.state = states.UNBIND_SENT
            start = self._timers.unbind_by if now is None else now
            self._timers.unbind_by = start + self._config.unbind_timeout
        elif self.state == states.PEER_UNBINDING:
            self._queue(codec.encode(Pdu(c.UNBIND_RESP, 0, self._unbind_sequence)))
            events.append(Unbound(by_peer=True))
            self._close("unbound by the peer", events)

    def _close(self, reason: str, events: list[Event], unsent: int = 0) -> None:
        """Report the end. Queued responses may still be flushed; requests that were never handed out are
        withdrawn."""
        self.state = states.CLOSED
        boundary = self._handed - unsent
        written: list[object] = []
        unwritten: list[object] = []
        withdrawn: set[int] = set()
        for flight in self._window.drain():
            if flight.start < boundary:
                written.append(flight.context)
            else:
                unwritten.append(flight.context)
                withdrawn.add(flight.start)
        if withdrawn:
            kept: list[bytes] = []
            start = self._handed
            for chunk in self._out:
                if start not in withdrawn:
                    kept.append(chunk)
                start += len(chunk)
            self._out = kept
        self._incoming.clear()
        self._early = []
        events.append(Closed(reason, written, unwritten))

    # ------------------------------------------------------------ small things

    def _queue(self, data: bytes) -> None:
        self._out.append(data)
        self._queued += len(data)

    def _answer(
        self,
        request: Pdu,
        command_status: int,
        fields: dict[str, FieldValue] | None,
        tlvs: tuple[Tlv, ...],
    ) -> None:
        sequence = request.sequence
        if tlvs:
            tlvs = tlv.for_version(tlvs, self.version)
        if self.congestion_state is not None and self.version >= c.INTERFACE_VERSION_50:
            tlvs = (*tlvs, (tlv.CONGESTION_STATE, bytes((min(self.congestion_state, 100),))))
        frame = codec.encode(Pdu(request.command_id | c.RESPONSE_BIT, command_status, sequence, fields, tlvs))
        del self._incoming[id(request)]
        self._queue(frame)

    def _refuse(self, command_id: int | None, sequence: int, command_status: int) -> None:
        """Answer with a status alone: by the command's own response, or by generic_nack if it has none."""
        response_id = c.GENERIC_NACK if command_id is None else RESPONSE_OF.get(command_id, c.GENERIC_NACK)
        self._queue(codec.encode(Pdu(response_id, command_status, sequence)))

    def _take_late_events(self) -> list[Event]:
        if not self._late_events:
            return []
        events = self._late_events
        self._late_events = []
        return events
