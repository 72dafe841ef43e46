"""What a check of the doctor gets and returns, and how a list of checks is run.

Rules kept here:
- a check is one function that only looks: it changes nothing but a file that it removes again;
- a check never keeps the others from running: what it raises, and that it takes too long, is its finding;
- checks that cost (they write, or connect to others) run only if somebody asks for them;
- a finding names what was seen; a warning and an error also say what to do;
- what was seen is a sentence in English, and besides a code with values, of which others make their own words. A code
  is never renamed, and `codes` lists all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.contracts import CarrierState
from onesixty.ops.settings import Address, Settings
from onesixty.store.contract import Store

OK: Final = "ok"
WARNING: Final = "warning"
ERROR: Final = "error"
SKIPPED: Final = "skipped"
#: All levels, from the best one to the worst one. What was skipped tells nothing.
LEVELS: Final = (SKIPPED, OK, WARNING, ERROR)

#: Seconds for one check.
LIMIT: Final = 8.0


#: The values of a finding, by name. The end of a name is its unit: `_bytes`, `_seconds`, `_ms`, `_days`.
Values = Mapping[str, Any]
NO_VALUES: Final[Values] = MappingProxyType({})


class Finding(NamedTuple):
    """The result of a check: its level, what was found (as a code with values, and as a sentence), and what to do."""

    level: str
    code: str
    found: str
    remedy: str | None = None
    values: Values = NO_VALUES


class Node(NamedTuple):
    """What only a running node knows.

    `lease` is its id, `held` whether the node still has it. `carriers` gives the states of the running carriers by
    name. `addresses` are those that it listens on.
    """

    lease: int
    held: Callable[[], bool]
    carriers: Callable[[], Mapping[str, CarrierState]]
    addresses: Callable[[], Sequence[Address]]


class Installation(NamedTuple):
    """What the checks look at. `node` is None outside a node, `store` if the database cannot be opened (`broken` says
    why)."""

    settings: Settings
    clock: Clock
    store: Store | None
    node: Node | None = None
    broken: str = ""


class Check(NamedTuple):
    """A check. `about` says what it looks at. `costs` says that it writes to the disk or connects to others."""

    name: str
    about: str
    run: Callable[[Installation], Awaitable[Finding]]
    costs: bool = False


class Result(NamedTuple):
    """A check, its finding, and how long it took in seconds."""

    check: Check
    finding: Finding
    seconds: float


async def run_all(checks: Sequence[Check], installation: Installation, *, costly: bool) -> list[Result]:
    """Run checks, one after the other, so that they do not disturb each other's times."""
    return [await run(check, installation, costly=costly) for check in checks]


async def run(check: Check, installation: Installation, *, costly: bool, limit: float = LIMIT) -> Result:
    """Run one check. Never raises."""
    if check.costs and not costly:
        return Result(
            check, Finding(SKIPPED, "not_run", "Not run: it writes to the disk or connects to others."), 0.0
        )
    clock = installation.clock
    began = clock.monotonic()
    try:
        async with asyncio.timeout(limit):
            finding = await check.run(installation)
    except TimeoutError:
        finding = Finding(
            ERROR,
            "timed_out",
            f"The check did not end within {limit:.0f} seconds.",
            "Run it again when less is going on.",
            {"limit_seconds": limit},
        )
    except Exception as error:
        said = str(error) or type(error).__name__
        finding = Finding(
            ERROR, "failed", f"The check failed: {said}", "Look at the log of this node.", {"error": said}
        )
    return Result(check, finding, clock.monotonic() - began)


def worst(results: Sequence[Result]) -> str:
    """The worst level of all results; `ok` if nothing is wrong."""
    return max((OK, *(result.finding.level for result in results)), key=LEVELS.index)


def store_of(installation: Installation) -> Store | Finding:
    """The database, or the finding of a check that cannot read it."""
    return installation.store or Finding(SKIPPED, "database_unreadable", "The database cannot be read.")


def listed(parts: Sequence[str], most: int = 5) -> str:
    """The first parts in a sentence, and how many more there are."""
    shown = ", ".join(parts[:most])
    return f"{shown} and {len(parts) - most} more" if len(parts) > most else shown


def size(octets: float) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if octets < 1024:
            return f"{octets:.0f} {unit}" if unit == "bytes" else f"{octets:.1f} {unit}"
        octets /= 1024
    return f"{octets:.1f} TiB"


def span(seconds: float) -> str:
    """A duration for people."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    count = int(seconds)
    return f"{count} second{'' if count == 1 else 's'}"
