"""The world outside: what carriers and webhook receivers know. Plain data that outlives every crash.

Rules kept here:
- what a carrier took it has taken, whether its answer arrives or not; a receipt is due until it was
  acknowledged to the link that offered it;
- all chance is the world's own, so that a crash does not change what would have happened;
- everything that happens is written into `trace`: two runs of one seed give the same.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from onesixty.core import outcomes
from onesixty.core.outcomes import Outcome
from onesixty.smpp.receipt import normal_id
from tests.simulation.virtual import Time

ENROUTE, DELIVERED, EXPIRED, UNDELIVERABLE = 1, 2, 3, 5

REFUSALS = ("message_refused", "recipient_refused", "sender_refused", "carrier_refused")


@dataclass
class Conduct:
    """How a carrier behaves. Shares from 0 to 1, times in virtual seconds."""

    latency: float = 0.05
    window: int = 10
    throughput: float = 0.0
    lost: float = 0.0
    lost_taken: float = 0.5
    throttled: float = 0.0
    busy: float = 0.0
    refused: float = 0.0
    undelivered: float = 0.0
    receipt_delay: float = 1.0
    receipts_missing: float = 0.0
    receipts_late: float = 0.0
    receipts_doubled: float = 0.0
    receipts_early: float = 0.0
    receipts_overtaken: float = 0.0
    ids: str = "same"
    #: When its link is down, as (from, to).
    outages: tuple[tuple[float, float], ...] = ()


@dataclass
class Taken:
    """A segment that a carrier has, and whether its answer reached us (as far as the carrier knows)."""

    at: float
    carrier: str
    message_id: str
    attempt: int
    segment: int
    carrier_message_id: str
    answered: bool = False
    delivered: bool = False


@dataclass
class Due:
    """A receipt that is due. `written` is the id as the receipt writes it."""

    at: float
    number: int
    taken: Taken
    written: str
    state: int
    sender: str
    recipient: str
    text: str
    #: The connector that it was offered to and that has not answered.
    offered: object | None = None
    #: How often it was offered. A connector may be offered it again: an answer counts for the last offer alone.
    offers: int = 0


@dataclass
class Fate:
    """What becomes of a segment: an outcome after `latency`, or None when the answer is lost."""

    latency: float
    outcome: Outcome | None
    taken: Taken | None = None


@dataclass
class CarrierWorld:
    """One carrier's side."""

    name: str
    conduct: Conduct
    world: World
    simulated: bool = False
    due: list[Due] = field(default_factory=list)
    #: Acknowledged receipts: (id of the answer, state).
    acknowledged: list[tuple[str, int]] = field(default_factory=list)

    def up(self, now: float) -> bool:
        return not any(start <= now < end for start, end in self.conduct.outages)

    def next_change(self, now: float) -> float | None:
        """When its link goes down or comes up next."""
        times = [t for outage in self.conduct.outages for t in outage if t > now]
        return min(times, default=None)

    def judge(
        self, message_id: str, attempt: int, segment: int, sender: str, recipient: str, text: str
    ) -> Fate:
        """A segment arrives: decide what becomes of it."""
        world, conduct, random = self.world, self.conduct, self.world.random
        latency = conduct.latency * random.uniform(0.5, 1.5)
        dice = random.random()
        for share, outcome in (
            (conduct.throttled, Outcome(outcomes.THROTTLED, code="carrier_throttled", carrier_code="88")),
            (conduct.busy, Outcome(outcomes.RETRYABLE, code="carrier_busy", carrier_code="8")),
            (conduct.refused, Outcome(outcomes.PERMANENT, code=random.choice(REFUSALS), carrier_code="69")),
        ):
            if dice < share:
                world.note(self.name, outcome.code, message_id, attempt, segment)
                return Fate(latency, outcome)
            dice -= share
        lost = dice < conduct.lost
        if lost and random.random() >= conduct.lost_taken:
            world.note(self.name, "lost", message_id, attempt, segment)
            return Fate(latency, None)
        number = random.getrandbits(40) | 1 << 40
        taken = Taken(world.time.now, self.name, message_id, attempt, segment, f"{number:x}")
        world.taken.append(taken)
        world.note(self.name, "taken, answer lost" if lost else "taken", message_id, attempt, segment)
        self._plan(taken, number, latency, (sender, recipient, text))
        if lost:
            return Fate(latency, None, taken)
        return Fate(latency, Outcome(outcomes.ACCEPTED, carrier_message_id=taken.carrier_message_id), taken)

    def _plan(self, taken: Taken, number: int, latency: float, whose: tuple[str, str, str]) -> None:
        conduct, random, now = self.conduct, self.world.random, self.world.time.now
        if random.random() < conduct.receipts_missing:
            return
        state = DELIVERED
        if random.random() < conduct.undelivered:
            state = random.choice((EXPIRED, UNDELIVERABLE))
        at = now + latency + conduct.receipt_delay * random.uniform(0.5, 1.5)
        if random.random() < conduct.receipts_early:
            at = now + latency * random.uniform(0, 0.9)
        elif random.random() < conduct.receipts_late:
            at += random.uniform(10, 120)
        plans = [(at, state)]
        if random.random() < conduct.receipts_doubled:
            plans.append((at + random.uniform(0, 5), state))
        if random.random() < conduct.receipts_overtaken:
            plans.append((at + random.uniform(0, 2), ENROUTE))
        if state != DELIVERED and random.random() < conduct.receipts_overtaken:
            plans.append((at + random.uniform(5, 30), DELIVERED))  # late, after the carrier had given it up
        forms = {"same": f"{number:x}", "decimal": str(number), "zeros": f"{number:016X}"}
        for when, said in plans:
            self.world.receipts += 1
            self.due.append(Due(when, self.world.receipts, taken, forms[conduct.ids], said, *whose))
            taken.delivered = taken.delivered or said == DELIVERED

    def acknowledged_by_host(self, due: Due) -> None:
        """The receipt is the product's business from now on."""
        self.due.remove(due)
        self.acknowledged.append((normal_id(due.taken.carrier_message_id), due.state))
        self.world.note(self.name, "acknowledged", due.taken.message_id, due.taken.segment, due.state)


@dataclass
class Ask:
    """What a client wants to send. `answer` is the id that it was told, `refused` a code that ended it."""

    number: int
    at: float
    account: int
    test: bool
    body: dict[str, Any]
    key: str | None = None
    tries: int = 0
    answer: str | None = None
    refused: str | None = None
    #: What the client got for the same key in the end, to be compared.
    answers: list[bytes] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.answer is not None or self.refused is not None or (self.key is None and self.tries > 0)


class World:
    """All that there is beside the product."""

    def __init__(self, seed: str, time: Time) -> None:
        self.time = time
        self.random = Random(seed)
        self.trace: list[str] = []
        self.carriers: dict[str, CarrierWorld] = {}
        self.taken: list[Taken] = []
        self.receipts = 0
        #: Which life of the product it is: what a dead one still does has no effect.
        self.life = 0
        self.asks: list[Ask] = []
        self.canceled: set[str] = set()
        self.redacted: set[str] = set()
        #: Until when webhook receivers fail, by URL, and the share of posts that fail then.
        self.sick_until: dict[str, float] = {}
        self.failing = 0.0
        #: Events that receivers took: URL -> message id -> sequence -> type.
        self.events: dict[str, dict[str, dict[int, str]]] = {}
        self.posts = 0

    def add_carrier(self, name: str, conduct: Conduct, *, simulated: bool = False) -> CarrierWorld:
        carrier = self.carriers[name] = CarrierWorld(name, conduct, self, simulated)
        return carrier

    def note(self, *what: object) -> None:
        self.trace.append(f"{self.time.now:.6f} {' '.join(map(str, what))}")

    def next_life(self) -> None:
        """Everything that held a connection is gone; receipts that were offered on one are due again."""
        self.life += 1
        self.note("life", self.life)
        for carrier in self.carriers.values():
            for due in carrier.due:
                due.offered = None

    def took_event(self, url: str, body: bytes) -> None:
        """A receiver answered 2xx for this event."""
        event = json.loads(body)
        of_message = self.events.setdefault(url, {}).setdefault(event["data"]["id"], {})
        of_message[event["sequence"]] = event["type"]
        self.note("event", url, event["type"], event["data"]["id"], event["sequence"])

    def calm(self) -> None:
        """From now on nobody misbehaves: what is open has to come to its end."""
        self.failing = 0.0
        self.sick_until.clear()
        for carrier in self.carriers.values():
            carrier.conduct = dataclasses.replace(carrier.conduct, outages=())
