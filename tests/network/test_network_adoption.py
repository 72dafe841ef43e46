"""Nodes that start together on one empty PostgreSQL: each serves, and what all of them want to make is made once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from onesixty.app.platform import Platform
from onesixty.carriers.registry import BUILT_IN
from onesixty.channels.registry import standard
from onesixty.network.adoption import adopt
from onesixty.network.configs import Cost, cost_of
from onesixty.ops.settings import Settings, SettingsError
from onesixty.store import migrations
from tests.doors.office import Office
from tests.support.postgres import Postgres
from tests.support.sealing import SECRET

#: With nothing in the settings file, and with carriers and routes of its own, one of which names both.
NOTHING: dict[str, Any] = {}
OWN: dict[str, Any] = {
    "carriers": [{"name": "one", "type": "simulator"}, {"name": "two", "type": "simulator"}],
    "routes": [{"name": "default", "carriers": ["one", "two"]}, {"name": "two", "carriers": ["two"]}],
}
#: How often they start together, and how many.
ROUNDS = 4
NODES = 3


def node(url: str, folder: Path, **settings: Any) -> Platform:
    return Platform(
        Settings(
            database_url=url,
            data_dir=folder,
            http_listen="127.0.0.1:0",
            secret_key=SECRET,
            admin_key="test-admin-key-for-loopback-only",
            shutdown_seconds=1,
            **settings,
        )
    )


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    yield made
    await made.close()


async def start_together(nodes: list[Platform]) -> None:
    done = await asyncio.gather(*(each.start(doors=False) for each in nodes), return_exceptions=True)
    started = [each for each, result in zip(nodes, done, strict=True) if result is None]
    try:
        assert done == [None] * len(nodes)
        assert sum(bool(each.new_keys) for each in nodes) <= 1, "one made the first account"
        seen = []
        for each in nodes:
            carriers = sorted(row[1] for row in await each.store.fetch("carriers_all"))
            routes = sorted((row[1], row[2]) for row in await each.store.fetch("routes_all"))
            seen.append((carriers, routes, len(each.features.accounts.book)))
            assert set(each.features.network.carriers.states()) == set(carriers), "each runs all of them"
        assert [found == seen[0] for found in seen] == [True] * len(nodes)
        assert seen[0][2] == 1
        assert len(set(seen[0][0])) == len(seen[0][0])
    finally:
        await asyncio.gather(*(each.stop() for each in started))


@pytest.mark.deadline(120)
async def test_nodes_that_start_together_on_an_empty_database_all_serve(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    """Migrations, first account, keys, carriers, routes: what another node made is done already."""
    migrated = postgres_server.create_database()
    await migrations.migrate(migrated)
    for number in range(ROUNDS):
        empty = number == 0  # that all of them find no table at all is slow, and the same each time
        url = postgres_server.create_database(None if empty else migrated)
        own = OWN if number % 2 else NOTHING
        await start_together([node(url, tmp_path / f"{number}-{n}", **own) for n in range(NODES)])
        postgres_server.drop_database(url)
    postgres_server.drop_database(migrated)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            {
                "carriers": [
                    {"name": "one", "type": "simulator"},
                    {"name": "one", "type": "simulator", "loss": 1},
                ]
            },
            r"\[\[carriers\]\] number 2, `name`: 'one' appears twice",
        ),
        (
            {
                "carriers": [{"name": "one", "type": "simulator"}],
                "routes": [
                    {"name": "a", "carriers": ["one"]},
                    {"name": "a", "carriers": ["one"], "priority": 2},
                ],
            },
            r"\[\[routes\]\] number 2, `name`: 'a' appears twice",
        ),
    ],
)
async def test_a_name_that_stands_twice_is_refused(tables: dict[str, Any], said: str) -> None:
    """Each of the two would undo the other. The rows are not looked at for it."""
    with pytest.raises(SettingsError, match=said):
        await adopt(None, BUILT_IN, standard(), tables["carriers"], tables.get("routes", ()), account_id="")  # type: ignore[arg-type]


async def test_a_file_says_what_a_carrier_costs(office: Office) -> None:
    table = {"name": "acme", "type": "simulator", "cost_per_segment": "0.0040", "currency": "USD"}
    configs = office.features.configs

    async def costs(**changes: str) -> Cost:
        await adopt(configs, BUILT_IN, standard(), [table | changes], (), account_id="")
        (config,) = await configs.carriers()
        return cost_of(config)

    assert await costs() == Cost(4000, "USD")
    assert await costs(cost_per_segment="0.0055") == Cost(5500, "USD")
    del table["cost_per_segment"], table["currency"]
    assert await costs() == Cost(0, "EUR"), "the file is the truth"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cost_per_segment": "-1"}, "cost_per_segment"),
        ({"cost_per_segment": "0.0000001"}, "cost_per_segment"),
        ({"cost_per_segment": 0.1}, "cost_per_segment"),
        ({"currency": "euro"}, "currency"),
    ],
)
async def test_a_cost_that_is_none_is_refused(office: Office, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError, match=rf"\[\[carriers\]\] number 1, `{field}`"):
        await adopt(
            office.features.configs,
            BUILT_IN,
            standard(),
            [{"name": "acme", "type": "simulator"} | wrong],
            (),
            account_id="",
        )
