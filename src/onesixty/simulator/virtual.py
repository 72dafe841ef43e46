"""Virtual time, which passes only while every task waits: hours cost milliseconds, and a seed always gives the same
run.

Rules kept here:
- the loop's time stands still while anything can run; then it jumps to the next timer;
- if nothing can ever happen again on the loop, that is a failure (`Deadlock`), never a hang;
- work for a thread is done at once, in the loop: when a thread is done is up to the machine, and no run would be like
  another one;
- nothing on it may wait for a socket, since time does not pass while others work.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

#: The default wall time at virtual second 0, in epoch ms.
START_MS: Final = 1_800_000_000_000

#: The smallest step of time: without it, a sum of floats could stand still just before a timer.
TICK: Final = 1e-6


class Deadlock(Exception):
    """Every task waits, and none of them for a timer: nothing can ever happen again."""


class Time:
    """Virtual seconds since the start. Also a `Clock` (core.clock)."""

    def __init__(self, start_ms: int = START_MS) -> None:
        self.now = 0.0
        self._start_ms = start_ms

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.now

    def now_ms(self) -> int:
        """The wall time in epoch ms."""
        return self._start_ms + int(self.now * 1000)

    def go_on(self, seconds: float) -> None:
        """Everything waits, and the next timer is due in `seconds`."""
        self.now += max(seconds, TICK)


class NoNet:
    """The network of a node on virtual time: any use is an error."""

    async def connect(self, *_: object, **__: object) -> Any:
        raise OSError("there is no network on virtual time")

    async def listen(self, *_: object, **__: object) -> Any:
        raise OSError("there is no network on virtual time")


class _Selector(selectors.DefaultSelector):
    """Never sleeps: instead of sleeping, it advances the time."""

    def __init__(self, time: Time, on_turn: Callable[[], None] | None) -> None:
        super().__init__()
        self._time = time
        self._on_turn = on_turn

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._on_turn is not None:
            self._on_turn()
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Deadlock
            if timeout > 0:
                self._time.go_on(timeout)
        return ready


class OneThreadLoop(asyncio.SelectorEventLoop):
    """An event loop that does the work of threads in line."""

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run `func` now; the future is done when this returns."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done


class VirtualLoop(OneThreadLoop):
    """An event loop on virtual time. `failures` collects uncaught errors; `on_turn` is called at each turn."""

    def __init__(self, time: Time, on_turn: Callable[[], None] | None = None) -> None:
        super().__init__(_Selector(time, on_turn))
        self._virtual = time
        self.failures: list[str] = []
        self.set_exception_handler(self._note)

    def time(self) -> float:
        """The virtual time in seconds."""
        return self._virtual.now

    def _note(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")


def run(time: Time, main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on virtual time."""
    loop = VirtualLoop(time)
    try:
        return loop.run_until_complete(main)
    finally:
        bury(loop)


def bury(loop: VirtualLoop) -> None:
    """Close a loop and its unfinished tasks without warnings."""
    loop.set_exception_handler(lambda _loop, _context: None)
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        with contextlib.suppress(BaseException):  # the task is discarded, so its errors do not matter
            task.get_coro().close()
    loop.close()
