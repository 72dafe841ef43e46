"""Waiting for a condition with a deadline, the only way in which tests let time pass, and free ports."""

import asyncio
import contextlib
import fcntl
import functools
import inspect
import os
import random
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_PORTS = (10_240, 32_768)  # Linux gives outgoing connections the ports from 32768 on

# Seconds between two looks: short at first, because most conditions hold within a few milliseconds, then in
# proportion to what was waited, because every look at a product costs processor time that it could work in.
_SHORTEST = 0.01
_LONGEST = 0.1
_SHARE = 0.03


def wait_until(predicate: Callable[[], T], timeout: float = 10.0, what: str = "the condition") -> T:
    """Call `predicate` until its answer is true and return that answer.

    After `timeout` seconds it fails with `what` (a noun: "the receipt") and the last answer.
    """
    began = time.monotonic()
    while not (answer := predicate()):
        waited = time.monotonic() - began
        if waited > timeout:
            raise AssertionError(_message(what, timeout, answer))
        time.sleep(_pause(waited))
    return answer


async def wait_until_async(
    predicate: Callable[[], T | Awaitable[T]], timeout: float = 10.0, what: str = "the condition"
) -> T:
    """`wait_until` inside a running loop; `predicate` may be a coroutine function."""
    began = time.monotonic()
    while True:
        answer = predicate()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        waited = time.monotonic() - began
        if waited > timeout:
            raise AssertionError(_message(what, timeout, answer))
        await asyncio.sleep(_pause(waited))


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on, below those that the system gives to outgoing connections:
    one of them could take it before it is used.

    It belongs to this process until its end. Otherwise another test process could take it while a product that
    listens on it starts again.
    """
    for port in random.SystemRandom().sample(range(*_PORTS), 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if _own(port):
                return port
    raise AssertionError("no free port")


_owned: set[int] = set()


def _own(port: int) -> bool:
    """Lock the octet of this port in a file that all test processes of the machine share (POSIX record locks, which
    end with the process)."""
    if port in _owned:  # a record lock does not refuse its own process
        return False
    try:
        fcntl.lockf(_ports_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _owned.add(port)
    return True


@functools.cache
def _ports_file() -> int:
    """The descriptor of the shared file. It is never closed, because that would end the locks."""
    path = os.path.join(tempfile.gettempdir(), f"onesixty-test-ports-{os.getuid()}")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _pause(waited: float) -> float:
    return min(_LONGEST, max(_SHORTEST, waited * _SHARE))


def _message(what: str, timeout: float, answer: object) -> str:
    return f"{what}: not within {timeout:g} s (the last look gave {answer!r})"
