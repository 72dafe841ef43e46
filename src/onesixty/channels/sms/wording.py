"""The wording of a message: how its text is encoded, and how many segments it takes. This also decides its price.

Rules kept here (docs/reference/text.md):
- nothing is cut, guessed or swallowed: a text that does not fit as asked is refused, and the refusal names the field;
- transliteration happens on request only, and is reported (`Composed.changes`);
- `max_segments` of a message replaces the default, up to the limit of all messages;
- national shift tables are used on request only, and only if they need fewer segments.
"""

from __future__ import annotations

from base64 import b64encode

from msgspec.structs import replace

from onesixty import text
from onesixty.channels.sms import content
from onesixty.channels.sms.content import Content
from onesixty.channels.sms.orders import SendOrder, Words
from onesixty.core.channel import Composed
from onesixty.core.errors import Problem


def compose(words: SendOrder | Words, default: int, limit: int = text.MAX_SEGMENTS) -> Composed:
    """The text with its encoding and segments. It may have as many segments as `words` asks for, or `default`, and
    never more than `limit`. Raises Problem."""
    most = max(min(words.max_segments or default, limit), words.had_segments)
    if words.binary is not None:
        return _binary(words, words.binary, most)
    if not words.text:
        raise Problem("text_empty", param="text")
    try:
        if words.content is None and words.language is None and not words.transliterate:
            count = text.count(words.text, words.encoding)  # type: ignore[arg-type]
            composed = Composed(words.text, count.encoding, count.segments, None)
        else:
            composed = _special(words)
    except text.NotInAlphabet as error:
        characters = [{"character": o.character, "position": o.position} for o in error.offending[:20]]
        raise Problem(
            "not_encodable",
            f"`text` has a character that GSM-7 lacks: {error.offending[0].character!r} at position "
            f"{error.offending[0].position}.",
            param="text",
            extra={"characters": characters},
        ) from None
    except text.TooManySegments:
        raise Problem("text_too_long", "`text` needs more than 255 segments.", param="text") from None
    except text.UnknownLanguage as error:
        raise Problem("invalid_field", f"`language`: {error}.", param="language") from None
    except (text.MalformedUDH, text.NoRoom) as error:
        raise Problem("invalid_field", f"`udh`: {error}.", param="udh") from None
    except text.TextError as error:
        raise Problem("invalid_field", str(error), param="text") from None
    _check_length(composed, most, "text")
    return composed


def plain(words: str, most: int) -> tuple[str, int] | None:
    """The encoding and segments of a text without options; None unless it is accepted as it is."""
    try:
        count = text.count(words)
    except text.TextError:
        return None
    return (count.encoding, count.segments) if words and count.segments <= most else None


def _special(words: SendOrder | Words) -> Composed:
    characters, asked = words.text, words.content or _PLAIN
    changes: tuple[text.Replacement, ...] = ()
    if words.transliterate and words.encoding != "ucs2":
        made = text.transliterate(characters, words.language)
        characters, changes = made.text, made.changes
    if asked.cuts:
        count = text.count_cut(characters, words.encoding, asked.cuts, _headers(asked))  # type: ignore[arg-type]
        return Composed(characters, count.encoding, count.segments, content.to_text(asked), changes)
    udh = bytes.fromhex(asked.udh) if asked.udh else b""
    choice = text.choose(characters, words.encoding, words.language, udh)  # type: ignore[arg-type]
    shifts = choice.shifts
    if shifts != text.NO_SHIFTS:
        asked = replace(asked, single_shift=shifts.single, locking_shift=shifts.locking)
    return Composed(characters, choice.encoding, choice.segments, content.to_text(asked), changes)


def _binary(words: SendOrder | Words, octets: bytes, most: int) -> Composed:
    asked = words.content or _PLAIN
    udh = bytes.fromhex(asked.udh) if asked.udh else b""
    try:
        if asked.cuts:
            count = text.count_cut(octets, "auto", asked.cuts, _headers(asked))
        else:
            count = text.count_binary(octets, udh)
    except text.TooManySegments:
        raise Problem("text_too_long", "`binary` needs more than 255 segments.", param="binary") from None
    except text.TextError as error:
        raise Problem("invalid_field", f"`udh`: {error}.", param="udh") from None
    composed = Composed(
        b64encode(octets).decode("ascii"), content.BINARY, count.segments, content.to_text(asked)
    )
    _check_length(composed, most, "binary")
    return composed


def _headers(asked: Content) -> list[bytes]:
    return [bytes.fromhex(header) for header in asked.headers]


def _check_length(composed: Composed, allowed: int, param: str) -> None:
    if composed.units > allowed:
        raise Problem(
            "text_too_long",
            f"`{param}` needs {composed.units} segments in "
            f"{composed.encoding}; at most {allowed} are allowed.",
            param=param,
            extra={"segments": composed.units, "allowed": allowed},
        )


_PLAIN = Content()
