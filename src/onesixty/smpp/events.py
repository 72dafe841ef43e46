"""What a session tells: small slotted objects, told apart by their class.

`context` is whatever object the caller gave with the request; the session only carries it.
"""

from onesixty.smpp.pdu import Pdu


class Event:
    """Base of all events."""

    __slots__ = ()


class BindReceived(Event):
    """SMSC: a peer asks to bind. Answer with `accept_bind` or `reject_bind`."""

    __slots__ = ("pdu",)

    def __init__(self, pdu: Pdu) -> None:
        self.pdu = pdu


class Bound(Event):
    """ESME: the SMSC took the bind; `pdu` is its response."""

    __slots__ = ("pdu",)

    def __init__(self, pdu: Pdu) -> None:
        self.pdu = pdu


class BindRefused(Event):
    """ESME: the SMSC refused the bind; `pdu.command_status` says why. Closed follows."""

    __slots__ = ("pdu",)

    def __init__(self, pdu: Pdu) -> None:
        self.pdu = pdu


class RequestReceived(Event):
    """The peer asks for something; to be answered with `respond`, now or later."""

    __slots__ = ("pdu",)

    def __init__(self, pdu: Pdu) -> None:
        self.pdu = pdu


class ResponseReceived(Event):
    """The answer to a request, by its own response or a generic_nack. `elapsed`: seconds since the write."""

    __slots__ = ("context", "elapsed", "pdu")

    def __init__(self, context: object, pdu: Pdu, elapsed: float) -> None:
        self.context = context
        self.pdu = pdu
        self.elapsed = elapsed


class ResponseTimedOut(Event):
    """No answer came in time after the write: what became of the request is unknown. Its slot is free."""

    __slots__ = ("context", "sequence")

    def __init__(self, context: object, sequence: int) -> None:
        self.context = context
        self.sequence = sequence


class Unbound(Event):
    """The session ended by unbind, asked for by the peer (`by_peer`) or by this side. Closed follows."""

    __slots__ = ("by_peer",)

    def __init__(self, by_peer: bool) -> None:
        self.by_peer = by_peer


class ProtocolError(Event):
    """The peer broke a rule; it was answered where it can be. `fatal`: Closed follows."""

    __slots__ = ("command_id", "command_status", "fatal", "reason", "sequence")

    def __init__(
        self, reason: str, command_status: int, command_id: int | None, sequence: int | None, fatal: bool
    ) -> None:
        self.reason = reason
        self.command_status = command_status
        self.command_id = command_id
        self.sequence = sequence
        self.fatal = fatal


class Closed(Event):
    """The end, told once. What is still to be sent may be flushed, then the transport goes.

    `written`: contexts of requests of which at least a byte left, so their outcome is unknown.
    `unwritten`: contexts of requests of which none did, so they can be sent again.
    """

    __slots__ = ("reason", "unwritten", "written")

    def __init__(self, reason: str, written: list[object], unwritten: list[object]) -> None:
        self.reason = reason
        self.written = written
        self.unwritten = unwritten
