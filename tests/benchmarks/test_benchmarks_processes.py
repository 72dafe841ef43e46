"""What processes cost, by the part that each one plays."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from benchmarks.processes import Memory, Part, cpu_seconds, with_children

#: A process that works a little, has a child, and says when both stand.
_WORKER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
sum(range(3_000_000))
print("ready", flush=True)
input()
child.stdin.close()
child.wait()
"""


@pytest.fixture
def worker() -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-c", _WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.communicate(b"\n", timeout=20)


def test_a_process_and_its_child_are_two_parts_or_one(worker: int) -> None:
    parts = with_children("core", "writer", worker)
    assert [(part.name, len(part.processes())) for part in parts] == [("core", 1), ("writer", 1)]
    whole = Part("whole", worker)
    assert len(whole.processes()) == 2
    apart = cpu_seconds(parts)
    assert apart["core"] > 0
    assert cpu_seconds([whole])["whole"] == pytest.approx(sum(apart.values()), abs=0.05)


def test_memory_is_remembered_at_its_most_and_shared_pages_count_once(worker: int) -> None:
    own = psutil.Process().memory_info().rss
    memory = Memory([Part("tests", os.getpid(), family=False), Part("worker", worker)])
    memory.look()
    assert memory.by_part["tests"] == pytest.approx(own, rel=0.2)
    both = [process.memory_info().rss for process in Part("worker", worker).processes()]
    assert max(both) <= memory.by_part["worker"] < sum(both)
    assert memory.peak == sum(memory.by_part.values())


def test_a_process_that_is_gone_costs_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    gone = [Part("gone", process.pid)]
    memory = Memory(gone)
    memory.look()
    assert (cpu_seconds(gone), memory.peak) == ({"gone": 0.0}, 0)
