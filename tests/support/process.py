"""The real product as a process: `python -m onesixty serve`, on free ports, with its own data directory.

Tests assert on what a user sees: HTTP, SMPP, the exit status, and the log. The log must be clean of warnings,
errors and tracebacks unless the test names what it expects (`allow_log`).
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from tests.support.sealing import SECRET
from tests.support.starter import Started, shared_starter
from tests.support.waiting import free_port, wait_until

LOUD = {"warning", "error", "critical", "fatal"}
LOUD_TEXT = re.compile(
    r"\b(WARNING|ERROR|CRITICAL|FATAL)\b|\[(warning|error|critical)\s*\]|\blevel=(warning|error|critical)\b"
    r"|^Traceback \(most recent|\b\w+Warning:|never retrieved|never awaited"
)


class Product:
    """One onesixty node. Settings are ONESIXTY_* variables in lower case: `Product(path, database_url=...)`.

    Start, kill and start again keep the data directory and the ports. Methods block: inside a running loop
    call them through `asyncio.to_thread`.
    """

    def __init__(self, directory: Path, *, preloaded: bool = True, **settings: object) -> None:
        """`preloaded`: it may be started by a process that has imported it already (see starter.py)."""
        self.directory = directory
        self.preloaded = preloaded
        directory.mkdir(parents=True, exist_ok=True)
        self.http_port = free_port()
        self.smpp_port = free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.admin_key = "test-admin-key-for-loopback-only"
        self.settings: dict[str, object] = {
            "data_dir": directory / "data",
            "http_listen": f"127.0.0.1:{self.http_port}",
            "smpp_listen": f"127.0.0.1:{self.smpp_port}",
            "admin_key": self.admin_key,
            "webhook_allow_private": "true",
        } | settings
        if "database_url" in settings:  # perhaps the database of several nodes
            self.settings.setdefault("secret_key", SECRET)
        #: Further variables, that are no settings of the product.
        self.extra_environment: dict[str, str] = {}
        self.stdout = directory / "stdout.log"
        self.stderr = directory / "stderr.log"
        self._allowed: list[re.Pattern[str]] = []
        self._process: subprocess.Popen[bytes] | Started | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables it is started with: the caller's own without any ONESIXTY_*, and the settings."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ONESIXTY_")}
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # or each start compiles all that it imports
        given = {f"ONESIXTY_{key.upper()}": str(value) for key, value in self.settings.items()}
        return (
            inherited
            | {"PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1", "PYTHONWARNINGS": "default"}
            | given
            | self.extra_environment
        )

    @property
    def database_url(self) -> str:
        """Where its data is."""
        return str(self.settings.get("database_url", f"sqlite:///{self.settings['data_dir']}/onesixty.db"))

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """The exit status of the last run, negative for a signal; None while it runs."""
        assert self._process is not None, "not started"
        return self._process.poll()

    def start(self, timeout: float = 30.0, *, wait_ready: bool = True) -> "Product":
        """Start the process and, unless told otherwise, wait until /readyz answers 200."""
        self.spawn("serve")
        if wait_ready:
            wait_until(self._is_ready, timeout, "/readyz answering 200")
        return self

    def spawn(self, *arguments: str) -> None:
        """Start the process with these arguments of the command line and return at once."""
        assert not self.running, "already running"
        with self.stdout.open("ab") as out, self.stderr.open("ab") as err:
            self._process = self._begin(arguments, out, err)

    def command(self, *arguments: str, timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
        """Run another command of the product with the same settings (`product.command("migrate")`)."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = self._begin(arguments, out, err)
            try:
                status = process.wait(timeout)
            finally:
                process.send_signal(signal.SIGKILL)  # if it took too long
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(("onesixty", *arguments), status, out.read(), err.read())

    def _begin(
        self, arguments: Sequence[str], out: IO[Any], err: IO[Any]
    ) -> subprocess.Popen[bytes] | Started:
        if hasattr(os, "pidfd_open"):  # Linux
            # Variables that are no settings may be for the interpreter, which reads them at its own start.
            return shared_starter().start(
                arguments, self.directory, self.environment, out.fileno(), err.fileno(),
                preloaded=self.preloaded and not self.extra_environment,
            )  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-m", "onesixty", *arguments],
            cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )  # fmt: skip

    def wait_for_end(self, timeout: float = 30.0) -> int:
        """Wait until the process ends of its own accord and return its exit status."""
        assert self._process is not None, "not started"
        return self._process.wait(timeout)

    def stop(self, timeout: float = 30.0) -> None:
        """SIGTERM: it must end in time, with status 0 and nothing of it left running."""
        assert self._process is not None, "not started"
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"not stopped {timeout:g} s after SIGTERM\n{self.log[-4000:]}") from None
        assert status == 0, f"ended with status {status} after SIGTERM\n{self.log[-4000:]}"
        assert not self._group_left(), "processes of it still run after its graceful end"

    def kill(self) -> None:
        """SIGKILL to the process and all that it started, at once and without warning."""
        assert self._process is not None, "not started"
        if self._group_left():
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def allow_log(self, pattern: str) -> None:
        """Lines of the log that match this expression may be warnings or errors in this test."""
        self._allowed.append(re.compile(pattern))

    @property
    def log(self) -> str:
        """All that it wrote, over all its runs."""
        return "".join(
            path.read_text(errors="replace") for path in (self.stdout, self.stderr) if path.exists()
        )

    def complaints(self) -> list[str]:
        """The lines of the log that nobody expected."""
        return [
            line
            for line in self.log.splitlines()
            if _is_loud(line) and not any(pattern.search(line) for pattern in self._allowed)
        ]

    def end(self) -> None:
        """What every test ends with: stop it if it runs, and look at its log."""
        if self.running:
            self.stop()
        complaints = self.complaints()
        assert not complaints, "the product's log is not clean:\n" + "\n".join(complaints[:20])

    def _is_ready(self) -> bool:
        if not self.running:
            raise AssertionError(f"ended with status {self.returncode} at its start\n{self.log[-4000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except OSError:
            return False

    def _group_left(self) -> bool:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        return True


def _is_loud(line: str) -> bool:
    """Whether a line of the log is a warning or worse, in structured or in plain form."""
    if line.startswith("{"):
        try:
            return str(json.loads(line).get("level", "")).lower() in LOUD
        except ValueError:
            pass
    return LOUD_TEXT.search(line) is not None
