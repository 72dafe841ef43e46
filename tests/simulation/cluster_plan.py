"""What happens to the nodes of a cluster, drawn before it begins: where they stand still, crash or stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.simulation.plan import CRASH_POINTS

#: Seconds for which a node stands still: less than its lease, about as long, and much longer.
STALLS = (0.5, 4.0, 11.0, 14.0, 16.0, 18.0, 25.0, 45.0, 90.0)

#: The points at which standing still means most, each the more often drawn.
CLOSE = (
    "intake.before_commit", "intake.after_commit", "dispatch.before_flight", "dispatch.after_flight",
    "dispatch.after_write", "dispatch.before_outcome_commit", "receipts.before_commit", "sweep.before_release",
    "recovery.before_unclaim",
)  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """`what` is stall, crash, stop or nothing; it comes at a turn of the loop, at the n-th hit of a point, or so many
    seconds `after` the start (or after the one before). `seconds` is how long a stall lasts."""

    what: str
    turn: int | None = None
    point: tuple[str, int] | None = None
    after: float | None = None
    seconds: float = 0.0


NOTHING = Happening("nothing")


@dataclass
class Nodes:
    """How many nodes there are, and what comes to each of them, one after the other."""

    count: int
    happenings: list[list[Happening]] = field(default_factory=list)
    #: Nothing more happens; nobody starts again.
    ending: bool = False

    def next(self, place: int) -> Happening:
        """What comes to this node next."""
        left = self.happenings[place]
        return left.pop(0) if left and not self.ending else NOTHING

    def calm(self) -> None:
        """From now on all of them run."""
        for left in self.happenings:
            left.clear()


def draw_nodes(seed: str) -> Nodes:
    """Stalls alone, or together with crashes."""
    random = Random(f"nodes {seed}")
    nodes = Nodes(random.choice((2, 2, 3)))
    crashes = random.random() < 0.5
    for _ in range(nodes.count):
        several = random.choice((0, 1, 1, 2, 3))
        nodes.happenings.append([_happening(random, crashes) for _ in range(several)])
    if not any(nodes.happenings):
        nodes.happenings[0].append(_happening(random, crashes))
    return nodes


def _happening(random: Random, crashes: bool) -> Happening:
    what = random.choice(("stall", "stall", "crash", "stop")) if crashes else "stall"
    seconds = random.choice(STALLS) * random.uniform(0.9, 1.1)
    kind = random.choice(("turn", "time", "point", "close"))
    if kind == "turn":
        return Happening(what, turn=int(10 ** random.uniform(1.5, 4)), seconds=seconds)
    if kind == "time":
        return Happening(what, after=random.uniform(3, 40), seconds=seconds)
    name = random.choice(CRASH_POINTS if kind == "point" else CLOSE)
    return Happening(what, point=(name, int(10 ** random.uniform(0, 1.6))), seconds=seconds)
