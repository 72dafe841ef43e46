"""submit_sm whose octets are encoded beforehand, except for what differs from message to message.

A sender of many messages knows most fields of its submit_sm before there is a message. A template holds their
octets, made by the codec, so this file has no layout of its own; a property test checks that a template and the
codec write the same. `Session.send_body` puts the header in front.
"""

from collections.abc import Mapping
from typing import Final

from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu

_LONGEST_ADDRESS: Final = 20
_LONGEST_TIME: Final = 16
_LONGEST_MESSAGE: Final = 254
_NOTHING: Final[dict[str, FieldValue]] = {
    "destination_addr": "",
    "validity_period": "",
    "data_coding": 0,
    "short_message": b"",
}


class SubmitTemplate:
    """The octets of `fields`. Raises EncodeError if a value does not fit."""

    __slots__ = ("_after_destination", "_before_destination", "_default_id", "_flags")

    def __init__(self, fields: Mapping[str, FieldValue]) -> None:
        frame = codec.encode(Pdu(c.SUBMIT_SM, 0, 0, {**fields, **_NOTHING}))
        source = frame.index(0, c.HEADER_LENGTH) + 3
        destination = frame.index(0, source) + 3
        self._before_destination = frame[c.HEADER_LENGTH : destination]
        self._after_destination = frame[destination:-6]
        # The NUL of validity_period, registered_delivery and replace_if_present_flag; then come data_coding,
        # sm_default_msg_id and the length of the empty short_message.
        self._flags = frame[-6:-3]
        self._default_id = frame[-2]

    def body(self, destination: str, validity: str, data_coding: int, message: bytes) -> bytes | None:
        """Return the octets after the header, or None if a value is not plain: then the codec decides."""
        if (
            len(destination) > _LONGEST_ADDRESS
            or len(validity) > _LONGEST_TIME
            or len(message) > _LONGEST_MESSAGE
            or not (destination.isascii() and destination.isprintable())
            or not (validity.isascii() and validity.isprintable())
            or not 0 <= data_coding <= 0xFF
        ):
            return None
        return b"%b%b%b%b%b%c%c%c%b" % (
            self._before_destination,
            destination.encode(),
            self._after_destination,
            validity.encode(),
            self._flags,
            data_coding,
            self._default_id,
            len(message),
            message,
        )
