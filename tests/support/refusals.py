"""The trace of refusals for tests that are about something else: it counts, and keeps nothing."""

from typing import Any

from onesixty.doors.v1 import SEND_PATH
from onesixty.doors.v1.refusals import RefusedSends
from onesixty.refusals import Trace
from tests.support.clock import ManualClock


class Counted:
    """Where refusals are counted: `by_code`, and those that were not kept."""

    def __init__(self) -> None:
        self.by_code: list[tuple[str, str]] = []
        self.not_kept = 0

    def refusal(self, door: str, code: str) -> None:
        self.by_code.append((door, code))

    def refusals_not_kept(self, count: int) -> None:
        self.not_kept += count


def untraced() -> RefusedSends:
    """What a door of the API is given where no refusal is looked for."""
    store: Any = None
    return RefusedSends(Trace(store, ManualClock(), str, Counted(), kept=0), SEND_PATH)
