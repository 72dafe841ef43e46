"""`onesixty carrier check`: which carrier it finds, what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from onesixty.cli import database
from onesixty.core.clock import SystemClock
from onesixty.core.ids import IdSource
from onesixty.network.configs import Configs
from onesixty.ops.settings import load
from onesixty.sealing.opening import open_keyring
from onesixty.sealing.source import Source
from onesixty.simulator.smsc import SimulatedSmsc, SmscOptions
from tests.support.commands import invoke


@pytest.fixture
def smsc() -> Iterator[SimulatedSmsc]:
    """A simulated SMSC on a loop of its own, since the command has one too."""
    options = SmscOptions(port=0, latency_ms=1, receipt_delay_ms=5, receipt_jitter_ms=0, password="secret")
    far = SimulatedSmsc(options, clock=SystemClock(), random=random.Random(1))
    listening, done = threading.Event(), threading.Event()

    async def serve() -> None:
        await far.start()
        listening.set()
        await asyncio.to_thread(done.wait)
        await far.stop(1)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert listening.wait(30)
    yield far
    done.set()
    thread.join(30)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in an empty directory, with the carriers given in the settings file."""
    import os

    for name in os.environ:
        if name.startswith("ONESIXTY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, carriers: str = "") -> Result:
        (tmp_path / "onesixty.toml").write_text(carriers)
        return invoke("carrier", "check", *arguments)

    return command


def carrier(port: int, **more: str) -> str:
    rows = {
        "name": "acme",
        "type": "smpp",
        "host": "127.0.0.1",
        "system_id": "me",
        "password": "secret",
    } | more
    return f"[[carriers]]\nport = {port}\n" + "".join(f'{name} = "{value}"\n' for name, value in rows.items())


def test_a_carrier_of_the_file_is_checked_and_a_message_sent(run: Any, smsc: SimulatedSmsc) -> None:
    result = run("acme", "--send-to", "+1 555 000 0001", "--from", "Acme", carriers=carrier(smsc.port))
    assert result.exit_code == 0, result.output
    assert "ok      Bound as transceiver" in result.stdout
    assert "DELIVERED" in result.stdout
    assert "secret" not in result.output


def test_what_is_wrong_ends_with_status_1_and_programs_get_json(run: Any, smsc: SimulatedSmsc) -> None:
    result = run("acme", "--json", carriers=carrier(smsc.port, password="wrong"))
    assert result.exit_code == 1
    printed = json.loads(result.stdout)
    assert (printed["carrier"], printed["type"], printed["ok"]) == ("acme", "smpp", False)
    assert printed["findings"][-1]["level"] == "error"
    assert printed["findings"][-1]["facts"] == {"command_status": "ESME_RINVPASWD"}


def test_a_file_of_its_own_and_a_carrier_that_is_not_in_it(run: Any, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('[[carriers]]\nname = "box"\ntype = "simulator"\n')
    result = run("box", "--config", "other.toml")
    assert result.exit_code == 0, result.output
    assert "nothing to check" in result.stdout
    for arguments, wanted in (
        (("nobody", "--config", "other.toml"), "carrier 'nobody' not found in other.toml"),
        (("box", "--config", "nowhere.toml"), "file nowhere.toml not found"),
        (("box", "--config", "other.toml", "--send-to", "abc"), "--send-to"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert wanted in result.stderr


def test_a_setting_that_cannot_be_is_named(run: Any) -> None:
    result = run("acme", carriers=carrier(2775, bind="both"))
    assert result.exit_code == 2
    assert "[[carriers]] acme.bind" in result.stderr


def test_a_carrier_of_the_database_is_found_by_its_name(run: Any, smsc: SimulatedSmsc) -> None:
    assert invoke("migrate").exit_code == 0
    result = run("made")
    assert result.exit_code == 2
    assert "in the settings file or in the database" in result.stderr

    async def add(store: Any) -> None:
        clock = SystemClock()

        async def changed() -> None:
            pass

        keyring = await open_keyring(store, Source.of(load()), clock, ())

        configs = Configs(store, clock, IdSource(clock, random.Random(3)), changed, sealer=keyring)
        settings = {"host": "127.0.0.1", "port": smsc.port, "system_id": "me", "password": "secret"}
        await configs.add_carrier("made", "smpp", settings)

    database.run(load(), ("onesixty.network", "onesixty.sealing"), add)
    result = run("made")
    assert result.exit_code == 0, result.output
    assert "ok      Bound as transceiver" in result.stdout
