"""Delivery receipts as carriers write them: the plain form of Appendix B, and many wrong forms.

A style takes the correct receipt (id, state, err, dates) and returns short_message and TLVs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.receipt import Receipt, format_receipt, format_receipt_date
from onesixty.smpp.tlv import Tlv


class Written(NamedTuple):
    """A receipt on the wire."""

    text: bytes
    tlvs: tuple[Tlv, ...]


Style = Callable[[Receipt], Written]


def receipt_for(message_id: str, state: int, error: str, submitted_ms: int, done_ms: int) -> Receipt:
    """Make the content of a receipt. Dates are UTC."""
    return Receipt(
        id=message_id,
        state=state,
        err=error,
        submit_date=format_receipt_date(datetime.fromtimestamp(submitted_ms // 1000, UTC)),
        done_date=format_receipt_date(datetime.fromtimestamp(done_ms // 1000, UTC)),
    )


def plain(receipt: Receipt) -> Written:
    """Text as in Appendix B, and TLVs with the same content."""
    return Written(format_receipt(receipt), _tlvs(receipt))


def text_only(receipt: Receipt) -> Written:
    """Text as in Appendix B and no TLVs, as in SMPP 3.3."""
    return Written(format_receipt(receipt), ())


def tlv_only(receipt: Receipt) -> Written:
    """TLVs and no text."""
    return Written(b"", _tlvs(receipt))


def at_odds(receipt: Receipt) -> Written:
    """The text has the final state, which is the true one; the TLV says ENROUTE."""
    return Written(format_receipt(receipt), _tlvs(receipt, state=c.STATE_ENROUTE))


def without_counts(receipt: Receipt) -> Written:
    """`sub` and `dlvrd` are missing."""
    parts = format_receipt(receipt).split(b" ")
    return Written(b" ".join(part for part in parts if not part.startswith((b"sub:", b"dlvrd:"))), ())


def without_text(receipt: Receipt) -> Written:
    """The last part, `text:`, is missing."""
    return Written(format_receipt(receipt).partition(b" text:")[0], ())


def err_null(receipt: Receipt) -> Written:
    """`err:null`, as written by a program without a value."""
    return Written(_with_error(receipt, b"null"), ())


def err_four_digits(receipt: Receipt) -> Written:
    """An err of four digits, where the specification has three."""
    return Written(_with_error(receipt, b"0" + (receipt.err or "000").encode()), ())


def stat_failed(receipt: Receipt) -> Written:
    """`stat:FAILED` for every state except DELIVRD."""
    word = b"stat:DELIVRD" if receipt.state == c.STATE_DELIVERED else b"stat:FAILED"
    before, _, after = format_receipt(receipt).partition(b"stat:")
    return Written(before + word + b" " + after.partition(b" ")[2], ())


def lower_case(receipt: Receipt) -> Written:
    """Everything in lower case, including the id."""
    return Written(format_receipt(receipt).lower(), ())


def _tlvs(receipt: Receipt, state: int | None = None) -> tuple[Tlv, ...]:
    told = receipt.state if state is None else state
    return (
        (tlv.RECEIPTED_MESSAGE_ID, (receipt.id or "").encode("latin-1") + b"\0"),
        (tlv.MESSAGE_STATE, bytes((c.STATE_UNKNOWN if told is None else told,))),
    )


def _with_error(receipt: Receipt, error: bytes) -> bytes:
    before, _, after = format_receipt(receipt).partition(b" err:")
    return before + b" err:" + error + b" " + after.partition(b" ")[2]
