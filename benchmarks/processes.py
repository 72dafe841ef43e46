"""The cost of a gateway's processes: processor time and resident memory, by part."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Part:
    """A process and the name of its part; with `family`, its children count as the same part."""

    name: str
    pid: int
    family: bool = True

    def processes(self) -> list[psutil.Process]:
        """Return the processes that run now."""
        try:
            parent = psutil.Process(self.pid)
            return [parent, *(parent.children(recursive=True) if self.family else ())]
        except psutil.NoSuchProcess:
            return []


def with_children(name: str, child_name: str, pid: int) -> list[Part]:
    """Return a process as one part, and each of its children as another."""
    children = psutil.Process(pid).children()
    return [Part(name, pid, family=False), *(Part(child_name, child.pid) for child in children)]


def cpu_seconds(parts: Sequence[Part]) -> dict[str, float]:
    """Return user and system time by part, including that of children that ended."""
    found = dict.fromkeys((part.name for part in parts), 0.0)
    for part in parts:
        for process in part.processes():
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            found[part.name] += times.user + times.system + times.children_user + times.children_system
    return found


class Memory:
    """Samples the resident memory of parts four times a second, and keeps the maximum of their sum.

    Memory that processes of one part share, such as the buffers of PostgreSQL, counts once: with the amount of
    the process that shares most.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self.peak = 0
        #: The memory of each part at the time of the maximum.
        self.by_part: dict[str, int] = {}

    async def sample(self) -> None:
        """Sample until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(0.25)

    def look(self) -> None:
        """Take one sample."""
        found = dict.fromkeys((part.name for part in self._parts), 0)
        for part in self._parts:
            shared = 0
            for process in part.processes():
                try:
                    memory = process.memory_info()
                except psutil.NoSuchProcess:
                    continue
                found[part.name] += memory.rss - memory.shared
                shared = max(shared, memory.shared)
            found[part.name] += shared
        if (total := sum(found.values())) > self.peak:
            self.peak, self.by_part = total, found
