"""A clock for tests of what depends on time alone."""


class ManualClock:
    """A clock that stands until it is moved."""

    def __init__(self, ms: int = 1_000_000) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000
