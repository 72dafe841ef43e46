"""One measured run: a gateway between client, carrier and receiver, from its start to its end.

Rules kept here:
- a message counts when all of it is done: the carrier has it, its receipt was taken, its callbacks arrived;
- no message may come twice: each count ends at exactly what was sent, or the run failed;
- the clock runs from the client's first request to the last of those;
- CPU is that of the gateway's processes and their children over the same span, nobody else's;
- a run has a warm-up of its own, of other recipients, which is complete before the clock starts;
- every wait has an end; a run that is not complete says what is missing and counts as failed.
"""

import asyncio
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import psutil

from benchmarks.gateways import Gateway, GatewayError, Links
from benchmarks.roles import Role, RoleError

_WARM_UP_FIRST = 9_000_000  # recipients of the warm-up: no others come near
_NO_RECEIPTS_MS = 3_600_000.0  # long after the run
_CLIENT_SECONDS = 60.0
_DRAIN_SECONDS = 60.0


class Incomplete(Exception):
    """Not all of a run's messages were done in time; the message says what is missing."""


@dataclass(frozen=True)
class Scenario:
    """What is sent, over HTTP or SMPP. `callbacks` is how many webhooks (or report URLs) each message causes;
    `receipts` whether the carrier sends reports (onesixty asks for them always, Kannel only where there is a
    `dlr-url`). A customer on SMPP gets them back on his bind."""

    letter: str
    title: str
    callbacks: int
    messages: int
    receipts: bool
    door: Literal["http", "smpp"] = "http"


SCENARIOS = {
    "A": Scenario("A", "HTTP to carrier, no reports", 0, 30_000, receipts=False),
    "B": Scenario("B", "HTTP, delivery reports and a callback for each status", 2, 20_000, receipts=True),
    "C": Scenario("C", "SMPP to SMPP, delivery reports back", 0, 20_000, receipts=True, door="smpp"),
}


@dataclass(frozen=True)
class Setup:
    """How it is sent: the same for every gateway."""

    connections: int = 64
    binds: int = 1
    window: int = 100
    warm_up: int = 1000
    receipt_delay_ms: float = 10


@dataclass
class Run:
    """What came of it. Times in milliseconds, memory in MB; `problem` is None for a complete run."""

    gateway: str
    scenario: str
    messages: int
    rate: float = 0.0
    accept_rate: float = 0.0
    cpu_us: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    rss_mb: float = 0.0
    seconds: float = 0.0
    problem: str | None = None
    counts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure(gateway: Gateway, scenario: Scenario, setup: Setup, directory: Path) -> Run:
    """Run `scenario` through `gateway` once. What it writes to disk goes to `directory`."""
    run = Run(gateway.name, scenario.letter, scenario.messages)
    delay = setup.receipt_delay_ms if scenario.receipts else _NO_RECEIPTS_MS
    async with Role("carrier", receipt_delay_ms=delay) as carrier, Role("receiver") as receiver:
        links = Links(
            carrier_port=carrier.port,
            receiver_port=receiver.port if scenario.callbacks else None,
            binds=setup.binds,
            window=setup.window,
        )
        path = _Path(gateway, scenario, setup, carrier, receiver)
        try:
            await asyncio.to_thread(gateway.start, directory, links)
            await path.bound()
            await path.send(setup.warm_up, _WARM_UP_FIRST)
            await _measured(path, run)
        except (GatewayError, RoleError, Incomplete) as error:
            run.problem = str(error)
        finally:
            await asyncio.to_thread(gateway.stop)
    return run


async def _measured(path: "_Path", run: Run) -> None:
    pids = path.gateway.pids()
    carrier, receiver = path.carrier, path.receiver
    memory = _Memory(pids)
    sampler = asyncio.create_task(memory.sample())
    carrier_before, receiver_before = dict(carrier.counts), dict(receiver.counts)
    cpu_before = _cpu_seconds(pids)
    try:
        report = await path.send(run.messages, 0)
    finally:
        sampler.cancel()
    cpu = _cpu_seconds(pids) - cpu_before
    ends = [report["ended"], carrier.counts["last_at"], receiver.counts.get("last_at", 0.0)]
    run.seconds = max(ends) - report["started"]
    run.rate = run.messages / run.seconds
    run.accept_rate = report["rate"]
    run.cpu_us = cpu / run.messages * 1e6
    run.p50_ms = report["p50"] * 1e3
    run.p99_ms = report["p99"] * 1e3
    run.rss_mb = memory.peak / 2**20
    run.counts = {
        "received": _since(carrier, carrier_before, "received"),
        "acknowledged": _since(carrier, carrier_before, "acknowledged"),
        "callbacks": _since(receiver, receiver_before, "requests"),
        "answers": report["answers"],
    }


@dataclass(frozen=True)
class _Path:
    """The parts of a run while it lasts."""

    gateway: Gateway
    scenario: Scenario
    setup: Setup
    carrier: Role
    receiver: Role

    async def bound(self) -> None:
        """Wait until the gateway's binds stand."""
        wanted = self.setup.binds
        if not await _reached(self.carrier, "binds", wanted, 20.0):
            raise Incomplete(f"{self.carrier.counts.get('binds', 0)} of {wanted} binds after 20 s")

    async def send(self, messages: int, first: int) -> dict[str, Any]:
        """Send `messages` and wait for all that they cause; the client's report. Raises Incomplete."""
        expected = [
            (self.carrier, "received", messages),
            (self.carrier, "acknowledged", messages if self.scenario.receipts else 0),
            (self.receiver, "distinct", messages * self.scenario.callbacks),
        ]
        wanted = [(role, key, role.counts.get(key, 0) + number) for role, key, number in expected]
        settings = {"count": messages, "seconds": _CLIENT_SECONDS, "first": first}
        if self.scenario.door == "http":
            target = self.gateway.target()
            settings |= {
                "host": target.host,
                "port": target.port,
                "head": target.head.decode("ascii"),
                "tail": target.tail.decode("ascii"),
                "connections": self.setup.connections,
            }
        else:
            # as many binds and as large a window towards the gateway as it has towards the carrier
            customer = self.gateway.customer(self.setup.binds, self.setup.window)
            settings |= msgspec.to_builtins(customer)
        async with Role("client" if self.scenario.door == "http" else "customer", **settings) as client:
            await client.wait(lambda counts: "rate" in counts, _CLIENT_SECONDS + 20, "its report")
        report = client.counts
        if report["accepted"] != messages:
            answers = f"{report['answers']} {report['errors']}"
            raise Incomplete(f"{report['accepted']} of {messages} accepted: {answers}")
        if self.scenario.door == "smpp" and report["receipts"] != messages:
            raise Incomplete(f"{report['receipts']} of {messages} receipts came back")
        drained = time.monotonic() + _DRAIN_SECONDS
        for role, key, number in wanted:
            if not await _reached(role, key, number, drained - time.monotonic()):
                raise Incomplete(f"{role.name}, {key}: {role.counts.get(key, 0)} of {number}")
            if role.counts.get(key, 0) != number:
                raise Incomplete(f"{role.name}, {key}: {role.counts[key]}, more than the {number} sent")
        return report


async def _reached(role: Role, key: str, number: int, seconds: float) -> bool:
    return await role.wait(lambda counts: counts.get(key, 0) >= number, max(seconds, 0.1), f"{key} {number}")


def _since(role: Role, before: dict[str, Any], key: str) -> int:
    return int(role.counts.get(key, 0) - before.get(key, 0))


class _Memory:
    """The highest resident memory of the gateway's processes together, looked at four times a second."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self.peak = 0

    async def sample(self) -> None:
        while True:
            total = 0
            for process in _family(self._pids):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, total)
            await asyncio.sleep(0.25)


def _cpu_seconds(pids: list[int]) -> float:
    """User and system time of the processes and all their children, also of those that ended."""
    total = 0.0
    for process in _family(pids):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _family(pids: list[int]) -> list[psutil.Process]:
    family = []
    for pid in pids:
        try:
            parent = psutil.Process(pid)
            family += [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return family
