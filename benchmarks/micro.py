"""What the parts of the hot path cost alone, in microseconds: to find what a change did, not to boast with.

Each part is timed in short rounds and the best one counts, since a shared machine only ever adds.
"""

import time
from collections.abc import Callable

from onesixty import text
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.ids import MESSAGE, IdSource
from onesixty.numbers import parse
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, format_receipt, parse_receipt

_ROUNDS = 5
_CALLS = 2000


def lines(rounds: int = _ROUNDS, calls: int = _CALLS) -> list[str]:
    """A line for each part."""
    return [f"{name:44}{_best(call, rounds, calls):8.2f} us" for name, call in _parts()]


def _parts() -> list[tuple[str, Callable[[], object]]]:
    submit = Pdu(
        c.SUBMIT_SM,
        sequence=7,
        fields={
            "source_addr_ton": 5,
            "source_addr": "YourBrand",
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": "15551234567",
            "registered_delivery": c.RECEIPT_FINAL,
            "short_message": b"Your verification code is 482931",
        },
    )
    receipt = format_receipt(Receipt(id="0123456789", state=c.STATE_DELIVERED))
    deliver = Pdu(
        c.DELIVER_SM,
        sequence=7,
        fields={
            "source_addr": "15551234567",
            "esm_class": c.ESM_TYPE_DELIVERY_RECEIPT,
            "short_message": receipt,
        },
    )
    frame = codec.encode(submit)
    ten = frame * 10
    numbers = iter(range(10_000_000))
    ids = IdSource(SystemClock(), system_random())
    short = "Your verification code is 482931"
    long = "One sentence that is said again, and again. " * 12
    emoji = "Your code is ready \N{GRINNING FACE}"
    return [
        ("submit_sm encode", lambda: codec.encode(submit)),
        ("submit_sm decode", lambda: codec.decode(frame)),
        ("ten frames from one read", lambda: Framer().feed(ten)),
        ("receipt parse", lambda: parse_receipt(deliver)),
        ("text count, one segment GSM-7", lambda: text.count(short)),
        ("text count, one segment UCS-2", lambda: text.count(emoji)),
        ("text segment, four segments GSM-7", lambda: text.segment(long)),
        ("number parse, never seen before", lambda: parse(f"+1555{next(numbers):07d}")),
        ("number parse, seen before", lambda: parse("+15551234567")),
        ("id", lambda: ids.new(MESSAGE)),
    ]


def _best(call: Callable[[], object], rounds: int, calls: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        best = min(best, time.perf_counter() - started)
    return best / calls * 1e6
