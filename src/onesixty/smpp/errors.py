"""Everything this library raises. One root, so that a caller can catch all of it.

A `PduError` is about bytes from the peer: it carries the command_status that the peer has to be
told, and the header as far as it was readable. An `EncodeError` is about values from the caller.
"""


class SmppError(Exception):
    """Root of all errors of this library."""


class PduError(SmppError):
    """A PDU that cannot be read. `command_status` is what the peer should be answered."""

    def __init__(
        self, message: str, command_status: int, command_id: int | None = None, sequence: int | None = None
    ) -> None:
        super().__init__(message)
        self.command_status = command_status
        self.command_id = command_id
        self.sequence = sequence


class FramingError(PduError):
    """The stream lost its framing (a command_length that cannot be): the connection is beyond repair."""


class UnknownCommandError(PduError):
    """A well-framed PDU whose command_id has no layout."""


class EncodeError(SmppError):
    """A value that its field cannot carry. `field` names it."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TlvError(SmppError):
    """A TLV whose octets do not fit its row of the table."""

    def __init__(self, message: str, command_status: int, tag: int) -> None:
        super().__init__(message)
        self.command_status = command_status
        self.tag = tag


class TimeFormatError(SmppError):
    """A string that is no SMPP time (7.1.1), or a time that the format cannot carry."""


class SessionError(SmppError):
    """The session cannot do what was asked now."""


class InvalidStateError(SessionError):
    """The operation is not allowed in this bind state or for this role."""


class WindowFullError(SessionError):
    """As many requests are in flight as the window allows."""


class NotConnectedError(SessionError):
    """There is no connection to send on."""
