"""What the regular expressions of fields allow, in words: people who fill in a form do not read expressions.

Rules kept here:
- a row ends the sentence that begins with the name of the field: "`currency` must be ...";
- every expression of the API, of the settings and of the types of carriers has its row. A test holds that.
"""

from __future__ import annotations

from typing import Final

_COUNTRY = "must be a country of ISO 3166 in two letters, such as DE"
_CAPITALS = "must be a country of ISO 3166 in two capital letters, such as DE"
_NETWORK = "must be the MCC and MNC of a network in 5 or 6 digits, such as 26201"
_ORIGIN = "must be http:// or https:// and a host, without a path"
_E164 = "must be a number in E.164 form, such as +4915112345678"

WORDS: Final = {
    # numbers, networks and countries
    r"^\+[1-9][0-9]{6,14}$": _E164,
    r"^\+[1-9][0-9]{3,14}\*?$": f"{_E164}, or its first digits with `*` behind them",
    r"^\+?[0-9]{3,15}$": "must be 3 to 15 digits of a number, with or without `+`",
    r"^\+?[1-9][0-9]{0,14}$": "must be the first digits of an international number, with or without `+`",
    r"^[1-9][0-9]{0,14}$": "must be the first digits of an international number, without `+`",
    r"^[0-9]{1,15}$": "must be 1 to 15 digits",
    r"^[0-9]{5,6}$": _NETWORK,
    r"^([0-9]{5,6})?$": f"{_NETWORK}, or empty",
    r"^[A-Z]{2}$": _CAPITALS,
    r"^[A-Z]{2}$|^001$": f"{_CAPITALS}, or 001 for no country",
    r"^[A-Za-z]{2}$": _COUNTRY,
    r"^([A-Za-z]{2}|001)$": f"{_COUNTRY}, or 001 for no country",
    r"^([A-Za-z]{2}|001)?$": f"{_COUNTRY}, 001 for no country, or empty",
    # money and times
    r"^[A-Z]{3}$": "must be a currency of ISO 4217 in three capital letters, such as EUR",
    r"^[0-9]{1,12}(\.[0-9]{1,6})?$": (
        "must be an amount with at most 12 digits before the point and 6 behind it, such as 12.50"
    ),
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "must be a time of the day, such as 08:30",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$": "must be a time of the day from 00:00 to 24:00, such as 08:30",
    # addresses
    r"^[!-?A-~]+@[!-?A-~]+$": "must be an e-mail address",
    r"^https?://[^\x00-\x20\x7f]+$": "must be a URL that begins with http:// or https://",
    r"^https?://[^/?#{}@\s]+$": _ORIGIN,
    r"^(https?://[^/?#{}@\s]+)?$": f"{_ORIGIN}, or empty",
    # names, passwords and texts
    r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,14}$": (
        "must be 1 to 15 letters, digits, `.`, `_` and `-`, and begin with a letter or digit"
    ),
    r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,99}$": (
        "must be 1 to 100 letters, digits, `.`, `_` and `-`, and begin with a letter or digit"
    ),
    r"^[a-z][a-z0-9_]{0,31}$": "must be 1 to 32 small letters, digits and `_`, and begin with a letter",
    r"^[a-z0-9_]+$": "must be small letters, digits and `_` alone",
    r"^[A-Za-z0-9_\-]+$": "must be letters, digits, `_` and `-` alone",
    r"^[A-Za-z0-9._~-]*$": "must be letters, digits, `.`, `_`, `~` and `-` alone",
    r"^[A-Za-z0-9._-]*$": "must be letters, digits, `.`, `_` and `-` alone",
    r"^[A-Za-z0-9]{1,64}$": "must be 1 to 64 letters and digits",
    r"^[A-Za-z0-9]{0,64}$": "must be at most 64 letters and digits",
    r"^[A-Za-z0-9-]{1,64}$": "must be 1 to 64 letters, digits and `-`",
    r"^[0-9A-Za-z]{1,4}$": "must be 1 to 4 letters and digits",
    r"^[!-~]+$": "must be printable ASCII without spaces",
    r"^[\x21-\x7e]{1,15}$": "must be 1 to 15 characters of printable ASCII without spaces",
    r"^[\x21-\x7e]{8,64}$": "must be 8 to 64 characters of printable ASCII without spaces",
    r"^[!-z|~]+$": "must be printable ASCII without spaces, `{` and `}`",
    r"^[!-z|~]*$": "must be printable ASCII without spaces, `{` and `}`, or empty",
    r"^[^\x00-\x1f\x7f]+$": "must have no line breaks and other control characters",
    r"^[^\x00-\x1f\x7f/\\]+$": "must have no `/`, no `\\` and no control characters",
    # ids and places
    r"^msg_[0-9a-hjkmnp-tv-z]{26}$": "must be the id of a message, such as msg_01h455vb4pex5vsknk084sn02q",
    r"^[0-9a-f]{64}$": "must be a SHA-256 hash in 64 hexadecimal digits, with small letters",
    r"^[1-9][0-9]{0,8}$": "must be a whole number from 1 to 999999999",
    r"^[a-z][a-z0-9]*(?:[-/][a-z0-9]+)*$": "must be the path of a page of the console, such as messages",
}


def fault(pattern: str) -> str:
    """What is wrong with a value that this expression does not match."""
    return WORDS.get(pattern, f"must match `{pattern}`")
