"""The settings of a carrier over SMPP, as they stand under `[[carriers]]` or in the API.

Types and bounds are said here once and checked when the carrier is made; `check` adds what a type cannot
say. Lengths are those of SMPP 3.4, 4.1; the password may be longer than its 8 characters, because
carriers hand such out, and is sent as it is.
"""

from __future__ import annotations

import ssl
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from onesixty.carriers.settings import invalid
from onesixty.carriers.smpp import statuses

SECRETS: Final = ("password",)

Text = Annotated[str, msgspec.Meta(max_length=64)]
Octet = Annotated[int, msgspec.Meta(ge=0, le=255)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=3600)]

BindType = Literal["transceiver", "transmitter", "receiver"]
Alphabet = Literal["gsm7", "latin1", "ascii"]
Concatenation = Literal["udh8", "udh16"]
IdForm = Literal["auto", "same", "hex", "decimal"]


class SmppSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a row of `carriers` with `type` "smpp" may set."""

    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 2775
    system_id: Annotated[str, msgspec.Meta(max_length=15)]
    password: Annotated[str, msgspec.Meta(max_length=64)] = ""
    system_type: Annotated[str, msgspec.Meta(max_length=12)] = ""

    #: The command of the binds, and how many there are.
    bind: BindType = "transceiver"
    binds: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    #: Further binds of type receiver, for carriers whose links are pairs of transmitter and receiver.
    receivers: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    #: Segments of one bind that may wait for their answer.
    window: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    #: Segments a second over all binds; 0 is unlimited.
    throughput: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 0

    tls: bool = False
    #: A file with the authorities to trust, in PEM; empty for the system's.
    tls_ca_file: str = ""
    tls_verify: bool = True

    #: TON and NPI of the sender; null follows its kind (name 5/0, number 1/1, short code 3/0).
    source_ton: Octet | None = None
    source_npi: Octet | None = None
    dest_ton: Octet = 1
    dest_npi: Octet = 1
    service_type: Annotated[str, msgspec.Meta(max_length=5)] = ""

    #: What data_coding 0 means to this carrier, and whether it passes its octets on unpacked (140 a segment).
    alphabet: Alphabet = "gsm7"
    eight_bit: bool = False
    concatenation: Concatenation = "udh8"
    #: Whether validity_period tells the carrier how long the message is worth delivering.
    validity: bool = True

    enquire_link_s: Seconds = 30
    response_timeout_s: Seconds = 30
    bind_timeout_s: Seconds = 10
    #: Pauses before the next try, doubling from the first to the second: after a lost or failed connection,
    #: and after a bind that the SMSC refused (ESME_RALYBND after a quick reconnect, a wrong password).
    reconnect_min_s: Seconds = 0.5
    reconnect_max_s: Seconds = 30
    refused_min_s: Seconds = 5
    refused_max_s: Seconds = 300

    #: How the receipt writes the id of the answer: auto tries every form, same takes it as it is, hex and
    #: decimal say the base of the receipt where the answer has the other one.
    id_form: IdForm = "auto"
    #: Read receipts that esm_class does not mark, by their text.
    loose_receipts: bool = False
    #: The zone of the dates in receipts (`Europe/Berlin`); empty: the carrier's dates are not used.
    receipt_timezone: Text = ""
    #: After how long a final receipt is no longer waited for, counted from the answer.
    receipt_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=30 * 86_400)] = 72 * 3600

    #: command_status (a name, a number or a range) to a code of the error catalogue.
    command_status: dict[str, str] = {}


def check(settings: SmppSettings, param: str) -> None:
    """Raise `Problem` for what the types cannot say."""
    for name in ("host", "system_id", "password", "system_type", "service_type"):
        value: str = getattr(settings, name)
        if not value.isascii() or any(character < " " for character in value):
            raise invalid(name, f"`{name}` has a character that SMPP cannot carry.", param=param)
    if settings.receivers and settings.bind != "transmitter":
        raise invalid("receivers", "`receivers` belongs to `bind` transmitter only.", param=param)
    for pause in ("reconnect", "refused"):
        if getattr(settings, f"{pause}_max_s") < getattr(settings, f"{pause}_min_s"):
            raise invalid(f"{pause}_max_s", f"`{pause}_max_s` is below `{pause}_min_s`.", param=param)
    if settings.eight_bit and settings.alphabet == "gsm7":
        raise invalid("eight_bit", "`eight_bit` needs `alphabet` latin1 or ascii.", param=param)
    if settings.receipt_timezone:
        try:
            ZoneInfo(settings.receipt_timezone)
        except (KeyError, ValueError, OSError):
            raise invalid(
                "receipt_timezone", f"There is no time zone {settings.receipt_timezone!r}.", param=param
            ) from None
    try:
        tls_context(settings)
    except (OSError, ssl.SSLError) as error:
        raise invalid("tls_ca_file", f"`tls_ca_file` cannot be used: {error}.", param=param) from None
    for key, code in settings.command_status.items():
        try:
            statuses.table_with({key: code})
        except ValueError as error:
            raise invalid(f"command_status.{key}", f"{error}.", param=param) from None


def tls_context(settings: SmppSettings) -> ssl.SSLContext | None:
    """The TLS context of the carrier's binds, or None. Raises OSError for a file that cannot be read."""
    if not settings.tls:
        return None
    context = ssl.create_default_context(cafile=settings.tls_ca_file or None)
    if not settings.tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
