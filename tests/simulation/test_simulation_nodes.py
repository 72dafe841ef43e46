"""The promises with two and three nodes on one database, of which some stand still for a time and others crash.

`pytest tests/simulation --node-seeds N --first-seed K` runs more of them; docs/explanation/simulation.md says how a
seed is replayed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from onesixty.store.sqlite import MemoryDatabase
from tests.simulation.seeds import hold, run_seed

#: The option that says how many seeds are run.
SEEDS = "--node-seeds"

#: Seeds that found something once, and what it was.
FOUND = {
    "20": "a flight was on disk when its node stood still: what had expired meanwhile was handed over all the same",
    "5020": "segments that waited in the connector for the window were written by a node that woke after their"
    " message had expired, and after others had taken over",
    "5139": "segments taken under two references counted as one message: its flight had nothing to hand over",
    "5373": "the same, with a segment taken before the node stood still",
    "20088": "a fenced node could not read an account's credit: the client must ask again, and does",
    "30139": "a report is offered to one node twice, with a stall of each node in between: one answer counts",
    "60281": "a node stood still while it was set up, and could not write: who sets up must ask again, and does",
}


@pytest.mark.deadline(180)
def test_the_promises_hold_while_nodes_stand_still(
    group: range, empty: MemoryDatabase, tmp_path: Path
) -> None:
    """A node stops at any await and wakes later: before, around and long after the end of its lease."""
    for seed in group:
        hold(str(seed), empty, tmp_path, nodes=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", FOUND)
def test_what_a_seed_found_stays_found(seed: str, empty: MemoryDatabase, tmp_path: Path) -> None:
    hold(seed, empty, tmp_path, nodes=True)


@pytest.mark.slow
def test_a_seed_always_takes_the_same_steps(empty: MemoryDatabase, tmp_path: Path) -> None:
    assert len({run_seed("7", empty, tmp_path, nodes=True).digest for _ in range(2)}) == 1
