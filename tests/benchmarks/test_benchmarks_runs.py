"""The benchmark's runs: its peers as processes, and its whole way through real gateways."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import life, micro
from benchmarks.__main__ import main
from benchmarks.cases import Case, chosen
from benchmarks.gateways.contract import Gateway, GatewayError, Links, Simple
from benchmarks.gateways.kannel import KannelGateway
from benchmarks.gateways.onesixty import OnesixtyGateway
from benchmarks.measure import Setup, measure
from benchmarks.processes import Part
from benchmarks.requests import single
from benchmarks.roles import Role, RoleError
from onesixty.load.http import v1_target
from onesixty.store import migrations
from onesixty.store.urls import sqlite_path
from tests.support.databases import Databases

pytestmark = pytest.mark.system

SETUP = Setup(connections=4, warm_up=10)


class NoGateway(Simple):
    """A gateway that does not start."""

    name = "none"
    letters = "A"

    def missing(self) -> str | None:
        return None

    def start(self, directory: Path, links: Links) -> None:
        raise GatewayError("not today")

    def parts(self) -> list[Part]:
        return []

    def stop(self) -> None:
        """Nothing to stop."""


def case(letter: str, messages: int, **more: object) -> Case:
    """One case with so many messages."""
    found = chosen(letter, rates=[100], rows=50, messages=messages)[0]
    return dataclasses.replace(found, **more)  # type: ignore[arg-type]


async def test_client_and_receiver_as_processes_agree() -> None:
    async with Role("receiver", times=None, timed=0) as receiver:
        target = v1_target(f"http://127.0.0.1:{receiver.port}", "KEY", sender="a", text="b")
        settings = {
            "requests": single(target), "count": 100, "seconds": 10, "rate": 0, "connections": 4, "first": 0,
            "more_ports": [],
        }  # fmt: skip
        async with Role("client", **settings) as client:
            assert await client.wait(lambda counts: "rate" in counts, 20, "its report")
        assert client.counts["accepted"] == 100
        assert await receiver.wait(lambda counts: counts.get("requests") == 100, 5, "all requests")
        assert client.counts["started"] <= receiver.counts["last_at"] <= client.counts["ended"] + 1
        assert not await receiver.wait(lambda counts: counts["requests"] > 100, 0.1, "more")


async def test_a_role_that_ends_early_is_an_error() -> None:
    target = v1_target("http://127.0.0.1:1", "KEY", sender="a", text="b")
    settings = {
        "requests": single(target), "count": 1, "seconds": 1, "rate": 0, "connections": 1, "first": 0,
        "more_ports": [],
    }  # fmt: skip
    async with Role("client", **settings) as client:
        with pytest.raises(RoleError, match="ended before"):
            await client.wait(lambda counts: "rate" in counts, 20, "its report")


async def test_a_gateway_that_does_not_start_is_a_failed_run(tmp_path: Path) -> None:
    run = await measure(NoGateway(), case("A", 10), SETUP, tmp_path)
    assert run.problem == "not today"
    assert run.values == {}


KANNEL = pytest.mark.skipif(KannelGateway.missing() is not None, reason=str(KannelGateway.missing()))


@pytest.mark.deadline(120)
@pytest.mark.parametrize(
    ("gateway", "letter"),
    [
        pytest.param(KannelGateway, "E", marks=KANNEL),
        pytest.param(OnesixtyGateway, "C"),
        pytest.param(OnesixtyGateway, "E"),
    ],
)
async def test_the_whole_way_through_a_gateway(
    gateway: Callable[[], Gateway], letter: str, tmp_path: Path
) -> None:
    run = await measure(gateway(), case(letter, 60), SETUP, tmp_path)
    assert run.problem is None
    assert run.counts == {
        "received": 60,
        "acknowledged": 0 if letter == "A" else 60,
        "callbacks": 120 if letter in "BE" else 0,
        "answers": {"ESME_ROK" if letter == "C" else "202": 60},
    }
    values = run.values
    assert values["rate"] > 0
    assert values["rss_mb"] > 0
    assert values["answer_p99_ms"] >= values["answer_p50_ms"] > 0
    assert sum(part["cpu_us"] for part in run.parts.values()) == pytest.approx(values["cpu_us"])
    if letter == "E":
        assert values["carrier_p50_ms"] > 0
        assert values["webhook_p99_ms"] >= values["webhook_p50_ms"] > 0


@pytest.mark.deadline(120)
async def test_a_mix_on_a_filled_database_whose_disk_is_looked_at(tmp_path: Path) -> None:
    """What the cases D, F, G and M add to the way, in one start of the product fewer each."""
    gateway = OnesixtyGateway()
    run = await measure(gateway, case("M", 100, rows=50, disk=True), SETUP, tmp_path)
    assert run.problem is None
    assert (tmp_path / "filled").read_text() == "50\n"
    assert set(run.parts) == {"core", "writer"}
    assert run.values["kept_bytes"] > 100
    assert run.values["log_bytes"] > run.values["log_pages"] * 4096
    again = await measure(gateway, case("D", 200, rows=50), SETUP, tmp_path)
    assert again.problem is None
    assert again.counts["answers"] == {"202": 2}
    assert again.values["accept_rate"] >= again.values["rate"] > 0


#: What each mode of verifications is given, the times that make it quick, and how its last line begins.
MODES = (
    (
        "--verify",
        "--messages 4 --runs 1",
        {"verifying._SETTLE": 0.3, "verifying._WARM_UP": 4},
        "start and check cost ",
    ),
    ("--timing", "--messages 16", {}, "expired and unknown: "),
    (
        "--expire",
        "--messages 20",
        {"expiring.SECONDS": 1.0, "expiring._LEAD": 0.5, "expiring._RATE": 20},
        "onesixty-postgresql",
    ),
)


@pytest.mark.deadline(120)
@pytest.mark.parametrize(("mode", "given", "quick", "last"), MODES, ids=[mode for mode, *_ in MODES])
def test_a_mode_of_verifications_runs(
    mode: str,
    given: str,
    quick: dict[str, float],
    last: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in quick.items():
        monkeypatch.setattr(f"benchmarks.{name}", value)
    monkeypatch.setattr("benchmarks.__main__.WORK", tmp_path / "bench")
    monkeypatch.setattr("sys.argv", ["benchmarks", mode, *given.split()])
    assert main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith(last)
    assert list((tmp_path / "bench").rglob("*.db")) == []


def test_the_parts_are_measured(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each size begins with a new database, here a copy of one."""

    async def migrate(url: str) -> None:
        databases.sqlite(sqlite_path(url))

    monkeypatch.setattr(migrations, "migrate_apart", migrate)
    lines = (
        micro.lines(1, 10) + micro.store_lines(tmp_path / "micro", 10) + life.lines(tmp_path / "life", 10, 1)
    )
    assert len(lines) >= 12
    assert all(line.endswith((" us", " octets")) for line in lines)
