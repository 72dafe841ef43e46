"""Whether the time of a check tells what was checked: a wrong code, one of an expired verification, or one of none.

Rules kept here:
- checks of the three kinds come in an order drawn by chance, one after the other on each of a few connections. So
  whatever changes the speed of the machine affects them alike;
- a time ends with the last octet of the answer: what the client does with it is not the product's;
- each verification gets as many checks as a real one may, so no row is longer than a real one;
- the times of two kinds are compared by Welch's t (means) and by the ranks of Mann and Whitney, as z. Below 3 in
  both, so many checks do not tell one from the other.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from benchmarks.expiring import NUMBER, Database, copied
from benchmarks.gateways.contract import GatewayError
from benchmarks.gateways.onesixty import OnesixtyGateway
from benchmarks.verifying import Client, running
from onesixty.core import ids
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.ids import IdSource

#: Checks of each kind.
COUNT: Final = 10_000
KINDS: Final = ("wrong", "expired", "unknown")
#: Checks of one verification, which has one more.
_EACH: Final = 8
_CONNECTIONS: Final = 4
_WARM_UP: Final = 50
_HOUR_MS: Final = 3_600_000
_SEED: Final = 160


def lines(directory: Path, count: int = COUNT) -> list[str]:
    """Return the times of the kinds, and what tells them apart, on SQLite in `directory`."""
    times = asyncio.run(_timed(directory.resolve(), count))
    told = [f"{'':10}{'median':>10}{'mean':>10}{'deviation':>11}   of {count:,} each, in microseconds"]
    for kind, took in times.items():
        middle, mean, spread = (
            found(took) * 1e6 for found in (statistics.median, statistics.fmean, statistics.stdev)
        )
        told.append(f"{kind:10}{middle:10.1f}{mean:10.1f}{spread:11.1f}")
    for one, other in combinations(KINDS, 2):
        t, z = welch(times[one], times[other]), ranks(times[one], times[other])
        told.append(f"{one} and {other}: Welch's t {t:+.2f}, Mann and Whitney's z {z:+.2f}")
    return told


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Welch's t: how far two means are apart, in their standard errors."""
    error = math.sqrt(statistics.variance(one) / len(one) + statistics.variance(other) / len(other))
    return (statistics.fmean(one) - statistics.fmean(other)) / error


def ranks(one: Sequence[float], other: Sequence[float]) -> float:
    """The U of Mann and Whitney as z: whether the times of one kind rank higher than those of the other. Equal times
    share their ranks; with times of a clock that counts nanoseconds, so few are equal that they are not corrected
    for."""
    every = sorted([(took, 0) for took in one] + [(took, 1) for took in other])
    total, place = 0.0, 0
    while place < len(every):
        end = place
        while end < len(every) and every[end][0] == every[place][0]:
            end += 1
        rank = (place + 1 + end) / 2
        total += rank * sum(1 for _, which in every[place:end] if which == 0)
        place = end
    m, n = len(one), len(other)
    u = total - m * (m + 1) / 2
    return (u - m * n / 2) / math.sqrt(m * n * (m + n + 1) / 12)


async def _timed(directory: Path, count: int) -> dict[str, list[float]]:
    gateway = OnesixtyGateway()
    async with running(gateway, directory):
        started = await asyncio.to_thread(gateway.call, "POST", "/v1/verifications", {"to": NUMBER})
        paths = await _made(Database(gateway, directory), str(started["id"]), count)
        return await _measured(gateway, paths)


async def _made(database: Database, verification_id: str, count: int) -> dict[str, list[str]]:
    """Copies of a verification, open ones and expired ones. Returns the ids to check by kind, and unknown ones."""
    (one,) = await database.rows(f"SELECT * FROM verifications WHERE id = '{verification_id}'")
    copies, later = -(-count // _EACH), round(time.time() * 1000) + _HOUR_MS
    opened = [copied(one, number, later) | {"max_checks": _EACH + 1} for number in range(copies)]
    expired = [
        row
        | {
            "status": "expired",
            "due_at": None,
            "ended_at": row["created_at"],
            "counted": 1,
        }
        for row in (copied(one, copies + number, later) for number in range(copies))
    ]
    await database.insert("verifications", [*opened, *expired])
    source = IdSource(SystemClock(), system_random())
    return {
        "wrong": [row["id"] for row in opened for _ in range(_EACH)][:count],
        "expired": [row["id"] for row in expired for _ in range(_EACH)][:count],
        "unknown": [source.new(ids.VERIFICATION) for _ in range(count)],
    }


async def _measured(gateway: OnesixtyGateway, wanted: dict[str, list[str]]) -> dict[str, list[float]]:
    draw = random.Random(_SEED)
    order = [(kind, id_) for kind, found in wanted.items() for id_ in found]
    draw.shuffle(order)
    times: dict[str, list[float]] = {kind: [] for kind in wanted}
    left = iter(order)
    await asyncio.gather(*(_checked(gateway, left, times) for _ in range(_CONNECTIONS)))
    return times


async def _checked(
    gateway: OnesixtyGateway, left: Iterator[tuple[str, str]], times: dict[str, list[float]]
) -> None:
    """Check what is left, one after the other on one connection."""
    client = await Client.to(*gateway.address)
    source = IdSource(SystemClock(), system_random())
    for _ in range(_WARM_UP):  # until sinks, caches and connections are warm
        await client.post(f"/v1/verifications/{source.new(ids.VERIFICATION)}/check", {"code": "000000"}, 200)
    for kind, id_ in left:
        began = time.perf_counter()
        status, said = await client.exchange(f"/v1/verifications/{id_}/check", {"code": "AAAAAA"})
        times[kind].append(time.perf_counter() - began)
        if status != 200 or json.loads(said)["outcome"] != kind:
            raise GatewayError(f"a check that is {kind} says {said.decode()}")
    client.close()
