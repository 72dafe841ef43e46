"""The settings of a carrier over SMPP, as written under `[[carriers]]` or in the API.

Types and limits are declared here once and checked when the carrier is made; `check` tests what a type cannot
express. Lengths are those of SMPP 3.4, 4.1. The password may be longer than the 8 characters there, because some
carriers issue longer ones, and is sent unchanged.
"""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from onesixty.carriers.settings import invalid
from onesixty.carriers.smpp import extra_tlvs, message_settings, statuses
from onesixty.carriers.smpp.message_settings import MessageSettings, Octet, is_plain
from onesixty.smpp import constants as c

SECRETS: Final = ("password",)

VERSIONS: Final = {
    "3.3": c.INTERFACE_VERSION_33,
    "3.4": c.INTERFACE_VERSION_34,
    "5.0": c.INTERFACE_VERSION_50,
}

Text = Annotated[str, msgspec.Meta(max_length=64)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=3600)]

BindType = Literal["transceiver", "transmitter", "receiver"]
IdForm = Literal["auto", "same", "hex", "decimal"]
AnswerIdForm = Literal["unsaid", "hex", "decimal"]


class SmppSettings(MessageSettings, kw_only=True, forbid_unknown_fields=True):
    """What a row of `carriers` with `type` "smpp" may set: the link here, a message in `MessageSettings`."""

    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 2775
    #: The address of this machine from which the binds connect; empty for the system's choice.
    source_ip: Annotated[str, msgspec.Meta(max_length=45)] = ""
    system_id: Annotated[str, msgspec.Meta(max_length=15)]
    password: Annotated[str, msgspec.Meta(max_length=64)] = ""
    system_type: Annotated[str, msgspec.Meta(max_length=12)] = ""
    interface_version: Literal["3.3", "3.4", "5.0"] = "3.4"
    #: The addresses that the bind serves, in the form that the carrier expects (a regular expression by 5.2.7).
    address_range: Annotated[str, msgspec.Meta(max_length=40)] = ""
    addr_ton: Octet = 0
    addr_npi: Octet = 0

    #: The type of the binds, and their number.
    bind: BindType = "transceiver"
    binds: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    #: Additional binds of type receiver, for carriers whose links are pairs of transmitter and receiver.
    receivers: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    #: Segments that may wait for their answer on one bind.
    window: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    #: Segments a second over all binds; 0 is unlimited.
    throughput: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 0

    tls: bool = False
    #: A PEM file with the certificate authorities to trust; empty for the system's.
    tls_ca_file: str = ""
    #: Our own certificate and its key, as PEM files, for carriers that require one; both may be in the same file.
    tls_cert_file: str = ""
    tls_key_file: str = ""
    #: The name in the carrier's certificate, if it is not `host`.
    tls_server_name: Annotated[str, msgspec.Meta(max_length=253)] = ""
    tls_verify: bool = True

    enquire_link_s: Seconds = 30
    response_timeout_s: Seconds = 30
    bind_timeout_s: Seconds = 10
    #: Pauses before the next attempt, which double from the first value to the second: after a lost or failed
    #: connection, and after a bind that the SMSC refused (ESME_RALYBND after a quick reconnect, a wrong password).
    reconnect_min_s: Seconds = 0.5
    reconnect_max_s: Seconds = 30
    refused_min_s: Seconds = 5
    refused_max_s: Seconds = 300

    #: The form of ids in receipts and answers. Receipts: auto tries every form, same compares the id unchanged,
    #: hex and decimal name its base. Answers: if their base is not set, it is the one that receipts do not use.
    answer_id_form: AnswerIdForm = "unsaid"
    id_form: IdForm = "auto"
    #: Also recognize receipts by their text, if esm_class does not mark them.
    loose_receipts: bool = False
    #: The time zone of the dates in receipts (`Europe/Berlin`); empty: the carrier's dates are not used.
    receipt_timezone: Text = ""
    #: How long to wait for a final receipt, counted from the answer.
    receipt_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=30 * 86_400)] = 72 * 3600

    #: Maps a command_status (a name, a number or a range) to a code of the error catalogue.
    command_status: dict[str, str] = msgspec.field(default_factory=dict)
    #: Maps `err` of a receipt, and network_error_code (`type:code`, or the code alone), to a code of the catalogue.
    receipt_errors: dict[str, str] = msgspec.field(default_factory=dict)
    network_errors: dict[str, str] = msgspec.field(default_factory=dict)
    #: Maps the first digits of recipients to the settings of `MessageSettings` that differ for them.
    destinations: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


def target(settings: SmppSettings) -> object:
    """Where the password is sent, and how the far end is identified there."""
    return (
        *(settings.host, settings.port, settings.tls),
        *(settings.tls_verify, settings.tls_ca_file, settings.tls_server_name),
    )


def asked_ids(settings: SmppSettings) -> frozenset[str]:
    """The ids of registered texts that its TLVs take, for any destination."""
    each = [
        message_settings.for_destination(settings, own, "destinations")
        for own in settings.destinations.values()
    ]
    return frozenset().union(*(extra_tlvs.asked_ids(one.tlvs) for one in (settings, *each)))


def check(settings: SmppSettings, param: str) -> None:
    """Raise `Problem` for faults beyond what the types express."""
    for name in ("host", "system_id", "password", "system_type", "address_range"):
        if not is_plain(getattr(settings, name)):
            raise invalid(name, f"`{name}` has a character that SMPP cannot represent.", param=param)
    if settings.receivers and settings.bind != "transmitter":
        raise invalid("receivers", "`receivers` can be used only with `bind` transmitter.", param=param)
    for pause in ("reconnect", "refused"):
        if getattr(settings, f"{pause}_max_s") < getattr(settings, f"{pause}_min_s"):
            raise invalid(
                f"{pause}_max_s", f"`{pause}_max_s` must not be below `{pause}_min_s`.", param=param
            )
    tlvs = settings.interface_version != "3.3"
    message_settings.check(settings, param, tlvs=tlvs)
    for prefix, own in settings.destinations.items():
        place = f"{param}.destinations.{prefix}"
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 15):
            raise invalid(
                f"destinations.{prefix}", f"{prefix!r} is not the beginning of a number.", param=param
            )
        message_settings.check(message_settings.for_destination(settings, own, place), place, tlvs=tlvs)
    if settings.source_ip:
        try:
            ip_address(settings.source_ip)
        except ValueError:
            raise invalid(
                "source_ip", f"`source_ip` must be an IP address, not {settings.source_ip!r}.", param=param
            ) from None
    if settings.tls_key_file and not settings.tls_cert_file:
        raise invalid("tls_key_file", "`tls_key_file` requires `tls_cert_file`.", param=param)
    if settings.receipt_timezone:
        try:
            ZoneInfo(settings.receipt_timezone)
        except (KeyError, ValueError, OSError):
            raise invalid(
                "receipt_timezone", f"Unknown time zone `{settings.receipt_timezone}`.", param=param
            ) from None
    _check_tls(settings, param)
    for name, table in (
        ("command_status", statuses.table_with),
        ("receipt_errors", statuses.receipt_table),
        ("network_errors", statuses.network_table),
    ):
        for key, code in getattr(settings, name).items():
            try:
                table({key: code})
            except ValueError as error:
                raise invalid(f"{name}.{key}", f"{error}.", param=param) from None


def _check_tls(settings: SmppSettings, param: str) -> None:
    """Raise `Problem` naming the TLS file that cannot be used."""
    if not settings.tls:
        return
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise invalid("tls_ca_file", f"`tls_ca_file` cannot be used: {error}.", param=param) from None
    try:
        _own_certificate(context, settings)
    except (OSError, ssl.SSLError) as error:
        raise invalid("tls_cert_file", f"`tls_cert_file` cannot be used: {error}.", param=param) from None


def tls_name(settings: SmppSettings) -> str:
    """Return the name of the far end for SNI and its certificate, without the final dot of a full name (RFC 6066,
    3)."""
    return (settings.tls_server_name or settings.host).removesuffix(".")


def tls_context(settings: SmppSettings) -> ssl.SSLContext | None:
    """Make the TLS context of the carrier's binds, or None. Raises OSError for a file that cannot be read."""
    if not settings.tls:
        return None
    context = ssl.create_default_context(cafile=settings.tls_ca_file or None)
    if not settings.tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _own_certificate(context, settings)
    return context


def _own_certificate(context: ssl.SSLContext, settings: SmppSettings) -> None:
    if settings.tls_cert_file:
        # An empty passphrase: a key that needs one fails here instead of asking at the terminal.
        context.load_cert_chain(settings.tls_cert_file, settings.tls_key_file or None, password="")
