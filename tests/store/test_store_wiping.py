"""What SQLite leaves in the gaps of its pages is wiped after a redaction, whatever happens meanwhile."""

import asyncio
import itertools
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store import wiping
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.sqlite import SqliteStore
from onesixty.store.sqlite_connections import connect_reader, connect_writer
from onesixty.store.statements import Statements
from onesixty.store.units import Unit
from onesixty.store.wiping import Wiper, unused
from tests.store.conftest import OpenStore
from tests.support.waiting import wait_until_async

TRACE = b"Zanzibar"
ROWS = 1500


def secret(number: int) -> str:
    return f"{TRACE.decode()} {number} " * (1 + number % 40)


def keys() -> list[str]:
    """In an order that splits pages everywhere."""
    numbers = list(range(ROWS))
    random.Random(160).shuffle(numbers)
    return [f"k{number:05}" for number in numbers]


def in_groups(items: list[str], size: int) -> Iterator[list[str]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]


def put(name: str, key: str, value: str) -> Unit:
    return Unit((key,), writes=((name, (key, value)),))


async def fill(store: Store) -> None:
    """Rows with secrets, in many small transactions."""
    for some in in_groups(keys(), 50):
        results = await store.commit([put("put", key, secret(int(key[1:]))) for key in some])
        assert set(results) == {True}


async def redact(store: Store) -> None:
    """The secrets leave the rows."""
    units = [put("put_or_replace", key, "gone") for key in sorted(keys())]
    note = Unit(("note",), writes=(("redaction_note", ("redactions",)),))
    assert set(await store.commit([*units, note])) == {True}


def traces(path: Path) -> int:
    """How often a secret stands in the files of a database."""
    return sum(file.read_bytes().count(TRACE) for file in path.parent.glob(f"{path.name}*"))


def emptied(path: Path) -> None:
    """Bring the WAL into the file."""
    with closing(connect_writer(path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0] == 0


def sound(path: Path) -> dict[str, str]:
    """The rows of a database that SQLite finds nothing wrong with."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict(connection.execute("SELECT key, value FROM meta WHERE key LIKE 'k%'").fetchall())


def wiper_of(store: Store) -> Wiper:
    assert isinstance(store, SqliteStore)
    assert store._wiping is not None
    return store._wiping._wiper


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SLICE", 16), ("DELAY", 0), ("REST", 1)):
        monkeypatch.setattr(wiping, name, value)


@pytest.mark.slow
async def test_splits_leave_traces_and_wiping_takes_them(tmp_path: Path, opened: OpenStore) -> None:
    path = tmp_path / "x.db"
    unowned = await opened(f"sqlite:///{path}", own=False)  # it does not wipe
    await fill(unowned)
    await redact(unowned)
    await unowned.close()
    emptied(path)
    assert traces(path), "what this test is about: the rows are clean, and the file is not"
    before = sound(path)
    store = await opened(f"sqlite:///{path}")
    assert wiper_of(store).owed, "the rows say so, whoever redacted"
    await store.close()
    assert traces(path) == 0
    assert sound(path) == before
    assert set(before.values()) == {"gone"}


@pytest.mark.usefixtures("small_slices")
async def test_a_node_that_runs_wipes_between_its_writes(tmp_path: Path, opened: OpenStore) -> None:
    """Slices, groups and readers take turns; nothing that is written meanwhile brings a trace back."""
    path = tmp_path / "x.db"
    store = await opened(f"sqlite:///{path}")
    await fill(store)
    await redact(store)

    def busy() -> Iterator[list[Unit]]:
        for number in itertools.count():
            some = [f"k{(number * 7 + place * 331) % ROWS:05}" for place in range(20)]
            yield [put("put_or_replace", key, f"later {number}") for key in dict.fromkeys(some)]

    writes = busy()
    while wiper_of(store).owed:
        assert set(await store.commit(next(writes))) == {True}
        assert await store.fetch("get", key="k00000")
    with closing(connect_reader(path)) as reader:
        assert reader.execute("SELECT COUNT(*) FROM meta WHERE key LIKE 'k%'").fetchone() == (ROWS,)
    assert traces(path) == 0, "also while it runs: in the file and in the WAL"
    for _ in range(20):
        assert set(await store.commit(next(writes))) == {True}
    await store.close()
    assert traces(path) == 0
    assert len(sound(path)) == ROWS


@pytest.mark.usefixtures("small_slices")
async def test_a_reader_with_an_open_snapshot_delays_the_wipe_and_stops_nobody(
    tmp_path: Path, opened: OpenStore
) -> None:
    path = tmp_path / "x.db"
    store = await opened(f"sqlite:///{path}")
    await fill(store)
    with closing(connect_reader(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM meta").fetchall()
        await redact(store)
        assert not wiper_of(store).slice(store._commit)  # type: ignore[attr-defined]
        assert await store.commit([put("put", "another", "")]) == [True]
        assert wiper_of(store).owed
    await wait_until_async(lambda: not wiper_of(store).owed, 20, "the wipe")
    assert traces(path) == 0


async def test_what_was_not_wiped_is_wiped_after_the_next_start(tmp_path: Path, opened: OpenStore) -> None:
    """The state is in the rows: a redaction during a pass makes another pass."""
    path = tmp_path / "x.db"
    store = await opened(f"sqlite:///{path}")
    await fill(store)
    wiper = wiper_of(store)
    assert not wiper.owed
    await redact(store)
    assert wiper.owed
    assert wiper.slice(store._commit)  # type: ignore[attr-defined]
    await redact(store)
    assert wiper.owed
    with closing(connect_reader(path)) as reader:
        state = dict(reader.execute("SELECT key, value FROM meta WHERE key IN ('redactions', 'wiped')"))
    assert state["redactions"] == "2"
    assert state["wiped"].startswith("1 ")


CHILD = """
import asyncio, itertools, sys
from onesixty.core.clock import SystemClock
from onesixty.store import wiping
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unit

wiping.SLICE, wiping.DELAY, wiping.REST = 4, 0, 1

async def main():
    store = await open_store(sys.argv[1], load(["tests.store", "onesixty.store"]), clock=SystemClock())
    print("ready", flush=True)
    note = Unit(("note",), writes=(("redaction_note", ("redactions",)),))
    for number in itertools.count():
        some = [f"k{(number * 13 + place * 331) % 1500:05}" for place in range(20)]
        units = [Unit((key,), writes=(("put_or_replace", (key, "later " * (number % 90))),)) for key in some]
        await store.commit([*units, note])

asyncio.run(main())
"""


@pytest.mark.slow
async def test_kills_in_the_middle_of_a_wipe_leave_a_sound_file(
    tmp_path: Path, opened: OpenStore, statements: Statements
) -> None:
    path = tmp_path / "x.db"
    url = f"sqlite:///{path}"
    store = await opened(url, own=False)
    await fill(store)
    await redact(store)
    await store.close()
    emptied(path)
    assert traces(path)
    chance = random.Random(1)
    for _ in range(6):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, url, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        try:
            # before it stands what the log says of the kill before
            while (line := await process.stdout.readline()) != b"ready\n":
                assert b"[info" in line
            await asyncio.sleep(chance.random() * 0.15)  # at any point
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()
        assert len(sound(path)) == ROWS
    last = await open_store(url, statements, clock=SystemClock())
    await last.close()
    assert traces(path) == 0
    assert len(sound(path)) == ROWS


def page(kind: int, *, cells: int, start: int, block: int = 0, pointers: int = 8) -> bytearray:
    made = bytearray(b"x" * 4096)
    made[0] = kind
    made[1:3] = block.to_bytes(2, "big")
    made[3:5] = cells.to_bytes(2, "big")
    made[5:7] = start.to_bytes(2, "big")
    return made


@pytest.mark.parametrize(("kind", "pointers"), [(13, 8), (10, 8), (5, 12), (2, 12)])
def test_the_gap_lies_between_the_pointers_and_the_cells(kind: int, pointers: int) -> None:
    assert list(unused(bytes(page(kind, cells=3, start=4000)), 4096)) == [(pointers + 6, 4000)]


def test_free_blocks_are_wiped_without_their_heads() -> None:
    made = page(13, cells=3, start=3000, block=3100)
    made[3100:3104] = (3300).to_bytes(2, "big") + (50).to_bytes(2, "big")
    made[3300:3304] = (0).to_bytes(2, "big") + (20).to_bytes(2, "big")
    assert list(unused(bytes(made), 4096)) == [(14, 3000), (3104, 3150), (3304, 3320)]


@pytest.mark.parametrize(
    "made",
    [
        page(0, cells=3, start=4000),  # an overflow or a free page
        page(1, cells=3, start=4000),
        page(13, cells=3000, start=4000),
        page(13, cells=3, start=4097),
    ],
)
def test_what_is_no_sound_page_of_a_tree_is_left_alone(made: bytearray) -> None:
    assert list(unused(bytes(made), 4096)) == []


def test_a_loop_of_free_blocks_ends() -> None:
    made = page(13, cells=3, start=3000, block=3100)
    made[3100:3104] = (3100).to_bytes(2, "big") + (50).to_bytes(2, "big")
    assert list(unused(bytes(made), 4096)) == [(14, 3000)]
