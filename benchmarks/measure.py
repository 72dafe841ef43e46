"""One measured run: a gateway between client, carrier and receiver, from its start to its end.

Rules kept here:
- a message counts when it is complete: the carrier has it, its receipt was acknowledged, its callbacks arrived;
- no message may arrive twice: each count must end at exactly the number sent, otherwise the run failed;
- the time runs from the client's first request to the end of the last message;
- CPU is that of the gateway's processes and their children over the same span, and of no other process;
- a run has its own warm-up, with other recipients, which is complete before the time starts;
- every wait is limited; a run that is not complete says what is missing and counts as failed.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import requests
from benchmarks.cases import Case, whole
from benchmarks.gateways.contract import Gateway, GatewayError, Links
from benchmarks.processes import Memory, cpu_seconds
from benchmarks.roles import Role, RoleError
from benchmarks.times import latencies

_WARM_UP_FIRST = 9_000_000  # first recipient of the warm-up; no other recipients are near it
_FILLING_FIRST = 8_999_000  # first recipient of the messages whose copies fill a database
_FILLING = 20
_NO_RECEIPTS_MS = 3_600_000.0  # far beyond the end of any run
_CLIENT_SECONDS = 60.0
_DRAIN_SECONDS = 60.0
_COUNTING_SECONDS = 60.0  # a filled database is counted by then, and a second more for each of the next
_COUNTED_A_SECOND = 2_000
_SETTLE_SECONDS = 1.0  # after the last callback, for what the gateway still writes about it


class Incomplete(Exception):
    """Not all messages of a run were complete in time; the message says what is missing."""


@dataclass(frozen=True)
class Setup:
    """How messages are sent: the same for every gateway."""

    connections: int = 64
    binds: int = 1
    window: int = 100
    warm_up: int = 1000
    receipt_delay_ms: float = 10


@dataclass
class Run:
    """The result of a run. `values` are by column (benchmarks.columns); `parts` holds CPU and memory of each part
    of the gateway; `problem` is None for a complete run. `number` is the round, from 1."""

    gateway: str
    case: str
    number: int
    messages: int
    values: dict[str, float] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure(gateway: Gateway, case: Case, setup: Setup, directory: Path, number: int = 1) -> Run:
    """Run `case` through `gateway` once. The gateway writes to `directory`."""
    run = Run(gateway.name, case.name, number, case.messages)
    try:
        if case.rows:
            await fill(gateway, case, setup, directory)
        async with _Path(gateway, case, setup, directory) as path:
            await path.send(whole(setup.warm_up, case.batch), _WARM_UP_FIRST, rate=0.0)
            started = await _measured(path, run)
        if case.rate:
            run.values |= latencies(directory, started=started, rate=case.rate)
    except (GatewayError, RoleError, Incomplete, ValueError) as error:
        run.problem = str(error)
    return run


async def _measured(path: "_Path", run: Run) -> float:
    """Measure and fill in the run. Returns the time at which the client started."""
    parts = path.gateway.parts()
    carrier, receiver = path.carrier, path.receiver
    disk = path.gateway.disk() if path.case.disk else None
    if disk is not None:
        await asyncio.to_thread(disk.begin)
    memory = Memory(parts)
    sampler = asyncio.create_task(memory.sample())
    carrier_before, receiver_before = dict(carrier.counts), dict(receiver.counts)
    before = cpu_seconds(parts)
    try:
        report = await path.send(run.messages, 0, rate=path.case.rate)
    finally:
        sampler.cancel()
    memory.look()
    used = {name: seconds - before[name] for name, seconds in cpu_seconds(parts).items()}
    ends = [report["ended"], carrier.counts["last_at"], receiver.counts.get("last_at", 0.0)]
    seconds = max(ends) - report["started"]
    run.values = {
        "rate": run.messages / seconds,
        "accept_rate": run.messages / max(report["ended"] - report["started"], 1e-9),
        "cpu_us": sum(used.values()) / run.messages * 1e6,
        "rss_mb": memory.peak / 2**20,
        "seconds": seconds,
        "late_p99_ms": report["late_p99"] * 1e3,
        **{f"answer_{share}_ms": report[share] * 1e3 for share in ("p50", "p95", "p99")},
    }
    run.parts = {
        name: {"cpu_us": used[name] / run.messages * 1e6, "rss_mb": memory.by_part.get(name, 0) / 2**20}
        for name in used
    }
    if disk is not None:
        await asyncio.sleep(_SETTLE_SECONDS)
        run.values |= (await asyncio.to_thread(disk.end)).each(run.messages)
    run.counts = {
        "received": _since(carrier, carrier_before, "received"),
        "acknowledged": _since(carrier, carrier_before, "acknowledged"),
        "callbacks": _since(receiver, receiver_before, "requests"),
        "answers": report["answers"],
    }
    return float(report["started"])


async def fill(gateway: Gateway, case: Case, setup: Setup, directory: Path) -> None:
    """Fill the database of `directory` with the case's rows, once: copies of a message that was sent the whole
    way. Raises GatewayError, RoleError, Incomplete."""
    marker = directory / "filled"
    if marker.exists():
        return
    pattern = Case("filling", "messages to copy", _FILLING, receipts=True, callbacks=2)
    async with _Path(gateway, pattern, setup, directory) as path:
        await path.send(_FILLING, _FILLING_FIRST, rate=0.0)
        await asyncio.sleep(_SETTLE_SECONDS)
    await asyncio.to_thread(gateway.fill, case.rows)
    # The next start counts all messages anew, which takes as long as counting them while they are sent.
    async with _Path(gateway, pattern, setup, directory):
        await _counted(gateway, case.rows)
    marker.write_text(f"{case.rows}\n")


async def _counted(gateway: Gateway, rows: int) -> None:
    """Wait until the running gateway has counted `rows` messages. Raises Incomplete."""
    within = _COUNTING_SECONDS + rows / _COUNTED_A_SECOND
    ends = time.monotonic() + within
    while not await asyncio.to_thread(gateway.counted):
        if time.monotonic() > ends:
            raise Incomplete(f"the messages of the filled database are not counted after {within:.0f} s")
        await asyncio.sleep(_SETTLE_SECONDS)


class _Path:
    """A running gateway between its peers, while the context lasts."""

    def __init__(self, gateway: Gateway, case: Case, setup: Setup, directory: Path) -> None:
        self.gateway = gateway
        self.case = case
        self._setup = setup
        self._directory = directory
        delay = setup.receipt_delay_ms if case.receipts else _NO_RECEIPTS_MS
        timing = {"times": str(directory) if case.rate else None, "timed": case.messages}
        self.carrier = Role("carrier", receipt_delay_ms=delay, **timing)
        self.receiver = Role("receiver", **timing)
        self._requests: requests.Settings | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "_Path":
        try:
            await self._stack.enter_async_context(self.carrier)
            await self._stack.enter_async_context(self.receiver)
            links = Links(
                carrier_port=self.carrier.port,
                receiver_port=self.receiver.port if self.case.callbacks else None,
                binds=self._setup.binds,
                window=self._setup.window,
            )
            self._stack.push_async_callback(asyncio.to_thread, self.gateway.stop)
            await asyncio.to_thread(self.gateway.start, self._directory, links)
            wanted = self._setup.binds * self.gateway.nodes
            if not await _reached(self.carrier, "binds", wanted, 20.0):
                raise Incomplete(f"{self.carrier.counts.get('binds', 0)} of {wanted} binds after 20 s")
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def send(self, messages: int, first: int, *, rate: float) -> dict[str, Any]:
        """Send `messages` and wait for everything that they cause. Returns the client's report. Raises Incomplete."""
        case = self.case
        expected = [
            (self.carrier, "received", requests.segments(first, messages) if case.mixed else messages),
            (self.carrier, "acknowledged", messages if case.receipts else 0),
            (self.receiver, "distinct", messages * case.callbacks),
        ]
        wanted = [(role, key, role.counts.get(key, 0) + number) for role, key, number in expected]
        seconds = _CLIENT_SECONDS + (messages / rate if rate else 0.0)
        if case.door == "http":
            report = await self._ask(messages, first, seconds, rate)
        else:
            report = await self._submit(messages, first, seconds)
        drained = time.monotonic() + _DRAIN_SECONDS
        for role, key, number in wanted:
            if not await _reached(role, key, number, drained - time.monotonic()):
                raise Incomplete(f"{role.name}, {key}: {role.counts.get(key, 0)} of {number}")
            if role.counts.get(key, 0) != number:
                raise Incomplete(f"{role.name}, {key}: {role.counts[key]}, more than the {number} sent")
        return report

    async def _ask(self, messages: int, first: int, seconds: float, rate: float) -> dict[str, Any]:
        batch = self.case.batch
        if self._requests is None:
            self._requests = await asyncio.to_thread(self.gateway.requests, self.case)
        count = messages // batch
        settings = {
            "requests": self._requests, "count": count, "first": first // batch,
            "seconds": seconds, "rate": rate, "connections": self._setup.connections,
            "more_ports": list(self.gateway.more_ports()),
        }  # fmt: skip
        return await _report("client", settings, "accepted", count, seconds)

    async def _submit(self, messages: int, first: int, seconds: float) -> dict[str, Any]:
        # the same number of binds and the same window towards the gateway as it has towards the carrier
        setup = self._setup
        customer = await asyncio.to_thread(self.gateway.customer, setup.binds, setup.window)
        settings = {**msgspec.to_builtins(customer), "count": messages, "first": first, "seconds": seconds}
        return await _report("customer", settings, "receipts", messages, seconds)


async def _report(
    role: str, settings: dict[str, Any], key: str, wanted: int, seconds: float
) -> dict[str, Any]:
    """Return a client's final report if its `key` is the wanted value. Raises Incomplete."""
    async with Role(role, **settings) as client:
        if not await client.wait(lambda counts: "rate" in counts, seconds + 80, "its report"):
            raise Incomplete(f"the {role} has not ended")
    report = client.counts
    if report["accepted"] != wanted or report[key] != wanted:
        answers = f"{report['answers']} {report['errors']}"
        raise Incomplete(f"{report['accepted']} of {wanted} accepted, {report[key]} {key}: {answers}")
    return report


async def _reached(role: Role, key: str, number: int, seconds: float) -> bool:
    return await role.wait(lambda counts: counts.get(key, 0) >= number, max(seconds, 0.1), f"{key} {number}")


def _since(role: Role, before: dict[str, Any], key: str) -> int:
    return int(role.counts.get(key, 0) - before.get(key, 0))
