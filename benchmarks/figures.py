"""How fast reports and lists are over millions of messages: makes a database of them, counts them, and measures.

    python -m benchmarks.figures --messages 10000000 --data DIR make count measure

`make` writes messages of 90 days (`--days`) straight into a SQLite file, `count` lets the product's own rebuild count
them, and `measure` reads reports and lists of messages as the API does, each several times. `count` can be stopped,
and goes on where it was; `measure` then covers the days that are counted, without boxes of hours and days.

Rules kept here:
- the messages look like traffic: 60 accounts of very different size with five countries each, two networks to a
  country, 8 carriers, three senders an account, campaigns, tags, all final statuses, delivery times of seconds to
  minutes;
- only rows of messages are made, no events and attempts: reports and lists read no others;
- times are of whole reads, from what is asked to the rows of the answer, without HTTP: the median of five, and the
  first, which finds less in memory. On a busy machine, the processor time says more.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from onesixty.app.features import STATEMENTS
from onesixty.core import ids
from onesixty.core.clock import SystemClock
from onesixty.core.ids import IdSource, lowest_at
from onesixty.core.message import COLUMNS
from onesixty.core.tenant import Tenant
from onesixty.messages.queries import Filters, Queries
from onesixty.statistics.counter import COUNTING, Counter, State
from onesixty.statistics.rebuild import Rebuild
from onesixty.statistics.report import Asked, Reports
from onesixty.store import migrations
from onesixty.store.opening import open_store
from onesixty.store.statements import load

DAY_MS: Final = 86_400_000
DAYS: Final = 90
ACCOUNTS: Final = 60
_CHUNK: Final = 20_000
#: What the generator sets; all else has its default.
_SET: Final = (
    *(
        "id",
        "account_id",
        "test",
        "direction",
        "channel",
        "sender",
        "recipient",
        "text",
        "encoding",
        "segments",
    ),
    *("class_", "priority", "country", "network", "reference", "tags", "campaign_id", "on_unknown", "price"),
    *(
        "currency",
        "created_at",
        "expires_at",
        "status",
        "version",
        "sequence",
        "claim",
        "route_id",
        "carrier_id",
    ),
    *("attempts", "duplicates", "error_code", "queued_at", "sent_at", "done_at"),
)


def rows(count: int, until: int, days: int, seed: int = 1) -> Iterator[tuple[Any, ...]]:
    """The messages, oldest first."""
    chance = random.Random(seed)

    class Moment:
        ms = 0

        def now_ms(self) -> int:
            return self.ms

        def monotonic(self) -> float:
            return 0.0

    moment = Moment()
    source = IdSource(moment, chance)
    accounts = [lowest_at(ids.ACCOUNT, until - DAY_MS * 400 + n)[:-2] + f"{n:02d}" for n in range(ACCOUNTS)]
    shares = [1 / (n + 1) for n in range(ACCOUNTS)]
    countries = [a + b for a in "DFGIJKLM" for b in "ABCDE"]
    carriers = [lowest_at(ids.CARRIER, n)[:-1] + str(n) for n in range(8)]
    routes = [lowest_at(ids.ROUTE, n)[:-1] + str(n) for n in range(12)]
    statuses = ("delivered", "undelivered", "failed", "expired", "unconfirmed")
    errors = {"undelivered": "undeliverable", "failed": "no_carrier", "expired": "validity_passed"}
    step = days * DAY_MS / count
    start = until - days * DAY_MS
    for first in range(0, count, _CHUNK):
        size = min(_CHUNK, count - first)
        who = chance.choices(range(ACCOUNTS), shares, k=size)
        where = chance.choices(range(5), (60, 20, 10, 6, 4), k=size)
        how = chance.choices(statuses, (92, 4, 2, 1, 1), k=size)
        for n in range(size):
            at = start + int((first + n) * step)
            moment.ms = at
            account, status = who[n], how[n]
            country = (account * 7 + where[n]) % len(countries)
            delay = int(math.exp(chance.gauss(8.3, 0.9)))
            class_ = ("otp", "transactional", "marketing")[account % 3 if n % 8 else (account + 1) % 3]
            tag = f'["team-{account % 5}","flow-{n % 40}"]' if n % 10 == 0 else None
            campaign = f"cmp_{account}_{at // (7 * DAY_MS)}" if class_ == "marketing" else None
            yield (
                source.new(ids.MESSAGE), accounts[account], 0, "outbound", "sms", f"Brand{account}-{n % 3}",
                f"+49{1700000000 + (first + n) % 99999999}", "Your code is 482931", "gsm7", 1 + (n % 9 == 0), class_,
                0, countries[country], f"{200 + country}{n % 2:02d}", f"order-{first + n}" if n % 3 == 0 else None,
                tag, campaign, "resend", 7500, "EUR", at, at + DAY_MS, status, 3, 2, 0, routes[country % 12],
                carriers[country % 8], 1, 0, errors.get(status), at, at + 90, at + delay,
            )  # fmt: skip


def make(path: Path, count: int, days: int) -> None:
    """Write the messages into a new file."""
    asyncio.run(migrations.migrate(f"sqlite:///{path}"))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")
    assert set(_SET) <= set(COLUMNS)
    insert = f"INSERT INTO messages ({', '.join(_SET)}) VALUES ({', '.join('?' * len(_SET))})"
    content = rows(count, int(time.time() * 1000), days)
    began = time.monotonic()
    for _ in range(0, count, _CHUNK * 10):
        connection.execute("BEGIN")
        connection.executemany(insert, (row for _, row in zip(range(_CHUNK * 10), content, strict=False)))
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    size = path.stat().st_size / 1e9
    print(f"made {count:,} messages in {time.monotonic() - began:.0f} s, {size:.1f} GB", flush=True)


class _Lease:
    """The only lease of the file."""

    def claim(self) -> int:
        return 1


async def _count(path: Path) -> None:
    clock = SystemClock()
    store = await open_store(f"sqlite:///{path}", load(STATEMENTS), clock=clock)
    counter = Counter(store, clock=clock, lease=_Lease(), charge_on_sent=True)

    async def no_rest(_seconds: float) -> None: ...

    rebuild = Rebuild(store, counter, clock=clock, lease=_Lease(), page=5000, sleep=no_rest)
    began, used = time.monotonic(), time.process_time()
    state = None
    while True:
        await counter.once()
        await rebuild.once()
        ((*row, _),) = await store.fetch("statistics_state")
        before, state = state, State.of(tuple(row))
        if before is not None and before.phase == COUNTING and state[-2:] == before[-2:]:
            break  # all is counted, and folded into hours and days
    await store.close()
    connection = sqlite3.connect(path)
    boxes = connection.execute("SELECT COUNT(*) FROM statistics_boxes").fetchone()[0]
    buckets = connection.execute("SELECT COUNT(*) FROM statistics_times").fetchone()[0]
    series = connection.execute("SELECT COUNT(*) FROM statistics_series").fetchone()[0]
    connection.close()
    print(
        f"counted in {time.monotonic() - began:.0f} s ({time.process_time() - used:.0f} s of processor time): "
        f"{series:,} series, {boxes:,} boxes, {buckets:,} buckets of delivery times",
        flush=True,
    )


async def _measure(path: Path) -> None:
    clock = SystemClock()
    store = await open_store(f"sqlite:///{path}", load(STATEMENTS), clock=clock)
    reports = Reports(store, clock)
    connection = sqlite3.connect(path)
    ((first, last),) = connection.execute(
        "SELECT MIN(minute), MAX(minute) FROM statistics_boxes WHERE span = 15"
    ).fetchall()
    ((total,),) = connection.execute("SELECT COUNT(*) FROM messages").fetchall()
    ((counted,),) = connection.execute(
        "SELECT SUM(messages) FROM statistics_boxes JOIN statistics_series s ON s.id = series "
        "WHERE span = 15 AND s.kept = 'total'"
    ).fetchall()
    account = connection.execute("SELECT account_id FROM messages ORDER BY id LIMIT 1").fetchone()[0]
    sizes = connection.execute(
        "SELECT (SELECT COUNT(*) FROM statistics_boxes), (SELECT COUNT(*) FROM statistics_times)"
    ).fetchone()
    connection.close()
    days = (last - first) / 1440
    print(
        f"{total:,} messages, {counted:,} counted over {days:.1f} days; {sizes[0]:,} boxes, {sizes[1]:,} buckets"
    )
    end = (last + 15) * 60_000
    zone = ZoneInfo("Europe/Berlin")

    def report(**fields: Any) -> Callable[[], Awaitable[int]]:
        given = {
            "accounts": None, "test": False, "operator": True, "begin": first * 60_000, "end": end, "zone": zone,
            "times": False,
        }  # fmt: skip

        async def read() -> int:
            return len((await reports.messages(Asked(**{**given, **fields}))).rows)

        return read

    one, week = (account,), end - 7 * DAY_MS
    queries, tenant = Queries(store), Tenant(account, False)

    def listed(**wanted: Any) -> Callable[[], Awaitable[int]]:
        async def read() -> int:
            return len((await queries.find(tenant, Filters(**wanted), 50, None))[0])

        return read

    asked: dict[str, Callable[[], Awaitable[int]]] = {
        "all accounts, whole span": report(),
        "all accounts by day": report(step="day"),
        "all accounts by day, with times": report(step="day", times=True),
        "all accounts by hour, 7 days": report(step="hour", begin=week),
        "all accounts by country, network": report(by=("country", "network")),
        "all accounts by carrier and day": report(by=("carrier",), step="day"),
        "all accounts by account, 7 days": report(by=("account",), begin=week),
        "largest account by day": report(accounts=one, step="day"),
        "largest account by hour, 7 days": report(accounts=one, step="hour", begin=week),
        "largest account by country and day": report(accounts=one, by=("country",), step="day"),
        "largest account by sender": report(accounts=one, by=("sender",)),
        "largest account by tag": report(accounts=one, by=("tag",)),
        "list: newest messages": listed(),
        "list: newest undelivered messages": listed(statuses=("undelivered",)),
        "list: by tag": listed(tag="flow-0"),
    }
    print(f"{'read':<40}{'rows':>7}{'first ms':>10}{'median ms':>11}{'CPU ms':>9}")
    for name, read in asked.items():
        taken, used = [], []
        for _ in range(6):
            began, before = time.perf_counter(), time.process_time()
            found = await read()
            taken.append((time.perf_counter() - began) * 1000)
            used.append((time.process_time() - before) * 1000)
        print(
            f"{name:<40}{found:>7}{taken[0]:>10.1f}{statistics.median(taken[1:]):>11.1f}"
            f"{statistics.median(used[1:]):>9.1f}",
            flush=True,
        )
    await store.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.figures", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("steps", nargs="+", choices=("make", "count", "measure"))
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    path = options.data / "onesixty.db"
    steps: dict[str, Callable[[], None]] = {
        "make": lambda: make(path, options.messages, options.days),
        "count": lambda: asyncio.run(_count(path)),
        "measure": lambda: asyncio.run(_measure(path)),
    }
    for step in options.steps:
        steps[step]()


if __name__ == "__main__":
    main()
