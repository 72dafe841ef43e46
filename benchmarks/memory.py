"""`make memory`, or `python -m benchmarks.memory`: the memory that a node needs with a million messages waiting.

The product runs as its users run it, with one SMPP carrier that is down. Most messages are accepted in process,
directly by intake, because that is the fastest way to a million; the rest come over HTTP. Then the carrier comes up.

Rules kept here:
- memory is resident memory, summed over the node's processes, at its highest between start and bind;
- the time to the first message runs from the carrier's acceptance of the first bind to its first submit_sm;
- every sender stands for one account and class, and numbers its recipients, so that the carrier's record shows
  shares and order;
- everything is on loopback and bounded; files are written to a directory of its own, which is removed at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from onesixty.app.platform import Platform
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.clock import SystemClock
from onesixty.core.message import CLASSES, MARKETING, OTP, TRANSACTIONAL, Message
from onesixty.core.tenant import Tenant
from onesixty.load.bounds import Bounds
from onesixty.load.http import HttpLoad, v1_target
from onesixty.ops.settings import Settings
from onesixty.simulator.smsc import SimulatedSmsc, SmscOptions
from tests.support.process import Product
from tests.support.waiting import free_port

WORK = Path(__file__).parents[1] / "build" / "memory"
ACCOUNTS = 3
#: The classes of twenty messages: the small classes join a lane that is full of marketing.
MIX = (OTP, *(TRANSACTIONAL,) * 4, *(MARKETING,) * 15)
BATCH = 500
VALID_S = 86_400
#: The shares are counted over this many of the first messages.
WINDOW = 1000
MOST_WAIT_S = 60.0


@dataclass
class Figures:
    """The result. Memory in MB (2**20 bytes), times in seconds, shares from 0 to 1."""

    messages: int
    start_mb: float = 0.0
    waiting_mb: float = 0.0
    after_mb: float = 0.0
    first_s: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)
    #: Messages that arrived after a later message of the same account and class.
    out_of_order: int = 0
    #: How many messages the carrier got, and how many of them more than once.
    received: int = 0
    doubled: int = 0

    def lines(self) -> list[str]:
        """Return the result as lines for the console."""
        shares = ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items())
        return [
            f"after start                  {self.start_mb:8.0f} MB   (bound 150)",
            f"{self.messages:>9,} waiting, carrier down {self.waiting_mb:4.0f} MB   (bound 400)",
            f"from bind to first message   {self.first_s:8.3f} s    (bound 1)",
            f"shares of the first {WINDOW:,}: {shares} (80, 15, 5 while all press)",
            f"out of order {self.out_of_order}, received {self.received:,}, doubled {self.doubled}",
            f"at the end                   {self.after_mb:8.0f} MB",
        ]


async def measure(messages: int, live: int, directory: Path, *, until: int) -> Figures:
    """Let `messages` wait, `live` of them sent over HTTP, and observe until the carrier has `until` of them."""
    figures = Figures(messages)
    port = free_port()
    carrier = {
        "name": "acme", "type": "smpp", "host": "127.0.0.1", "port": port, "system_id": "test", "window": 100,
        "reconnect_min_s": 0.1, "reconnect_max_s": 0.3,
    }  # fmt: skip
    settings: dict[str, Any] = {
        "carriers": json.dumps([carrier]),
        "routes": json.dumps([{"name": "default", "carriers": ["acme"]}]),
        "log_level": "error",
    }
    product = Product(directory, preloaded=False, **settings)
    try:
        await asyncio.to_thread(product.start)
        await asyncio.sleep(1.0)
        figures.start_mb = resident(product.pid)
        await asyncio.to_thread(product.stop)
        await fill(messages - live, directory / "data", carrier)
        await asyncio.to_thread(product.start, 120.0)
        watch = Watch(product.pid)
        await send_live(product, live)
        await asyncio.sleep(2.0)
        figures.waiting_mb = await watch.end()
        await _carrier_comes(figures, product, port, until)
    finally:
        if product.running:
            await asyncio.to_thread(product.kill)
    return figures


async def fill(messages: int, data_dir: Path, carrier: dict[str, Any]) -> None:
    """Accept messages in process: everything that intake does, without HTTP."""
    settings = Settings(
        data_dir=data_dir, processes="1", carriers=[carrier],
        routes=[{"name": "default", "carriers": [carrier["name"]]}],
    )  # fmt: skip
    platform = Platform(settings)
    await platform.start(doors=False)
    accounts = list(platform.features.accounts.book)
    while len(accounts) < ACCOUNTS:
        account, _ = await platform.features.accounts.create(f"account {len(accounts)}", "EUR", 5000)
        accounts.append(account.id)
    for first in range(0, messages, BATCH):
        orders = [_order(number, accounts) for number in range(first, min(first + BATCH, messages))]
        for result in await platform.features.path.intake.accept(orders):
            assert isinstance(result, Message), result
    await platform.stop()


def _order(number: int, accounts: list[str]) -> SendOrder:
    account, class_ = number % ACCOUNTS, MIX[number // ACCOUNTS % len(MIX)]
    return SendOrder(
        tenant=Tenant(accounts[account], False),
        sender=f"{class_[:9]}{account}",
        recipient=f"+1555{number:07d}",
        text="Your verification code is 482931",
        class_=class_,
        valid_for=VALID_S,
    )


async def send_live(product: Product, messages: int) -> None:
    """Send the remaining messages over HTTP; each connection waits for one answer before the next request."""
    if not messages:
        return
    target = v1_target(
        product.url,
        product.admin_key,
        sender="live",
        text="Your code is 482931",
        extra={"valid_for": VALID_S},
    )
    load = HttpLoad(target, Bounds(messages, 600.0, 0.0), connections=32, first=9_000_000)
    report = await load.run()
    assert report.accepted == messages, report.answers


async def _carrier_comes(figures: Figures, product: Product, port: int, until: int) -> None:
    options = SmscOptions(
        port=port, latency_ms=2, latency_jitter_ms=1, receipts_missing=1.0, record=until, window=1000
    )
    smsc = SimulatedSmsc(options, clock=SystemClock(), random=random.Random(1))
    await smsc.start()
    try:
        bound = await _reached(smsc, "binds", 1)
        figures.first_s = await _reached(smsc, "received", 1) - bound
        await _reached(smsc, "received", until)
        figures.after_mb = resident(product.pid)
        _judge(figures, smsc)
    finally:
        await smsc.stop(1.0)


async def _reached(smsc: SimulatedSmsc, counter: str, count: int) -> float:
    """Wait until the counter reaches the count, and return the time. Raises AssertionError if nothing arrives for
    a minute."""
    last, since = smsc.counters[counter], time.monotonic()
    while smsc.counters[counter] < count:
        await asyncio.sleep(0.002)
        if smsc.counters[counter] != last:
            last, since = smsc.counters[counter], time.monotonic()
        assert time.monotonic() - since < MOST_WAIT_S, f"{counter}: {last} of {count}"
    return time.monotonic()


def _judge(figures: Figures, smsc: SimulatedSmsc) -> None:
    got = [(pdu.text("source_addr"), int(pdu.text("destination_addr")[-7:])) for pdu in smsc.messages]
    first = Counter(sender for sender, _ in got[:WINDOW])
    for class_ in CLASSES:
        names = {f"{class_[:9]}{account}" for account in range(ACCOUNTS)}
        names |= {"live"} if class_ == TRANSACTIONAL else set()
        figures.shares[class_] = sum(first[name] for name in names) / min(WINDOW, len(got))
    highest: dict[str, int] = {}
    for sender, number in got:
        if sender != "live":  # requests on many connections at once have no order among them
            figures.out_of_order += number < highest.get(sender, -1)
            highest[sender] = max(number, highest.get(sender, -1))
    figures.received = len(got)
    figures.doubled = len(got) - len(set(got))


class Watch:
    """Samples a node's memory four times a second, and keeps the maximum."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0.0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            self._most = max(self._most, resident(self._pid))
            await asyncio.sleep(0.25)

    async def end(self) -> float:
        """Stop sampling. Returns the maximum in MB."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self._most


def resident(pid: int) -> float:
    """Return the memory of a process and its children, in MB. What they share counts once (proportional set size)."""
    parent = psutil.Process(pid)
    return sum(p.memory_full_info().pss for p in (parent, *parent.children(recursive=True))) / 2**20


def main() -> int:
    """Run the measurement. Returns 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--live", type=int, default=20_000, help="how many of them are sent over HTTP")
    parser.add_argument("--until", type=int, default=20_000, help="how many the carrier gets in the end")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if not 0 <= options.live <= options.messages <= 5_000_000 or not 0 < options.until <= options.messages:
        parser.error("0 <= live <= messages <= 5,000,000 and 0 < until <= messages")
    shutil.rmtree(WORK, ignore_errors=True)
    figures = asyncio.run(measure(options.messages, options.live, WORK, until=options.until))
    shutil.rmtree(WORK, ignore_errors=True)
    print("\n".join(figures.lines()))
    if options.json:
        options.json.write_text(json.dumps(asdict(figures), indent=2) + "\n")
    within = figures.start_mb < 150 and figures.waiting_mb < 400 and figures.first_s < 1
    return 0 if within and not figures.out_of_order and not figures.doubled else 1


if __name__ == "__main__":
    raise SystemExit(main())
