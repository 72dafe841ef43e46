"""A step of an extension as the node runs it: measured, and contained.

Rules kept here:
- time and results are counted with plain numbers. A node without extensions has none of this;
- a step that raises anything but `Problem` refuses the message with `internal_error`, which a caller may retry and
  which keeps a scheduled message waiting: a rule that is broken lets nothing pass;
- a step that holds up the event loop for `SLOW` seconds is logged, and so is one that fails; each at most once in
  `QUIET` seconds. The log names the place in the code and no values, because a value may be a text or a number;
- a read ends after `READ_SECONDS`, because a caller is answered in bounded time.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import onesixty
from onesixty.core.errors import Problem
from onesixty.core.orders import Fact
from onesixty.extensions.contract import Host, Step
from onesixty.messages import drafts
from onesixty.messages.drafts import Draft

#: Seconds of one call from which on it is logged: it held up every other message as well.
SLOW: Final = 0.01
#: Seconds between two log lines of one kind about one extension.
QUIET: Final = 60.0
#: Seconds for one read.
READ_SECONDS: Final = 2.0

#: Where the code of onesixty is.
_OWN: Final = str(Path(onesixty.__file__).parent)


class Usage:
    """What one extension has cost and done so far. Times in seconds by part: judge, read, deliver."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._told: dict[str, float] = {}
        self.seconds: dict[str, float] = {}
        self.passed = 0
        self.refused = 0
        self.failed = 0

    @property
    def results(self) -> dict[str, int]:
        """The number of calls by their result."""
        return {"passed": self.passed, "refused": self.refused, "failed": self.failed}

    def spent(self, part: str, seconds: float) -> None:
        """Add the time of a call that may wait for others."""
        self.seconds[part] = self.seconds.get(part, 0.0) + seconds

    def held_up(self, seconds: float) -> None:
        """A call held up the event loop for too long."""
        if self._may_tell("slow"):
            self._host.log.warning("extension_slow", milliseconds=round(seconds * 1000, 1))

    def failure(self, error: Exception) -> None:
        """A call failed."""
        self.failed += 1
        if self._may_tell("failed"):
            self._host.log.error("extension_failed", error=type(error).__name__, at=place_of(error))

    def _may_tell(self, kind: str) -> bool:
        now = self._host.clock.monotonic()
        if now - self._told.get(kind, -QUIET) < QUIET:
            return False
        self._told[kind] = now
        return True


class WatchedStep(drafts.Step):
    """The step that the path runs in place of `step`."""

    def __init__(self, step: Step, host: Host, usage: Usage) -> None:
        self.name = step.name = host.name  # type: ignore[misc]  # of the class, for all other steps
        self.again = step.again  # type: ignore[misc]
        self.judges_hops = step.judges_hops  # type: ignore[misc]
        self.reads = step.reads  # type: ignore[misc]
        self._step = step
        self._judge = step.judge
        self._usage = usage
        self._unread: Problem | None = None
        usage.seconds["judge"] = 0.0

    async def read(self, drafts: Sequence[Draft]) -> None:
        """Read for all drafts. If that fails, `judge` refuses each of them; it runs directly after this."""
        began = perf_counter()
        unread: Problem | None = None
        try:
            async with asyncio.timeout(READ_SECONDS):
                await self._step.read(drafts)
        except Problem as problem:
            unread = problem
        except Exception as error:
            self._usage.failure(error)
            unread = self._broken()
        self._unread = unread
        self._usage.spent("read", perf_counter() - began)

    def judge(self, draft: Draft) -> None:
        usage, began = self._usage, perf_counter()
        try:
            if self._unread is not None:
                raise self._unread
            self._judge(draft)
            usage.passed += 1
        except Problem:
            usage.refused += 1
            raise
        except Exception as error:
            usage.failure(error)
            raise self._broken() from None
        finally:
            seconds = perf_counter() - began
            usage.seconds["judge"] += seconds
            if seconds >= SLOW:
                usage.held_up(seconds)

    def depends_on(self) -> frozenset[Fact] | None:
        """What the step says; None, and so it is asked about every message, if that fails."""
        try:
            return self._step.depends_on()
        except Exception as error:
            self._usage.failure(error)
            return None

    def version(self) -> object:
        """What the step says; never the same if that fails."""
        try:
            return self._step.version()
        except Exception as error:
            self._usage.failure(error)
            return object()

    def _broken(self) -> Problem:
        return Problem("internal_error", f"The rule `{self.name}` failed. Call the operator.")


def place_of(error: Exception) -> str:
    """The file and line of the extension at which an exception was raised, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    its = [frame for frame in frames if not frame.filename.startswith(_OWN)] or frames
    return f"{Path(its[0].filename).name}:{its[0].lineno}" if its else ""
