"""Promises 1 to 7, 9 and 10 under crashes, misbehaving carriers and sick webhook receivers, seed by seed.

`pytest tests/simulation --seeds N --first-seed K` runs more of them; docs/explanation/simulation.md says what is
simulated and how a seed is replayed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from onesixty.store.sqlite import MemoryDatabase
from tests.simulation.seeds import hold, run_seed
from tests.support.postgres import ROOT

#: The option that says how many seeds are run.
SEEDS = "--seeds"

#: Seeds that found something once, and what it was.
FOUND = {
    "236": "a held message was canceled though its carrier had taken a part of it",
    "480": "a part taken was forgotten while its carrier was disabled, and all of it sent over another one",
    "578": "the same, through a crash",
    "598": "a message of which a part was taken expired as if none was",
    "832": "a message to be held went to another carrier with one segment unanswered and one refused",
    "190": "receipts were waited for with the default of a day once their carrier was disabled",
    "40432": "the sweep looks at a receipt in the moment in which its outcome reaches the disk: no fault",
    "40249": "the same, for a part of a message",
    "41264": "a report told the lost answer of a message: the next one, which came with it, waited for the sweep",
}

TRACE = """
import sys, tempfile
from pathlib import Path
from tests.simulation.seeds import run_seed, template
with tempfile.TemporaryDirectory() as directory:
    print(run_seed(sys.argv[1], template(), Path(directory)).digest)
"""


@pytest.mark.deadline(180)
def test_the_promises_hold_in_every_seed(group: range, empty: MemoryDatabase, tmp_path: Path) -> None:
    """Throttling, early, late, doubled and hex receipts, crashes anywhere, carriers that go and
    come, clients that retry."""
    for seed in group:
        hold(str(seed), empty, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", FOUND)
def test_what_a_seed_found_stays_found(seed: str, empty: MemoryDatabase, tmp_path: Path) -> None:
    hold(seed, empty, tmp_path)


@pytest.mark.slow
def test_a_seed_always_takes_the_same_steps(empty: MemoryDatabase, tmp_path: Path) -> None:
    """Twice here, and in processes whose sets are ordered otherwise."""
    digests = {run_seed("11", empty, tmp_path).digest for _ in range(2)}
    for hash_seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        found = subprocess.run(
            [sys.executable, "-c", TRACE, "11"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=50,
        )  # fmt: skip
        digests.add(found.stdout.strip())
    assert len(digests) == 1
