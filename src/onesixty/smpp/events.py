"""What a session tells: small slotted objects, told apart by their class.

`context` is whatever object the caller gave with the request; the session only carries it.
"""

from dataclasses import dataclass

from onesixty.smpp.pdu import Pdu


class Event:
    """Base of all events."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class BindReceived(Event):
    """SMSC: a peer asks to bind. Answer with `accept_bind` or `reject_bind`."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class Bound(Event):
    """ESME: the SMSC took the bind; `pdu` is its response."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class BindRefused(Event):
    """ESME: the SMSC refused the bind; `pdu.command_status` says why. Closed follows."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class RequestReceived(Event):
    """The peer asks for something; to be answered with `respond`, now or later."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class Overflowed(Event):
    """A request came beyond the receive window. It was answered with the `overflow_status`."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class ResponseReceived(Event):
    """The answer to a request, by its own response or a generic_nack. `elapsed`: seconds since the write."""

    context: object
    pdu: Pdu
    elapsed: float


@dataclass(slots=True, eq=False)
class ResponseTimedOut(Event):
    """No answer came in time after the write: what became of the request is unknown. Its slot is free."""

    context: object
    sequence: int


@dataclass(slots=True, eq=False)
class Unbound(Event):
    """The session ended by unbind, asked for by the peer (`by_peer`) or by this side. Closed follows."""

    by_peer: bool


@dataclass(slots=True, eq=False)
class ProtocolError(Event):
    """The peer broke a rule; it was answered where it can be. `fatal`: Closed follows."""

    reason: str
    command_status: int
    command_id: int | None
    sequence: int | None
    fatal: bool


@dataclass(slots=True, eq=False)
class Closed(Event):
    """The end, told once. What is still to be sent may be flushed, then the transport goes.

    `written`: contexts of requests of which at least a byte left, so their outcome is unknown.
    `unwritten`: contexts of requests of which none did, so they can be sent again.
    """

    reason: str
    written: list[object]
    unwritten: list[object]
