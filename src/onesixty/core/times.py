"""Times as the API writes them: RFC 3339 in UTC with milliseconds, `2026-11-22T23:07:01.250Z`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
#: After every time in epoch milliseconds: the bound of a filter that has none.
NEVER: Final = 1 << 62


def to_text(ms: int) -> str:
    """Epoch milliseconds as RFC 3339."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


def text_or_none(ms: int | None) -> str | None:
    """The same for a time that may be None."""
    return None if ms is None else to_text(ms)


@lru_cache(4096)  # times of one message and of its neighbours share their seconds; formatting one costs 2 us
def _second(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}"


def moment(ms: int) -> datetime:
    """Epoch milliseconds as a datetime in UTC."""
    return _EPOCH + _MILLISECOND * ms


def of_moment(moment: datetime) -> int:
    """Epoch milliseconds of a datetime with a time zone."""
    return (moment - _EPOCH) // _MILLISECOND


def from_text(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 time. Raises ValueError, also for a time without a time zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time needs a time zone, for example Z")
    return of_moment(found)
