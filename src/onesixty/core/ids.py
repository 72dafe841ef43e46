"""TypeIDs: a prefix, an underscore and a UUIDv7 in 26 characters of Crockford's base 32 (lower case).

Rules kept here:
- ids of one source sort in the order they were made, also within a millisecond (RFC 9562, 6.2 method 1:
  the 12 bits of rand_a are a counter that starts at chance);
- the text is the key in the database: what the API shows is what the tables hold.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from onesixty.core.clock import Clock, Random

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS: Final = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_ID: Final = re.compile(r"([a-z]{2,8})_[0-7][0-9a-hjkmnp-tv-z]{25}")

MESSAGE: Final = "msg"
EVENT: Final = "evt"
DELIVERY: Final = "dlv"
WEBHOOK: Final = "whk"
KEY: Final = "key"
ACCOUNT: Final = "acc"
CARRIER: Final = "car"
ROUTE: Final = "rte"
FLIGHT: Final = "flt"
RECEIPT: Final = "rcp"
BATCH: Final = "bat"
REQUEST: Final = "req"
ALERT: Final = "alr"
CAPTURE: Final = "cap"
NUMBER: Final = "num"
#: A part of a long message, as split by a carrier or an SMPP customer.
PART: Final = "prt"
SMPP_CREDENTIAL: Final = "smpp"
BIND: Final = "bnd"
PAUSE: Final = "pau"
JOB: Final = "job"
REFUSAL: Final = "rfs"
ADJUSTMENT: Final = "adj"
AUDIT_ENTRY: Final = "aud"
USER: Final = "usr"
MEMBERSHIP: Final = "mbr"
#: What a user proves who they are with: a password, a passkey.
CREDENTIAL: Final = "crd"
SESSION: Final = "ses"
INVITATION: Final = "inv"
LINK: Final = "lnk"
IDENTITY: Final = "idn"
SAVED_REPORT: Final = "rpt"
#: A run of a saved report.
REPORT_RUN: Final = "run"
SAVED_VIEW: Final = "view"
VERIFY_PROFILE: Final = "vpr"
VERIFICATION: Final = "ver"
VERIFY_BLOCK: Final = "vbl"
TRUSTED_NUMBER: Final = "vtn"
#: A document of a business profile.
DOCUMENT: Final = "doc"
TEMPLATE: Final = "tpl"
#: An approved version of a template.
TEMPLATE_VERSION: Final = "tpv"


class IdSource:
    """Generates ids. Use one per process; create a new one after a fork."""

    __slots__ = ("_clock", "_counter", "_ms", "_prefix", "_random")

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._ms = -1
        self._counter = 0
        self._prefix = ""

    def new(self, prefix: str) -> str:
        """A new id, for example `new("msg")` -> `msg_01h455vb4pex5vsknk084sn02q`."""
        ms = self._clock.now_ms()
        if ms > self._ms:
            self._start(ms, self._random.getrandbits(11))
        else:
            self._counter += 1
            if self._counter > 0xFFF:
                self._start(self._ms + 1, 0)
        low = self._random.getrandbits(62)
        bits = 0x7 << 76 | self._counter << 64 | 0x2 << 62 | low
        pairs = _PAIRS
        return (
            f"{prefix}_{self._prefix}{pairs[bits >> 70]}{pairs[bits >> 60 & 1023]}{pairs[bits >> 50 & 1023]}"
            f"{pairs[bits >> 40 & 1023]}{pairs[bits >> 30 & 1023]}{pairs[bits >> 20 & 1023]}"
            f"{pairs[bits >> 10 & 1023]}{pairs[bits & 1023]}"
        )

    def _start(self, ms: int, counter: int) -> None:
        self._ms = ms
        self._counter = counter
        self._prefix = _time_digits(ms)


def derived(prefix: str, source: str, place: int) -> str:
    """The id of the item at `place` (from 0) of the thing `source`: the same input gives the same id.

    These ids sort by place, and among ids of the time of `source`; 4096 of them share a millisecond.
    """
    digest = blake2b(f"{source} {place}".encode(), digest_size=8).digest()
    low = int.from_bytes(digest, "big") >> 2
    bits = 0x7 << 76 | (place & 0xFFF) << 64 | 0x2 << 62 | low
    digits = "".join([_PAIRS[bits >> shift & 1023] for shift in range(70, -1, -10)])
    return f"{prefix}_{_time_digits(made_at(source) + (place >> 12))}{digits}"


def _time_digits(ms: int) -> str:
    return "".join(_ALPHABET[ms >> shift & 31] for shift in range(45, -1, -5))


def is_id(prefix: str, value: str) -> bool:
    """Whether `value` is a TypeID with this prefix."""
    match = _ID.fullmatch(value)
    return match is not None and match[1] == prefix


def lowest_at(prefix: str, ms: int) -> str:
    """The lowest possible id at `ms`: the bound for time ranges over ids."""
    return f"{prefix}_{_time_digits(max(ms, 0))}{'0' * 16}"


def end_of(prefix: str) -> str:
    """A value after every id with this prefix: the start of a list that is newest first."""
    return f"{prefix}_~"


def span(
    prefix: str,
    after: int | None,
    before: int | None,
    cursor: str | None = None,
    *,
    oldest_first: bool = False,
    early: int = 0,
    late: int = 0,
) -> tuple[str, str]:
    """The ids between which a page of a list is read: above the first one or equal to it, and below the second.

    The list begins `after` and ends `before` these times (epoch ms; None: without a bound), and goes on at `cursor`.
    An id is made up to `early` ms before and `late` ms after the time of its thing: then the time decides.
    """
    above = lowest_at(prefix, (after or 0) - early)
    below = end_of(prefix) if before is None else lowest_at(prefix, before + late)
    if cursor is None:
        return above, below
    return (max(above, cursor), below) if oldest_first else (above, min(below, cursor))


def made_at(value: str) -> int:
    """The millisecond at which an id was generated."""
    digits = value.rsplit("_", 1)[1][:10]
    ms = 0
    for digit in digits:
        ms = ms << 5 | _ALPHABET.index(digit)
    return ms
