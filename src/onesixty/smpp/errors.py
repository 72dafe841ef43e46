"""All exceptions of this library. They have one root, so that a caller can catch all of them.

A `PduError` is about bytes from the peer: it carries the command_status to answer the peer with, and as much of
the header as was readable. An `EncodeError` is about values from the caller.
"""


class SmppError(Exception):
    """The root of all errors of this library."""


class PduError(SmppError):
    """A PDU that cannot be decoded. `command_status` is the status to answer the peer with."""

    def __init__(
        self, message: str, command_status: int, command_id: int | None = None, sequence: int | None = None
    ) -> None:
        super().__init__(message)
        self.command_status = command_status
        self.command_id = command_id
        self.sequence = sequence


class FramingError(PduError):
    """The stream has an impossible command_length, so the following frames cannot be found: the connection is
    unusable."""


class UnknownCommandError(PduError):
    """A well-framed PDU whose command_id has no layout."""


class EncodeError(SmppError):
    """A value that its field cannot hold. `field` names the field."""

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
    """A string that is not an SMPP time (7.1.1), or a time that the format cannot express."""


class SessionError(SmppError):
    """The session cannot do now what the caller asked for."""


class InvalidStateError(SessionError):
    """The operation is not allowed in this bind state or for this role."""


class WindowFullError(SessionError):
    """The window is full of requests in flight."""


class NotConnectedError(SessionError):
    """There is no connection to send on."""
