"""Latencies in buckets of at most 3 % width: constant memory, and a fraction of a microsecond for each value."""

from __future__ import annotations

from typing import Final

_SUB_BITS: Final = 5  # 32 buckets for each power of two
_SUB: Final = 1 << _SUB_BITS
_TOP_BITS: Final = 32  # microseconds up to 71 minutes
_SIZE: Final = (_TOP_BITS - _SUB_BITS + 1) * _SUB


class Histogram:
    """Counts durations. Arguments and results are in seconds, the buckets in microseconds."""

    __slots__ = ("_buckets", "count", "maximum")

    def __init__(self) -> None:
        self._buckets = [0] * _SIZE
        self.count = 0
        self.maximum = 0.0

    def record(self, seconds: float) -> None:
        """Count one duration. Negative ones count as 0."""
        micros = max(int(seconds * 1e6), 0)
        shift = max(micros.bit_length() - _SUB_BITS - 1, 0)
        self._buckets[min((shift << _SUB_BITS) + (micros >> shift), _SIZE - 1)] += 1
        self.count += 1
        self.maximum = max(self.maximum, seconds)

    def percentile(self, share: float) -> float:
        """Return the duration that a `share` (0 to 1) of all values does not exceed; 0 if nothing was counted."""
        wanted = share * self.count
        seen = 0
        for index, number in enumerate(self._buckets):
            seen += number
            if number and seen >= wanted:
                return min(_upper(index), self.maximum)
        return 0.0


def _upper(index: int) -> float:
    """Return the upper bound of a bucket in seconds."""
    shift = max((index >> _SUB_BITS) - 1, 0)
    return (((index - (shift << _SUB_BITS)) + 1) << shift) / 1e6
