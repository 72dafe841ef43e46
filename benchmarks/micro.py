"""Times the parts of the hot path alone, in microseconds: to see the effect of a change, not to compare products.

Each part is timed in short rounds and the best one counts, because a shared machine can only make it slower.
"""

import asyncio
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from onesixty import text
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.ids import MESSAGE, IdSource
from onesixty.core.message import Message
from onesixty.numbers import parse
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, format_receipt, parse_receipt
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unit

_ROUNDS = 5
_CALLS = 2000
_GROUPS = (1, 10, 100, 500)  # units in a transaction
_UNITS = 2000  # units for each size, fewer for groups of one


def lines(rounds: int = _ROUNDS, calls: int = _CALLS) -> list[str]:
    """Return a line for each part."""
    return [f"{name:44}{_best(call, rounds, calls):8.2f} us" for name, call in _parts()]


def store_lines(directory: Path, units: int = _UNITS) -> list[str]:
    """Return the cost of a message's insert in groups of several sizes, including fsync, on SQLite in `directory`."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        return asyncio.run(_store_lines(f"sqlite:///{directory.resolve()}/micro.db", units))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _store_lines(url: str, units: int) -> list[str]:
    clock = SystemClock()
    statements = load(["onesixty.store", "onesixty.messages", "onesixty.billing"])
    store = await open_store(url, statements, clock=clock, migrate=True)
    lease = (await store.execute("lease_start", node="micro", now=0, ttl=1, sessions="[]"))[0][0]
    ids = IdSource(clock, system_random())
    found = []
    for size in _GROUPS:
        took = await _commit(store, ids, _insert, size, max(units // size // (5 if size == 1 else 1), 1))
        found.append(f"{f'message insert, {size} in a transaction':44}{took:8.2f} us")
    for name, made in (("price held", _held), ("price held of a credit", partial(_spent, int(lease)))):
        took = await _commit(store, ids, made, 100, max(units // 100, 1))
        found.append(f"{f'message insert, {name}, 100':44}{took:8.2f} us")
    await store.close()
    return found


async def _commit(store: Store, ids: IdSource, made: Callable[[str], Unit], size: int, groups: int) -> float:
    """Return microseconds a unit; ids and rows are made before the time starts."""
    batches = [[made(ids.new(MESSAGE)) for _ in range(size)] for _ in range(groups)]
    started = time.perf_counter()
    for batch in batches:
        results = await store.commit(batch)
        if not all(result is True for result in results):
            raise RuntimeError(f"not committed: {results[0]!r}")
    return (time.perf_counter() - started) / groups / size * 1e6


def _insert(message_id: str) -> Unit:
    message = Message(
        id=message_id,
        account_id="acc_benchmark",
        test=False,
        sender="YourBrand",
        recipient="+15551234567",
        text="Your verification code is 482931",
        encoding="gsm7",
        segments=1,
        class_="transactional",
        created_at=0,
        expires_at=1,
        status="queued",
    )
    return Unit(keys=(message_id,), writes=(("message_insert", msgspec.structs.astuple(message)),))


def _held(message_id: str) -> Unit:
    """The same with its price in the ledger."""
    unit = _insert(message_id)
    return replace(unit, writes=(*unit.writes, ("ledger_insert", _ledger_row(message_id))))


def _spent(lease: int, message_id: str) -> Unit:
    """The same for an account with a limit: the row names its slice, and guards."""
    unit = _insert(message_id)
    return replace(unit, guards=(("ledger_spend", (*_ledger_row(message_id), 1, lease)),))


def _ledger_row(message_id: str) -> tuple[object, ...]:
    return (message_id, "hold", "acc_benchmark", 7500, 0, "EUR", 0)


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
