"""The instance secret is replaced, in steps that go on where they were stopped, and started over after a loss."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from onesixty.network.tables import CARRIERS
from onesixty.sealing import columns, keys
from onesixty.sealing.keyring import Keyring, UnknownKey
from onesixty.sealing.rotation import Rotation
from onesixty.sealing.source import SecretError, Source
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.units import Unit
from tests.sealing.test_sealing_opening import CLOCK, STATEMENTS, TABLES, open_with, plain_rows, source
from tests.support.databases import statements

ONE, TWO, THREE = (
    f"{name} secret of a test with thirty-two".replace(" ", "-") for name in ("one", "two", "three")
)


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    opened = await open_store(engine_url, statements(*STATEMENTS), clock=CLOCK)
    await plain_rows(opened, 120)
    yield opened
    await opened.close()


def rotation(store: Store, found: Source, *, nodes: bool = False, **options: Any) -> Rotation:
    options = {"patience": 0.0, "grace": 0.0} | options
    return Rotation(store, found, CLOCK, TABLES, lambda _: None, lambda: nodes, **options)


async def told(store: Store, lease: int, known: Keyring) -> None:
    row = (lease, " ".join(known.ids), known.current)
    (result,) = await store.commit([Unit(("told",), writes=(("secret_node_told", row),))])
    assert result is True


async def password_of(store: Store, keyring: Keyring) -> str:
    row = (await store.fetch("carriers_all"))[0]
    return keyring.open(row[3], CARRIERS.purpose("settings"), row[0]).decode()


async def test_the_file_gets_a_new_secret_and_loses_the_old_one(store: Store, tmp_path: Path) -> None:
    found = source(tmp_path)
    before = await open_with(store, found)
    signature = before.sign(b"x", "audit")
    old = found.read()
    current = await rotation(store, found).rotate()
    (secret,) = found.read()
    assert (secret,) != old
    after = await open_with(store, found)
    assert after.current == current == Keyring([secret]).current != before.current
    assert "pw0" in await password_of(store, after)
    assert await columns.left(store, current, TABLES) == 0
    assert after.verify(b"x", signature, "audit")
    assert [row.state for row in await keys.all_keys(store)] == [keys.CURRENT, keys.RETIRED]
    with pytest.raises(UnknownKey):
        await password_of(store, Keyring(old))
    again = await rotation(store, found).rotate()
    assert (await open_with(store, found)).verify(b"x", signature, "audit")
    assert again != current


async def test_with_the_setting_the_operator_gives_the_new_secret(store: Store, tmp_path: Path) -> None:
    await open_with(store, source(tmp_path, ONE))
    with pytest.raises(SecretError, match=r"a new secret .*, a comma and the present one"):
        await rotation(store, source(tmp_path, ONE)).rotate()
    both = await open_with(store, source(tmp_path, f"{TWO},{ONE}"))
    assert both.current == Keyring([ONE]).current  # until the rotation
    assert await rotation(store, source(tmp_path, f"{TWO},{ONE}")).rotate() == Keyring([TWO]).current
    assert "pw0" in await password_of(store, await open_with(store, source(tmp_path, TWO)))
    with pytest.raises(SecretError, match="is in force"):
        await open_with(store, source(tmp_path, ONE))


async def test_a_node_that_does_not_know_the_new_secret_is_waited_for(store: Store, tmp_path: Path) -> None:
    await open_with(store, source(tmp_path, ONE))
    ((lease,),) = await store.execute(
        "lease_start", node="far", now=CLOCK.now_ms(), ttl=60_000, sessions="[]"
    )
    both = source(tmp_path, f"{TWO},{ONE}")
    with pytest.raises(SecretError, match=r"every node knows.*far"):
        await rotation(store, both, nodes=True).rotate()
    await told(store, lease, Keyring([ONE]))
    with pytest.raises(SecretError, match=r"every node knows.*far"):
        await rotation(store, both, nodes=True).rotate()
    knows = Keyring([TWO, ONE], Keyring([ONE]).current)
    await told(store, lease, knows)
    # in force, and the node still seals with the old one
    with pytest.raises(SecretError, match=r"every node uses.*far"):
        await rotation(store, both, nodes=True).rotate()
    knows.current = knows.ids[0]
    await told(store, lease, knows)
    assert await rotation(store, both, nodes=True).rotate() == knows.current
    assert "pw0" in await password_of(store, Keyring([TWO]))


async def test_a_rotation_that_was_stopped_goes_on(store: Store, tmp_path: Path) -> None:
    """Killed after any commit, and begun again."""
    found = source(tmp_path)
    await open_with(store, found)

    class Stops(Exception):
        pass

    class Stopping:
        def __init__(self, commits: int) -> None:
            self.left = commits

        async def commit(self, units: Any) -> Any:
            if not self.left:
                raise Stops
            self.left -= 1
            return await store.commit(units)

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

    states = set()
    for commits in range(20):
        try:
            await rotation(Stopping(commits), found).rotate()  # type: ignore[arg-type]
        except Stops:
            states.add(len(found.read()))
            keyring = await open_with(store, found)  # a node starts in between
            assert "pw0" in await password_of(store, keyring)
        else:
            break
    else:
        raise AssertionError("the rotation never ended")
    assert states == {2}
    assert len(found.read()) == 1
    assert "pw0" in await password_of(store, await open_with(store, found))


async def test_what_changes_meanwhile_stays(store: Store, tmp_path: Path) -> None:
    """A node writes all the time, and goes on sealing with the old secret: it is not retired under the node."""
    found = source(tmp_path, f"{TWO},{ONE}")
    old = Keyring([ONE])
    await open_with(store, source(tmp_path, ONE))
    purpose = CARRIERS.purpose("settings")
    written: dict[str, bytes] = {}

    async def write() -> None:
        knows = Keyring([TWO, ONE], old.current)
        for row in (await store.fetch("carriers_all"))[:3]:
            value = knows.open(row[3], purpose, row[0])
            assert value == written.get(row[0], value), "sealing again brought an older value back"
            written[row[0]] = f'{{"turn":{len(writes)}}}'.encode()
            after = (*row[:3], knows.seal(written[row[0]], purpose, row[0]), *row[4:])
            change = ("carriers_update", CARRIERS.change(CARRIERS.read(row), CARRIERS.read(after)))
            (result,) = await store.commit([Unit((row[0],), (change,))])
            assert result is True
        writes.append(len(writes))

    writes: list[int] = []

    class Busy:
        """The store, on which the node writes between any two steps of the rotation."""

        async def fetch(self, name: str, **params: Any) -> Any:
            await write()
            return await store.fetch(name, **params)

        async def commit(self, units: Any) -> Any:
            await write()
            return await store.commit(units)

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

    with pytest.raises(SecretError, match="meanwhile"):
        await rotation(Busy(), found).rotate()  # type: ignore[arg-type]
    assert len(writes) > 10
    assert keys.OLD in {row.state for row in await keys.all_keys(store)}
    await rotation(store, found).finish()
    assert await columns.left(store, Keyring([TWO]).current, TABLES) == 0
    rows = {row[0]: row[3] for row in await store.fetch("carriers_all")}
    assert {id_: Keyring([TWO]).open(rows[id_], purpose, id_) for id_ in written} == written


async def test_a_lost_secret_is_started_over(store: Store, tmp_path: Path) -> None:
    await open_with(store, source(tmp_path / "lost"))
    found = source(tmp_path / "new", THREE)
    with pytest.raises(SecretError, match="onesixty secret reset"):
        await open_with(store, found)
    with pytest.raises(SecretError, match="nothing is lost"):
        await rotation(store, source(tmp_path / "lost")).reset()
    assert await rotation(store, found).reset() == 241
    keyring = await open_with(store, found)
    assert await password_of(store, keyring) == "{}"
    assert {row[4] for row in await store.fetch("webhooks_all")} == {""}
