"""One SMPP session without I/O, for either role: bytes in, events out, with time as a parameter.

The caller feeds `receive`, calls `on_time` when `next_timeout` is reached, and writes what `data_to_send`
returns. Each call takes the present time as seconds of one monotonic clock. Rules kept here:

- A request counts as written from the moment `data_to_send` returned it: its response timer starts then, and
  only then can its outcome become unknown.
- Requests are identified as objects, not by their sequence_number: some peers repeat a number while it is in
  flight, and each request still gets its answer, with the number that it came with.
- A response without a waiting request is ignored and counted. A response is never answered.
- A malformed request is answered with the status that names the fault, and the session goes on; a stream without
  framing ends it.
- Requests that arrive before the bind is accepted are kept, and reported after it.
- `Closed` is reported exactly once, last, with every request that was still in flight.
"""

import struct
from typing import Final

from onesixty.smpp import codec, reading, states, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.errors import (
    FramingError,
    InvalidStateError,
    PduError,
    UnknownCommandError,
    WindowFullError,
)
from onesixty.smpp.events import (
    BindReceived,
    BindRefused,
    Bound,
    Event,
    Overflowed,
    ProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
    Unbound,
)
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.layouts import command_name
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.session_base import IN, SessionBase
from onesixty.smpp.timers import NEVER
from onesixty.smpp.tlv import Tlv
from onesixty.smpp.window import NOT_WRITTEN

_HEADER: Final = struct.Struct(">IIII")
_ENQUIRE_LINK: Final = c.ENQUIRE_LINK.to_bytes(4, "big")
_ENQUIRE_LINK_RESP: Final = codec.encode(Pdu(c.ENQUIRE_LINK_RESP))[:12]


class Session(SessionBase):
    """One session. `role` is `states.ESME` or `states.SMSC`, `state` one of the states there."""

    __slots__ = ()

    # ------------------------------------------------------------ sending

    def bind(self, command_id: int, fields: dict[str, FieldValue], tlvs: tuple[Tlv, ...] = ()) -> None:
        """ESME: send a bind. Raises InvalidStateError, EncodeError."""
        if self.role != states.ESME or self.state != states.OPEN or command_id not in c.BIND_COMMANDS:
            raise InvalidStateError(f"cannot {command_name(command_id)} as {self.role} while {self.state}")
        sequence = self._window.reserve()
        self._queue(codec.encode(Pdu(command_id, 0, sequence, fields, tlvs)))
        self._bind_sequence = sequence
        asked = fields.get("interface_version", c.INTERFACE_VERSION_34)
        self._asked_version = asked if isinstance(asked, int) else c.INTERFACE_VERSION_34
        self.bind_command = command_id
        self.state = states.BINDING

    def accept_bind(
        self,
        request: Pdu,
        now: float,
        fields: dict[str, FieldValue] | None = None,
        tlvs: tuple[Tlv, ...] = (),
    ) -> list[Event]:
        """SMSC: accept a bind reported by BindReceived. Returns the events that waited for it; none if the session
        has ended in the meantime. Raises EncodeError.

        sc_interface_version among `tlvs` is the version of this side. `version` becomes the lower of that and
        the version that the bind asked for.
        """
        if id(request) not in self._incoming or self.state != states.BINDING:
            return []
        told = next((raw[0] for tag, raw in tlvs if tag == tlv.SC_INTERFACE_VERSION and raw), 0)
        self.version = states.negotiated(request.number("interface_version"), told)
        self._answer(request, c.ESME_ROK, fields, tlvs)
        return self._become_bound(request.command_id, now)

    def reject_bind(self, request: Pdu, command_status: int) -> bool:
        """SMSC: refuse a bind. The peer may try again until the session-init timer ends."""
        if id(request) not in self._incoming or self.state != states.BINDING:
            return False
        self._answer(request, command_status, None, ())
        self.state = states.OPEN
        self._timers.bind_by = self._bind_by
        early, self._early = self._early, []
        for pdu in early:
            self.counters.wrong_state += 1
            self._refuse(pdu.command_id, pdu.sequence, c.ESME_RINVBNDSTS)
        return True

    def send(self, pdu: Pdu, context: object, now: float) -> int:
        """Queue a request of this role. Returns its sequence.

        Raises InvalidStateError, WindowFullError, EncodeError; in each case nothing was queued. A request
        without a response (alert_notification) takes no slot, and its context is dropped. An SMSC may send
        outbind before a peer has bound.
        """
        command_id = pdu.command_id
        if command_id == c.OUTBIND and self.role == states.SMSC and self.state == states.OPEN:
            pdu.sequence = self._window.reserve()
            self._queue(codec.encode(pdu))
            return pdu.sequence
        self._check_sendable(command_id)
        if pdu.tlvs and self.version < c.INTERFACE_VERSION_50:
            pdu.tlvs = tlv.for_version(pdu.tlvs, self.version)
        window = self._window
        pdu.sequence = sequence = window.next_sequence()
        frame = codec.encode(pdu)
        if command_id != c.ALERT_NOTIFICATION:
            window.add(command_id, sequence, context, self._queued)
        self._queue(frame)
        self._timers.active = now
        return sequence

    def send_body(self, command_id: int, body: bytes, context: object, now: float) -> int:
        """Queue a request with a response, whose octets after the header are encoded already (`templates`). As
        `send`."""
        self._check_sendable(command_id)
        window = self._window
        sequence = window.next_sequence()
        window.add(command_id, sequence, context, self._queued)
        self._queue(_HEADER.pack(c.HEADER_LENGTH + len(body), command_id, 0, sequence) + body)
        self._timers.active = now
        return sequence

    def _check_sendable(self, command_id: int) -> None:
        if self.state != states.BOUND or command_id not in self._sendable:
            raise InvalidStateError(
                f"cannot send {command_name(command_id)} as {self.role} while {self.state}"
            )
        if self._window.free == 0 and command_id != c.ALERT_NOTIFICATION:
            raise WindowFullError(f"{self._window.size} requests are in flight")

    def respond(
        self,
        request: Pdu,
        command_status: int = c.ESME_ROK,
        fields: dict[str, FieldValue] | None = None,
        tlvs: tuple[Tlv, ...] = (),
    ) -> bool:
        """Answer a request reported by RequestReceived. Returns False if that is no longer possible: it was
        answered already, or its session has ended. Raises EncodeError."""
        if id(request) not in self._incoming or self.state == states.CLOSED:
            return False
        self._answer(request, command_status, fields, tlvs)
        if self.state != states.BOUND:
            self._continue_unbind(self._late_events)
        return True

    def send_raw(self, data: bytes) -> None:
        """Queue octets unchanged, to simulate a peer that breaks the rules."""
        self._queue(data)

    def unbind(self, now: float) -> list[Event]:
        """End the session in order: accept no new requests, wait for those in flight, unbind.

        Before a bind there is nothing to unbind, and the session closes at once.
        """
        events: list[Event] = []
        if self.state in (states.OPEN, states.BINDING):
            self._close("closed before the bind", events)
        elif self.state == states.BOUND:
            self.state = states.DRAINING
            self._timers.unbind_by = now + self._config.drain_timeout
            self._continue_unbind(events, now=now)
        return events

    # ------------------------------------------------------------ receiving

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Process octets from the peer. Returns the events, in order. Never raises, whatever the octets."""
        events = self._take_late_events()
        if self.state == states.CLOSED:
            return events
        self._timers.hear(now)
        frames = self._framer.feed(data)
        tap = self.tap
        if tap is not None:
            for frame in frames:
                tap(IN, frame, now)
        for frame in frames:
            if frame[4:8] == _ENQUIRE_LINK and len(frame) == c.HEADER_LENGTH:
                self._on_enquire_link(frame)
                continue
            self._on_frame(frame, now, events)
            if self.state == states.CLOSED:
                return events
        if self._framer.error is not None:
            self._on_lost_framing(self._framer.error, events)
        return events

    def connection_lost(self, reason: str, unsent: int = 0) -> list[Event]:
        """The transport is closed. `unsent`: how many octets given to it were never sent, if known."""
        events = self._take_late_events()
        if self.state != states.CLOSED:
            self._close(reason, events, unsent)
        return events

    # ------------------------------------------------------------ time

    def on_time(self, now: float) -> list[Event]:
        """Process the time: time-outs, queuing an enquire_link, the end. Returns the events."""
        events = self._take_late_events()
        if self.state == states.CLOSED:
            return events
        timers = self._timers
        for flight in self._window.expire(now):
            self.counters.timed_out += 1
            events.append(ResponseTimedOut(flight.context, flight.sequence))
        if timers.bind_by <= now:
            self._close("no bind within the session-init time", events)
        elif timers.answer_by <= now:
            self._close("no answer to enquire_link", events)
        elif timers.unbind_by <= now and self.state == states.UNBIND_SENT:
            self._close("no answer to unbind", events)
        elif self.state != states.BOUND:
            self._continue_unbind(events, timed_out=timers.unbind_by <= now, now=now)
        elif timers.inactive_at() <= now:
            events += self.unbind(now)
        if self.state in (states.BOUND, states.DRAINING) and timers.enquire_at() <= now:
            self._queue(codec.encode(Pdu(c.ENQUIRE_LINK, 0, self._window.reserve())))
            timers.ask(now)
        return events

    # ------------------------------------------------------------ frames

    def _on_enquire_link(self, frame: bytes) -> None:
        """Answer an enquire_link without decoding it: a peer that sends thousands must not delay others."""
        self._self_answered += 1
        if self._config.answer_enquire_link:
            self._queue(_ENQUIRE_LINK_RESP + frame[12:])

    def _on_frame(self, frame: bytes, now: float, events: list[Event]) -> None:
        try:
            pdu = reading.decode(frame, self._config.reading)
        except PduError as error:
            self._on_malformed(error, frame, now, events)
            return
        if pdu.command_id >= c.RESPONSE_BIT:
            self._on_response(pdu, now, events)
        else:
            self._on_request(pdu, now, events)

    def _on_lost_framing(self, error: FramingError, events: list[Event]) -> None:
        self.counters.malformed += 1
        self._refuse(None, 0, error.command_status)  # 4.3.1: no sequence could be decoded
        events.append(ProtocolError(str(error), error.command_status, None, None, fatal=True))
        self._close("the stream lost its framing", events)

    def _on_malformed(self, error: PduError, frame: bytes, now: float, events: list[Event]) -> None:
        """Handle a frame with a good header but a bad body or an unknown command."""
        self._self_answered += 1
        self.counters.malformed += 1
        _, command_id, status, sequence = codec.header(frame)
        events.append(ProtocolError(str(error), error.command_status, command_id, sequence, fatal=False))
        if not command_id & c.RESPONSE_BIT:
            self._refuse(command_id, sequence, error.command_status)
        elif not isinstance(error, UnknownCommandError):
            # The status is readable and gives the outcome; only the body is lost.
            self._on_response(Pdu(command_id, status, sequence), now, events)

    def _on_response(self, pdu: Pdu, now: float, events: list[Event]) -> None:
        flight = self._window.answer(pdu.sequence, pdu.command_id)
        if flight is not None:
            self._timers.active = now
            elapsed = 0.0 if flight.written_at == NOT_WRITTEN else now - flight.written_at
            events.append(ResponseReceived(flight.context, pdu, elapsed))
            if self.state != states.BOUND:
                self._continue_unbind(events, now=now)
        elif pdu.command_id == c.ENQUIRE_LINK_RESP:
            pass  # its only purpose is to show that the peer is alive
        elif (
            self.state == states.BINDING and pdu.sequence == self._bind_sequence and self.role == states.ESME
        ):
            self._on_bind_response(pdu, now, events)
        elif self.state == states.UNBIND_SENT and pdu.sequence == self._unbind_sequence:
            # unbind_resp, or a generic_nack from a peer that does not know unbind: the session is over in both cases.
            events.append(Unbound(by_peer=False))
            self._close("unbound", events)
        else:
            self.counters.unexpected_responses += 1
            if pdu.command_id == c.GENERIC_NACK:
                events.append(
                    ProtocolError(
                        "a generic_nack to nothing in flight",
                        pdu.command_status,
                        pdu.command_id,
                        pdu.sequence,
                        fatal=False,
                    )
                )

    def _on_bind_response(self, pdu: Pdu, now: float, events: list[Event]) -> None:
        if pdu.command_status == c.ESME_ROK and pdu.command_id == self.bind_command | c.RESPONSE_BIT:
            told = pdu.tlv_int(tlv.SC_INTERFACE_VERSION) or 0
            self.version = states.negotiated(self._asked_version, told)
            events.append(Bound(pdu))
            events += self._become_bound(self.bind_command, now)
        else:
            events.append(BindRefused(pdu))
            self._close("bind refused", events)

    def _become_bound(self, command_id: int, now: float) -> list[Event]:
        self.bind_command = command_id
        directions = states.BIND_DIRECTIONS[command_id]
        peer = states.PEER_OF[self.role]
        if directions & states.DIRECTION_OF[self.role]:
            self._sendable = states.commands_of(self.role, self.version)
        if directions & states.DIRECTION_OF[peer]:
            self._receivable = states.commands_of(peer, self.version)
        self.state = states.BOUND
        self._timers.bound(now)
        events: list[Event] = []
        early, self._early = self._early, []
        for pdu in early:
            if self.state != states.CLOSED:
                self._on_request(pdu, now, events)
        return events

    def _on_request(self, pdu: Pdu, now: float, events: list[Event]) -> None:
        command_id = pdu.command_id
        if command_id == c.ENQUIRE_LINK:
            self._self_answered += 1
            if self._config.answer_enquire_link:
                self._queue(codec.encode(Pdu(c.ENQUIRE_LINK_RESP, 0, pdu.sequence)))
            return
        if command_id in self._peer_commands:
            self._on_message(pdu, now, events)
        elif command_id == c.UNBIND:
            self._on_unbind(pdu, now, events)
        elif command_id in c.BIND_COMMANDS and self.role == states.SMSC:
            self._on_bind(pdu, events)
        elif command_id == c.OUTBIND and self.role == states.ESME and self.state == states.OPEN:
            events.append(RequestReceived(pdu))
        else:
            # A command that the peer's role never issues, or may not issue now.
            self._self_answered += 1
            self.counters.wrong_state += 1
            known_to_role = command_id == c.OUTBIND and self.role == states.ESME
            status = c.ESME_RINVBNDSTS if known_to_role else c.ESME_RINVCMDID
            self._refuse(command_id, pdu.sequence, status)
            events.append(
                ProtocolError(f"{pdu.name} to an {self.role}", status, command_id, pdu.sequence, fatal=False)
            )

    def _on_message(self, pdu: Pdu, now: float, events: list[Event]) -> None:
        if self.state == states.BINDING:
            if len(self._early) < self._config.receive_window:
                self._early.append(pdu)
            else:
                self._overflow(pdu, events)
            return
        if (
            self.state not in (states.BOUND, states.DRAINING, states.UNBIND_SENT)
            or pdu.command_id not in self._receivable
        ):
            self.counters.wrong_state += 1
            self._self_answered += 1
            status, why = c.ESME_RINVBNDSTS, f"while {self.state}"
            if pdu.command_id in c.COMMANDS_OF_50 and self.version < c.INTERFACE_VERSION_50:
                # The answer of an SMSC of 3.4, which does not know the command.
                status, why = c.ESME_RINVCMDID, f"over a bind of {c.version_name(self.version)}"
            known = None if status == c.ESME_RINVCMDID else pdu.command_id
            self._refuse(known, pdu.sequence, status)
            events.append(
                ProtocolError(
                    f"{pdu.name} {why}",
                    status,
                    pdu.command_id,
                    pdu.sequence,
                    fatal=False,
                )
            )
            return
        self._timers.active = now
        if pdu.command_id != c.ALERT_NOTIFICATION:
            if len(self._incoming) >= self._config.receive_window:
                self._overflow(pdu, events)
                return
            self._incoming[id(pdu)] = pdu
        events.append(RequestReceived(pdu))

    def _overflow(self, pdu: Pdu, events: list[Event]) -> None:
        self.counters.overflowed += 1
        self._refuse(pdu.command_id, pdu.sequence, self._config.overflow_status)
        events.append(Overflowed(pdu))

    def _on_bind(self, pdu: Pdu, events: list[Event]) -> None:
        if self.state != states.OPEN:
            status = c.ESME_RALYBND if self.state in (states.BINDING, states.BOUND) else c.ESME_RINVBNDSTS
            self.counters.wrong_state += 1
            self._refuse(pdu.command_id, pdu.sequence, status)
            return
        self.state = states.BINDING
        # The peer has sent its bind. The time until our answer must not make the session-init timer close the
        # session.
        self._bind_by, self._timers.bind_by = self._timers.bind_by, NEVER
        self._incoming[id(pdu)] = pdu
        events.append(BindReceived(pdu))

    def _on_unbind(self, pdu: Pdu, now: float, events: list[Event]) -> None:
        if self.state in (states.BOUND, states.DRAINING):
            self.state = states.PEER_UNBINDING
            self._unbind_sequence = pdu.sequence
            self._timers.unbind_by = now + self._config.peer_drain_timeout
            self._continue_unbind(events)
            return
        self._queue(codec.encode(Pdu(c.UNBIND_RESP, 0, pdu.sequence)))
        if self.state != states.UNBIND_SENT:  # if both sides unbind at once, ours is answered too
            events.append(Unbound(by_peer=True))
            self._close("unbound by the peer", events)
