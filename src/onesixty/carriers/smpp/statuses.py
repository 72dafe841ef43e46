"""What a carrier means by a command_status, and by the errors in its receipts: tables, which each carrier can
override.

A row maps to a code of the error catalogue, and the code determines the rest: whether the carrier asks to slow
down (throttled), to try later (retryable) or refuses (permanent), and how far the refusal reaches (its scope).
Statuses which only mean that this link is configured wrongly lead to the next carrier, and do not end the
message. A status in no row, the vendors' range 0x400 to 0x4FF included, is `carrier_refused`: the next carrier.

Sources: SMPP 3.4, 5.1.3; SMPP 5.0, 4.7.6 for 0x100 to 0x112.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from onesixty.carriers.refusals import CODES, DEFAULT, outcome_kind
from onesixty.smpp import constants as c

__all__ = [
    "CODES",
    "DEFAULT",
    "RECEIPT_CODES",
    "TABLE",
    "ReceiptErrors",
    "network_table",
    "outcome_kind",
    "parse_key",
    "receipt_table",
    "table_with",
]

#: The codes that a receipt's `err` or network_error_code may become: why a message did not arrive.
RECEIPT_CODES: Final = (
    "undeliverable",
    "message_refused",
    "recipient_refused",
    "recipient_opted_out",
    "sender_refused",
    "carrier_refused",
    "carrier_expired",
    "carrier_deleted",
    "carrier_rejected",
    "carrier_skipped",
)

TABLE: Final[dict[int, str]] = {
    # slow down: nothing was taken, the lane pauses, order is kept
    c.ESME_RTHROTTLED: "carrier_throttled",
    c.ESME_RMSGQFUL: "carrier_throttled",
    # try later
    c.ESME_RINVBNDSTS: "carrier_busy",
    c.ESME_RSYSERR: "carrier_busy",
    c.ESME_RX_T_APPN: "carrier_busy",
    c.ESME_RUNKNOWNERR: "carrier_busy",
    c.ESME_RSERTYPUNAVAIL: "carrier_busy",
    # the recipient is refused
    c.ESME_RINVDSTADR: "recipient_refused",
    c.ESME_RDELIVERYFAILURE: "recipient_refused",
    c.ESME_RINVDSTADDRSUBUNIT: "recipient_refused",
    # the sender is refused
    c.ESME_RINVSRCADR: "sender_refused",
    c.ESME_RINVSRCTON: "sender_refused",
    c.ESME_RINVSRCNPI: "sender_refused",
    c.ESME_RINVSRCADDRSUBUNIT: "sender_refused",
    # this message is refused
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
    """Return the statuses that the key of an override names: `ESME_RSYSERR`, `0x0401`, `1025` or `0x400-0x40F`.

    Raises ValueError with a sentence that says what is wrong.
    """
    named = _NAMES.get(key.upper())
    if named is not None:
        return range(named, named + 1)
    match = _RANGE.fullmatch(key.strip())
    if match is None:
        raise ValueError(f"{key!r} is not a command_status: write a name, a number or a range")
    first = int(match[1], 0)
    last = int(match[2], 0) if match[2] else first
    if not 0 < first <= last <= 0xFFFFFFFF:
        raise ValueError(f"{key!r} is not a command_status of an error")
    if last - first >= _WIDEST:
        raise ValueError(f"{key!r} spans more than {_WIDEST} statuses")
    return range(first, last + 1)


def table_with(overrides: Mapping[str, str]) -> dict[int, str]:
    """Return the table of one carrier. Raises ValueError for an invalid key or code."""
    table = dict(TABLE)
    # Ranges first, so that a single status overrides a range that contains it, in whatever order the file has them.
    for statuses, code in sorted(
        ((parse_key(key), code) for key, code in overrides.items()), key=lambda entry: -len(entry[0])
    ):
        if code not in CODES:
            raise ValueError(f"{code!r} is not one of {', '.join(CODES)}")
        table.update(dict.fromkeys(statuses, code))
    return table


def receipt_key(err: str) -> str:
    """Return `err` in a comparable form: carriers write 34 and 034, a0F and A0f."""
    return err.strip().lower().lstrip("0") or "0"


def receipt_table(overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the table from `err` to a code. A key has up to 16 characters. Raises ValueError."""
    for err, code in overrides.items():
        if not (0 < len(err) <= 16 and err.isascii() and err.isalnum()):
            raise ValueError(f"{err!r} is not an `err` of a receipt")
        _check_receipt_code(code)
    return {receipt_key(err): code for err, code in overrides.items()}


_NETWORK: Final = re.compile(r"(?:([0-9]{1,3}):)?(0x[0-9a-fA-F]{1,4}|[0-9]{1,5})")


def network_key(network_type: int | None, code: int) -> str:
    """Return the key of a network_error_code: `3:17`, or `17` for that code of any network (SMPP 3.4, 5.3.2.31)."""
    return str(code) if network_type is None else f"{network_type}:{code}"


def network_table(overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the table from network_error_code to a code. A key is `type:code`, or the code alone. Raises
    ValueError."""
    table: dict[str, str] = {}
    for key, code in overrides.items():
        match = _NETWORK.fullmatch(key.strip())
        if match is None or int(match[1] or 0) > 255 or int(match[2], 0) > 0xFFFF:
            raise ValueError(
                f"{key!r} is not a network_error_code: write `type:code`, such as 3:17, or only the code"
            )
        _check_receipt_code(code)
        table[network_key(int(match[1]) if match[1] else None, int(match[2], 0))] = code
    return table


def _check_receipt_code(code: str) -> None:
    if code not in RECEIPT_CODES:
        raise ValueError(f"{code!r} is not one of {', '.join(RECEIPT_CODES)}")


class ReceiptErrors:
    """Looks up the errors of receipts in a carrier's own tables."""

    def __init__(self, errs: Mapping[str, str], networks: Mapping[str, str]) -> None:
        """Raises ValueError for an invalid key or code."""
        self._errs = receipt_table(errs)
        self._networks = network_table(networks)

    def of(self, code: str) -> str | None:
        """Return the catalogue's code for a receipt's code as chosen by `choose`; None if it is in no table."""
        if ":" in code:
            return self._networks.get(code) or self._networks.get(code.partition(":")[2])
        return self._errs.get(receipt_key(code))

    def choose(self, err: str | None, network_error: tuple[int, int] | None) -> str | None:
        """Choose the code to keep of a receipt: `err`, or the network's code if only that one is in a table."""
        if network_error is None:
            return err
        network = network_key(*network_error)
        if err is None or (self._networks and self.of(err) is None and self.of(network) is not None):
            return network
        return err
