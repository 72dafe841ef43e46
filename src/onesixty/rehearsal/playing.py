"""Plays a scenario faster than real time: the whole platform in memory, on virtual time, with traffic.

Rules kept here:
- everything except time, randomness, disk and network is what `serve` runs: intake, lanes, carriers, receipts,
  sweep, ledger, webhooks, audit; only simulated carriers can take part;
- the same scenario and seed give the same report;
- a run ends when every message has a final status; days without events other than a time limit are skipped.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from onesixty.app.platform import Platform
from onesixty.carriers.registry import BUILT_IN
from onesixty.channels.sms.orders import SendOrder
from onesixty.core import statuses
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.ops.settings import Settings
from onesixty.reports.audit import FEATURES as AUDIT
from onesixty.reports.audit import Terms, run_audit
from onesixty.simulator import virtual
from onesixty.simulator.networks import countries, number_in
from onesixty.simulator.scenario import DAY, Scenario, Traffic, duration, time_of_day
from onesixty.simulator.stage import Noted
from onesixty.store.opening import open_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from onesixty.webhooks.poster import Answer, Outgoing

#: Midnight of the virtual day, epoch ms.
MIDNIGHT_MS: Final = virtual.START_MS // (DAY * 1000) * DAY * 1000
#: Virtual seconds between two checks for open messages, and the most that may pass.
LOOK_S: Final = 5.0
PATIENCE_S: Final = 30.0 * DAY

_OPEN: Final = ",".join(f"'{status}'" for status in statuses.ALL if status not in statuses.TERMINAL)


class Share(msgspec.Struct):
    """Quantiles of a duration, in seconds."""

    count: int
    p50: float
    p95: float
    p99: float
    most: float


class Report(msgspec.Struct):
    """The result of a run. Durations in seconds; `virtual_s` is the virtual time, `wall_s` the real time.
    `findings` are the sentences of the failed checks of the audit.
    """

    name: str
    virtual_s: float
    wall_s: float
    messages: int
    segments: int
    refused: dict[str, int]
    statuses: dict[str, int]
    errors: dict[str, int]
    duplicates: int
    corrected: int
    receipts: int
    inbound: int
    carriers: dict[str, dict[str, int]]
    to_sent: Share
    to_delivered: Share
    steps: list[Noted]
    checks: int
    findings: list[str]


class StillOpen(Exception):
    """A message did not reach a final status; the text names the number."""


class _Receivers:
    """Accepts every webhook after a moment."""

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        asyncio.get_running_loop().call_later(0.01, done, Answer(204))

    def forget(self, lane: str) -> None:
        """Nothing to release."""

    async def close(self) -> None:
        """Nothing to close."""


def rehearse(scenario: Scenario) -> Report:
    """Play the scenario. Raises ValueError for a carrier that is not simulated, StillOpen for a run without end."""
    for number, table in enumerate(scenario.carriers, 1):
        if not BUILT_IN.is_simulated(str(table.get("type"))):
            raise ValueError(f"[[carriers]] number {number}: a fast run needs carriers of type simulator")
    began = time.perf_counter()
    clock = virtual.Time(MIDNIGHT_MS + time_of_day(scenario.starts_at) * 1000)
    memory = MemoryDatabase()
    with tempfile.TemporaryDirectory(prefix="onesixty-rehearsal-") as directory:
        rehearsal = Rehearsal(scenario, clock, memory, Path(directory))
        try:
            report = virtual.run(clock, rehearsal.run())
        finally:
            memory.close()
    report.wall_s = round(time.perf_counter() - began, 3)
    return report


class Rehearsal:
    """The platform of one run, and its report."""

    def __init__(
        self, scenario: Scenario, clock: virtual.Time, memory: MemoryDatabase, directory: Path
    ) -> None:
        self._scenario = scenario
        self._clock = clock
        self.memory = memory
        self._random = Random(f"traffic {scenario.seed}")
        self._refused: Counter[str] = Counter()
        self.platform = Platform(
            Settings(data_dir=directory, carriers=scenario.carriers, processes="1"),
            clock=clock,
            random=Random(f"platform {scenario.seed}"),
            net=virtual.NoNet(),
            poster=_Receivers(),
            memory=memory,
        )

    async def run(self) -> Report:
        """Start, play the scenario with its traffic, wait for all messages to end, stop, and report."""
        platform, scenario = self.platform, self._scenario
        await platform.start(doors=False)
        account_id = platform.features.accounts.operator().id
        start = self._clock.now
        status = platform.features.sandbox.stage.begin(scenario, Tenant(account_id, False))
        if scenario.traffic is not None:
            await self._send(scenario.traffic, account_id)
        await platform.features.sandbox.stage.ended()
        await self.until_quiet()
        passed = self._clock.now - start
        await platform.stop()
        return await self._report(status.steps, passed)

    async def _send(self, traffic: Traffic, account_id: str) -> None:
        """Send the traffic, evenly over its time."""
        loop = asyncio.get_running_loop()
        start, random = loop.time(), self._random
        for number in range(round(duration(traffic.for_) * traffic.rate)):
            delay = start + number / traffic.rate - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
            to = traffic.to[random.randrange(len(traffic.to))]
            order = SendOrder(
                tenant=Tenant(account_id, False),
                sender=traffic.from_,
                recipient=number_in(to, random) if to in countries() else to,
                text=traffic.texts[number % len(traffic.texts)],
                class_=traffic.classes[number % len(traffic.classes)],
                on_unknown=traffic.on_unknown,
                valid_for=traffic.valid_for,
            )
            result = (await self.platform.features.path.intake.accept([order]))[0]
            if isinstance(result, Problem):
                self._refused[result.code] += 1
            elif not isinstance(result, Message):
                self._refused["replayed"] += 1

    async def until_quiet(self) -> None:
        """Wait until every message has a final status. Raises StillOpen."""
        deadline = self._clock.now + PATIENCE_S
        while (open_ := self._open()) or self._count("work WHERE sink = 'webhook' AND status = 'pending'"):
            if self._clock.now > deadline:
                raise StillOpen(
                    f"{open_} messages did not reach a final status within {PATIENCE_S / DAY:g} days"
                )
            self._skip(open_)
            await asyncio.sleep(LOOK_S)

    def _open(self) -> int:
        return self._count(f"messages WHERE status IN ({_OPEN})")

    def _skip(self, open_: int) -> None:
        """If all open messages wait for a receipt until a time limit hours away, move the clock there."""
        query = "SELECT COUNT(*), MIN(due_at) FROM messages WHERE status IN ('sent', 'held') AND due_at > ?"
        waiting, first = self._rows(query, self._clock.now_ms() + 3_600_000)[0]
        if open_ and waiting == open_:
            self._clock.now += (first - self._clock.now_ms()) / 1000

    async def _report(self, steps: list[Noted], passed: float) -> Report:
        rows = self._rows(
            "SELECT status, error_code, COUNT(*), SUM(segments), SUM(duplicates) FROM messages"
            " WHERE direction = 'outbound' GROUP BY status, error_code ORDER BY status, error_code"
        )
        ended: Counter[str] = Counter()
        errors: Counter[str] = Counter()
        for status, error, count, _, _ in rows:
            ended[status] += count
            if error is not None:
                errors[error] += count
        findings, checks = await self._audit()
        return Report(
            name=self._scenario.name,
            virtual_s=round(passed, 3),
            wall_s=0.0,
            messages=ended.total(),
            segments=sum(row[3] for row in rows),
            refused=dict(self._refused),
            statuses=dict(ended),
            errors=dict(errors),
            duplicates=sum(row[4] for row in rows),
            corrected=self._count("events WHERE type = 'message.corrected'"),
            receipts=self._count("receipts"),
            inbound=self._count("messages WHERE direction = 'inbound'"),
            carriers=self._carriers(),
            to_sent=self._share("sent_at", "sent_at IS NOT NULL"),
            to_delivered=self._share("done_at", "status = 'delivered'"),
            steps=steps,
            checks=checks,
            findings=findings,
        )

    def _carriers(self) -> dict[str, dict[str, int]]:
        """The carriers' answers to segments, by name and outcome."""
        rows = self._rows(
            "SELECT c.name, a.outcome, COUNT(*) FROM attempts a JOIN carriers c ON c.id = a.carrier_id"
            " GROUP BY c.name, a.outcome ORDER BY c.name, a.outcome"
        )
        found: dict[str, dict[str, int]] = {}
        for name, outcome, count in rows:
            found.setdefault(name, {})[outcome] = count
        return found

    def _share(self, column: str, where: str) -> Share:
        rows = self._rows(
            f"SELECT {column} - created_at FROM messages WHERE direction = 'outbound' AND {where} ORDER BY 1"
        )
        values = [row[0] / 1000 for row in rows]
        if not values:
            return Share(0, 0.0, 0.0, 0.0, 0.0)
        at = [values[min(len(values) - 1, int(len(values) * q))] for q in (0.5, 0.95, 0.99)]
        return Share(len(values), at[0], at[1], at[2], values[-1])

    async def _audit(self) -> tuple[list[str], int]:
        store = await open_store("sqlite://", load(AUDIT), clock=self._clock, memory=self.memory)
        terms = Terms(now=self._clock.now_ms(), charge_on=self.platform.settings.billing_charge_on)
        found = await run_audit(store, terms)
        await store.close()
        return [f"{one.name}: {one.sentence} ({one.count})" for one in found if one.count], len(found)

    def _count(self, what: str) -> int:
        return int(self._rows(f"SELECT COUNT(*) FROM {what}")[0][0])

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of this run's own database."""
        return self.memory.connection.execute(query, values).fetchall()
