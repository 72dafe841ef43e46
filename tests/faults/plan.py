"""Which kills are made: each named point once at a place that is known to be reached, then others by chance.

`make test` runs the first 20 and what is left of the points; `make faults` goes on with rounds drawn from the
number of the round, so that a round that fails can be run again by its name. ONESIXTY_TEST_FAULT_SEED moves the
numbers, for rounds that nobody has seen before.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass

SEED_VARIABLE = "ONESIXTY_TEST_FAULT_SEED"

#: What has to have happened before a restart has anything to recover.
LEFT_BEHIND = "dispatch.after_write:kill@4"

#: The hit at which a point kills in its planned round. All of them are reached on both engines.
PLANNED: dict[str, int] = {
    "intake.before_commit": 25,
    "intake.after_commit": 15,
    "intake.before_answer": 25,
    "store.before_commit": 20,
    "store.after_guards": 25,
    "store.after_commit": 30,
    "dispatch.before_flight": 4,
    "dispatch.after_flight": 4,
    "dispatch.after_write": 4,
    "dispatch.before_outcome_commit": 5,
    "dispatch.after_outcome_commit": 5,
    "receipts.before_commit": 3,
    "receipts.after_commit": 3,
    "receipts.after_ack": 3,
    "webhooks.before_post": 20,
    "webhooks.after_post": 20,
    "work.after_result": 4,
    "sweep.before_release": 1,
    "sweep.after_release": 1,
    "recovery.before_unclaim": 1,
    "recovery.after_unclaim": 1,
    "cancel.after_commit": 2,
}

#: Points that this traffic does not reach: test_faults_inbound.py kills at them.
ELSEWHERE = (
    "inbound.before_commit",
    "inbound.after_commit",
    "inbound.before_join",
    "parts.before_commit",
    "parts.after_commit",
    "parts.before_join",
    "binds.before_send",
    "binds.after_answer",
)

#: Planned rounds on PostgreSQL, where a dead node's lease has to run out first: few, since they wait for that.
ON_POSTGRESQL = ("store.after_commit", "dispatch.after_write")


@dataclass(frozen=True)
class Round:
    """Runs of one node, each with its faults; the last one, without any, comes on top."""

    name: str
    runs: tuple[str, ...]
    seed: int
    #: Into how many processes the node divides; on PostgreSQL it is always one.
    processes: int
    #: Whether every run has to be killed.
    sure: bool = True


def rounds(count: int) -> list[Round]:
    """The planned rounds, and as many drawn ones as `count` asks for beyond them."""
    planned = [planned_round(name, seed) for seed, name in enumerate(PLANNED)]
    base = int(os.environ.get(SEED_VARIABLE, "0"))
    return planned + [_drawn(base + number) for number in range(len(planned), count)]


def planned_round(name: str, seed: int) -> Round:
    """The round that is sure to be killed at this point."""
    last = f"{name}:kill@{PLANNED[name]}"
    runs = (LEFT_BEHIND, last) if name.startswith("recovery.") else (last,)
    return Round(f"{name}@{PLANNED[name]}", runs, seed, 1 + seed % 2)


def _drawn(seed: int) -> Round:
    """One to three kills at points and hits by chance; a run that does not get so far is not killed."""
    chance = random.Random(seed)
    runs = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        name = chance.choice(list(PLANNED))
        most = 1 if name.startswith("recovery.") else 4 * PLANNED[name]
        runs.append(f"{name}:kill@{chance.randint(1, most)}")
    name = f"{seed}-" + "-".join(run.replace(":kill", "") for run in runs)
    return Round(name, tuple(runs), seed, chance.choice((1, 2)), sure=False)
