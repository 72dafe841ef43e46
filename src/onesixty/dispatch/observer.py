"""What dispatch tells about itself; `app.py` connects it to the metrics."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Counters. All calls are cheap and never raise."""

    def outcome(self, carrier_id: str, kind: str) -> None: ...

    def answered(self, carrier_id: str, seconds: float) -> None: ...

    def throttled(self, carrier_id: str) -> None: ...

    def duplicate(self, carrier_id: str) -> None: ...

    def recovered(self, kind: str) -> None: ...

    def stray(self, kind: str, count: int) -> None: ...
