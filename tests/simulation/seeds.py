"""Runs one seed from its first start to the last invariant."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog

from onesixty.app import platform
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from tests.simulation.carrier import register
from tests.simulation.cluster import Cluster
from tests.simulation.cluster_plan import draw_nodes
from tests.simulation.invariants import audit, broken
from tests.simulation.life import Life, NotQuiet
from tests.simulation.plan import Plan, draw
from tests.simulation.swept import Swept
from tests.simulation.virtual import Deadlock, Time, VirtualLoop, live
from tests.simulation.world import World
from tests.support.databases import memory_database

#: Entries of the log that a run may have at level error, with why.
EXPECTED_ERRORS: frozenset[str] = frozenset()
#: The same where nodes stand still: who was fenced says so.
EXPECTED_OF_FENCED: frozenset[str] = frozenset({"lease_lost"})


#: Nodes start often here: the statements are read once.
_load = functools.cache(load)


#: How many seeds a test runs: some seconds.
GROUP = 5


@dataclass
class Result:
    """What became of a seed; it held if there are no complaints."""

    seed: str
    plan: Plan
    world: World
    complaints: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for the same trace."""
        return hashlib.sha256("\n".join(self.world.trace).encode()).hexdigest()


def groups(first: int, count: int) -> list[range]:
    """The seeds from `first` on, `count` of them, a test's worth at a time."""
    return [range(seed, min(seed + GROUP, first + count)) for seed in range(first, first + count, GROUP)]


def template() -> MemoryDatabase:
    """An empty database with the schema."""
    return memory_database()


def run_seed(seed: str, empty: MemoryDatabase, directory: Path, *, nodes: bool = False) -> Result:
    """Live through the plan, then once until all is quiet; then ask what holds.

    One node crashes as often as the plan says. With `nodes` there are two or three on one database, which stand still
    and crash.
    """
    time = Time()
    world = World(f"world {seed}", time)
    result = Result(seed, draw(seed, world), world)
    expected = EXPECTED_OF_FENCED if nodes else EXPECTED_ERRORS
    with pytest.MonkeyPatch.context() as monkeypatch, structlog.testing.capture_logs() as log:
        register(monkeypatch, world)
        monkeypatch.setattr(platform, "load", _load)
        play = _nodes if nodes else _lives
        swept = Swept(time)
        swept.watch(monkeypatch)
        memory = play(result, MemoryDatabase(empty), directory)
        if not nodes and not result.plan.crashes:
            result.complaints += swept.complaints()
        if memory is not None:
            result.complaints += broken(world, memory)
            loop = VirtualLoop(time)
            result.complaints += loop.run_until_complete(audit(memory, world))
            loop.close()
            memory.close()
    for entry in log:
        if entry["log_level"] in ("error", "critical") and entry["event"] not in expected:
            result.complaints.append(f"log: {entry}")
    return result


def hold(seed: str, empty: MemoryDatabase, directory: Path, *, nodes: bool = False) -> None:
    """Run a seed, and say how to replay it if a promise breaks."""
    result = run_seed(seed, empty, directory, nodes=nodes)
    if result.complaints:
        shown = "\n".join(result.complaints[:10])
        replay = f"python -m tests.simulation {'--nodes ' if nodes else ''}{seed}"
        pytest.fail(
            f"seed {seed}: {len(result.complaints)} complaints\n{shown}\nreplay: {replay}", pytrace=False
        )


def _nodes(result: Result, memory: MemoryDatabase, directory: Path) -> MemoryDatabase | None:
    """The database at the end, or None when there was no good end."""
    cluster = Cluster(result.plan, draw_nodes(result.seed), result.world, memory, directory)
    try:
        cluster.run()
    except (NotQuiet, Deadlock) as error:
        result.complaints.append(repr(error))
        return None
    finally:
        result.complaints += [f"nobody caught: {failure}" for failure in cluster.failures]
    return memory


def _lives(result: Result, memory: MemoryDatabase, directory: Path) -> MemoryDatabase | None:
    """The database at the end, or None when there was no good end."""
    world, crashes = result.world, iter(result.plan.crashes)
    while True:
        life = Life(result.plan, world, memory, directory, next(crashes, None))
        left: list[MemoryDatabase] = []

        def crashed(memory: MemoryDatabase = memory, left: list[MemoryDatabase] = left) -> None:
            memory.connect()  # rolls back
            left.append(MemoryDatabase(memory))
            world.next_life()

        try:
            failures = live(world.time, life.run, crashed)
        except NotQuiet as error:
            result.complaints.append(str(error))
            return None
        except (Exception, asyncio.CancelledError) as error:
            result.complaints.append(f"life {world.life} ended with {error!r}")
            raise
        result.complaints += [f"nobody caught: {failure}" for failure in failures]
        if life.finished:
            return memory
        if left:
            memory.close()
            memory = left[0]
        else:
            world.next_life()
