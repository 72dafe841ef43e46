"""The promises with two and three nodes on one database, of which some stand still for a time and others crash.

`pytest tests/simulation --node-seeds N --first-seed K` runs more of them; docs/explanation/simulation.md says how a
seed is replayed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from onesixty.store.sqlite import MemoryDatabase
from tests.simulation.seeds import groups, run_cluster_seed, template

#: Seeds that found something once, and what it was.
FOUND = {
    "20": "a flight was on disk when its node stood still: what had expired meanwhile was handed over all the same",
    "5020": "segments that waited in the connector for the window were written by a node that woke after their"
    " message had expired, and after others had taken over",
}


@pytest.fixture(scope="module")
def empty() -> MemoryDatabase:
    """The schema, copied by each seed."""
    return template()


def hold(seed: str, empty: MemoryDatabase, directory: Path) -> None:
    """Run a seed, and say how to replay it if a promise breaks."""
    result = run_cluster_seed(seed, empty, directory)
    if result.complaints:
        shown = "\n".join(result.complaints[:10])
        pytest.fail(
            f"seed {seed}: {len(result.complaints)} complaints\n{shown}\n"
            f"replay: python -m tests.simulation --nodes {seed}",
            pytrace=False,
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The seeds in groups, so that all workers share them."""
    if "group" in metafunc.fixturenames:
        first, count = (metafunc.config.getoption(name) for name in ("--first-seed", "--node-seeds"))
        metafunc.parametrize("group", groups(first, count), ids=lambda group: f"{group[0]}-{group[-1]}")


@pytest.mark.deadline(180)
def test_the_promises_hold_while_nodes_stand_still(
    group: range, empty: MemoryDatabase, tmp_path: Path
) -> None:
    """A node stops at any await and wakes later: before, around and long after the end of its lease."""
    for seed in group:
        hold(str(seed), empty, tmp_path)


@pytest.mark.parametrize("seed", FOUND)
def test_what_a_seed_found_stays_found(seed: str, empty: MemoryDatabase, tmp_path: Path) -> None:
    hold(seed, empty, tmp_path)


def test_a_seed_always_takes_the_same_steps(empty: MemoryDatabase, tmp_path: Path) -> None:
    assert len({run_cluster_seed("7", empty, tmp_path).digest for _ in range(2)}) == 1
