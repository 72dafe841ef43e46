"""The benchmark itself: its peers, its whole way through a real gateway, its medians and its table."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import micro, results
from benchmarks.gateways import Gateway, GatewayError, KannelGateway, Links, OnesixtyGateway
from benchmarks.measure import SCENARIOS, Run, Setup, measure
from benchmarks.roles import Role, RoleError
from onesixty.load.http import Target, v1_target
from onesixty.load.smpp import SmppTarget

pytestmark = pytest.mark.system

SETUP = Setup(connections=4, warm_up=10)


class NoGateway:
    """A gateway that does not start."""

    name = "none"
    has_smpp_door = True

    def missing(self) -> str | None:
        return None

    def start(self, directory: Path, links: Links) -> None:
        raise GatewayError("not today")

    def target(self) -> Target:
        raise AssertionError("never started")

    def customer(self, binds: int, window: int) -> SmppTarget:
        raise AssertionError("never started")

    def pids(self) -> list[int]:
        return []

    def stop(self) -> None:
        """Nothing to stop."""


async def test_client_and_receiver_as_processes_agree() -> None:
    async with Role("receiver") as receiver:
        target = v1_target(f"http://127.0.0.1:{receiver.port}", "KEY", sender="a", text="b")
        settings = {
            "host": target.host, "port": target.port, "head": target.head.decode(), "tail": target.tail.decode(),
            "count": 100, "seconds": 10, "connections": 4, "first": 0,
        }  # fmt: skip
        async with Role("client", **settings) as client:
            assert await client.wait(lambda counts: "rate" in counts, 20, "its report")
        assert client.counts["accepted"] == 100
        assert await receiver.wait(lambda counts: counts.get("requests") == 100, 5, "all requests")
        assert client.counts["started"] <= receiver.counts["last_at"] <= client.counts["ended"] + 1
        assert not await receiver.wait(lambda counts: counts["requests"] > 100, 0.1, "more")


async def test_a_role_that_ends_early_is_an_error() -> None:
    settings = {
        "host": "127.0.0.1", "port": 1, "head": "x", "tail": "y",
        "count": 1, "seconds": 1, "connections": 1, "first": 0,
    }  # fmt: skip
    async with Role("client", **settings) as client:
        with pytest.raises(RoleError, match="ended before"):
            await client.wait(lambda counts: "rate" in counts, 20, "its report")


async def test_a_gateway_that_does_not_start_is_a_failed_run(tmp_path: Path) -> None:
    run = await measure(NoGateway(), SCENARIOS["A"], SETUP, tmp_path)
    assert run.problem == "not today"
    assert results.table([run]) == ["failed: none A: not today"]


KANNEL = pytest.mark.skipif(KannelGateway.missing() is not None, reason=str(KannelGateway.missing()))


@pytest.mark.deadline(120)
@pytest.mark.parametrize(
    ("gateway", "letter"),
    [
        pytest.param(KannelGateway, "A", marks=KANNEL),
        pytest.param(KannelGateway, "B", marks=KANNEL),
        pytest.param(OnesixtyGateway, "C"),
    ],
)
async def test_the_whole_way_through_a_gateway(
    gateway: Callable[[], Gateway], letter: str, tmp_path: Path
) -> None:
    scenario = dataclasses.replace(SCENARIOS[letter], messages=60)
    run = await measure(gateway(), scenario, SETUP, tmp_path)
    assert run.problem is None
    assert run.counts == {
        "received": 60,
        "acknowledged": 60 if scenario.receipts else 0,
        "callbacks": 60 * scenario.callbacks,
        "answers": {"202" if scenario.door == "http" else "ESME_ROK": 60},
    }
    assert run.rate > 0
    assert run.rss_mb > 0
    assert run.p99_ms >= run.p50_ms > 0


def test_medians_leave_out_what_was_not_complete_and_ratios_are_to_onesixty(tmp_path: Path) -> None:
    runs = [Run("onesixty", "A", 10, rate=rate, cpu_us=50) for rate in (900.0, 3000.0, 1000.0)]
    runs += [Run("kannel", "A", 10, rate=500, cpu_us=100), Run("kannel", "A", 10, problem="lost 3")]
    assert results.medians(runs)["A"]["onesixty"]["rate"] == 1000
    lines = results.table(runs)
    ratio = next(line for line in lines if line.startswith("onesixty / kannel"))
    assert ratio.split()[3:5] == ["2.00x", "0.50x"]
    assert lines[-1] == "failed: kannel A: lost 3"
    assert results.machine(tmp_path)["cpus"] >= 1


def test_the_parts_are_measured(tmp_path: Path) -> None:
    lines = micro.lines(1, 10) + micro.store_lines(tmp_path / "micro", 10)
    assert len(lines) >= 12
    assert all(line.endswith(" us") for line in lines)
