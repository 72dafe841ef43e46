"""Time that passes only when everybody waits, and crashes that drop all that ran in it.

Rules kept here:
- the loop's time stands still while anything can run; then it jumps to the next timer, so that hours cost
  milliseconds and the same seed takes the same steps;
- a loop on which nothing can ever happen again is a failure (`Deadlock`), never a hang;
- a crash is raised inside the loop and ends it between two callbacks or in the middle of one; nothing of the
  loop runs afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

#: Wall time at virtual second 0, in epoch ms.
START_MS = 1_800_000_000_000


#: The least by which time moves on: a sum of floats must not stand still just before a timer.
TICK = 1e-6


class Crash(KeyboardInterrupt):
    """The process is gone. Of the kind of KeyboardInterrupt, because asyncio lets only those end a loop."""


class Deadlock(Exception):
    """Everybody waits, and nobody for a time."""


class Time:
    """Virtual seconds since the beginning; they go on over crashes. Also the `Clock` of the product."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def now_ms(self) -> int:
        return START_MS + int(self.now * 1000)


class _Selector(selectors.DefaultSelector):
    """Never sleeps: what would have been a sleep moves the time on. Counts the turns of its loop."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self._time = time
        self._turns = 0
        self.last_turn: int | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._turns += 1
        if self._turns == self.last_turn:
            raise Crash
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Deadlock
            if timeout > 0:
                self._time.now += max(timeout, TICK)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """One life of a process. `failures` gets what nobody caught."""

    def __init__(self, time: Time) -> None:
        self._selector_of_time = _Selector(time)
        super().__init__(self._selector_of_time)
        self._virtual = time
        self.failures: list[str] = []
        self.set_exception_handler(self._note)

    def time(self) -> float:
        return self._virtual.now

    def crash_at_turn(self, turn: int) -> None:
        """End in this turn of the loop."""
        self._selector_of_time.last_turn = turn

    def crash_at(self, when: float) -> None:
        """End at this virtual time."""
        self.call_at(when, _crash)

    def _note(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")


def _crash() -> None:
    raise Crash


def live(
    time: Time, main: Callable[[VirtualLoop], Coroutine[Any, Any, None]], crashed: Callable[[], None]
) -> list[str]:
    """Run one life. `crashed` is called if it ends in a crash, before anything of it is cleared away.

    Returns what nobody caught.
    """
    loop = VirtualLoop(time)
    try:
        loop.run_until_complete(main(loop))
    except Crash:
        crashed()
    finally:
        failures = list(loop.failures)
        _bury(loop)
    return failures


def _bury(loop: VirtualLoop) -> None:
    """Let go of a loop without a sound: its tasks will never be waited for, nor their ends be told."""
    loop.set_exception_handler(lambda _loop, _context: None)
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        with contextlib.suppress(BaseException):  # a dead process has nothing to say
            task.get_coro().close()  # type: ignore[union-attr]
    loop.close()
