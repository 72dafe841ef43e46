"""The peers of a measured run, each in its own process: carrier, webhook receiver, HTTP client, SMPP customer.

`python -m benchmarks.roles carrier|receiver|client|customer '{"...": ...}'` serves until its standard input
closes, and writes its counts as a JSON line to standard output, at most 20 times a second and only when they
changed. Client and customer end by themselves and write one line, their report. `Role` is the other side: it
starts such a process and keeps its last line. Times in all lines are of the machine's one monotonic clock.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec
import uvloop

from benchmarks.receiver import FastReceiver
from benchmarks.requests import SENDER, TEXT, made
from benchmarks.times import CarrierTimes, ReceiverTimes
from onesixty.core.clock import SystemClock, system_random
from onesixty.load.bounds import Bounds, LoadError
from onesixty.load.http import HttpLoad
from onesixty.load.smpp import SmppLoad, SmppTarget
from onesixty.simulator.smsc.fast import FastSmsc
from onesixty.simulator.smsc.options import SmscOptions

_PAUSE = 0.05  # seconds between two lines
_LOOK = 0.01  # seconds between two checks of the counts
_HOST = "127.0.0.1"
_RECEIPT_SECONDS = 60.0


class RoleError(Exception):
    """A peer of the run did not start, or ended too early."""


class Role:
    """A peer as a process: `async with Role("carrier", receipt_delay_ms=10) as carrier: carrier.counts`."""

    def __init__(self, name: str, **settings: object) -> None:
        self.name = name
        self.counts: dict[str, Any] = {}
        self._settings = settings
        self._changed = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.roles", self.name, json.dumps(self._settings),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        if self.name not in ("client", "customer"):
            await self.wait(lambda counts: "port" in counts, 20.0, "listening")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._reader is not None
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10.0)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader

    @property
    def port(self) -> int:
        """The port on loopback where it listens."""
        return int(self.counts["port"])

    async def wait(self, ready: Callable[[dict[str, Any]], bool], seconds: float, what: str) -> bool:
        """Wait until `ready` accepts its counts. Returns False after `seconds`; raises RoleError if the process
        ended."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not ready(self.counts):
            self._changed.clear()
            assert self._reader is not None
            if self._reader.done() and not ready(self.counts):
                raise RoleError(f"the {self.name} ended before: {what}")
            try:
                await asyncio.wait_for(
                    self._changed.wait(), max(deadline - asyncio.get_running_loop().time(), 0)
                )
            except TimeoutError:
                return ready(self.counts)
        return True

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self.counts.update(json.loads(line))
            self._changed.set()
        self._changed.set()


async def serve_carrier(settings: dict[str, Any]) -> None:
    """Run the carrier with the setting `receipt_delay_ms`. Counts binds, received, receipts and acknowledged. With
    `times` (a directory) and `timed` (a number of recipients), it writes its times there."""
    times = CarrierTimes(settings["timed"]) if settings["times"] else None
    options = SmscOptions(port=0, receipt_delay_ms=settings["receipt_delay_ms"])
    smsc = FastSmsc(options, clock=SystemClock(), random=system_random(), watch=times)
    await smsc.start()
    _write({"port": smsc.port})
    await _report_until_closed(lambda: dict(smsc.counters))
    await smsc.stop()
    if times is not None:
        times.save(Path(settings["times"]))


async def serve_receiver(settings: dict[str, Any]) -> None:
    """Run the webhook receiver; `times` and `timed` as for the carrier. Counts requests and distinct events."""
    times = ReceiverTimes(settings["timed"]) if settings["times"] else None
    receiver = FastReceiver(None if times is None else times.look)
    _write({"port": await receiver.start(_HOST, 0)})
    await _report_until_closed(receiver.counts.as_json)
    await receiver.close()
    if times is not None:
        times.save(Path(settings["times"]))


async def run_client(settings: dict[str, Any]) -> None:
    """Run the HTTP client with the settings `requests` as in benchmarks.requests, `count` of them, `first`,
    `seconds`, `rate`, `connections`, `more_ports`."""
    load = HttpLoad(
        made(settings["requests"]),
        Bounds(settings["count"], settings["seconds"], settings["rate"]),
        connections=settings["connections"],
        first=settings["first"],
        more_ports=settings["more_ports"],
    )
    try:
        _write((await load.run()).as_json())
    except LoadError as error:
        sys.exit(f"client: {error}")


async def run_customer(settings: dict[str, Any]) -> None:
    """Run the SMPP customer with the fields of an SmppTarget, `count`, `seconds`, `first`. It waits for its
    receipts."""
    bounds = Bounds(settings.pop("count"), settings.pop("seconds"))
    first = settings.pop("first")
    load = SmppLoad(
        msgspec.convert(settings, SmppTarget), bounds, random=system_random().random, sender=SENDER, text=TEXT,
        receipt_seconds=_RECEIPT_SECONDS, first=first,
    )  # fmt: skip
    try:
        _write((await load.run()).as_json())
    except LoadError as error:
        sys.exit(f"customer: {error}")


async def _report_until_closed(read: Callable[[], dict[str, int]]) -> None:
    """Read the counts every 10 ms, which is the precision of `last_at`, the time of the last change."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    stdin = sys.stdin.fileno()
    loop.add_reader(stdin, lambda: closed.set() if not os.read(stdin, 1) else None)
    seen: dict[str, int] = {}
    last_at = written_at = 0.0
    while not closed.is_set():
        moment = time.monotonic()
        if (now := read()) != seen:
            seen, last_at = now, moment
        if last_at > written_at and moment >= written_at + _PAUSE:
            _write({**seen, "last_at": last_at})
            written_at = moment
        try:
            await asyncio.wait_for(closed.wait(), _LOOK)
        except TimeoutError:
            continue
    loop.remove_reader(stdin)


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> None:
    """Run the role in `arguments`: its name, and its settings as JSON."""
    roles = {
        "carrier": serve_carrier,
        "receiver": serve_receiver,
        "client": run_client,
        "customer": run_customer,
    }
    uvloop.run(roles[arguments[0]](json.loads(arguments[1])))


if __name__ == "__main__":
    main(sys.argv[1:])
