"""What a message writes is counted: docs/explanation/row-budget.md is the budget, kept to the row and in octets."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import asyncpg
import pytest

from onesixty.app.platform import Platform
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.kit.observer import Observer
from onesixty.ops.settings import Settings
from onesixty.store.sqlite import SqliteStore
from onesixty.webhooks.poster import Answer, Outgoing
from tests.support.postgres import ROOT
from tests.support.waiting import wait_until_async

MESSAGES = 400
#: Counted beside the rows of each statement.
TRANSACTIONS = "transactions"
DOCUMENT = ROOT / "docs" / "explanation" / "row-budget.md"


class Receiver:
    """A sink whose receivers take everything at once."""

    def __init__(self) -> None:
        self.taken = 0

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        self.taken += 1
        asyncio.get_running_loop().call_soon(done, Answer(204))

    def forget(self, lane: str) -> None: ...

    async def close(self) -> None: ...


def budget() -> dict[str, int]:
    """The table of the document: statement -> rows."""
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return {name: int(count) for name, count in rows}


#: Called with the platform before the messages and after the last webhook.
Look = Callable[[Platform], Awaitable[None]]


async def no_look(_platform: Platform) -> None:
    """Nothing but the rows is of interest."""


async def counted(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: int, look: Look = no_look
) -> tuple[Counter[str], int]:
    """Rows written for so many messages, accepted together, from acceptance to the last webhook."""
    rows: Counter[str] = Counter()

    def committed(self: Observer, units: int, found: Mapping[str, int], seconds: float) -> None:
        rows.update(found)
        rows[TRANSACTIONS] += 1

    settings = Settings(
        data_dir=tmp_path,
        database_url=url,
        processes="1",
        carriers=[
            {
                "name": "fake",
                "type": "simulator",
                "latency_ms": 50,
                "latency_jitter_ms": 0,
                "receipt_delay_ms": 300,
            }
        ],
    )
    receiver = Receiver()
    platform = Platform(settings, poster=receiver)
    await platform.start(doors=False)
    try:
        account_id = next(iter(platform.features.accounts.book))
        orders = [
            SendOrder(
                tenant=Tenant(account_id, False),
                sender="Acme",
                recipient=f"+1555123{number:04}",
                text="hello",
                status_callback="https://hooks.example.com/sms",
            )
            for number in range(messages)
        ]

        def idle() -> bool:
            return platform.features.path.dispatcher.idle and platform.features.path.receipts.idle

        # The first callback of an account makes its signing secret, once.
        monkeypatch.setattr(Observer, "committed", committed)
        await platform.features.path.intake.accept(orders[:1])
        await wait_until_async(lambda: rows["work_done"] == 2 and idle(), what="the first message")
        await platform.features.audit_log.chainer.chain()  # what the start wrote
        await look(platform)
        rows.clear()
        accepted = await platform.features.path.intake.accept(orders)
        assert all(isinstance(one, Message) for one in accepted)
        await wait_until_async(lambda: rows["work_done"] >= 2 * messages and idle(), what="the last webhook")
        await look(platform)
    finally:
        monkeypatch.undo()
        await platform.stop()
    for statement in [*rows]:  # of the node, and of the counting of messages: now and then
        if isinstance(statement, str) and statement.startswith(
            ("lease_renew", "leases_fence", "statistics_")
        ):
            del rows[statement]
    return rows, receiver.taken - 2


async def test_a_message_with_a_receipt_and_two_webhooks_writes_what_the_budget_says(
    engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, webhooks = await counted(engine_url, tmp_path, monkeypatch, 1)
    del rows[TRANSACTIONS]
    assert webhooks == 2
    assert dict(rows) == budget()


async def test_flights_are_shared_and_everything_else_is_per_message(
    engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, _ = await counted(engine_url, tmp_path, monkeypatch, 50)
    del rows[TRANSACTIONS]
    for statement, count in budget().items():
        if statement.startswith("flight_"):
            assert rows[statement] < 50
        else:
            assert rows[statement] == count * 50, statement
    assert set(rows) == set(budget())


def octets() -> dict[tuple[str, str], int]:
    """The table of the document: (engine, what) -> octets a message, or a transaction."""
    rows = re.findall(
        r"^\| (SQLite|PostgreSQL) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|", DOCUMENT.read_text(), re.MULTILINE
    )
    found = {}
    for engine, *numbers in rows:
        for what, number in zip(("kept", "written", "transaction"), numbers, strict=True):
            found[engine, what] = int(number.replace(",", ""))
    return found


async def sizes(platform: Platform, url: str) -> tuple[int, int]:
    """Octets that the database keeps, and that were written to its WAL."""
    store = platform.store
    if isinstance(store, SqliteStore):
        execute = store._connection.execute
        execute("PRAGMA wal_autocheckpoint = 0")  # the WAL only grows from here on
        ((pages,), (free,), (size,)) = (
            execute(f"PRAGMA {name}").fetchall()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size, os.stat(f"{platform.settings.data_dir}/budget.db-wal").st_size
    server = await asyncpg.connect(url)
    try:
        kept = await server.fetchval(
            "SELECT SUM(pg_total_relation_size(c.oid)) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'"
        )
        written = await server.fetchval("SELECT pg_current_wal_lsn() - '0/0'")
        return int(kept), int(written)
    finally:
        await server.close()


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
async def test_a_message_takes_no_more_octets_than_the_budget_says(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept and written to the WAL, for a message with two webhooks: among others, no row may spill into pages."""
    url = f"sqlite:///{tmp_path}/budget.db"
    if engine == "PostgreSQL":  # a server of its own: its WAL holds what all tests write
        url = request.getfixturevalue("own_postgres").create_database()
    seen: list[tuple[int, int]] = []

    async def look(platform: Platform) -> None:
        seen.append(await sizes(platform, url))

    rows, _ = await counted(url, tmp_path, monkeypatch, MESSAGES, look)
    for place, (what, shared) in enumerate((("kept", 0), ("written", octets()[engine, "transaction"]))):
        measured = seen[1][place] - seen[0][place]
        budgeted = octets()[engine, what] * MESSAGES + shared * rows[TRANSACTIONS]
        assert measured <= budgeted, f"{what}: {measured} octets, {rows[TRANSACTIONS]} transactions"
        assert measured >= budgeted * 0.2, f"{what}: the budget is out of date: {measured} octets"


def test_the_document_adds_up() -> None:
    total = re.search(r"\*\*(\d+) rows\*\*", DOCUMENT.read_text())
    assert total is not None
    assert int(total[1]) == sum(budget().values())
