"""The faults of numbers and senders: a stable `code` and a sentence."""

from __future__ import annotations

from typing import Final

NUMBER_CODES: Final[dict[str, str]] = {
    "empty": "The number is empty",
    "not_a_number": "The number has characters that phone numbers cannot have",
    "missing_country_code": "The number does not start with + or 00 and a country code",
    "invalid_country_code": "The country code of the number does not exist",
    "too_short": "The number has too few digits for its country",
    "too_long": "The number has too many digits for its country",
    "invalid_length": "No number of its country has this length",
    "unknown_region": "The default region is not an ISO 3166 code of a country with numbers",
}

SENDER_CODES: Final[dict[str, str]] = NUMBER_CODES | {
    "empty": "The sender is empty",
    "too_long": "The sender is too long: 11 characters for a name, 15 digits for a number",
    "too_short": "The sender is too short: a short code has 3 digits or more",
    "forbidden_character": "The sender has a character that is not allowed",
}


class InvalidNumber(ValueError):
    """The text cannot be a phone number; `code` is a key of `NUMBER_CODES`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(NUMBER_CODES[code])


class InvalidSender(ValueError):
    """The text cannot be a sender; `code` is a key of `SENDER_CODES`.

    `character` is the first forbidden one with code `forbidden_character`, and None otherwise.
    """

    def __init__(self, code: str, character: str | None = None) -> None:
        self.code = code
        self.character = character
        named = "" if character is None else f": {character!r}"
        super().__init__(SENDER_CODES[code] + named)
