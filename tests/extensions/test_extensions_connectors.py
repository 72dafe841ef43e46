"""Connectors of extensions: a carrier of an installed type is like any other; one whose type is missing says so."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from onesixty.app.platform import Platform
from onesixty.carriers.registry import Connectors
from onesixty.carriers.settings import MASK
from onesixty.carriers.simulator import SimulatorCarrier
from onesixty.channels.sms.orders import SendOrder
from onesixty.cli.extension import write
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.extensions import ConnectorExtension
from onesixty.extensions.loading import Extension, Extensions, load
from onesixty.ops.settings import Settings, SettingsError
from tests.support.databases import Databases
from tests.support.extensions import found_in, install
from tests.support.waiting import wait_until_async


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Extensions:
    """The connector that `onesixty extension new spool --kind connector` writes, installed."""
    write(tmp_path / "source", "spool", "connector")
    source = (tmp_path / "source" / "onesixty_spool.py").read_text()
    install(
        tmp_path / "site", {"onesixty_spool.py": source}, {"connectors:spool": "onesixty_spool:EXTENSION"}
    )
    monkeypatch.syspath_prepend(tmp_path / "site")
    sys.modules.pop("onesixty_spool", None)
    return load(Settings(), found_in(tmp_path / "site"))


def test_its_settings_are_checked_and_shown_like_those_of_other_types(spool: Extensions) -> None:
    types = spool.connectors
    assert "spool" in types.types
    assert not types.is_simulated("spool")
    assert types.validate("spool", {"path": "x", "window": 100}) == {"path": "x"}
    assert types.public("spool", {"path": "x"}) == {"path": "x", "throughput": 0, "window": 100}
    wrong: Mapping[str, dict[str, Any]] = {
        "settings.path": {"path": ""},
        "settings.window": {"path": "x", "window": 0},
        "settings.pace": {"path": "x", "pace": 1},
    }
    for param, settings in wrong.items():
        with pytest.raises(Problem) as refused:
            types.validate("spool", settings)
        assert refused.value.param == param


def test_settings_of_a_type_that_is_not_installed_are_all_masked() -> None:
    assert Connectors().public("spool", {"path": "x", "password": "y"}) == {"path": MASK, "password": MASK}
    assert not Connectors().is_simulated("spool")


StartNode = Callable[..., Any]


@pytest.fixture
async def start(tmp_path: Path, databases: Databases) -> AsyncIterator[StartNode]:
    """Start a node on one database, with these extensions and settings."""
    url = databases.sqlite(tmp_path / "onesixty.db")
    running: list[Platform] = []

    async def run(extensions: Extensions, **settings: Any) -> Platform:
        while running:
            await running.pop().stop()
        given = Settings(database_url=url, data_dir=tmp_path, processes="1", shutdown_seconds=1, **settings)
        platform = Platform(given, extensions=extensions)
        running.append(platform)
        await platform.start(doors=False)
        return platform

    yield run
    for platform in running:
        await platform.stop()


async def test_a_carrier_of_an_installed_type_takes_messages(
    start: StartNode, spool: Extensions, tmp_path: Path
) -> None:
    path = tmp_path / "messages.jsonl"
    tables = {
        "carriers": [{"name": "file", "type": "spool", "path": str(path)}],
        "routes": [{"name": "default", "carriers": ["file"]}],
    }
    node = await start(spool, **tables)
    operator = node.features.accounts.operator().id
    order = SendOrder(tenant=Tenant(operator, False), sender="Acme", recipient="+15551234567", text="hello")
    (message,) = await node.features.path.intake.accept([order])
    assert isinstance(message, Message)
    await wait_until_async(path.exists, 10, "the file")
    (line,) = path.read_text().splitlines()
    sent = json.loads(line)
    assert (sent["from"], sent["to"], sent["text"]) == ("Acme", "+15551234567", "hello")

    # without the package: a carrier of the file stops the start, one of the database waits for its type
    with pytest.raises(SettingsError, match="Unknown carrier type `spool`"):
        await start(Extensions(), **tables)
    with capture_logs() as logs:
        bare = await start(Extensions())
    assert [line["carrier"] for line in logs if line["event"] == "carrier_type_missing"] == ["file"]
    (id_,) = (row[0] for row in await bare.store.fetch("carriers_all"))
    state = bare.features.network.carriers.state(id_)
    assert state is not None
    assert not state.connected
    assert state.last_error == "no connector of type spool is installed on this node"
    assert bare.features.network.carriers.states() == {}


class Paired(msgspec.Struct, frozen=True):
    """Settings that have to go together."""

    low: int = 0
    high: int = 0

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not be above high")


async def test_a_fault_of_the_settings_as_a_whole_names_no_field(start: StartNode) -> None:
    declared = ConnectorExtension(api=1, build=SimulatorCarrier, settings=Paired)
    extensions = Extensions([Extension("paired", "connector", "acme", "1.0", declared, None)])
    with pytest.raises(Problem) as refused:
        extensions.connectors.validate("paired", {"low": 1})
    assert (refused.value.param, refused.value.detail) == ("settings", "Low must not be above high.")
    with pytest.raises(SettingsError, match=r"^\[\[carriers\]\] number 1: Low must not be above high\.$"):
        await start(extensions, carriers=[{"name": "pair", "type": "paired", "low": 1}])


class Newer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of another version of the connector."""

    path: str
    address: str
    password: str = ""


def newer() -> Extensions:
    declared = ConnectorExtension(
        api=1, build=SimulatorCarrier, settings=Newer, secrets=("password",), target=lambda s: s.address
    )
    return Extensions([Extension("spool", "connector", "acme", "2.0", declared, None)])


async def test_a_carrier_whose_settings_another_version_stored_waits_for_a_repair(
    start: StartNode, spool: Extensions, tmp_path: Path
) -> None:
    await start(spool, carriers=[{"name": "file", "type": "spool", "path": "x"}])
    with capture_logs() as logs:
        node = await start(newer())
    (line,) = [line for line in logs if line["event"] == "carrier_settings_refused"]
    assert (line["carrier"], line["setting"]) == ("file", "carriers.file.address")
    (id_,) = (row[0] for row in await node.store.fetch("carriers_all"))
    state = node.features.network.carriers.state(id_)
    assert state is not None
    assert state.last_error == "`address` is missing."
    config = await node.features.configs.named_carrier(id_, "id")
    await node.features.configs.change_carrier(
        config, name="file", settings=msgspec.json.decode(config.settings), enabled=False
    )
    assert node.features.network.carriers.state(id_) is None, "a disabled carrier has no state"


def test_settings_that_another_version_stored_are_masked_and_can_be_repaired() -> None:
    types = newer().connectors
    before = {"path": "x", "password": "secret"}
    assert types.public("spool", before) == {"path": MASK, "password": MASK}
    after = {**before, "address": "a"}
    with pytest.raises(Problem) as refused:
        types.check_secrets("spool", before, after, {"address"})
    assert (refused.value.code, refused.value.param) == ("missing_field", "settings.password")
    types.check_secrets("spool", before, after, {"address", "password"})
