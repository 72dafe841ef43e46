"""The settings of an SMPP carrier that say how one message is written. A destination may override them.

`SmppSettings` includes all of these. `destinations` overrides some of them for recipients that begin with
certain digits. So every setting here concerns submit_sm; settings of the link are in `settings`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from onesixty.carriers import settings as shapes
from onesixty.carriers.settings import invalid
from onesixty.carriers.smpp.extra_tlvs import ExtraTlv, compiled

Octet = Annotated[int, msgspec.Meta(ge=0, le=255)]
ServiceType = Annotated[str, msgspec.Meta(max_length=5)]
Priority = Annotated[int, msgspec.Meta(ge=0, le=4)]

SenderKind = Literal["alphanumeric", "numeric", "short_code"]
MessageClass = Literal["otp", "transactional", "marketing"]
RenderedAs = Literal["gsm7", "ucs2", "binary"]
Alphabet = Literal["gsm7", "gsm7_packed", "latin1", "ascii"]
Concatenation = Literal["udh8", "udh16", "sar", "payload"]
Flash = Literal["general", "class", "subunit"]


class TonNpi(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Type of number and numbering plan indicator (SMPP 3.4, 5.2.5 and 5.2.6)."""

    ton: Octet
    npi: Octet


class MessageSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The settings of a carrier that say how its messages are written."""

    #: TON and NPI of every sender. null: by the kind of sender (a name 5/0, a number 1/1, a short code 3/0, or
    #: as `source_kinds` says).
    source_ton: Octet | None = None
    source_npi: Octet | None = None
    source_kinds: dict[SenderKind, TonNpi] = {}
    dest_ton: Octet = 1
    dest_npi: Octet = 1
    #: The form of the recipient: digits alone, with +, or with 00.
    recipient_form: Literal["digits", "plus", "00"] = "digits"
    service_type: ServiceType = ""
    #: service_type of a class of messages, if it differs from `service_type`.
    service_types: dict[MessageClass, ServiceType] = {}

    #: The carrier's meaning of data_coding 0, and whether it passes the octets on unpacked (140 in a segment).
    alphabet: Alphabet = "gsm7"
    eight_bit: bool = False
    #: data_coding for an encoding, if it is not 0, 8 and 4.
    data_codings: dict[RenderedAs, Octet] = {}
    concatenation: Concatenation = "udh8"
    flash: Flash = "general"

    #: The form of validity_period, and the longest that this carrier accepts (0: 31 days).
    validity: Literal["relative", "absolute", "never"] = "relative"
    validity_max_s: Annotated[int, msgspec.Meta(ge=0, le=31 * 86_400)] = 0
    #: The messaging mode in esm_class.
    message_mode: Literal["default", "datagram", "forward", "store_and_forward"] = "default"
    reply_path: bool = False
    protocol_id: Octet = 0
    #: replace_if_present_flag: as the message asks, or the same for all messages.
    replace_if_present: Literal["asked", "always", "never"] = "asked"
    #: priority_flag of a class of messages; 0 for the other classes.
    priorities: dict[MessageClass, Priority] = {}
    #: Also request intermediate notifications (registered_delivery 0x11); a final receipt is always requested.
    intermediate_receipts: bool = False
    tlvs: list[ExtraTlv] = []


FIELDS: Final = tuple(MessageSettings.__struct_fields__)

#: Values of settings that need TLVs, which a link of SMPP 3.3 does not have.
_NEEDS_TLVS: Final = {"concatenation": ("sar", "payload"), "flash": ("subunit",)}


def for_destination(settings: MessageSettings, own: dict[str, Any], param: str) -> MessageSettings:
    """Return the settings for a destination that overrides some of them with its `own`. Raises `Problem` naming
    the field."""
    common = {name: msgspec.to_builtins(getattr(settings, name)) for name in FIELDS}
    return shapes.decode(common | own, MessageSettings, param=param)


def check(settings: MessageSettings, param: str, *, tlvs: bool) -> None:
    """Raise `Problem` for faults beyond what the types express. `tlvs`: whether the link can carry TLVs."""
    for name, words in (
        ("service_type", [settings.service_type]),
        ("service_types", settings.service_types.values()),
    ):
        if not all(is_plain(word) for word in words):
            raise invalid(name, f"`{name}` has a character that SMPP cannot represent.", param=param)
    if settings.eight_bit and settings.alphabet not in ("latin1", "ascii"):
        raise invalid("eight_bit", "`eight_bit` requires `alphabet` latin1 or ascii.", param=param)
    for number, extra in enumerate(settings.tlvs):
        try:
            compiled(extra)
        except ValueError as error:
            raise invalid(f"tlvs[{number}]", f"{error}.", param=param) from None
    if not tlvs:
        for name, values in _NEEDS_TLVS.items():
            if getattr(settings, name) in values:
                raise invalid(name, "SMPP 3.3 has no TLVs, which this needs.", param=param)
        if settings.tlvs:
            raise invalid("tlvs", "SMPP 3.3 has no TLVs.", param=param)


def is_plain(word: str) -> bool:
    """Whether a C-string of ASCII can hold this text."""
    return word.isascii() and word.isprintable()
