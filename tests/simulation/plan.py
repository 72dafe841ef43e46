"""What happens in a seed, drawn before it begins: carriers, routes, sends, operators' actions and crashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from onesixty.ops.faults import POINTS
from tests.simulation.world import Ask, Conduct, World

#: Name, price of a segment in micro-units.
ACCOUNTS = (("default", 7500), ("north", 12_000), ("south", 4_000))
#: Limits of credit in micro-units: low enough that some seeds reach them.
CREDIT = {"south": 100_000}
URLS = tuple(f"http://receiver-{name}.example/hook" for name, _ in ACCOUNTS)
CALLBACK = "http://callbacks.example/status"

SEND_SECONDS = 40.0

#: Fault points that this configuration reaches, each the more likely the more often a run comes by.
CRASH_POINTS = tuple(name for name in POINTS if not name.startswith(("inbound.", "parts.", "binds.")))


@dataclass
class Crashing:
    """How one life ends: at a turn of its loop, at a time, at the n-th hit of a point; or stops in order."""

    turn: int | None = None
    after: float | None = None
    point: tuple[str, int] | None = None
    orderly: bool = False


@dataclass
class Act:
    """Something that a person does at a time: `what` is cancel, redact, reload, disable or enable."""

    at: float
    what: str
    target: Any


@dataclass
class Plan:
    seed: str
    carriers: list[dict[str, Any]] = field(default_factory=list)
    routes: list[dict[str, Any]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    crashes: list[Crashing] = field(default_factory=list)
    lane_capacity: int = 10_000


def draw(seed: str, world: World) -> Plan:
    """Everything that chance decides beforehand; the world gets its carriers and its clients' wishes."""
    random = Random(f"plan {seed}")
    plan = Plan(seed, lane_capacity=random.choice((8, 30, 10_000)))
    names = [f"carrier{n}" for n in range(random.randint(1, 4))]
    for name in names:
        world.add_carrier(name, _conduct(random))
        plan.carriers.append(_table(name, "world", world.carriers[name].conduct))
    world.add_carrier("sandbox", _conduct(random), simulated=True)
    plan.carriers.append(_table("sandbox", "world_simulated", world.carriers["sandbox"].conduct))
    for number in range(random.randint(1, 3)):
        chosen = random.sample(names, random.randint(1, min(3, len(names))))
        plan.routes.append({"name": "default" if number == 0 else f"route{number}", "carriers": chosen})
    world.failing = random.choice((0.0, 0.1, 0.4))
    for url in (*URLS, CALLBACK):
        if random.random() < 0.3:
            world.sick_until[url] = random.uniform(5, 60)
    sends = random.randint(20, 90)
    for number in range(sends):
        world.asks.append(_ask(random, number, [route["name"] for route in plan.routes]))
    world.asks.sort(key=lambda ask: (ask.at, ask.number))
    for _ in range(random.randint(0, sends // 4)):
        plan.acts.append(Act(random.uniform(0, 60), "cancel", random.randrange(sends)))
    for _ in range(random.randint(0, sends // 4)):
        plan.acts.append(Act(random.uniform(10, 120), "redact", random.randrange(sends)))
    for _ in range(random.choice((0, 0, 1, 3))):
        plan.acts.append(Act(random.uniform(0, 60), "reload", random.choice(names)))
    if random.random() < 0.3:
        at, name = random.uniform(0, 30), random.choice(names)
        plan.acts += [Act(at, "disable", name), Act(at + random.uniform(1, 30), "enable", name)]
    plan.acts.sort(key=lambda act: act.at)
    plan.crashes = [_crashing(random) for _ in range(random.choice((0, 1, 1, 2, 3, 5)))]
    return plan


def _table(name: str, type_: str, conduct: Conduct) -> dict[str, Any]:
    return {
        "name": name, "type": type_, "peer": name, "window": conduct.window,
        "throughput": conduct.throughput,
    }  # fmt: skip


def _conduct(random: Random) -> Conduct:
    if random.random() < 0.2:
        return Conduct()
    share = lambda: random.choice((0.0, 0.0, 0.0, 0.03, 0.1, 0.3))  # noqa: E731
    outages = []
    at = random.uniform(0, 20)
    for _ in range(random.choice((0, 0, 1, 2, 4))):
        end = at + random.choice((0.1, 1.0, 7.0, 30.0)) * random.uniform(0.5, 1.5)
        outages.append((at, end))
        at = end + random.uniform(0.5, 20)
    if random.random() < 0.15:
        outages.insert(0, (-1.0, random.uniform(1, 40)))
    return Conduct(
        latency=random.choice((0.005, 0.05, 0.5, 2.0)),
        window=random.choice((1, 2, 10, 50)),
        throughput=random.choice((0.0, 0.0, 5.0, 50.0)),
        lost=share(),
        lost_taken=random.choice((0.0, 0.5, 1.0)),
        throttled=share(),
        busy=share(),
        refused=share(),
        undelivered=share(),
        receipt_delay=random.choice((0.0, 0.2, 3.0)),
        receipts_missing=share(),
        receipts_late=share(),
        receipts_doubled=share(),
        receipts_early=share(),
        receipts_overtaken=share(),
        ids=random.choice(("same", "decimal", "zeros")),
        outages=tuple(outages),
    )


def _ask(random: Random, number: int, routes: list[str]) -> Ask:
    at = random.choice((0.0, random.uniform(0, SEND_SECONDS), float(random.randrange(int(SEND_SECONDS)))))
    test = random.random() < 0.08
    length = random.choice((1, 1, 1, 1, 8, 20, 30))
    text = f"#{number:04d} " + "Ten letter" * length
    if random.random() < 0.2:
        text = text.replace("letter", "lettér 😀")[:200]
    body: dict[str, Any] = {
        "from": "Acme",
        "to": f"+1555{2_000_000 + number:07d}",
        "text": text,
        "class": random.choice(("otp", "transactional", "marketing")),
        "valid_for": random.choice((2, 10, 30, 60, 180)),
        "priority": random.choice((0, 0, 0, 5, 9)),
        "reference": f"ask-{number}",
    }
    if random.random() < 0.3:
        body["on_unknown"] = random.choice(("resend", "hold"))
    if random.random() < 0.3:
        body["status_callback"] = CALLBACK
    if random.random() < 0.3:
        body["route"] = random.choice(routes)
    if random.random() < 0.15:
        body["scheduled_in"] = random.choice((1, 5, 30))
    key = f"key-{number}" if random.random() < 0.6 else None
    return Ask(number, at, random.randrange(len(ACCOUNTS)), test, body, key)


def _crashing(random: Random) -> Crashing:
    kind = random.choice(("turn", "time", "point", "point", "orderly"))
    if kind == "turn":
        return Crashing(turn=int(10 ** random.uniform(0.7, 3.5)))
    if kind == "time":
        return Crashing(after=random.uniform(0, 30))
    if kind == "orderly":
        return Crashing(after=random.uniform(0.5, 30), orderly=True)
    return Crashing(point=(random.choice(CRASH_POINTS), int(10 ** random.uniform(0, 2))))
