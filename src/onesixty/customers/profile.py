"""How onesixty speaks to one SMPP customer: the settings that may differ between credentials.

Every field has a default that suits most ESMEs, so the profile `{}` is a good one. The JSON of this struct is the
column `profile`; unknown fields are refused. docs/reference/smpp-for-customers.md describes every field (a test
checks that it is complete).
"""

from __future__ import annotations

import functools
import ipaddress
import zoneinfo
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from onesixty.core.errors import CATALOGUE, Problem
from onesixty.core.grant import Grant
from onesixty.core.limits import NONE, Limits

Alphabet = Literal["gsm7", "gsm7_packed", "latin1", "ascii"]
Class = Literal["otp", "transactional", "marketing"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_Sender = Annotated[str, Meta(min_length=1, max_length=21)]

#: The upper limits of windows, rates and binds for all profiles.
MOST_WINDOW: Final = 1000
MOST_RATE: Final = 100_000
MOST_BINDS: Final = 100


class SmppProfile(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a customer that binds with this credential is treated."""

    # limits
    max_binds: Annotated[int, Meta(ge=1, le=MOST_BINDS, description="Binds at once on a node.")] = 10
    window: Annotated[
        int, Meta(ge=1, le=MOST_WINDOW, description="Requests on a bind that are not answered yet.")
    ] = 200
    delivery_window: Annotated[
        int, Meta(ge=1, le=MOST_WINDOW, description="Deliveries on a bind that are not answered yet.")
    ] = 50
    rate: Annotated[
        int, Meta(ge=0, le=MOST_RATE, description="Segments a second over all binds; 0 is no limit.")
    ] = 0
    messages_per_day: (
        Annotated[int, Meta(ge=0, description="In a day of the account's time zone; null is no limit.")]
        | None
    ) = None
    messages_per_month: (
        Annotated[int, Meta(ge=0, description="In a month of the account's time zone; null is no limit.")]
        | None
    ) = None
    waiting_messages: (
        Annotated[
            int,
            Meta(ge=0, description="Messages that wait for a carrier at the same time; null is no limit."),
        ]
        | None
    ) = None
    scheduled_messages: (
        Annotated[
            int, Meta(ge=0, description="Messages that are scheduled at the same time; null is no limit.")
        ]
        | None
    ) = None
    throttle_status: Annotated[
        Literal["ESME_RTHROTTLED", "ESME_RMSGQFUL", "ESME_RSYSERR"],
        Meta(description="The answer to requests beyond the window or the rate."),
    ] = "ESME_RTHROTTLED"
    allowed_networks: Annotated[
        list[Annotated[str, Meta(max_length=49)]],
        Meta(max_length=100, description="Addresses and networks that may bind; empty for all."),
    ] = []
    # submitted messages
    alphabet_0: Annotated[Alphabet, Meta(description="What data_coding 0 means.")] = "gsm7"
    alphabet_1: Annotated[Alphabet, Meta(description="What data_coding 1 means.")] = "ascii"
    default_country: (
        Annotated[
            str,
            Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166: national numbers are those of this country."),
        ]
        | None
    ) = None
    default_sender: Annotated[
        str, Meta(max_length=21, description="The sender of messages whose source_addr is empty.")
    ] = ""
    default_class: Annotated[Class, Meta(description="The class of messages.")] = "transactional"
    priority_classes: Annotated[
        dict[Literal["0", "1", "2", "3"], Class],
        Meta(description='The class by priority_flag, such as {"3": "otp"}; others have `default_class`.'),
    ] = {}
    allowed_classes: Annotated[
        tuple[Class, ...],
        Meta(min_length=1, max_length=3, description="The classes that the two fields above may name."),
    ] = ("otp", "transactional", "marketing")
    allowed_senders: Annotated[
        tuple[_Sender, ...], Meta(max_length=100, description="Senders that may be used; empty for all.")
    ] = ()
    max_segments: (
        Annotated[
            int, Meta(ge=1, le=255, description="The most segments of a message; null for the setting.")
        ]
        | None
    ) = None
    deduplicate: Annotated[
        Literal["off", "reference", "content"],
        Meta(
            description="What makes a message a repeat, which is not sent: the same user_message_reference to the "
            "same recipient, or the same content."
        ),
    ] = "off"
    deduplicate_seconds: Annotated[
        int, Meta(ge=1, le=86_400, description="For how long a repeat is recognised.")
    ] = 600
    message_id_form: Annotated[
        Literal["hex", "decimal", "typeid", "short"],
        Meta(description="The form of message ids. A bind of version 3.3 always gets `short`."),
    ] = "hex"
    # receipts and incoming messages
    receipt_style: Annotated[
        Literal["text", "tlv", "both"], Meta(description="Where receipts have their data.")
    ] = "both"
    receipt_time_zone: Annotated[
        str, Meta(max_length=64, description="The time zone of dates in receipts, such as Europe/Berlin.")
    ] = "UTC"
    receipt_date_format: Annotated[
        Literal["YYMMDDhhmm", "YYMMDDhhmmss", "YYYYMMDDhhmmss"], Meta(description="Of dates in receipts.")
    ] = "YYMMDDhhmm"
    receipt_errors: Annotated[
        dict[str, Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,4}$")]],
        Meta(
            max_length=200, description='`err` of receipts by error code, such as {"undeliverable": "001"}.'
        ),
    ] = {}
    deliver_by: Annotated[
        Literal["deliver_sm", "data_sm"], Meta(description="What receipts and incoming messages come as.")
    ] = "deliver_sm"
    number_format: Annotated[
        Literal["digits", "plus"], Meta(description="Numbers in deliveries: digits alone, or with a +.")
    ] = "digits"
    inbound: Annotated[bool, Meta(description="Whether incoming messages go to the binds.")] = True
    inbound_long: Annotated[
        Literal["udh", "payload"],
        Meta(description="Long incoming messages: in parts with a header, or whole in message_payload."),
    ] = "udh"
    outbind: (
        Annotated[
            str,
            Meta(
                max_length=260,
                description="host:port that is called (outbind) if something waits and nobody is bound.",
            ),
        ]
        | None
    ) = None


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
    if profile.receipt_time_zone not in _time_zones():
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


def grant_of(credential_id: str, profile: SmppProfile) -> Grant | None:
    """What a credential may send, if that is less than its account may, or is counted for it alone."""
    limits = Limits(
        messages_per_day=profile.messages_per_day,
        messages_per_month=profile.messages_per_month,
        waiting_messages=profile.waiting_messages,
        scheduled_messages=profile.scheduled_messages,
    )
    if not profile.allowed_senders and limits == NONE:
        return None
    return Grant(id=credential_id, senders=frozenset(profile.allowed_senders), limits=limits)


def profile_view(profile: SmppProfile) -> dict[str, Any]:
    """The profile as the API shows it: every field."""
    return {name: getattr(profile, name) for name in SmppProfile.__struct_fields__}


def networks_of(profile: SmppProfile) -> tuple[Network, ...]:
    """The networks that may bind; empty for all."""
    return tuple(ipaddress.ip_network(text) for text in profile.allowed_networks)


@functools.cache
def _time_zones() -> frozenset[str]:
    # read once: each look reads some six hundred files
    return frozenset(zoneinfo.available_timezones())
