"""What a carrier means by a command_status: a table, overridable for each carrier.

A row is a code of the error catalogue, and the code says the rest: whether it is an answer to slow down
(throttled), to come again (retryable) or no (permanent), and how far the no reaches (its scope). Statuses
that only say that this link is set up wrongly lead to the next carrier, not to the end of the message.
What is in no row, the vendors' range 0x400 to 0x4FF included, is `carrier_refused`: the next carrier.

Sources: SMPP 3.4, 5.1.3; SMPP 5.0, 4.7.6 for 0x100 to 0x112.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from onesixty.carriers.refusals import CODES, DEFAULT, outcome_kind
from onesixty.smpp import constants as c

__all__ = ["CODES", "DEFAULT", "TABLE", "outcome_kind", "parse_key", "table_with"]

TABLE: Final[dict[int, str]] = {
    # slow down: nothing was taken, the lane pauses, order is kept
    c.ESME_RTHROTTLED: "carrier_throttled",
    c.ESME_RMSGQFUL: "carrier_throttled",
    # not now
    c.ESME_RINVBNDSTS: "carrier_busy",
    c.ESME_RSYSERR: "carrier_busy",
    c.ESME_RX_T_APPN: "carrier_busy",
    c.ESME_RUNKNOWNERR: "carrier_busy",
    c.ESME_RSERTYPUNAVAIL: "carrier_busy",
    # the recipient
    c.ESME_RINVDSTADR: "recipient_refused",
    c.ESME_RDELIVERYFAILURE: "recipient_refused",
    c.ESME_RINVDSTADDRSUBUNIT: "recipient_refused",
    # the sender
    c.ESME_RINVSRCADR: "sender_refused",
    c.ESME_RINVSRCTON: "sender_refused",
    c.ESME_RINVSRCNPI: "sender_refused",
    c.ESME_RINVSRCADDRSUBUNIT: "sender_refused",
    # this message
    c.ESME_RINVMSGLEN: "message_refused",
    c.ESME_RX_P_APPN: "message_refused",
    c.ESME_RX_R_APPN: "message_refused",
    c.ESME_RPROHIBITED: "message_refused",
    c.ESME_RINVDCS: "message_refused",
}

_NAMES: Final = {info.name: status for status, info in c.STATUSES.items()}
_RANGE: Final = re.compile(r"(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})(?:-(0x[0-9a-fA-F]{1,8}|[0-9]{1,10}))?")
_WIDEST: Final = 0x400


def parse_key(key: str) -> range:
    """The statuses that a key of an override names: `ESME_RSYSERR`, `0x0401`, `1025` or `0x400-0x40F`.

    Raises ValueError with a sentence that says what is wrong.
    """
    named = _NAMES.get(key.upper())
    if named is not None:
        return range(named, named + 1)
    match = _RANGE.fullmatch(key.strip())
    if match is None:
        raise ValueError(f"{key!r} is no command_status: write a name, a number or a range")
    first = int(match[1], 0)
    last = int(match[2], 0) if match[2] else first
    if not 0 < first <= last <= 0xFFFFFFFF:
        raise ValueError(f"{key!r} is no command_status that could be refused with")
    if last - first >= _WIDEST:
        raise ValueError(f"{key!r} spans more than {_WIDEST} statuses")
    return range(first, last + 1)


def table_with(overrides: Mapping[str, str]) -> dict[int, str]:
    """The table of one carrier. Raises ValueError for a key or a code that cannot be used."""
    table = dict(TABLE)
    # Ranges first, so that a single status inside one can be told apart whatever the order in the file.
    for statuses, code in sorted(
        ((parse_key(key), code) for key, code in overrides.items()), key=lambda entry: -len(entry[0])
    ):
        if code not in CODES:
            raise ValueError(f"{code!r} is none of {', '.join(CODES)}")
        table.update(dict.fromkeys(statuses, code))
    return table
