"""The store process: what happens to one side when the other fails. (The suite of units runs on it as well.)"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.clock import SystemClock
from onesixty.store import frames
from onesixty.store.frames import Commit, Failure, Link, Results
from onesixty.store.migrations import SchemaError
from onesixty.store.opening import open_store
from onesixty.store.remote import RemoteStore, spawn_store
from onesixty.store.statements import Statements
from onesixty.store.unanswered import STALLED, in_time
from onesixty.store.units import Poisoned, Unavailable, Unit
from tests.store.conftest import Counts, OpenStore, contents
from tests.support.waiting import wait_until, wait_until_async

pytestmark = pytest.mark.slow


def unit(key: str) -> Unit:
    return Unit((key,), writes=(("put", (key, "")),))


def pid_of(store: RemoteStore) -> int:
    return store._process.pid


async def test_a_store_process_that_ends_takes_this_one_with_it(
    tmp_path: Path, statements: Statements
) -> None:
    said: list[str] = []
    store = await spawn_store(
        f"sqlite:///{tmp_path / 'x.db'}", statements, migrate=True, fatal=said.append,
        faults="store.after_commit:kill@2",
    )  # fmt: skip
    assert await store.commit([unit("a")]) == [True]
    future = store.commit([unit("b")])
    await wait_until_async(lambda: said, 10, "the end of the process")
    assert said == ["the store process ended"]
    assert not future.done(), "nobody can know here whether it was committed"
    assert not store.healthy
    (refused,) = await store.commit([unit("c")])
    assert isinstance(refused, Unavailable)
    assert await contents(store) == {"a": "", "b": ""}
    await store.close()


async def test_a_failure_over_there_is_known_here(
    tmp_path: Path, statements: Statements, counts: Counts
) -> None:
    store = await spawn_store(
        f"sqlite:///{tmp_path / 'x.db'}", statements, migrate=True, observer=counts,
        faults="store.before_commit:raise@2",
    )  # fmt: skip
    heard: list[bool] = []
    store.on_health(heard.append)
    assert await store.commit([unit("a")]) == [True]
    (result,) = await store.commit([unit("b")])
    assert isinstance(result, Unavailable)
    await wait_until_async(lambda: heard == [False, True], 10, "the store being healthy again")
    assert await store.commit([unit("b")]) == [True]
    await wait_until_async(lambda: counts.failures == {"unavailable": 1}, what="the count of the failure")
    assert counts.healths == [False, True]
    await store.close()


async def test_signals_do_not_end_it_and_closing_does(tmp_path: Path, statements: Statements) -> None:
    """A Ctrl-C reaches both processes: the store goes on until the other side has written all it has."""
    store = await spawn_store(f"sqlite:///{tmp_path / 'x.db'}", statements, migrate=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid_of(store), number)
    futures = [store.commit([unit(f"k{n}")]) for n in range(500)]
    await store.close()
    assert await asyncio.gather(*futures) == [[True]] * 500
    assert store._process.returncode == 0


PARENT = """
import asyncio, os, signal, sys
from onesixty.store.remote import spawn_store
from onesixty.store.statements import load
from onesixty.store.units import Unit

async def main():
    packages = ["tests.store", "onesixty.store"]
    store = await spawn_store(sys.argv[1], load(packages), migrate=True)
    assert await store.commit([Unit(("a",), writes=(("put", ("a", "")),))]) == [True]
    print(store._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_it_does_not_outlive_a_process_that_was_killed(tmp_path: Path, opened: OpenStore) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", PARENT, url],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    store = await opened(url, patience=10)  # waits for the lock, which ends with the store process
    assert await contents(store) == {"a": ""}
    pid = int(done.stdout)
    wait_until(
        lambda: not Path(f"/proc/{pid}/fd").exists() or not _open_files(pid), 10, "the end of the process"
    )


def _open_files(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []


async def test_what_stops_its_start_is_said_here(tmp_path: Path, statements: Statements) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with pytest.raises(SchemaError, match="onesixty migrate"):
        await spawn_store(url, statements)
    owner = await open_store(url, statements, clock=SystemClock(), migrate=True)
    with pytest.raises(Unavailable, match="another process"):
        await spawn_store(url, statements)
    await owner.close()


@given(sizes=st.lists(st.integers(0, 3000), max_size=8), cuts=st.lists(st.integers(1, 5000), max_size=20))
def test_frames_come_whole_however_the_stream_is_cut(sizes: list[int], cuts: list[int]) -> None:
    messages = [
        Results(number, [True, Failure(False, "x" * size, True)]) for number, size in enumerate(sizes)
    ]
    stream = b""
    for message in messages:
        body = msgspec.msgpack.encode(message)
        stream += len(body).to_bytes(frames.LENGTH, "big") + body
    received: list[object] = []
    link = Link(msgspec.msgpack.Decoder(frames.Reply).decode, received.append, lambda: None)
    for cut in cuts:
        link.data_received(stream[:cut])
        stream = stream[cut:]
    link.data_received(stream)
    assert received == messages


def test_units_survive_the_way() -> None:
    rows = ("text", 1, None, 2.5, True, b"bytes", -(2**63))
    units = [Unit(("a", "b"), guards=(("g", rows),), writes=(("w", rows), ("w", ())))]
    decoder = msgspec.msgpack.Decoder(frames.Request)
    assert decoder.decode(msgspec.msgpack.encode(Commit(7, units))) == Commit(7, units)
    errors = [Poisoned("a", conflict=True), Unavailable("b")]
    unpacked = frames.unpacked(frames.packed([True, False, *errors]))
    assert unpacked[:2] == [True, False]
    for before, after in zip(errors, unpacked[2:], strict=True):
        assert type(after) is type(before)
        assert vars(after) == vars(before)


def test_it_works_under_uvloop(tmp_path: Path, statements: Statements) -> None:
    """The product runs on uvloop, whose transports and sockets differ in details."""

    async def run() -> None:
        url = f"sqlite:///{tmp_path / 'x.db'}"
        remote = await spawn_store(url, statements, migrate=True)
        assert await remote.commit([unit("a")]) == [True]
        assert await remote.fetch("count_slowly", most=10) == [(10,)]
        await remote.close()
        inline = await open_store(url, statements, clock=SystemClock())
        assert await inline.commit([unit("b")]) == [True]
        assert await contents(inline) == {"a": "", "b": ""}
        await inline.close()

    uvloop.run(run())


async def test_a_link_without_the_other_side_is_silent() -> None:
    """Answers of a store process whose other side is gone have nowhere to go, and harm nothing."""
    ours, theirs = socket.socketpair()
    lost = asyncio.Event()
    link = Link(lambda body: body, lambda message: None, lost.set)
    await asyncio.get_running_loop().create_unix_connection(lambda: link, sock=ours)
    theirs.close()
    await asyncio.wait_for(lost.wait(), 5)
    link.send(Results(1, [True]))
    link.close()


async def test_a_store_process_that_stands_still_makes_the_store_unhealthy_until_it_goes_on(
    tmp_path: Path, statements: Statements, counts: Counts
) -> None:
    """The age of the oldest write decides, and that write is never given up."""
    store = await spawn_store(
        f"sqlite:///{tmp_path / 'x.db'}",
        statements,
        migrate=True,
        observer=counts,
        fatal=pytest.fail,
    )
    assert await store.commit([unit("before")]) == [True]
    assert store.unanswered() == 0
    os.kill(pid_of(store), signal.SIGSTOP)
    try:
        waits = store.commit([unit("a")])
        cold = asyncio.create_task(store.execute("put_cold", key="cold", value=""))
        assert not await in_time(waits, 0.1), "who asked is told that nothing is known"
        await wait_until_async(lambda: not store.healthy, STALLED + 5, "the store being unhealthy")
        assert store.unanswered() > STALLED
        (refused,) = await store.commit([unit("b")])
        assert isinstance(refused, Unavailable)
        assert not waits.done()
    finally:
        os.kill(pid_of(store), signal.SIGCONT)
    assert await asyncio.wait_for(waits, 10) == [True]
    await asyncio.wait_for(cold, 10)
    assert store.healthy
    assert counts.healths == [False, True]
    assert set(await contents(store)) == {"before", "a", "cold"}
    await store.close()
