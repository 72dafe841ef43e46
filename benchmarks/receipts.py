"""How soon a delivery report reaches the customer, if reports follow the answers within milliseconds.

`python -m benchmarks.receipts [--rate 500] [--seconds 10] [--gateway onesixty-postgresql]` sends through a
gateway to a simulated SMSC whose receipts follow 0 to 20 ms after its answers. It prints how long each report
took from the SMSC's deliver_sm to the webhook `message.delivered`. A receipt that waits for the sweep takes
about a second.
"""

import argparse
import asyncio
import json
import re
import shutil
import sys
import time
import urllib.request
from typing import Any

from benchmarks.__main__ import WORK
from benchmarks.cases import chosen
from benchmarks.gateways.contract import Links
from benchmarks.gateways.onesixty import OnesixtyGateway
from benchmarks.gateways.postgresql import OnesixtyPostgresqlGateway
from benchmarks.receiver import FastReceiver
from benchmarks.requests import made
from benchmarks.times import percentiles
from onesixty.core.clock import SystemClock, system_random
from onesixty.load.bounds import Bounds
from onesixty.load.http import HttpLoad
from onesixty.simulator.smsc.options import SmscOptions
from onesixty.simulator.smsc.server import SimulatedSmsc

#: Seconds after the last message within which its report has to arrive.
_PATIENCE = 20.0
_SWEPT = re.compile(r'onesixty_receipts_total\{.*result="swept".*\} ')


class TimedSmsc(SimulatedSmsc):
    """Records when the report of each recipient was sent."""

    sent_at: dict[str, float]

    def _send(self, delivery: Any) -> bool:
        sent = super()._send(delivery)
        if sent:
            self.sent_at.setdefault(delivery.pdu.text("source_addr"), time.monotonic())
        return sent


async def measure(gateway: OnesixtyGateway, rate: float, seconds: float) -> tuple[list[float], int]:
    """Return the seconds from report to webhook, sorted, with infinity for each report that did not arrive; and
    how many receipts the sweep matched."""
    came_at: dict[str, float] = {}

    def look(head: bytes, body: bytes) -> None:
        event = json.loads(body)
        if event["type"] == "message.delivered":
            came_at[event["data"]["to"].removeprefix("+")] = time.monotonic()

    receiver = FastReceiver(look)
    options = SmscOptions(
        port=0, window=1000, latency_ms=5, latency_jitter_ms=5, receipt_delay_ms=10, receipt_jitter_ms=10
    )
    smsc = TimedSmsc(options, clock=SystemClock(), random=system_random())
    smsc.sent_at = {}
    await smsc.start()
    port = await receiver.start("127.0.0.1", 0)
    links = Links(carrier_port=smsc.port, receiver_port=port, binds=2, window=200)
    directory = WORK / "receipts"
    shutil.rmtree(directory, ignore_errors=True)
    try:
        await asyncio.to_thread(gateway.start, directory, links)
        (single,) = chosen("A", rates=(), rows=0, messages=None)
        load = HttpLoad(
            made(gateway.requests(single)),
            Bounds(count=int(rate * seconds), seconds=seconds * 3, rate=rate),
            connections=20,
        )
        accepted = (await load.run()).accepted
        deadline = time.monotonic() + _PATIENCE
        while len(came_at) < accepted and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        swept = await asyncio.to_thread(_swept, gateway)
    finally:
        gateway.stop()
        gateway.forget(directory)
        await smsc.stop()
        await receiver.close()
    ordered = sorted(smsc.sent_at, key=smsc.sent_at.__getitem__)
    return sorted(came_at.get(to, float("inf")) - smsc.sent_at[to] for to in ordered), swept


def _swept(gateway: OnesixtyGateway) -> int:
    with urllib.request.urlopen(f"{gateway.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if _SWEPT.match(line))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--gateway", choices=("onesixty", "onesixty-postgresql"), default="onesixty")
    given = parser.parse_args()
    gateway = OnesixtyGateway() if given.gateway == "onesixty" else OnesixtyPostgresqlGateway()
    times, swept = asyncio.run(measure(gateway, given.rate, given.seconds))
    if not times:
        print("no report came")
        return 1
    shares = percentiles(times, (50, 95, 99, 99.9))
    late = sum(each > 0.9 for each in times)
    print(f"{len(times)} reports; " + ", ".join(f"{name} {at * 1000:.0f} ms" for name, at in shares.items()))
    print(f"longest {times[-1] * 1000:.0f} ms; {late} ({late / len(times):.2%}) took more than 0.9 s")
    print(f"{swept} were found by the sweep alone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
