"""What a send request can ask for beyond plain text: flash, binary, its own header, ports.

Values are checked here, so that a refusal names the field; intake checks whether they fit into a message.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Final

from msgspec.structs import replace

from onesixty import text
from onesixty.channels.sms.content import Content
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.errors import Problem
from onesixty.doors.v1.send_request import SendRequest

#: Application port addressing, 16 bit: destination and source port (3GPP TS 23.040, 9.2.3.24.4).
PORTS_8: Final = 0x04
PORTS_16: Final = 0x05
#: National language single and locking shift: intake adds them if they are needed (9.2.3.24.15 and 16).
SHIFTS: Final = frozenset({0x24, 0x25})


def apply_options(order: SendOrder, request: SendRequest) -> None:
    """Set the order's fields beyond plain text. Raises Problem."""
    if request.binary is None:
        if request.text is None and request.template is None:
            raise Problem("missing_field", "`text` is missing.", param="text")
    else:
        for name, given in (
            ("text", request.text is not None),
            ("encoding", request.encoding != "auto"),
            ("language", request.language is not None),
            ("transliterate", request.transliterate),
        ):
            if given:
                raise Problem("invalid_field", f"`{name}` and `binary` are mutually exclusive.", param=name)
        order.binary = octets_of(request.binary)
    header = header_of(request.udh, request.destination_port, request.source_port, order.binary is None)
    if request.flash or header:
        order.content = replace(order.content or Content(), flash=request.flash, udh=header)


def octets_of(binary: str) -> bytes:
    """The octets of the field `binary`. Raises Problem."""
    try:
        octets = b64decode(binary, validate=True)
    except (binascii.Error, ValueError):
        raise Problem("invalid_field", "`binary` is not valid base64.", param="binary") from None
    if not octets:
        raise Problem("invalid_field", "`binary` is empty.", param="binary")
    return octets


def header_of(
    udh: str | None, destination_port: int | None, source_port: int | None, is_text: bool
) -> str | None:
    """The user data header for these fields, in hex with its length octet; None if they ask for none.

    Raises Problem.
    """
    elements: list[text.InformationElement] = []
    if udh is not None:
        try:
            elements += text.parse_udh(bytes.fromhex(udh))
        except text.MalformedUDH as error:
            raise Problem("invalid_field", f"`udh`: {error}.", param="udh") from None
        except ValueError:
            raise Problem("invalid_field", "`udh` is not valid hex.", param="udh") from None
    asked = {element.identifier for element in elements}
    if is_text and asked & SHIFTS:
        raise Problem("invalid_field", "`udh` must not contain shift tables; use `language`.", param="udh")
    if destination_port is not None:
        if asked & {PORTS_8, PORTS_16}:
            raise Problem("invalid_field", "`udh` already contains ports.", param="destination_port")
        ports = destination_port.to_bytes(2) + (source_port or 0).to_bytes(2)
        elements.append(text.InformationElement(PORTS_16, ports))
    elif source_port is not None:
        raise Problem("missing_field", "`destination_port` is missing.", param="destination_port")
    if not elements:
        return None
    try:
        return text.compose_udh(elements).hex()
    except text.NoRoom as error:
        raise Problem("invalid_field", f"{error}.", param="udh") from None
