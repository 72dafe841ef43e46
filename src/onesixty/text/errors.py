"""The errors of a text or a user data header.

Every error of this package is a `TextError` with a stable `code`, so that a caller can put it into an answer
without parsing the message. Bad input raises no other exception.
"""

from __future__ import annotations

from typing import NamedTuple


class Offending(NamedTuple):
    """A character that is not in an alphabet.

    `position` is its index in the text, counted in Unicode code points from 0.
    """

    position: int
    character: str


class TextError(ValueError):
    """Base of all errors of `onesixty.text`; `code` is stable."""

    code = "text"


class NotInAlphabet(TextError):
    """The text has characters that the requested alphabet does not have; `offending` lists all of them."""

    code = "not_in_alphabet"

    def __init__(self, alphabet: str, offending: tuple[Offending, ...]) -> None:
        self.alphabet = alphabet
        self.offending = offending
        shown = ", ".join(f"{character!r} at {position}" for position, character in offending[:5])
        more = f" and {len(offending) - 5} more" if len(offending) > 5 else ""
        super().__init__(f"not in the alphabet {alphabet}: {shown}{more}")


class LoneSurrogate(TextError):
    """The text contains half a surrogate pair, which is not a character, so no alphabet can encode it."""

    code = "lone_surrogate"

    def __init__(self, offending: tuple[Offending, ...]) -> None:
        self.offending = offending
        super().__init__(f"half a surrogate pair at position {offending[0].position}")


class Undecodable(TextError):
    """Octets that are not valid text in their declared alphabet; `position` is the index of the bad octet, if
    there is one."""

    code = "undecodable"

    def __init__(self, why: str, position: int | None = None) -> None:
        self.position = position
        super().__init__(why if position is None else f"{why}, at octet {position}")


class TooManySegments(TextError):
    """The text needs more parts than the one octet of the concatenation header can count."""

    code = "too_many_segments"

    def __init__(self) -> None:
        super().__init__("the text needs more than 255 segments")


class MalformedUDH(TextError):
    """The lengths in the user data header do not match its octets."""

    code = "malformed_udh"


class NoRoom(TextError):
    """The user data header leaves no room for the content, or it says that the message is one part of several and
    the content does not fit into that part."""

    code = "no_room"


class NoShiftTables(TextError):
    """The text needs a national language shift table, and the link's data_coding 0 is not GSM 03.38."""

    code = "no_shift_tables"

    def __init__(self, alphabet: str) -> None:
        self.alphabet = alphabet
        super().__init__(f"a shift table cannot go with the alphabet {alphabet}")


class UnknownLanguage(TextError):
    """There is no national language shift table for the requested language."""

    code = "unknown_language"

    def __init__(self, language: str) -> None:
        self.language = language
        super().__init__(f"unknown shift table language {language!r}")
