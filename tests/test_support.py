"""The suite's own helpers do what the tests rely on."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.conftest import LONGEST, longest_first
from tests.support.postgres import ROOT, Postgres, PostgresProcess
from tests.support.process import Product
from tests.support.receiver import Receiver
from tests.support.starter import Starter
from tests.support.waiting import wait_until, wait_until_async


async def test_each_database_is_empty_and_apart(postgres_server: Postgres, postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE TABLE here (id BIGINT)")
    await connection.close()

    copy = postgres_server.create_database(template=postgres_url)
    other = postgres_server.create_database()
    for url, tables in ((copy, 1), (other, 0)):
        connection = await asyncpg.connect(url)
        count = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        await connection.close()
        postgres_server.drop_database(url)
        assert count == tables


def test_engines(engine_url: str) -> None:
    assert engine_url.partition(":")[0] in {"sqlite", "postgresql"}


async def test_a_server_of_its_own_goes_away_and_comes_back(own_postgres: PostgresProcess) -> None:
    own_postgres.stop(signal.SIGQUIT)
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncpg.connect(own_postgres.url)
    own_postgres.start()
    connection = await asyncpg.connect(own_postgres.url)
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.close()


async def test_receiver_answers_as_told(receiver: Receiver) -> None:
    receiver.answer(500, times=2, path="/a")
    async with aiohttp.ClientSession() as session:
        statuses = []
        for path in ("/a", "/b", "/a", "/a"):
            async with session.post(receiver.url + path, json={"path": path}) as response:
                statuses.append(response.status)
        assert statuses == [500, 204, 500, 204]
        await receiver.refuse()
        with pytest.raises(aiohttp.ClientError):
            await session.post(receiver.url)
        await receiver.listen()
        async with session.post(receiver.url) as response:
            assert response.status == 204
    requests = await receiver.wait_for(5)
    assert [request.path for request in requests] == ["/a", "/b", "/a", "/a", "/"]
    assert requests[0].json == {"path": "/a"}


async def test_waiting_says_what_it_waited_for() -> None:
    with pytest.raises(AssertionError, match=r"the receipt: not within 0.05 s"):
        wait_until(lambda: [], timeout=0.05, what="the receipt")
    with pytest.raises(AssertionError, match=r"the receipt: not within 0.05 s"):
        await wait_until_async(lambda: asyncio.sleep(0), timeout=0.05, what="the receipt")
    assert await wait_until_async(lambda: asyncio.sleep(0, "yes")) == "yes"


def test_free_ports_can_be_bound(free_port: Callable[[], int]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))


@pytest.mark.parametrize(
    ("line", "loud"),
    [
        ('{"level": "info", "event": "carrier said ERROR"}', False),
        ('{"level": "warning", "event": "x"}', True),
        ("2026-01-01T00:00:00Z [error    ] something broke", True),
        ("2026-01-01T00:00:00Z [info     ] errors=0 warnings=0", False),
        ("Traceback (most recent call last):", True),
        ("/x/y.py:3: ResourceWarning: unclosed file", True),
        ("INFO:     Started server", False),
    ],
)
def test_what_counts_as_a_complaint(tmp_path: Path, line: str, loud: bool) -> None:
    product = Product(tmp_path)
    product.stderr.write_text(line + "\n")
    assert product.complaints() == ([line] if loud else [])
    product.allow_log("something broke|level|Traceback|unclosed")
    assert product.complaints() == []


class Named:
    """A collected test, as far as its order is concerned."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def test_each_worker_begins_with_some_of_the_longest_tests() -> None:
    share = len(LONGEST)
    names = [*(f"{place}.py::test_short" for place in range(2 * share)), *(f"z.py{name}" for name in LONGEST)]
    items: list[Any] = [Named(name) for name in names]
    ordered = [item.nodeid for item in longest_first(items, 3)]
    assert sorted(ordered) == sorted(names)
    for worker, mine in enumerate((LONGEST[:1], LONGEST[1::2], LONGEST[2::2])):
        first = [f"z.py{name}" for name in mine]
        assert ordered[worker * share :][: len(first)] == first
    assert longest_first(items, 1) == items
    assert longest_first(items[:1], 3) == items[:1]


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_tests_are_there(name: str) -> None:
    function = name.removeprefix("::").partition("[")[0]
    files = (ROOT / "tests").rglob("test_*.py")
    assert any(f"def {function}(" in file.read_text() for file in files)


HANGING_TESTS = """
import asyncio, time, pytest, uvloop

pytestmark = pytest.mark.deadline(0.2)

def test_plain():
    time.sleep(30)

async def test_in_a_loop():
    await asyncio.sleep(30)

def test_in_uvloop():
    uvloop.run(asyncio.sleep(30))
"""


@pytest.mark.slow
def test_a_hanging_test_fails_at_its_deadline(tmp_path: Path) -> None:
    """Each way to hang ends as a failure of that test, with the rest of the suite going on."""
    inner = tmp_path / "test_hanging.py"
    inner.write_text(textwrap.dedent(HANGING_TESTS))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest",
         "-c", ROOT / "pyproject.toml", "--rootdir", ROOT, inner],
        cwd=ROOT, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert "3 failed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("still running after its deadline of 0.2 s") >= 3


TESTS_TO_KILL = """
import time
import pytest
from tests.support.process import Product

def test_products_run(tmp_path, own_postgres):
    with open("postgres.pid", "w") as file:
        file.write(str(own_postgres.pid))
    for name, options in (("preloaded", {}), ("new", {"preloaded": False})):
        product = Product(tmp_path / name, **options).start()
        with open(f"{name}.pid", "w") as file:
            file.write(str(product.pid))
    time.sleep(60)
"""


@pytest.mark.system
@pytest.mark.deadline(120)  # a run of its own, and three starts in it
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the system ends no children")
def test_nothing_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    """Neither the products and servers that tests started, nor the processes that these started."""
    inner = tmp_path / "test_killed.py"
    inner.write_text(TESTS_TO_KILL)
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest",
         "-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "--basetemp", tmp_path / "inner", inner],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    files = [tmp_path / name for name in ("postgres.pid", "preloaded.pid", "new.pid")]

    def started() -> list[int]:
        assert run.poll() is None, "the run has ended by itself"
        texts = [file.read_text() for file in files if file.exists()]
        return [int(text) for text in texts] if len(texts) == len(files) and all(texts) else []

    groups: list[int] = []
    try:
        groups = wait_until(started, 90, "two products and a server")
        assert all(map(runs, groups))
        run.kill()
        run.wait()
        wait_until(lambda: not any(map(runs, groups)), what="the end of all their processes")
    finally:
        run.kill()
        run.wait()
        for group in filter(runs, groups):
            os.killpg(group, signal.SIGKILL)


def runs(group: int) -> bool:
    """Whether a process of this group runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_with_the_number_of_an_ended_one_runs(tmp_path: Path) -> None:
    """The system gives numbers again after some ten thousand processes."""
    starter = Starter.__new__(Starter)
    starter._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    starter._lock, starter._started, starter._statuses = threading.Lock(), [], {}
    with starter._socket, theirs, (tmp_path / "out").open("w") as out:
        for message in ({"started": 1}, {"ended": 1, "status": -9}, {"started": 1}):
            theirs.send(json.dumps(message).encode())
        starter.start([], tmp_path, {}, out.fileno(), out.fileno())
        assert starter.status_of(1, wait=True) == -9
        starter.start([], tmp_path, {}, out.fileno(), out.fileno())
        assert starter.status_of(1, wait=False) is None
