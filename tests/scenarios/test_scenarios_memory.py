"""A node with a lane that cannot hold what waits: memory, and what goes first when the carrier comes.

The same with a million messages is `make memory` (benchmarks/memory.py); here are fewer, and the same relations.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.memory import measure
from onesixty.core.message import MARKETING, OTP, TRANSACTIONAL

MESSAGES = 30_000


@pytest.mark.deadline(180)
async def test_what_waits_for_a_carrier_that_is_down_stays_out_of_memory_and_goes_by_class(
    tmp_path: Path,
) -> None:
    """A carrier is down with many queued. The lane holds 10,000, the rest waits in the rows."""
    figures = await measure(MESSAGES, 1000, tmp_path, until=MESSAGES)
    assert figures.start_mb < 150
    assert figures.waiting_mb < 400
    # Three lanes' worth wait; were all of them in memory, each would cost about 5 KB.
    assert figures.waiting_mb - figures.start_mb < 120
    assert figures.first_s < 1
    assert figures.out_of_order == 0
    assert (figures.received, figures.doubled) == (MESSAGES, 0)
    for class_, share in ((OTP, 0.80), (TRANSACTIONAL, 0.15), (MARKETING, 0.05)):
        assert figures.shares[class_] == pytest.approx(share, abs=0.03)
