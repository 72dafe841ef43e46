"""Scenarios: how they are read, and how they play on carriers in virtual time."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from onesixty.carriers.simulator import SimulatorCarrier, SimulatorSettings
from onesixty.core.tenant import Tenant
from onesixty.simulator.sandbox import Sandbox
from onesixty.simulator.scenario import (
    Scenario,
    duration,
    length,
    moment,
    read_json,
    read_toml,
    timeline,
)
from onesixty.simulator.stage import Busy, Stage, Status
from onesixty.simulator.virtual import START_MS, Deadlock, Time, run
from tests.carriers.conformance import Host

NOON = """
name = "noon"
lasts = "3h"

[[steps]]
at = "12:00"
do = "down"
carrier = "acme"
for = "10m"

[[steps]]
at = "90s"
do = "behave"
set = { receipts_doubled = 0.05, receipt_delay_ms = 2000 }

[[steps]]
at = 300
do = "restore"

[[steps]]
at = "2m"
do = "send"
from = "+15551234567"
to = "40404"
text = "STOP"
"""
OWNER = Tenant("acc_1", False)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(90, 90), (1.5, 1.5), ("90s", 90), ("1m30s", 90), ("2h", 7200), ("1h 30m", 5400), ("0.5s", 0.5)],
)
def test_durations(text: Any, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "1d", "s", "-1s", -1, "8000h", "12:00"])
def test_what_is_no_duration(text: Any) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration(text)


def test_a_time_of_day_is_the_next_one() -> None:
    assert START_MS % 86_400_000 == 8 * 3_600_000  # the virtual day begins at 08:00
    assert moment("12:00", START_MS) == 4 * 3600
    assert moment("08:00", START_MS) == 0
    assert moment("07:59:30", START_MS) == 86_400 - 30
    with pytest.raises(ValueError, match="not a time of day"):
        moment("24:00", START_MS)


def test_steps_stand_in_order_of_time_and_are_undone() -> None:
    scenario = read_toml(NOON)
    cues = timeline(scenario, START_MS)
    assert [(cue.at, cue.undone) for cue in cues] == [
        (90, False), (120, False), (300, False), (14_400, False), (15_000, True),
    ]  # fmt: skip
    assert length(scenario, cues) == 15_000  # not before the last of its steps


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ('{"steps": [{"do": "fly"}]}', "fly"),
        ('{"steps": [{"do": "down", "at": "soon"}]}', "step 1: 'soon' is not a duration"),
        ('{"steps": [{"do": "behave", "set": {"loss": 7}}]}', "step 1: `loss` must be a number of at most 1"),
        ('{"steps": [{"do": "behave", "set": {"speed": 7}}]}', "step 1: Unknown field `speed`"),
        ('{"starts_at": "noon"}', "not a time of day"),
        ('{"traffic": {"rate": 0}}', "rate"),
        ("{", "not JSON"),
    ],
)
def test_what_cannot_play_is_refused_when_it_is_read(body: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        read_json(body)


class Scene:
    """Two carriers and a stage in virtual time."""

    def __init__(self) -> None:
        self.time = Time()
        self.sandbox = Sandbox()
        self.host = Host()
        self.stage = Stage(self.sandbox, self.time, lambda id_: id_.removeprefix("car_"))
        self.carriers = [
            SimulatorCarrier(
                f"car_{name}", SimulatorSettings(), clock=self.time, random=random.Random(1), sandbox=self.sandbox
            )
            for name in ("acme", "other")
        ]  # fmt: skip

    def play(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            for carrier in self.carriers:
                await carrier.start(self.host)
            await asyncio.sleep(0)
            await work()
            await self.stage.stop()
            for carrier in self.carriers:
                await carrier.stop(0)

        run(self.time, main())

    def begin(self, text: str) -> Status:
        return self.stage.begin(read_toml(text), OWNER)


def test_a_carrier_goes_down_at_noon_and_comes_back() -> None:
    scene = Scene()
    acme, other = scene.carriers

    async def work() -> None:
        scene.begin(NOON)
        await asyncio.sleep(4 * 3600 + 1)
        assert (acme.up, other.up) == (False, True)
        assert acme.capacity() == 0
        await asyncio.sleep(600)
        assert acme.up
        await scene.stage.ended()

    scene.play(work)
    status = scene.stage.status
    assert status is not None
    assert (status.state, status.lasts) == ("done", 15_000)
    assert [step.problem for step in status.steps] == [None] * 5
    assert all(step.done_at == pytest.approx(step.at) for step in status.steps)
    (message,) = scene.host.inbounds
    assert (message.sender, message.recipient, message.payload) == ("+15551234567", "40404", b"STOP")
    assert message.conversation == OWNER


def test_behaviour_changes_and_is_restored() -> None:
    scene = Scene()
    acme, other = scene.carriers

    async def work() -> None:
        scene.begin(
            '[[steps]]\ndo = "behave"\ncarrier = "acme"\nset = {loss = 1}\nfor = "5m"\n'
            '[[steps]]\nat = "10m"\ndo = "up"\n'
        )
        await asyncio.sleep(1)
        assert (acme.behaviour.loss, other.behaviour.loss) == (1, 0)
        await asyncio.sleep(300)
        assert acme.behaviour.loss == 0

    scene.play(work)


def test_stopping_undoes_everything_and_a_second_one_has_to_wait() -> None:
    scene = Scene()

    async def work() -> None:
        scene.begin(
            '[[steps]]\ndo = "down"\nfor = "1h"\n[[steps]]\ndo = "behave"\nset = {loss = 1}\nfor = "1h"'
        )
        with pytest.raises(Busy):
            scene.stage.begin(Scenario(), OWNER)
        await asyncio.sleep(1)
        assert not any(carrier.up for carrier in scene.carriers)
        status = await scene.stage.stop()
        assert status is not None
        assert status.state == "stopped"
        assert all(carrier.up and carrier.behaviour.loss == 0 for carrier in scene.carriers)
        scene.begin('lasts = "1s"')  # stopped before it took a step
        await scene.stage.stop()
        scene.stage.begin(Scenario(), OWNER)

    scene.play(work)


def test_a_step_that_cannot_be_done_is_noted_and_the_rest_goes_on() -> None:
    scene = Scene()

    async def work() -> None:
        with pytest.raises(ValueError, match="no simulated carrier 'nobody' is running"):
            scene.begin('[[steps]]\ndo = "down"\ncarrier = "nobody"')
        scene.begin(
            '[[steps]]\ndo = "send"\nfrom = "+15551234567"\nto = "Acme"\ntext = "hi"\n'
            '[[steps]]\nat = 5\ndo = "send"\nfrom = "+15551234567"\nto = "40404"\ntext = "hi"\n'
        )
        await scene.stage.ended()

    scene.play(work)
    assert scene.stage.status is not None
    first, second = scene.stage.status.steps
    assert first.problem is not None
    assert "'Acme'" in first.problem
    assert (second.problem, len(scene.host.inbounds)) == (None, 1)


def test_a_loop_on_which_nothing_can_happen_says_so() -> None:
    async def stuck() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock):
        run(Time(), stuck())
