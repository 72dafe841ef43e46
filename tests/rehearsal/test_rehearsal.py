"""Scenarios faster than real time, and the commands of the sandbox."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog

from onesixty.cli import client, scenario
from onesixty.cli.client import Refused
from onesixty.rehearsal.playing import rehearse
from onesixty.simulator.scenario import read_toml
from tests.support.commands import invoke

NOON = """
name = "noon"
starts_at = "11:59"

[[steps]]
at = "12:00"
do = "down"
carrier = "simulator"
for = "20s"

[[steps]]
do = "behave"
carrier = "simulator"
set = { receipts_doubled = 0.5, loss = 0.1, loss_taken = 0.5, throttle = 0.05 }

[[steps]]
at = "5s"
do = "send"
from = "+4915112345678"
to = "+15550009999"
text = "STOP"

[traffic]
rate = 4
for = "100s"
classes = ["otp", "transactional", "marketing"]
to = ["US", "DE", "+15000160013"]
"""


def test_a_scenario_is_played_in_no_time_and_repeats_itself() -> None:
    """A carrier goes down at 12:00; half of the receipts come twice: everything has its end, the audit holds."""
    reports = [rehearse(read_toml(NOON)) for _ in range(2)]
    one, two = (msgspec.to_builtins(report) | {"wall_s": 0} for report in reports)
    assert one == two
    assert (one["messages"], one["refused"], one["findings"]) == (400, {}, [])
    assert one["checks"] > 20
    assert sum(one["statuses"].values()) == 400
    assert one["errors"]["undeliverable"] > 50
    assert one["duplicates"] > 0
    assert one["receipts"] > 400
    assert sum(one["carriers"]["sim-us"].values()) > 0  # while the first one was down
    assert one["to_sent"]["most"] < 3600
    assert [step["problem"] for step in one["steps"]] == [None] * 4
    other = rehearse(read_toml(f"seed = 2\n{NOON}"))
    assert msgspec.to_builtins(other) | {"wall_s": 0} != one


def test_a_rehearsal_has_simulated_carriers_only() -> None:
    text = '[[carriers]]\nname = "acme"\ntype = "smpp"\nhost = "smsc.example.net"\nsystem_id = "x"'
    with pytest.raises(ValueError, match="number 1: a fast run needs carriers of type simulator"):
        rehearse(read_toml(text))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Run a command in an empty directory; the log is set up afterwards as before."""
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield invoke
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


class Server:
    """Answers calls in turn; a Refused is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, Any]] = []

    def call(self, method: str, path: str, body: Any = None) -> Any:
        self.asked.append((method, path, body))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        pass


def test_the_command_prints_what_became_of_the_messages(run: Any) -> None:
    Path("noon.toml").write_text(NOON.replace("100s", "5s"))
    result = run("simulate", "scenario", "noon.toml", "--fast", "--seed", "7")
    assert result.exit_code == 0, result.output
    assert "60.0 s  simulator goes down" in result.stdout
    assert "messages    20 (20 segments)" in result.stdout
    assert "checks passed" in result.stdout
    report = json.loads(run("simulate", "scenario", "noon.toml", "--fast", "--json").stdout)
    assert report["messages"] == 20


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('[[steps]]\ndo = "fly"', "fly"),
        ("x", "not TOML"),
        (None, "cannot read"),
        ('[[carriers]]\ntype = "smpp"', "simulator"),
    ],
)
def test_what_cannot_be_played_is_said(run: Any, content: str | None, complaint: str) -> None:
    if content is not None:
        Path("s.toml").write_text(content)
    result = run("simulate", "scenario", "s.toml", "--fast")
    assert result.exit_code in (1, 2)
    assert complaint in result.stderr


def status(state: str, *done: float | None, problem: str | None = None) -> dict[str, Any]:
    steps = [{"at": 1.0, "what": f"step {n}", "done_at": at, "problem": problem} for n, at in enumerate(done)]
    return {"name": "noon", "state": state, "lasts": 2.0, "steps": steps}


def test_on_a_server_each_step_is_told_once(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(status("running", None, None), status("running", 1.0, None), status("done", 1.0, 2.0))
    monkeypatch.setattr(client, "connect", lambda *_: server)
    monkeypatch.setattr(scenario, "_PAUSE", 0)
    Path("noon.toml").write_text(NOON)
    result = run("simulate", "scenario", "noon.toml", "--key", "k")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["       1.0 s  step 0", "       2.0 s  step 1", "noon: done"]
    assert "`traffic` applies only to --fast" in result.stderr
    assert server.asked[0][2].keys().isdisjoint({"traffic", "carriers"})
    assert {method for method, _, _ in server.asked[1:]} == {"GET"}


def test_an_interrupt_stops_the_scenario(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(status("running", None), KeyboardInterrupt(), status("stopped", None))
    monkeypatch.setattr(client, "connect", lambda *_: server)
    monkeypatch.setattr(scenario, "_PAUSE", 0)
    Path("s.json").write_text("{}")
    assert run("simulate", "scenario", "s.json", "--key", "k").exit_code == 1
    assert server.asked[-1][:2] == ("POST", "/v1/sandbox/scenario/stop")


def test_a_detached_scenario_plays_on(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(status("running", None))
    monkeypatch.setattr(client, "connect", lambda *_: server)
    Path("s.json").write_text("{}")
    result = run("simulate", "scenario", "s.json", "--key", "k", "--detach")
    assert (result.exit_code, result.stdout) == (0, "noon: 1 steps in 2 s\n")


MESSAGE = {
    "direction": "received", "from": "Acme", "to": "+15551234567", "text": "one\ntwo", "flash": True, "parts": 3,
    "missing_parts": 1, "at": "2030-01-01T00:00:00Z", "carrier": "simulator", "test": False,
}  # fmt: skip
HANDSET = {
    "number": "+15551234567", "country": None, "network_name": "Sim", "carrier": None, "messages": 2,
    "last_at": None, "test": True,
}  # fmt: skip


def test_handsets_on_the_command_line(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = MESSAGE | {
        "direction": "sent",
        "from": "+15551234567",
        "to": "40404",
        "missing_parts": 0,
        "flash": False,
    }
    server = Server(
        {"data": [HANDSET]}, {"data": [sent], "next": "7"}, {"data": [MESSAGE], "next": None}, sent,
        Refused(422, {"detail": "No."}),
    )  # fmt: skip
    monkeypatch.setattr(client, "connect", lambda *_: server)
    assert json.loads(run("handset", "list", "--all").stdout) == [HANDSET]
    assert run("handset", "read", "+15551234567").stdout.splitlines() == [
        "2030-01-01T00:00:00Z  from Acme  (flash, 1 of 3 parts missing)", "    one", "    two",
        "2030-01-01T00:00:00Z  to 40404", "    one", "    two",
    ]  # fmt: skip
    result = run("handset", "send", "+15551234567", "--text", "hi")
    assert result.stdout == "+15551234567 sent to 40404 in 3 parts, over simulator\n"
    failed = run("handset", "send", "+15551234567", "--text", "hi", "--to", "Acme")
    assert (failed.exit_code, failed.stderr) == (1, "onesixty: No.\n")
    assert [(method, path) for method, path, _ in server.asked] == [
        ("GET", "/v1/sandbox/handsets?limit=200&all=true"),
        ("GET", "/v1/sandbox/handsets/%2B15551234567/messages?limit=200"),
        ("GET", "/v1/sandbox/handsets/%2B15551234567/messages?limit=200&after=7"),
        ("POST", "/v1/sandbox/handsets/%2B15551234567/messages"),
        ("POST", "/v1/sandbox/handsets/%2B15551234567/messages"),
    ]
