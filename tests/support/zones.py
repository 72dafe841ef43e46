"""Time zones for tests that count by the day under the real clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def by_day(*zones: str) -> str:
    """The first of these zones whose date stays the same for the next hour, and was the same for the last one.

    A test that counts by the day runs in one day then, whenever it runs.
    """
    now = datetime.now(UTC)
    for zone in zones:
        if 1 <= now.astimezone(ZoneInfo(zone)).hour < 23:
            return zone
    raise AssertionError(f"it is about midnight in all of {zones}")
