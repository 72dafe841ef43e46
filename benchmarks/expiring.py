"""Whether plain messages wait while many verifications expire, and how late these end.

Rules kept here:
- a verification is started over the API and copied, with what guards remember of it: each copy is open, and ends in
  a time of its own within `SECONDS`;
- messages are sent at a fixed rate, each at its own time: first with nothing else to do, then while all copies end.
  An answer is timed from when its request was due, so a stall counts for all requests that it delays.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from benchmarks.gateways.contract import GatewayError
from benchmarks.gateways.onesixty import OnesixtyGateway
from benchmarks.gateways.postgresql import OnesixtyPostgresqlGateway
from benchmarks.verifying import Client, Users, running

#: Open verifications, and the seconds within which they end: a thousand a second.
COUNT: Final = 20_000
SECONDS: Final = 20.0
#: Messages a second meanwhile, and the connections for them.
_RATE: Final = 50
_CONNECTIONS: Final = 16
NUMBER: Final = "+4915123456789"
#: Seconds between the copies and the end of the first.
_LEAD: Final = 12.0
#: Seconds after the last end within which the sweep must have ended all.
_PATIENCE: Final = 120.0

_OPEN: Final = "SELECT COUNT(*) FROM verifications WHERE status = 'pending'"
#: When verifications ended, after their time: the mean and the latest, in ms.
_LATE: Final = (
    "SELECT AVG(ended_at - expires_at), MAX(ended_at - expires_at) FROM verifications "
    "WHERE status = 'expired'"
)


def lines(directory: Path, count: int = COUNT) -> list[str]:
    """Return what messages and verifications waited, on each engine that there is."""
    gateways = [OnesixtyGateway(), OnesixtyPostgresqlGateway()]
    found = []
    for gateway in gateways:
        if missing := gateway.missing():
            found.append(f"{gateway.name} is not measured: {missing}")
        else:
            found += asyncio.run(_measured(gateway, (directory / gateway.name).resolve(), count))
    return found


async def _measured(gateway: OnesixtyGateway, directory: Path, count: int) -> list[str]:
    async with running(gateway, directory):
        users = Users(gateway)
        await users.each(100, users.send)
        without = await _sent(gateway, users)
        database = Database(gateway, directory)
        started = await asyncio.to_thread(gateway.call, "POST", "/v1/verifications", {"to": NUMBER})
        await database.copy(str(started["id"]), count)
        await asyncio.sleep(_LEAD)
        during = await _sent(gateway, users)
        late = await database.ended()
    return [
        _told(f"{gateway.name}, nothing else", without),
        _told(f"{gateway.name}, {count:,} expire in {SECONDS:.0f} s", during),
        f"{gateway.name}: ended after their time by {late[0]:.0f} ms (mean), {late[1]:.0f} ms (latest)",
    ]


async def _sent(gateway: OnesixtyGateway, users: Users) -> list[float]:
    """Send at the rate for `SECONDS`. Returns the seconds from the time of each request to its answer, sorted."""
    idle = [await Client.to(*gateway.address) for _ in range(_CONNECTIONS)]
    free = asyncio.Semaphore(_CONNECTIONS)
    took: list[float] = []
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def send(due: float) -> None:
        async with free:
            client = idle.pop()
            await users.send(client)
            idle.append(client)
        took.append(loop.time() - due)

    async with asyncio.TaskGroup() as tasks:
        for number in range(round(_RATE * SECONDS)):
            due = began + number / _RATE
            await asyncio.sleep(due - loop.time())
            tasks.create_task(send(due))
    for client in idle:
        client.close()
    return sorted(took)


def _told(what: str, took: Sequence[float]) -> str:
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    return f"{what:58} p50 {p50 * 1e3:6.1f} ms   p99 {p99 * 1e3:6.1f} ms   most {took[-1] * 1e3:6.1f} ms"


class Database:
    """The database of a node, beside the node."""

    def __init__(self, gateway: OnesixtyGateway, directory: Path) -> None:
        self._file = directory / "data" / "onesixty.db"
        self._url = gateway.database_url if isinstance(gateway, OnesixtyPostgresqlGateway) else None

    async def copy(self, verification_id: str, count: int) -> None:
        """Copy an open verification so many times, with its mark. The copies end one after the other."""
        begins = round((time.time() + _LEAD) * 1000)
        for table in ("verifications", "verify_marks"):
            (one,) = await self.rows(f"SELECT * FROM {table} WHERE id = '{verification_id}'")
            step = SECONDS * 1000 / count
            made = [copied(one, number, begins + round(number * step)) for number in range(count)]
            await self.insert(table, made)

    async def ended(self) -> tuple[float, float]:
        """Wait until all have ended. Returns how late, in ms: the mean and the latest. Raises GatewayError."""
        ends = time.monotonic() + _PATIENCE
        while next(iter((await self.rows(_OPEN))[0].values())) > 1:  # the first one still has its time
            if time.monotonic() > ends:
                raise GatewayError("not all verifications have ended")
            await asyncio.sleep(0.5)
        mean, latest = (await self.rows(_LATE))[0].values()
        return float(mean), float(latest)

    async def rows(self, sql: str) -> list[Mapping[str, Any]]:
        """Read rows."""
        if self._url is not None:
            connection = await asyncpg.connect(self._url)
            try:
                return [dict(row) for row in await connection.fetch(sql)]
            finally:
                await connection.close()
        with sqlite3.connect(self._file) as database:
            cursor = database.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    async def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows to a table."""
        columns, values = list(rows[0]), [tuple(row.values()) for row in rows]
        if self._url is not None:
            connection = await asyncpg.connect(self._url)
            try:
                await connection.copy_records_to_table(table, records=values, columns=columns)
            finally:
                await connection.close()
            return
        marks = ", ".join("?" * len(columns))
        with sqlite3.connect(self._file, timeout=30) as database:
            database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)


def copied(one: Mapping[str, Any], number: int, ends: int) -> dict[str, Any]:
    """A copy of a row of a verification, or of its mark. It ends at `ends`."""
    changed = {
        "id": f"{one['id'][:20]}{number:06}",
        "recipient": f"{one['recipient'][:-7]}{number:07}",
        "subject": f"copy {number}",
        **({"expires_at": ends, "due_at": ends} if "due_at" in one else {}),
    }
    return {name: changed.get(name, value) for name, value in one.items()}
