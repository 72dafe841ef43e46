"""The progress of a long command: one line on a terminal, rewritten in place; nothing if the output is not a
terminal. And a line every two seconds while a start takes long, wherever the output goes."""

from __future__ import annotations

import sys
import threading
import time
from typing import Final

from onesixty.cli.console import say

#: Seconds between two updates of the line.
PACE: Final = 0.2
#: Seconds between two lines of a start: in its first minute, and after that.
TICK: Final = 2.0
SLOW_TICK: Final = 30.0


class Bar:
    """Shows `what: 42 %` on standard error."""

    def __init__(self) -> None:
        self._drawn = False
        self._next = 0.0
        self._shown = sys.stderr.isatty()

    def show(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` is done."""
        now = time.monotonic()
        if not self._shown or (now < self._next and done < total):
            return
        self._next, self._drawn = now + PACE, True
        share = 100 if not total else done * 100 // total
        sys.stderr.write(f"\r\x1b[K{what}: {share} %")
        sys.stderr.flush()

    def end(self) -> None:
        """Erase the line."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False


class Ticker:
    """Prints `onesixty: what, 4 s` until it is ended. It has its own thread, because the work may be an import."""

    def __init__(self, what: str, tick: float = TICK) -> None:
        self._what = what
        self._tick = tick
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop printing: nothing is printed after this has returned."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        passed = 0.0
        while not self._ended.wait(self._tick if passed < 60 else SLOW_TICK):
            passed = time.monotonic() - began
            say(f"onesixty: {self._what}, {passed:.0f} s")
