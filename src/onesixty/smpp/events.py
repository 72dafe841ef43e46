"""The events of a session: small slotted objects, distinguished by their class.

`context` is the object that the caller gave with the request; the session only carries it.
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
    """ESME: the SMSC accepted the bind; `pdu` is its response."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class BindRefused(Event):
    """ESME: the SMSC refused the bind; `pdu.command_status` says why. Closed follows."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class RequestReceived(Event):
    """The peer sent a request; answer it with `respond`, now or later."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class Overflowed(Event):
    """A request exceeded the receive window. It was answered with the `overflow_status`."""

    pdu: Pdu


@dataclass(slots=True, eq=False)
class ResponseReceived(Event):
    """A request was answered, by its own response or a generic_nack. `elapsed`: seconds since the write."""

    context: object
    pdu: Pdu
    elapsed: float


@dataclass(slots=True, eq=False)
class ResponseTimedOut(Event):
    """No answer came in time after the write: the outcome of the request is unknown. Its slot is free."""

    context: object
    sequence: int


@dataclass(slots=True, eq=False)
class Unbound(Event):
    """The session ended by unbind, requested by the peer (`by_peer`) or by this side. Closed follows."""

    by_peer: bool


@dataclass(slots=True, eq=False)
class ProtocolError(Event):
    """The peer broke a rule, and was answered if possible. `fatal`: Closed follows."""

    reason: str
    command_status: int
    command_id: int | None
    sequence: int | None
    fatal: bool


@dataclass(slots=True, eq=False)
class Closed(Event):
    """The session has ended; reported once. Queued output may still be flushed, then the transport closes.

    `written`: contexts of requests of which at least one byte was sent, so their outcome is unknown.
    `unwritten`: contexts of requests of which nothing was sent, so they can be sent again.
    """

    reason: str
    written: list[object]
    unwritten: list[object]
