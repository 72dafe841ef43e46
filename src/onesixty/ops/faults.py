"""Named fault points: the only places where a test may kill, stop or fail the process.

Rules kept here:
- without a spec `hit` is an empty function, so a point costs only a call;
- a point that is not in `POINTS` is refused at start, in the spec and in the code's own tests;
- faults are for tests: they come from the setting `faults`, and can only end or stop this process.

A spec is a list of `name:action@n` joined by semicolons; `@n` (default 1) is the hit at which it happens:
`store.after_commit:kill@3;dispatch.after_flight:raise@1`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Final

#: Every point, with the state when it is reached.
POINTS: Final[dict[str, str]] = {
    "intake.before_commit": "A send was validated and priced; nothing is written yet.",
    "intake.after_commit": "A send is on disk; it is in no lane yet and its caller has no answer.",
    "intake.before_answer": "A send is on disk and in its lane; its caller has no answer.",
    "store.after_guards": "A group's guards ran; its writes did not.",
    "store.before_commit": "A group's writes ran; they are not committed.",
    "store.after_commit": "A group is on disk; its callers have no answer yet.",
    "dispatch.before_flight": "A batch was taken from its lane; no flight names it.",
    "dispatch.after_flight": "A flight is on disk; nothing was written to the carrier.",
    "dispatch.after_write": "A flight was written to the carrier; no answer was seen.",
    "dispatch.before_outcome_commit": "The carrier answered; the outcomes are only in memory.",
    "dispatch.after_outcome_commit": "The outcomes are on disk.",
    "receipts.before_commit": "A delivery report came; it is only in memory.",
    "receipts.after_commit": "A delivery report is on disk; the carrier has no acknowledgement.",
    "receipts.after_ack": "A delivery report was acknowledged.",
    "inbound.before_commit": "A message from a handset came; it is only in memory.",
    "inbound.after_commit": "A message from a handset is on disk; the carrier has no acknowledgement.",
    "inbound.before_join": "All parts of a message from a handset are on disk; the message is not.",
    "parts.before_commit": "A part of an SMPP customer came; it is only in memory.",
    "parts.after_commit": "A part of an SMPP customer is on disk, and not answered.",
    "parts.before_join": "All parts of a customer's message are on disk; the message is not.",
    "binds.before_send": "A delivery to a bind was claimed; nothing was sent.",
    "binds.after_answer": "A delivery was sent to a bind and answered; the result is only in memory.",
    "webhooks.before_post": "A delivery was claimed; nothing was posted.",
    "webhooks.after_post": "A webhook was posted and answered; the result is only in memory.",
    "work.after_result": "The result of a delivery is on disk.",
    "sweep.before_release": "Due messages were read; none is released.",
    "sweep.after_release": "Due messages were released on disk.",
    "recovery.before_unclaim": "After a restart: what a former run had claimed is still claimed.",
    "recovery.after_unclaim": "After a restart: what a former run had claimed is queued again.",
    "cancel.after_commit": "A cancellation is on disk; its caller has no answer.",
}

ACTIONS: Final = ("kill", "raise", "pause")


class FaultInjected(Exception):
    """Raised by the action `raise`."""


class FaultSpecError(ValueError):
    """The spec names an unknown point, action or count."""


class FaultPoints:
    """The fault points of one process. Hand it in; call `hit(name)` where the point is.

    kill   ends the process at once, as `kill -9` does (`kill` replaces how, for the simulation)
    raise  throws FaultInjected
    pause  stops the process (SIGSTOP) until somebody continues it (`pause` replaces how)
    """

    __slots__ = ("_actions", "_counts", "_kill", "_pause", "hit")

    def __init__(
        self,
        spec: str = "",
        *,
        kill: Callable[[], object] | None = None,
        pause: Callable[[], object] | None = None,
    ) -> None:
        self._actions = parse(spec)
        self._counts: dict[str, int] = {}
        self._kill = kill or _kill_process
        self._pause = pause or _stop_process
        self.hit: Callable[[str], None] = self._hit if self._actions else _nothing

    def hits(self, name: str) -> int:
        """How often a point of the spec was reached."""
        return self._counts.get(name, 0)

    def _hit(self, name: str) -> None:
        actions = self._actions.get(name)
        if actions is None:
            if name not in POINTS:
                raise FaultSpecError(f"{name!r} is not a fault point")
            return
        count = self._counts[name] = self._counts.get(name, 0) + 1
        action = actions.get(count)
        if action == "kill":
            self._kill()
        elif action == "pause":
            self._pause()
        elif action == "raise":
            raise FaultInjected(f"{name} at hit {count}")


def parse(spec: str) -> dict[str, dict[int, str]]:
    """The actions of a spec by point and count of hits. Raises FaultSpecError."""
    actions: dict[str, dict[int, str]] = {}
    for entry in filter(None, (part.strip() for part in spec.split(";"))):
        name, colon, rest = entry.partition(":")
        action, at, count = rest.partition("@")
        if name not in POINTS:
            raise FaultSpecError(f"{name!r} is not a fault point")
        if not colon or action not in ACTIONS:
            raise FaultSpecError(f"{entry!r}: the action must be one of {', '.join(ACTIONS)}")
        if at and not (count.isascii() and count.isdigit() and int(count) > 0):
            raise FaultSpecError(f"{entry!r}: the count of hits must be a number of at least 1")
        actions.setdefault(name, {})[int(count) if at else 1] = action
    return actions


def _nothing(name: str) -> None:
    """No faults: the cost of a point in production."""


def _kill_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop_process() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
