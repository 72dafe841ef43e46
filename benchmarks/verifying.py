"""What a verification costs beside plain messages: its start and its check, against two sends, on the same node.

Rules kept here:
- a round sends plain messages, then verifies as many numbers: start, read the code, check. Both take turns on one
  node, so that a change of the machine's speed affects them alike. What counts is the ratio of a round;
- the cost is the processor time of all the node's processes, from the first request until everything that follows has
  ended: reports of the carrier, sweeps, figures. What the idle node takes in that time is taken off;
- each number is used once, and numbers are spread over countries, as users are: no guard stops them;
- codes are not read from the handset but derived from the row and the secret, as the product derives them.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sqlite3
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.gateways.contract import GatewayError, Links
from benchmarks.gateways.node import ADMIN_KEY
from benchmarks.gateways.onesixty import SECRET, OnesixtyGateway
from benchmarks.processes import cpu_seconds
from benchmarks.requests import COUNTRIES, SENDER, TEXT
from benchmarks.roles import Role
from onesixty.sealing.keyring import Keyring
from onesixty.verify.codes import Alphabet
from onesixty.verify.secrets import Secrets

#: Connections of the client.
_CONNECTIONS: Final = 16
#: Verifications in a round, and half as many as there are messages.
COUNT: Final = 2000
_ROUNDS: Final = 3
_WARM_UP: Final = 300
#: Seconds for what follows: more than a report takes, and than any sweep waits.
_SETTLE: Final = 3.0
_SEED: Final = 160
#: The countries of `requests.COUNTRIES`.
_ALLOWED: Final = (
    "US", "GB", "DE", "FR", "ES", "IT", "NL", "BE", "PL", "AT", "CH", "SE", "NO", "DK",
    "FI", "PT", "IE", "IN", "BR", "AU",
)  # fmt: skip
PROFILE: Final = {
    "name": "login", "application": "Acme", "sender": SENDER, "guards": {"countries": _ALLOWED},
}  # fmt: skip


class Round(NamedTuple):
    """Microseconds of processor time: of a message, and of a verification's start and check."""

    send: float
    verification: float

    @property
    def ratio(self) -> float:
        """The cost of a verification, in pairs of messages."""
        return self.verification / (2 * self.send)


def lines(directory: Path, count: int = COUNT, rounds: int = _ROUNDS) -> list[str]:
    """Return what a verification costs, on SQLite in `directory`."""
    found = asyncio.run(costs(directory, count, rounds))
    told = [
        f"{'a message':20}{one.send:8.0f} us{'start and check':>20}{one.verification:8.0f} us   {one.ratio:.2f} pairs"
        for one in found
    ]
    middle = statistics.median(one.ratio for one in found)
    return [*told, f"start and check cost {middle:.2f} times two messages (median of {rounds})"]


async def costs(directory: Path, count: int = COUNT, rounds: int = _ROUNDS) -> list[Round]:
    """Measure rounds on a node in `directory`. Raises GatewayError, RoleError."""
    gateway = OnesixtyGateway()
    async with running(gateway, directory):
        users = Users(gateway, Codes(directory / "data" / "onesixty.db"))
        for work in (users.send, users.verify):  # one by one: guards have to know the countries first
            await users.each(_WARM_UP, work, connections=1)
        found = []
        for _ in range(rounds):
            await asyncio.sleep(_SETTLE)
            idle = await _used(gateway, asyncio.sleep(_SETTLE)) / _SETTLE
            sent = await _used(gateway, users.each(2 * count, users.send), idle)
            verified = await _used(gateway, users.each(count, users.verify), idle)
            found.append(Round(sent / (2 * count) * 1e6, verified / count * 1e6))
        return found


@asynccontextmanager
async def running(gateway: OnesixtyGateway, directory: Path) -> AsyncIterator[None]:
    """A node in `directory` with a carrier that reports and a verify profile; nothing of it is left. Raises
    GatewayError, RoleError."""
    shutil.rmtree(directory, ignore_errors=True)
    try:
        async with Role("carrier", receipt_delay_ms=10.0, times=None, timed=0) as carrier:
            await asyncio.to_thread(gateway.start, directory, Links(carrier.port, None, 1, 100))
            await carrier.wait(lambda counts: counts.get("binds", 0) > 0, 20.0, "a bind")
            await asyncio.to_thread(gateway.call, "POST", "/v1/verify-profiles", PROFILE)
            yield
    finally:
        await asyncio.to_thread(gateway.stop)
        gateway.forget(directory)
        shutil.rmtree(directory, ignore_errors=True)


async def _used(gateway: OnesixtyGateway, work: Awaitable[None], idle: float | None = None) -> float:
    """The processor seconds of some work and of what follows; with `idle`, without what an idle node takes a second
    meanwhile."""
    parts, loop = gateway.parts(), asyncio.get_running_loop()
    before, began = sum(cpu_seconds(parts).values()), loop.time()
    await work
    if idle is not None:
        await asyncio.sleep(_SETTLE)
    used = sum(cpu_seconds(parts).values()) - before
    return used - (idle or 0.0) * (loop.time() - began)


class Users:
    """People who send and verify, over connections that stay open."""

    def __init__(self, gateway: OnesixtyGateway, codes: Codes | None = None) -> None:
        """`codes` are for those who verify."""
        self._gateway = gateway
        self._codes = codes
        self._draw = random.Random(_SEED)
        self._used: set[str] = set()

    async def each(
        self, count: int, work: Callable[[Client], Awaitable[None]], connections: int = _CONNECTIONS
    ) -> None:
        """Do some work so many times, as many at once as there are connections."""
        left = iter(range(count))
        host, port = self._gateway.address
        clients = [await Client.to(host, port) for _ in range(connections)]

        async def go_on(client: Client) -> None:
            for _ in left:
                await work(client)

        try:
            await asyncio.gather(*map(go_on, clients))
        finally:
            for client in clients:
                client.close()

    async def send(self, client: Client) -> None:
        """Send a plain message."""
        await client.post("/v1/sms/send", {"from": SENDER, "to": self._number(), "text": TEXT}, 200, 201, 202)

    async def verify(self, client: Client) -> None:
        """Start a verification, and check its code."""
        assert self._codes is not None
        started = await client.post("/v1/verifications", {"to": self._number()}, 201)
        if started["status"] != "pending":
            raise GatewayError(f"a guard stops the measurement: {started['guard']}: {started['reason']}")
        code = self._codes.of(started["id"])
        checked = await client.post(f"/v1/verifications/{started['id']}/check", {"code": code}, 200)
        if checked["outcome"] != "approved":
            raise GatewayError(f"a code is not approved: {checked}")

    def _number(self) -> str:
        while True:
            number = f"+{self._draw.choice(COUNTRIES)}{self._draw.randrange(10_000_000):07}"
            if number not in self._used:
                self._used.add(number)
                return number


class Codes:
    """The codes of a node, by its database and its secret."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._secrets = Secrets(Keyring([SECRET]))

    def of(self, verification_id: str) -> str:
        """The code that was sent."""
        row: tuple[int, str, str, Alphabet, int] = self._database.execute(
            "SELECT generation, seed, key_id, alphabet, length FROM verifications WHERE id = ?",
            (verification_id,),
        ).fetchone()
        return self._secrets.derived(verification_id, *row)


class Client:
    """One connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader = reader
        self._writer = writer
        self._head = (
            f"Host: {host}\r\nAuthorization: Bearer {ADMIN_KEY}\r\nContent-Type: application/json\r\n"
        )

    @classmethod
    async def to(cls, host: str, port: int) -> Client:
        """Connect."""
        return cls(*await asyncio.open_connection(host, port), f"{host}:{port}")

    async def post(self, path: str, body: dict[str, Any], *wanted: int) -> Any:
        """Make a request, and return what the answer says. Raises GatewayError for another status."""
        status, said = await self.exchange(path, body)
        if status not in wanted:
            raise GatewayError(f"{path}: {status} {said.decode()}")
        return json.loads(said)

    async def exchange(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Make a request, and return status and body of the answer."""
        octets = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\n{self._head}Content-Length: {len(octets)}\r\n\r\n"
        self._writer.write(head.encode() + octets)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        said = await self._reader.readexactly(int(answer.split("content-length: ", 1)[1].split("\r\n", 1)[0]))
        return int(answer[9:12]), said

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()
