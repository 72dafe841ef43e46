"""Reads what a provider reports by calling onesixty: delivery reports and messages from handsets, found by paths.

Rules kept here:
- JSON, forms and query parameters are read alike: names to values, and an array if there are several reports;
- a call is never refused for the content of a report. A report without an id matches no message, and an unknown
  word changes no state; both are kept;
- a body is parsed strictly first, then tolerantly; if it cannot be parsed at all, the problem is `bad_json`;
- the record of a receipt holds the values that the mapping reads, and never the message's text.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from onesixty.carriers.addresses import written
from onesixty.carriers.http.paths import fits, text_at
from onesixty.carriers.http.settings import Inbound, Receipts
from onesixty.carriers.http.signatures import form_of
from onesixty.core.contracts import CallbackRequest, CarrierReceipt, InboundMessage
from onesixty.core.errors import Problem
from onesixty.core.statuses import RECEIPT_WORD
from onesixty.smpp.receipt import normal_id

#: SMPP 3.4, 5.2.28: UNKNOWN, the state for a word that is in no table.
UNKNOWN_STATE: Final = 7

_LONGEST: Final = 255
#: The end of the year 9999 in ms. A later time is treated as no time, so that every database can hold it.
_LATEST: Final = 253_402_300_800_000
#: data_coding of octets and of UCS-2 (SMPP 3.4, 5.2.19).
_OCTETS: Final = 4
_UCS2: Final = 8


def document_of(request: CallbackRequest) -> Any:
    """Parse the body or query of a call. Raises Problem `bad_json`."""
    kind = request.headers.get("content-type", "")
    pairs = parse_qsl(request.query, keep_blank_values=True)
    if not request.body:
        return dict(pairs)
    if "form-urlencoded" in kind or ("json" not in kind and request.body[:1] not in (b"{", b"[")):
        return dict([*pairs, *form_of(request.body)])
    try:
        return msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _tolerantly(request.body, str(error))


def _tolerantly(body: bytes, refusal: str) -> Any:
    """Parse JSON that a strict parser refuses: with a byte order mark before it, with octets that are not UTF-8,
    with control characters or halves of surrogate pairs in strings, with NaN; or a form that calls itself JSON.
    Raises Problem `bad_json`."""
    written_as = body.decode("utf-8-sig", "replace").strip()
    try:
        return json.loads(written_as, strict=False)
    except (ValueError, RecursionError):
        if written_as[:1] not in "{[" and "=" in written_as:
            return dict(form_of(body))
        raise Problem("bad_json", f"The body cannot be read: {refusal}.") from None


def receipts_of(reports: Iterable[Any], mapping: Receipts, carrier_id: str) -> list[CarrierReceipt]:
    """Return the delivery reports among these, in order."""
    return [_receipt(report, mapping, carrier_id) for report in reports if fits(report, mapping.when)]


def inbound_of(
    reports: Iterable[Any], mapping: Inbound, carrier_id: str, now_ms: int
) -> list[InboundMessage]:
    """Return the messages from handsets among these, in order."""
    return [_inbound(one, mapping, carrier_id, now_ms) for one in reports if fits(one, mapping.when)]


def number_of(text: str | None) -> str:
    """Return a number or name in onesixty's form: E.164 if it is a full number."""
    return written(_clean(text or "").strip())


def _receipt(report: Any, mapping: Receipts, carrier_id: str) -> CarrierReceipt:
    id_ = _clean(text_at(report, mapping.id) or "")
    word = _clean(text_at(report, mapping.state) or "")
    code = _clean(text_at(report, mapping.code) or "") or None
    key = normal_id(id_)
    at = text_at(report, mapping.at)
    raw = [("id", id_), ("stat", word), ("err", code), ("done date", _clean(at or ""))]
    return CarrierReceipt(
        carrier_id=carrier_id,
        carrier_message_id=id_,
        candidates=(key,) if key else (),
        state=RECEIPT_WORD.get(mapping.states.get(word, word).upper(), UNKNOWN_STATE),
        code=code,
        sender=number_of(text_at(report, mapping.sender)) or None,
        recipient=number_of(text_at(report, mapping.to)) or None,
        done_at=_time(at, mapping.at_format),
        raw=" ".join(f"{name}:{value}" for name, value in raw if value),
        network=_clean(text_at(report, mapping.network) or "") or None,
    )


def _inbound(one: Any, mapping: Inbound, carrier_id: str, now_ms: int) -> InboundMessage:
    message = InboundMessage(
        carrier_id=carrier_id,
        sender=number_of(text_at(one, mapping.sender)),
        recipient=number_of(text_at(one, mapping.to)),
        payload=b"",
        udh=b"",
        data_coding=0,
        received_at=now_ms,
        carrier_message_id=_clean(text_at(one, mapping.id) or "") or None,
    )
    octets = text_at(one, mapping.octets) if fits(one, mapping.octets_when) else None
    if octets is not None:
        message.payload = _octets(octets, mapping.octets_encoding)
        message.udh = _octets(text_at(one, mapping.udh) or "", "hex")
        message.data_coding = _OCTETS
        return message
    # Databases accept no NUL in a text, and UTF-8 no half of a surrogate pair.
    text = (text_at(one, mapping.text) or "").replace("\0", "").encode("utf-8", "replace").decode()
    message.sar = _place(one, mapping)
    if message.sar is None:
        message.text = text
    else:
        message.payload, message.data_coding = text.encode("utf-16-be"), _UCS2
    return message


def _place(one: Any, mapping: Inbound) -> tuple[int, int, int] | None:
    """Return which part of a long message this is: reference, total and number."""
    found = [text_at(one, path) for path in (mapping.part_reference, mapping.part_total, mapping.part_number)]
    numbers = [_number(text) for text in found]
    reference, total, number = numbers
    if reference is None or total is None or number is None or not 1 <= number <= total <= 255:
        return None
    return (reference & 0xFFFF, total, number) if total > 1 else None


def _number(text: str | None) -> int | None:
    """Parse a number: decimal, or hexadecimal if it has hexadecimal digits."""
    if not text or len(text) > 10:
        return None
    try:
        return int(text, 10 if text.isdigit() else 16)
    except ValueError:
        return None


def _octets(text: str, encoding: str) -> bytes:
    try:
        return bytes.fromhex(text) if encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _time(text: str | None, form: str) -> int | None:
    """Return epoch milliseconds, or None if the time cannot be parsed. A time without a zone is read as UTC."""
    if not text:
        return None
    try:
        if form in ("unix", "unix_ms"):
            found = int(float(text) * (1000 if form == "unix" else 1))
        else:
            moment = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            found = int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < _LATEST else None


def _clean(text: str) -> str:
    """Cut a text to its limit and remove control characters: databases accept no NUL in a text."""
    short = text[:_LONGEST]
    return short if short.isprintable() else "".join(c for c in short if c.isprintable())
