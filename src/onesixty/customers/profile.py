"""How onesixty speaks to one SMPP customer: the settings that may differ between credentials.

Every field has a default that suits most ESMEs, so the profile `{}` is a good one. The JSON of this struct is the
column `profile`; unknown fields are refused. docs/reference/smpp-for-customers.md describes every field (a test
checks that it is complete).
"""

from __future__ import annotations

import ipaddress
import zoneinfo
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from onesixty.core.errors import CATALOGUE, Problem

Alphabet = Literal["gsm7", "gsm7_packed", "latin1", "ascii"]
Class = Literal["otp", "transactional", "marketing"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The upper limits of windows, rates and binds for all profiles.
MOST_WINDOW: Final = 1000
MOST_RATE: Final = 100_000
MOST_BINDS: Final = 100


class SmppProfile(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a customer that binds with this credential is treated."""

    # limits
    max_binds: Annotated[int, Meta(ge=1, le=MOST_BINDS)] = 10
    window: Annotated[int, Meta(ge=1, le=MOST_WINDOW)] = 200
    delivery_window: Annotated[int, Meta(ge=1, le=MOST_WINDOW)] = 50
    rate: Annotated[int, Meta(ge=0, le=MOST_RATE)] = 0
    throttle_status: Literal["ESME_RTHROTTLED", "ESME_RMSGQFUL", "ESME_RSYSERR"] = "ESME_RTHROTTLED"
    allowed_networks: Annotated[list[Annotated[str, Meta(max_length=49)]], Meta(max_length=100)] = []
    # submitted messages
    alphabet_0: Alphabet = "gsm7"
    alphabet_1: Alphabet = "ascii"
    default_country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] | None = None
    default_sender: Annotated[str, Meta(max_length=21)] = ""
    default_class: Class = "transactional"
    priority_classes: dict[Literal["0", "1", "2", "3"], Class] = {}
    allowed_classes: Annotated[tuple[Class, ...], Meta(min_length=1, max_length=3)] = (
        "otp",
        "transactional",
        "marketing",
    )
    max_segments: Annotated[int, Meta(ge=1, le=255)] | None = None
    deduplicate: Literal["off", "reference", "content"] = "off"
    deduplicate_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 600
    message_id_form: Literal["hex", "decimal", "typeid", "short"] = "hex"
    # receipts and incoming messages
    receipt_style: Literal["text", "tlv", "both"] = "both"
    receipt_time_zone: Annotated[str, Meta(max_length=64)] = "UTC"
    receipt_date_format: Literal["YYMMDDhhmm", "YYMMDDhhmmss", "YYYYMMDDhhmmss"] = "YYMMDDhhmm"
    receipt_errors: Annotated[
        dict[str, Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,4}$")]], Meta(max_length=200)
    ] = {}
    deliver_by: Literal["deliver_sm", "data_sm"] = "deliver_sm"
    number_format: Literal["digits", "plus"] = "digits"
    inbound: bool = True
    inbound_long: Literal["udh", "payload"] = "udh"
    outbind: Annotated[str, Meta(max_length=260)] | None = None


def checked(profile: SmppProfile) -> SmppProfile:
    """A profile whose fields are consistent. Raises Problem `invalid_field` that names the field."""
    for index, network in enumerate(profile.allowed_networks):
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise Problem("invalid_field", f"{error}.", param=f"profile.allowed_networks[{index}]") from None
    if profile.default_class not in profile.allowed_classes:
        raise Problem(
            "invalid_field",
            "`default_class` must be one of `allowed_classes`.",
            param="profile.default_class",
        )
    for flag, class_ in profile.priority_classes.items():
        if class_ not in profile.allowed_classes:
            raise Problem(
                "invalid_field",
                "`priority_classes` must map to `allowed_classes` only.",
                param=f"profile.priority_classes.{flag}",
            )
    if profile.default_country is not None:
        # Imported here: the store process reads the table of credentials, and needs no numbering plans.
        import phonenumbers

        if profile.default_country not in phonenumbers.SUPPORTED_REGIONS:
            raise Problem(
                "invalid_field",
                f"Unknown country `{profile.default_country}`; write an ISO 3166 code such as DE.",
                param="profile.default_country",
            )
    if profile.receipt_time_zone not in zoneinfo.available_timezones():
        raise Problem(
            "invalid_field",
            f"Unknown time zone `{profile.receipt_time_zone}`; write an IANA name such as Europe/Berlin.",
            param="profile.receipt_time_zone",
        )
    for code in profile.receipt_errors:
        if code not in CATALOGUE:
            raise Problem("invalid_field", f"Unknown error code `{code}`.", param="profile.receipt_errors")
    if profile.outbind is not None:
        host, colon, port = profile.outbind.rpartition(":")
        if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise Problem("invalid_field", "`outbind` must be host:port.", param="profile.outbind")
    return profile


def profile_view(profile: SmppProfile) -> dict[str, Any]:
    """The profile as the API shows it: every field."""
    return {name: getattr(profile, name) for name in SmppProfile.__struct_fields__}


def networks_of(profile: SmppProfile) -> tuple[Network, ...]:
    """The networks that may bind; empty for all."""
    return tuple(ipaddress.ip_network(text) for text in profile.allowed_networks)
