"""How far a long command is: one line on a terminal, rewritten in place; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from typing import Final

#: Seconds between two changes of the line.
PACE: Final = 0.2


class Bar:
    """Shows `what: 42 %` on standard error."""

    def __init__(self) -> None:
        self._drawn = False
        self._next = 0.0
        self._shown = sys.stderr.isatty()

    def show(self, what: str, done: int, total: int) -> None:
        """So much of the whole is done."""
        now = time.monotonic()
        if not self._shown or (now < self._next and done < total):
            return
        self._next, self._drawn = now + PACE, True
        share = 100 if not total else done * 100 // total
        sys.stderr.write(f"\r\x1b[K{what}: {share} %")
        sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False
