"""Starts the product, as a rule from a process that has imported it already, which saves two thirds of a start.

Rules kept here:
- what it starts is what `python -m onesixty ARGUMENTS` is: a process and a session of its own, with its own folder,
  environment and files, and with nothing of the starter but imported modules and the product's statements, parsed;
- the starter runs nothing of the product itself, so that it has no thread, task, lock or open file to pass on;
- what looks at the start of the interpreter, or at the memory of a process, is a new interpreter instead
  (`Product(preloaded=False)`);
- nothing that it started outlives it, and it does not outlive its worker, however that ends. The system sees to both:
  a worker that is gone closes its end of the channel, and the end of a parent kills its children.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

#: The longest message between the two, in bytes: an environment and a command line.
LONGEST: Final = 200_000
#: The number of the call of prctl(2) that asks for a signal at the end of the parent. It is also kept over an exec.
PR_SET_PDEATHSIG: Final = 1


class Starter:
    """The starter of one worker of the suite, as its worker sees it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        self._started: list[int] = []
        self._statuses: dict[int, int] = {}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ONESIXTY_")}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.starter", str(theirs.fileno())],
                env=environment | {"PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1", "PYTHONWARNINGS": "default"},
                cwd=Path(__file__).parents[2], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def start(
        self,
        arguments: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        out: int,
        err: int,
        *,
        preloaded: bool = True,
    ) -> Started:
        """Start the product with these arguments; `out` and `err` are open files. Unless `preloaded`, by a new
        interpreter."""
        told = json.dumps(
            {
                "arguments": arguments, "directory": str(directory), "environment": environment,
                "preloaded": preloaded,
            }
        )  # fmt: skip
        with self._lock:
            socket.send_fds(self._socket, [told.encode()], [out, err])
            while not self._started:
                self._hear()
            return Started(self, self._started.pop())

    def status_of(self, pid: int, *, wait: bool) -> int | None:
        """The exit status as in `subprocess`; None while it runs. With `wait`, it is known to have ended."""
        with self._lock:
            while pid not in self._statuses and (wait or select.select([self._socket], [], [], 0)[0]):
                self._hear()
            return self._statuses.get(pid)

    def end(self) -> None:
        """The worker ends: its starter, too, and with it what it started."""
        self._socket.close()
        self._process.wait(10)

    def _hear(self) -> None:
        told = self._socket.recv(LONGEST)
        if not told:
            raise RuntimeError("the starter of products is gone")
        message = json.loads(told)
        if "started" in message:
            self._started.append(message["started"])
            self._statuses.pop(message["started"], None)  # of an earlier process with this number
        else:
            self._statuses[message["ended"]] = message["status"]


@functools.cache
def shared_starter() -> Starter:
    """The starter of this process, which ends with it."""
    starter = Starter()
    atexit.register(starter.end)
    return starter


class Started:
    """A process that a starter started, with the calls of `subprocess.Popen` that the suite uses."""

    def __init__(self, starter: Starter, pid: int) -> None:
        self.pid = pid
        self._starter = starter
        self._end: int | None = None
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            self._end = os.pidfd_open(pid)

    def __del__(self) -> None:
        if self._end is not None:
            os.close(self._end)

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._starter.status_of(self.pid, wait=self._ended(0))

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        if not self._ended(timeout):
            raise subprocess.TimeoutExpired("onesixty", timeout or 0)
        status = self._starter.status_of(self.pid, wait=True)
        assert status is not None
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _ended(self, timeout: float | None) -> bool:
        return self._end is None or bool(select.select([self._end], [], [], timeout)[0])


# ---------------------------------------------------------------- the starter's own process


def _serve(channel: socket.socket) -> bool:
    """Start what is asked for, and tell when it ended, until the worker is gone. Returns whether this is now one of
    those that it started."""
    children: dict[int, int] = {}
    prctl, starter = ctypes.CDLL(None).prctl, os.getpid()
    watched = select.poll()
    watched.register(channel, select.POLLIN)
    while True:
        for place, _ in watched.poll():
            if place in children:
                watched.unregister(place)
                os.close(place)
                pid, status = os.waitpid(children.pop(place), 0)
                _tell(channel, {"ended": pid, "status": os.waitstatus_to_exitcode(status)})
                continue
            told, files, _, _ = socket.recv_fds(channel, LONGEST, 2)
            if not told:
                return False
            pid = os.fork()
            if pid == 0:
                prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
                if os.getppid() != starter:  # it was killed before the child asked for the signal
                    os._exit(1)
                for inherited in children:
                    os.close(inherited)
                channel.close()
                _become(json.loads(told), *files)
                return True
            for file in files:
                os.close(file)
            end = os.pidfd_open(pid)
            children[end] = pid
            watched.register(end, select.POLLIN)
            _tell(channel, {"started": pid})


def _tell(channel: socket.socket, message: Mapping[str, int]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the worker is gone; the next read says so
        channel.send(json.dumps(message).encode())


def _become(asked: Mapping[str, Any], out: int, err: int) -> None:
    """Take over the session, files, folder, environment and arguments of the process that was asked for."""
    os.setsid()
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    os.chdir(asked["directory"])
    if not asked["preloaded"]:
        command = [sys.executable, "-m", "onesixty", *asked["arguments"]]
        os.execve(sys.executable, command, asked["environment"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv[:] = ["onesixty", *asked["arguments"]]


def _preload() -> None:
    """Import what a node has imported once it serves."""
    import pydantic.v1  # noqa: F401
    import uvicorn.lifespan.off  # noqa: F401

    import onesixty.app.server
    import onesixty.cli.commands
    import onesixty.cli.serve
    import onesixty.store.postgresql  # noqa: F401
    from onesixty.app.features import STATEMENTS
    from onesixty.store import statements

    # To parse the same statements again would be a third of a start.
    parse, known = statements.parse, statements.texts(STATEMENTS)
    parsed = parse(known)
    statements.parse = lambda files: parsed if (texts := list(files)) == known else parse(texts)

    # What is imported stays: no process that starts from here walks it again, and copies its memory by that.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _preload()
    with socket.socket(fileno=int(sys.argv[1])) as given:
        started = _serve(given)
    if started:
        from onesixty.cli import main

        main()
