"""Times as the API writes them: RFC 3339 in UTC with milliseconds, `2026-11-22T23:07:01.250Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(ms: int) -> str:
    """Epoch milliseconds as RFC 3339."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def from_text(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 time; a time without a zone is refused. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone, for example Z")
    return int(moment.timestamp() * 1000)
