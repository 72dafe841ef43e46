"""TLVs that a carrier wants in addition to those of the message: compiled from the settings, ready to be written.

A value may name properties of the message in braces, such as `{account}`. `{tag:NAME}` is the text after `NAME:`
or `NAME=` in one of its tags; `{registration:NAME}` is an id under which the template of the message is registered in
the country (India's DLT, for example, needs the ids of entity and template with each message).
A TLV whose value becomes empty this way is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from onesixty.channels.sms.content import content_of, registration
from onesixty.core.message import Message
from onesixty.smpp import tlv
from onesixty.smpp.tlv import Tlv

_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)(?::([^{}]+))?\}")
_LONGEST: Final = 255

#: By placeholder, its value for a message and the sender to use.
_WORDS: Final[dict[str, Callable[[Message, str], str | None]]] = {
    "id": lambda message, sender: message.id,
    "account": lambda message, sender: message.account_id,
    "class": lambda message, sender: message.class_,
    "sender": lambda message, sender: sender,
    "recipient": lambda message, sender: message.recipient.removeprefix("+"),
    "reference": lambda message, sender: message.reference,
    "country": lambda message, sender: message.country,
}
#: Placeholders with an argument.
_NAMED: Final = ("tag", "registration")


class ExtraTlv(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One TLV. `tag` is a number or SMPP's name. Without `type`, a named tag has its own type, and any other tag a
    C-string. `octets` are written in hex. An integer takes `length` octets."""

    tag: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] | str
    value: int | str
    type: Literal["integer", "cstring", "string", "octets"] | None = None
    length: Literal[1, 2, 4, 8] | None = None


#: Makes a TLV of a message and the sender to use; None if it is left out.
Make = Callable[[Message, str], Tlv | None]


class Compiled(NamedTuple):
    """A TLV ready to be written: either `fixed`, the same for every message, or made for each message by `make`."""

    fixed: Tlv | None
    make: Make


def compiled(extra: ExtraTlv) -> Compiled:
    """Compile one TLV. Raises ValueError with a sentence that says what is wrong."""
    tag = _tag(extra.tag)
    kind = extra.type or _kind(tag, extra.value)
    value = extra.value
    if isinstance(value, int) or not _PLACEHOLDER.search(value):
        return Compiled((tag, _octets(tag, kind, value, extra.length)), lambda message, sender: None)
    for name, argument in _PLACEHOLDER.findall(value):
        if (name in _NAMED) != bool(argument) or (name not in _NAMED and name not in _WORDS):
            known = ", ".join(f"{{{word}}}" for word in (*_WORDS, "tag:NAME", "registration:NAME"))
            raise ValueError(f"unknown placeholder {{{name}}}; the placeholders are: {known}")
    template: str = value

    def make(message: Message, sender: str) -> Tlv | None:
        text = _PLACEHOLDER.sub(lambda match: _word(message, sender, match[1], match[2]), template)
        if not text:
            return None
        try:
            return tag, _octets(tag, kind, text, extra.length)
        except ValueError:
            # such as letters where the carrier wants a number: its refusal explains it better than we could
            return None

    return Compiled(None, make)


def asked_ids(extras: Iterable[ExtraTlv]) -> frozenset[str]:
    """The ids of registered texts that these TLVs take."""
    return frozenset(
        argument
        for extra in extras
        if isinstance(extra.value, str)
        for name, argument in _PLACEHOLDER.findall(extra.value)
        if name == "registration" and argument
    )


def _word(message: Message, sender: str, name: str, argument: str | None) -> str:
    if name == "registration" and argument:
        return registration(content_of(message.content), message).get(argument, "") if message.content else ""
    if name != "tag":
        return _WORDS[name](message, sender) or ""
    if message.tags is None:
        return ""
    for entry in msgspec.json.decode(message.tags, type=list[str]):
        key, sign, rest = entry.partition(":") if ":" in entry else entry.partition("=")
        if sign and key == argument:
            return rest
    return ""


def _tag(tag: int | str) -> int:
    if isinstance(tag, int):
        return tag
    row = tlv.TLV_BY_NAME.get(tag)
    if row is not None:
        return row.tag
    try:
        number = int(tag, 0)
    except ValueError:
        raise ValueError(f"{tag!r} is neither a number nor the name of a TLV") from None
    if not 0 <= number <= 0xFFFF:
        raise ValueError(f"{tag!r} is not a tag: a tag has two octets")
    return number


def _kind(tag: int, value: int | str) -> str:
    row = tlv.TLVS.get(tag)
    if row is None:
        return "integer" if isinstance(value, int) else "cstring"
    return {tlv.INTEGER: "integer", tlv.TEXT: "cstring", tlv.OCTETS: "octets"}[row.kind]


def _octets(tag: int, kind: str, value: int | str, length: int | None) -> bytes:
    """Return the value as written on the wire. Raises ValueError."""
    if kind == "integer":
        try:
            number = int(value)
        except ValueError:
            raise ValueError(f"{value!r} is not an integer") from None
        row = tlv.TLVS.get(tag)
        width = length or (row.maximum if row is not None else max(1, -(-number.bit_length() // 8)))
        if not 0 <= number < 1 << 8 * width:
            raise ValueError(f"{number} does not fit {width} octets")
        raw = number.to_bytes(width, "big")
    elif isinstance(value, int):
        raise ValueError(f"a {kind} must be written as a string")
    elif kind == "octets":
        try:
            raw = bytes.fromhex(value)
        except ValueError:
            raise ValueError(f"{value!r} is not hexadecimal") from None
    else:
        try:
            raw = value.encode("latin-1") + (b"\0" if kind == "cstring" else b"")
        except UnicodeEncodeError:
            raise ValueError(f"{value!r} has a character outside Latin-1") from None
        if b"\0" in raw[:-1]:
            raise ValueError("the value contains a NUL")
    if len(raw) > _LONGEST:
        raise ValueError(f"{len(raw)} octets are too many")
    row = tlv.TLVS.get(tag)
    if row is not None and not row.minimum <= len(raw) <= row.maximum:
        raise ValueError(f"{row.name} must have {row.minimum} to {row.maximum} octets, not {len(raw)}")
    return raw


def make_all(extras: list[ExtraTlv]) -> tuple[tuple[Tlv, ...], tuple[Make, ...]]:
    """Return the TLVs that are always the same, and the functions that make one from each message. Raises
    ValueError."""
    ready = [compiled(extra) for extra in extras]
    return (
        tuple(entry.fixed for entry in ready if entry.fixed is not None),
        tuple(entry.make for entry in ready if entry.fixed is None),
    )
