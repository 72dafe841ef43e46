"""Plays a scenario on the running simulated carriers, one at a time.

Rules kept here:
- time is the event loop's, so that a loop with virtual time plays hours in a moment;
- a step that fails is recorded with its reason, and the scenario goes on; no failure is silent;
- however a scenario ends (finished, stopped, the platform stops), all running carriers are as configured again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from onesixty import numbers
from onesixty.core.clock import Clock
from onesixty.core.tenant import Tenant
from onesixty.simulator.sandbox import Playable, Sandbox
from onesixty.simulator.scenario import (
    EVERY,
    Behave,
    Cue,
    Down,
    Restore,
    Scenario,
    Send,
    Up,
    length,
    timeline,
)

RUNNING: Final = "running"
DONE: Final = "done"
STOPPED: Final = "stopped"


class Noted(msgspec.Struct):
    """A cue and what became of it. `at` and `done_at` in seconds after the start; `problem` why it failed."""

    at: float
    what: str
    done_at: float | None = None
    problem: str | None = None


class Status(msgspec.Struct):
    """A scenario that plays or played. Times in epoch ms, `lasts` in seconds."""

    name: str
    state: str
    started_at: int
    ended_at: int | None
    lasts: float
    steps: list[Noted]


class Busy(Exception):
    """Another scenario is playing."""


class Stage:
    """Plays scenarios. `name_of` returns a carrier's name by its id."""

    def __init__(self, sandbox: Sandbox, clock: Clock, name_of: Callable[[str], str]) -> None:
        self.sandbox = sandbox
        self._clock = clock
        self._name_of = name_of
        self._task: asyncio.Task[None] | None = None
        self.status: Status | None = None

    def begin(self, scenario: Scenario, owner: Tenant) -> Status:
        """Play a scenario from now on; the handsets of `owner` send. Raises Busy, and ValueError for a carrier
        that is not a running simulated one."""
        if self._task is not None:
            raise Busy
        names = {self._name_of(id_) for id_ in self.sandbox.carriers}
        for number, step in enumerate(scenario.steps, 1):
            if not isinstance(step, Send) and step.carrier != EVERY and step.carrier not in names:
                known = ", ".join(sorted(names)) or "none"
                raise ValueError(
                    f"step {number}: no simulated carrier {step.carrier!r} is running; there are: {known}"
                )
        now = self._clock.now_ms()
        cues = timeline(scenario, now)
        lasts = length(scenario, cues)
        noted = [Noted(round(cue.at, 3), _words(cue)) for cue in cues]
        self.status = Status(scenario.name, RUNNING, now, None, round(lasts, 3), noted)
        status = self.status
        self._task = asyncio.get_running_loop().create_task(self._play(cues, lasts, status, owner))
        self._task.add_done_callback(lambda _task: self._end(status))
        return status

    async def stop(self) -> Status | None:
        """Stop the scenario that plays. When this returns, its changes are undone."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        return self.status

    async def ended(self) -> None:
        """Wait until no scenario is playing."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _play(self, cues: list[Cue], lasts: float, status: Status, owner: Tenant) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for cue, noted in zip(cues, status.steps, strict=True):
            await _until(loop, start + cue.at)
            try:
                self._do(cue, owner)
            except ValueError as error:
                noted.problem = str(error)
            noted.done_at = round(loop.time() - start, 3)
        await _until(loop, start + lasts)
        status.state = DONE

    def _end(self, status: Status) -> None:
        """End the scenario, for whatever reason: all carriers are as configured again."""
        if status.state == RUNNING:
            status.state = STOPPED
        status.ended_at = self._clock.now_ms()
        self._task = None
        for carrier in self.sandbox.carriers.values():
            carrier.behave({})
            if not carrier.up:
                carrier.come_up()

    def _do(self, cue: Cue, owner: Tenant) -> None:
        step = cue.step
        if isinstance(step, Send):
            self._send(step, owner)
            return
        for carrier in self._carriers(step.carrier):
            if isinstance(step, Up) or (isinstance(step, Down) and cue.undone):
                carrier.come_up()
            elif isinstance(step, Down):
                carrier.go_down("taken down by the scenario")
            elif isinstance(step, Restore) or cue.undone:
                carrier.behave({})
            else:
                carrier.behave(step.set)

    def _send(self, step: Send, owner: Tenant) -> None:
        number = numbers.parse(step.from_)
        handset = self.sandbox.handsets.get(owner, number.e164, number.country)
        carrier = self.sandbox.carrier_of(handset)
        if carrier is None:
            raise ValueError("no simulated carrier is running")
        carrier.send(handset, step.to, step.text)

    def _carriers(self, name: str) -> list[Playable]:
        found = [
            carrier
            for id_, carrier in self.sandbox.carriers.items()
            if name in (EVERY, id_, self._name_of(id_))
        ]
        if not found:
            raise ValueError(f"no simulated carrier {name!r} is running")
        return found


async def _until(loop: asyncio.AbstractEventLoop, when: float) -> None:
    delay = when - loop.time()
    if delay > 0:
        await asyncio.sleep(delay)


def _words(cue: Cue) -> str:
    """Describe in a few words what a cue does."""
    step = cue.step
    match step:
        case Send():
            return f"{step.from_} sends {step.text!r} to {step.to}"
        case Behave() if not cue.undone:
            changes = ", ".join(f"{name}={value}" for name, value in step.set.items())
            return f"{step.carrier} changes its behaviour: {changes}"
        case Behave() | Restore():
            return f"{step.carrier} behaves as configured again"
        case Down() if not cue.undone:
            return f"{step.carrier} goes down"
        case _:
            return f"{step.carrier} comes up"
