"""Durations as histograms that can be added: buckets whose bounds grow by a constant factor.

Rules kept here:
- a bucket ends at 1.19 times its beginning (four buckets to a doubling), from 100 milliseconds to about twelve days.
  A percentile is the geometric middle of its bucket, so it is at most 9 percent off; beyond the ends it is the end;
- the bounds never change: boxes of different years are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Final

#: Milliseconds at which the first bucket ends. The first holds everything faster.
FIRST: Final = 100
#: Buckets to a doubling.
STEPS: Final = 4
#: The number of the last bucket, which holds everything slower.
LAST: Final = 93


def bucket_of(milliseconds: int) -> int:
    """The number of the bucket of a duration."""
    if milliseconds < FIRST:
        return 0
    return min(LAST, 1 + int(log2(milliseconds / FIRST) * STEPS))


def percentile(buckets: Mapping[int, int], share: float) -> int | None:
    """The time in milliseconds within which this share of what was counted was over. None without any."""
    total = sum(buckets.values())
    if total <= 0:
        return None
    left = share * total
    for bucket in sorted(buckets):
        left -= buckets[bucket]
        if left <= 0:
            return _middle(bucket)
    return _middle(max(buckets))


def _middle(bucket: int) -> int:
    if bucket == 0:
        return FIRST
    if bucket == LAST:
        return round(FIRST * 2 ** ((LAST - 1) / STEPS))
    return round(FIRST * 2 ** ((bucket - 0.5) / STEPS))
