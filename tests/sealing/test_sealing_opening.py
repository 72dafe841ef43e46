"""What a start does about the instance secret: the first one, a wrong one, several at once, and plain values."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from onesixty.app.features import STATEMENTS
from onesixty.core.clock import SystemClock
from onesixty.network.tables import CARRIERS
from onesixty.ops.settings import Settings
from onesixty.sealing import columns, keys
from onesixty.sealing.keyring import SEALED, Keyring
from onesixty.sealing.opening import open_keyring
from onesixty.sealing.source import FILE, SecretError, Source
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.units import Unit
from onesixty.webhooks.tables import WEBHOOKS
from tests.support.databases import statements
from tests.support.sealing import SECRET

TABLES = columns.sealed_tables(STATEMENTS)
CLOCK = SystemClock()


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    opened = await open_store(engine_url, statements(*STATEMENTS), clock=CLOCK)
    yield opened
    await opened.close()


def source(folder: Path, secret: str | None = None) -> Source:
    folder.mkdir(exist_ok=True)
    return Source.of(Settings(data_dir=folder, secret_key=secret))


async def open_with(store: Store, found: Source) -> Keyring:
    return await open_keyring(store, found, CLOCK, TABLES)


async def plain_rows(store: Store, count: int) -> None:
    """Rows as an older version left them."""
    writes = []
    for number in range(count):
        carrier = (
            f"car_{number:03}",
            f"c{number}",
            "smpp",
            f'{{"password":"pw{number}"}}',
            1,
            1,
            1,
            0,
            "EUR",
        )
        hook = (
            f"whk_{number:03}",
            "acc",
            "https://x.example",
            "[]",
            f"whsec_{number}",
            1,
            "",
            0,
            1,
            None,
            None,
            None,
        )
        writes += [("carriers_insert", carrier), ("webhook_insert", hook)]
    callback = ("callback acc", "acc", "", "[]", "whsec_callback", 1, "", 0, 1, None, None, None)
    (result,) = await store.commit([Unit(("rows",), writes=(*writes, ("webhook_insert", callback)))])
    assert result is True, result


async def test_a_first_start_makes_a_file_that_only_its_owner_reads(store: Store, tmp_path: Path) -> None:
    first = await open_with(store, source(tmp_path / "a"))
    file = tmp_path / "a" / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = await open_with(store, source(tmp_path / "a"))
    assert again.current == first.current
    secret = file.read_text().splitlines()[-1]
    assert (await open_with(store, source(tmp_path / "b", secret))).current == first.current
    assert not (tmp_path / "b" / FILE).exists()
    ((id_, state, check, public),) = await keys.all_keys(store)
    assert (id_, state) == (first.current, keys.CURRENT)
    assert secret not in check + public


async def test_a_wrong_secret_is_refused_with_what_to_do(store: Store, tmp_path: Path) -> None:
    keyring = await open_with(store, source(tmp_path / "a"))
    with pytest.raises(
        SecretError, match=rf"ONESIXTY_SECRET_KEY.*{keyring.current} is in force.*other nodes"
    ):
        await open_with(store, source(tmp_path / "b", SECRET))
    with pytest.raises(SecretError, match=rf"secret.key is missing.*{keyring.current}.*another node"):
        await open_with(store, source(tmp_path / "c"))
    assert not (tmp_path / "c" / FILE).exists()
    (tmp_path / "c" / FILE).write_text("short\n")
    with pytest.raises(SecretError, match="32 to 512 characters"):
        await open_with(store, source(tmp_path / "c"))


async def test_of_several_first_starts_one_decides(store: Store, tmp_path: Path) -> None:
    starts = (open_with(store, source(tmp_path / f"node{number}")) for number in range(4))
    results = await asyncio.gather(*starts, return_exceptions=True)
    opened = [result for result in results if isinstance(result, Keyring)]
    assert len(opened) == 1
    assert sum(isinstance(result, SecretError) for result in results) == 3
    made = [number for number in range(4) if (tmp_path / f"node{number}" / FILE).exists()]
    assert len(made) == 1
    assert len(await keys.all_keys(store)) == 1


async def test_first_starts_with_one_secret_all_succeed(store: Store, tmp_path: Path) -> None:
    await plain_rows(store, 150)
    starts = (open_with(store, source(tmp_path / f"node{number}", SECRET)) for number in range(4))
    opened = await asyncio.gather(*starts)
    assert len({keyring.current for keyring in opened}) == 1
    assert await columns.left(store, opened[0].current, TABLES) == 0


async def test_nodes_that_share_a_folder_make_one_file(store: Store, tmp_path: Path) -> None:
    opened = await asyncio.gather(*(open_with(store, source(tmp_path / "shared")) for _ in range(4)))
    assert len({keyring.current for keyring in opened}) == 1


async def test_a_secret_that_another_process_put_in_force_stays_in_the_file(
    store: Store, tmp_path: Path
) -> None:
    """Two processes share a folder: one makes the file, the other one is first to put its secret in force."""
    found = source(tmp_path)

    class Slower:
        async def commit(self, units: Any) -> Any:
            await open_with(store, found)
            return await store.commit(units)

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

    keyring = await open_with(Slower(), found)  # type: ignore[arg-type]
    assert Keyring(found.read()).current == keyring.current


async def test_values_of_an_older_version_are_sealed(store: Store, tmp_path: Path) -> None:
    await plain_rows(store, 120)
    keyring = await open_with(store, source(tmp_path))
    carriers = await store.fetch("carriers_all")
    for number, row in enumerate(carriers):
        assert row[3].startswith(SEALED)
        opened = keyring.open(row[3], CARRIERS.purpose("settings"), row[0])
        assert opened.decode() == f'{{"password":"pw{number}"}}'
        assert row[5] == 1  # its version: for others, nothing changed
    for row in await store.fetch("webhooks_all"):
        assert row[4].startswith(SEALED)
        assert keyring.open(row[4], WEBHOOKS.purpose("secret"), row[0]).startswith(b"whsec_")
    before = await store.fetch("webhooks_all")
    await open_with(store, source(tmp_path))
    assert await store.fetch("webhooks_all") == before
    assert await columns.left(store, keyring.current, TABLES) == 0


async def test_a_sealed_file_keeps_no_plain_value(store: Store, tmp_path: Path) -> None:
    if store.dialect != "sqlite":
        pytest.skip("a server keeps its rows itself")
    await plain_rows(store, 300)
    await open_with(store, source(tmp_path))
    await store.close()
    assert b"whsec_" not in (tmp_path / "onesixty.db").read_bytes()


async def test_a_file_that_others_may_read_is_told(store: Store, tmp_path: Path) -> None:
    await open_with(store, source(tmp_path))
    (tmp_path / FILE).chmod(0o644)
    with capture_logs() as logged:
        await open_with(store, source(tmp_path))
    assert [entry["event"] for entry in logged] == ["secret_file_open"]
