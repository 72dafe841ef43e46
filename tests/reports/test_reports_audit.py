"""The audit on both engines: it finds nothing in what the product writes, and every contradiction by its name."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import asyncpg
import pytest

from onesixty.billing.flat import ChargeOn
from onesixty.core import statuses
from onesixty.reports import audit
from onesixty.reports.audit import CHECKS, Finding, Terms, run_audit
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from tests.reports import filled
from tests.reports.filled import DAY, START, Clock, Filler
from tests.support.postgres import ROOT, Postgres

T = TypeVar("T")
MODES: tuple[ChargeOn, ...] = ("sent", "delivered")


class Break(NamedTuple):
    """SQL that contradicts what `check` says, and whose id is then found: of a message by its name in
    `Filler.named`, or the id itself. `{name}` in the SQL is the id of that message."""

    check: str
    found: str
    sql: str


#: A database that says that nothing waits to be counted; its messages are in one box.
ALL_COUNTED = "DELETE FROM changed_messages; UPDATE statistics_state SET phase = 'counting'"
MINUTE = START // 900_000 * 15
HOUR = START // 3_600_000 * 60
COUNTED_BOX = f"{filled.ACCOUNT} {MINUTE}"

#: An account above pays for a message; and the beginning of a row of what it pays.
PAID_ABOVE = """UPDATE messages SET paid_above = '[["acc_2",500,"EUR"]]' WHERE id = '{scheduled}'"""
ABOVE = (
    "INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at) "
    "VALUES ('{scheduled}', "
)

BREAKS = (
    Break("status", "failed", "UPDATE messages SET status = 'lost' WHERE id = '{failed}'"),
    Break("held_for", "held", "UPDATE messages SET held_for = NULL WHERE id = '{held}'"),
    Break("held_for", "delivered", "UPDATE messages SET held_for = 'review' WHERE id = '{delivered}'"),
    Break("end_time", "delivered", "UPDATE messages SET done_at = NULL WHERE id = '{delivered}'"),
    Break("end_time", "held", "UPDATE messages SET done_at = 5 WHERE id = '{held}'"),
    Break("one_end", "unconfirmed", "UPDATE events SET type = 'message.sent' WHERE message_id = '{unconfirmed}'"),
    Break("one_end", "canceled", "INSERT INTO events (id, account_id, message_id, type, sequence, test, data, "
          "created_at) VALUES ('evt_x', 'acc_1', '{canceled}', 'message.failed', 2, 0, '', 1)"),
    Break("end_rest", "expired", "UPDATE messages SET due_at = 5 WHERE id = '{expired}'"),
    Break("end_rest", "failed", "UPDATE messages SET claim = 1 WHERE id = '{failed}'"),
    Break("due", "scheduled", "UPDATE messages SET due_at = NULL WHERE id = '{scheduled}'"),
    Break("overdue", "scheduled", "UPDATE messages SET due_at = 5 WHERE id = '{scheduled}'"),
    Break("history", "delivered", "DELETE FROM events WHERE message_id = '{delivered}' AND sequence = 1"),
    Break("history", "resent", "DELETE FROM events WHERE message_id = '{resent}'"),
    Break("history", "corrected", "UPDATE events SET sequence = 2 WHERE message_id = '{corrected}' AND sequence = 1"),
    Break("history_end", "delivered", "UPDATE messages SET status = 'undelivered' WHERE id = '{delivered}'"),
    Break("history_end", "in_flight", "UPDATE messages SET status = 'held' WHERE id = '{in_flight}'"),
    Break("history_steps", "delivered", "UPDATE events SET type = 'message.failed' WHERE message_id = '{delivered}' "
          "AND sequence = 1"),
    Break("history_steps", "failed", "UPDATE events SET type = 'message.corrected' WHERE message_id = '{failed}'"),
    Break("events_known", "evt_x", "INSERT INTO events (id, account_id, message_id, type, sequence, test, data, "
          "created_at) VALUES ('evt_x', 'acc_1', 'msg_gone', 'message.sent', 1, 0, '', 1)"),
    Break("claims", "held", "UPDATE messages SET claim = 1 WHERE id = '{held}'"),
    Break("claims", "in_flight", "UPDATE messages SET claim = 7 WHERE id = '{in_flight}'"),
    Break("claims", "in_flight", "INSERT INTO leases (id, node, started_at, expires_at, ended_at) "
          "VALUES (9, 'gone', 1, 2, 2); UPDATE messages SET claim = 9 WHERE id = '{in_flight}'"),
    Break("flights", "flt_x", "INSERT INTO flights (id, lease, carrier_id, message_ids, created_at) "
          "SELECT 'flt_x', 1, 'car_1', '[[\"{failed}\", ' || version || ']]', 1 FROM messages WHERE id = '{failed}'"),
    Break("flights", "flt_x", "INSERT INTO flights (id, lease, carrier_id, message_ids, created_at) "
          "VALUES ('flt_x', 1, 'car_1', '[[\"msg_gone\", 1]]', 1)"),
    Break("flights_apart", "in_flight", "INSERT INTO flights (id, lease, carrier_id, message_ids, created_at) "
          "SELECT 'flt_x', 2, carrier_id, message_ids, 1 FROM flights"),
    Break("taken", "two_segments", "DELETE FROM attempts WHERE message_id = '{two_segments}' AND segment = 1"),
    Break("taken", "resent", "UPDATE attempts SET outcome = 'throttled' WHERE message_id = '{resent}'"),
    Break("delivered", "two_segments", "UPDATE attempts SET state = 'enroute' "
          "WHERE message_id = '{two_segments}' AND segment = 1"),
    Break("attempts", "msg_gone", "UPDATE attempts SET message_id = 'msg_gone' WHERE message_id = '{parked}'"),
    Break("attempts", "parked", "UPDATE attempts SET attempt = 2 WHERE message_id = '{parked}'"),
    Break("left", "held", "UPDATE attempts SET outcome = 'accepted' WHERE message_id = '{held}'"),
    Break("duplicates", "resent", "UPDATE messages SET duplicates = 2 WHERE id = '{resent}'"),
    Break("repeats", "resent", "UPDATE messages SET duplicates = 0 WHERE id = '{resent}'"),
    Break("receipts", "rcp_matched", "UPDATE receipts SET attempt = 2 WHERE id = 'rcp_matched'"),
    Break("receipts", "rcp_matched", "UPDATE receipts SET carrier_id = 'car_2' WHERE id = 'rcp_matched'"),
    Break("receipts_kept", "rcp_waiting", "UPDATE receipts SET due_at = NULL WHERE id = 'rcp_waiting'"),
    Break("inbound_parts", "prt_in", "UPDATE inbound_parts SET due_at = 5"),
    Break("customer_parts", "prt_waits", "UPDATE smpp_parts SET due_at = 5 WHERE id = 'prt_waits'"),
    Break("customer_parts", "prt_waits", "UPDATE smpp_parts SET due_at = NULL WHERE id = 'prt_waits'"),
    Break("customer_parts", "prt_joined", "UPDATE smpp_parts SET part = 'text' WHERE id = 'prt_joined'"),
    Break("customer_parts", "prt_joined", "UPDATE smpp_parts SET message_id = 'msg_gone' WHERE id = 'prt_joined'"),
    Break("binds", "dlv_waits", "UPDATE work SET subject = 'msg_gone' WHERE id = 'dlv_waits'"),
    Break("binds", "dlv_waits", "UPDATE work SET due_at = NULL WHERE id = 'dlv_waits'"),
    Break("binds_late", "dlv_waits", "UPDATE work SET created_at = 5 WHERE id = 'dlv_waits'"),
    Break("binds_late", "dlv_waits", "UPDATE work SET claim = 7 WHERE id = 'dlv_waits'"),
    Break("hold", "scheduled", "DELETE FROM ledger WHERE message_id = '{scheduled}'"),
    Break("moves", "delivered", "DELETE FROM ledger WHERE message_id = '{delivered}' AND kind = 'settle'"),
    Break("moves", "failed", "DELETE FROM ledger WHERE message_id = '{failed}' AND kind = 'release'"),
    Break("moves", "scheduled", "INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, "
          "created_at) VALUES ('{scheduled}', 'release', 'acc_1', -7500, 0, 'EUR', 1)"),
    Break("moves", "delivered", "INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, "
          "created_at) VALUES ('{delivered}', 'release', 'acc_1', -7500, 0, 'EUR', 1)"),
    Break("amounts", "delivered", "UPDATE ledger SET charged = 7501 WHERE message_id = '{delivered}' "
          "AND kind = 'settle'"),
    Break("amounts", "delivered", "UPDATE ledger SET currency = 'USD' WHERE message_id = '{delivered}'"),
    Break("free", "test", "INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at) "
          "VALUES ('{test}', 'hold', 'acc_1', 7500, 0, 'EUR', 1)"),
    Break("sums", "acc_1", "UPDATE ledger SET held = held + 1 WHERE message_id = '{failed}' AND kind = 'hold'"),
    Break("above", "scheduled", PAID_ABOVE),
    Break("above", "scheduled", f"{PAID_ABOVE}; {ABOVE}'@1:hold', 'acc_2', 500, 0, 'EUR', 1); "
          f"{ABOVE}'@1:settle', 'acc_2', -500, 500, 'EUR', 1)"),
    Break("above", "scheduled", f"{ABOVE}'@1:hold', 'acc_2', 500, 0, 'EUR', 1)"),
    Break("adjustments", "adj_x", "INSERT INTO adjustments (id, account_id, amount, currency, reason, made_by, "
          "created_at) VALUES ('adj_x', 'acc_1', 5, 'EUR', 'x', 'key_1', 1)"),
    Break("adjustments", "adj_x", "INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, "
          "created_at) VALUES ('adj_x', 'adjustment', 'acc_1', 0, -5, 'EUR', 1)"),
    Break("credit", "acc_1", "INSERT INTO credit (account_id, credit_limit, rest, counted, since, folds, wanted) "
          "SELECT 'acc_1', 0, 1 - SUM(held + charged), 1, 1, 0, 0 FROM ledger"),
    Break("credit", "acc_1", "INSERT INTO credit (account_id, credit_limit, rest, counted, since, folds, wanted) "
          "SELECT 'acc_1', 0, -SUM(held + charged), 1, 1, 0, 0 FROM ledger; "
          "INSERT INTO credit_slices (id, account_id, lease, taken, created_at) VALUES (1, 'acc_1', 1, 5, 1)"),
    Break("credit_slices", "acc_1", "INSERT INTO credit_slices (id, account_id, lease, taken, created_at) "
          "VALUES (1, 'acc_1', 1, 7499, 1); UPDATE ledger SET slice = 1 WHERE message_id = '{scheduled}'"),
    Break("credit_limits", "acc_2", "INSERT INTO accounts (id, name, currency, price_per_segment, settings, "
          "created_at) VALUES ('acc_2', 'x', 'EUR', 0, '{{\"credit_limit\":5}}', 1)"),
    Break("counted", COUNTED_BOX, ALL_COUNTED),
    Break("counted_costs", COUNTED_BOX, f"{ALL_COUNTED}; UPDATE attempts SET cost = 5, currency = 'EUR'"),
    Break("counted_alike", f"minute {MINUTE}", f"{ALL_COUNTED}; INSERT INTO statistics_series (id, owner, name, "
          "kept, test, status, currency) VALUES (1, 1, '', 'total', 0, 'sent', 'EUR'), (2, 2, '2', 'carrier', 0, "
          f"'sent', 'EUR'); INSERT INTO statistics_boxes VALUES (15, 1, {MINUTE}, 1, 1, 1, 1, 0, 0)"),
    Break("counted_levels", f"60 minutes from {HOUR}", f"UPDATE statistics_state SET hours_folded = {HOUR + 60}; "
          f"INSERT INTO statistics_boxes VALUES (60, 1, {HOUR}, 1, 0, 1, 1, 0, 0)"),
    Break("deliveries", "*", "UPDATE work SET subject = 'evt_gone' WHERE sink = 'webhook'"),
    Break("deliveries", "*", "UPDATE work SET due_at = NULL WHERE sink = 'webhook'"),
    Break("deliveries", "*", "UPDATE work SET status = 'delivered' WHERE sink = 'webhook'"),
    Break("deliveries", "*", "UPDATE work SET status = 'odd' WHERE sink = 'webhook'"),
    Break("deliveries_late", "*", "UPDATE work SET expires_at = 5 WHERE sink = 'webhook'"),
    Break("audit_log", "aud_x", "INSERT INTO audit_entries (id, account_id, at, actor, request_id, action, object, "
          "object_id, changes) VALUES ('aud_x', 'acc_1', 1, 'cli', '', 'made', 'key', 'key_1', '{{}}')"),
)  # fmt: skip


class Filled:
    """A database filled once for each engine and mode; tests get copies. A copy lives until the next one is made."""

    def __init__(self, directory: Path, server: Postgres | None) -> None:
        self._directory = directory
        self._server = server
        self._templates: dict[ChargeOn, tuple[str, dict[str, str]]] = {}
        self._copy: str | None = None

    def copy(self, charge_on: ChargeOn) -> tuple[str, dict[str, str]]:
        """The URL of a copy, and the ids of its messages by name."""
        if charge_on not in self._templates:
            url = self._new()
            filler = asyncio.run(_with_store(url, lambda store: _fill(store, charge_on), migrate=True))
            self._templates[charge_on] = url, filler.named
        template, named = self._templates[charge_on]
        self._drop()
        self._copy = self._new(template)
        return self._copy, named

    def close(self) -> None:
        self._drop()
        for url, _ in self._templates.values():
            if self._server is not None:
                self._server.drop_database(url)

    def _drop(self) -> None:
        if self._copy is not None and self._server is not None:
            self._server.drop_database(self._copy)
        self._copy = None

    def _new(self, template: str | None = None) -> str:
        if self._server is not None:
            url = self._server.create_database(template=template)
        else:
            path = self._directory / f"{uuid.uuid4().hex}.db"
            url = f"sqlite:///{path}"
            if template is not None:
                shutil.copy(template.removeprefix("sqlite:///"), path)
        return url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    made = Filled(tmp_path_factory.mktemp("audit"), server)
    yield made
    made.close()


async def _with_store(
    url: str, work: Callable[[Store], Coroutine[Any, Any, T]], *, migrate: bool = False
) -> T:
    statements = load([*filled.FEATURES, *audit.FEATURES])
    store = await open_store(url, statements, clock=Clock(), migrate=migrate)
    try:
        return await work(store)
    finally:
        await store.close()


async def _fill(store: Store, charge_on: ChargeOn) -> Filler:
    filler = Filler(store, charge_on)
    await filler.fill()
    return filler


async def _change(url: str, sql: str) -> None:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.executescript(sql)
        connection.close()
    else:
        connected = await asyncpg.connect(url)
        await connected.execute(sql)
        await connected.close()


async def _audit(url: str, charge_on: ChargeOn, now: int = START + DAY // 2) -> dict[str, Finding]:
    terms = Terms(now=now, charge_on=charge_on)
    findings = await _with_store(url, lambda store: run_audit(store, terms))
    return {finding.name: finding for finding in findings}


@pytest.mark.parametrize("charge_on", MODES)
def test_what_the_product_writes_contradicts_nothing(database: Filled, charge_on: ChargeOn) -> None:
    url, named = database.copy(charge_on)
    findings = asyncio.run(_audit(url, charge_on))
    assert {name: finding.ids for name, finding in findings.items() if finding.count} == {}
    assert len(findings) == len(CHECKS)
    assert findings["status"].looked_at == len(named)
    assert findings["deliveries"].looked_at == 2


@pytest.mark.parametrize("broken", BREAKS, ids=lambda row: row.check)
def test_every_contradiction_is_found(database: Filled, broken: Break) -> None:
    url, named = database.copy("sent")

    async def run() -> Finding:
        await _change(url, broken.sql.format(**named))
        return (await _audit(url, "sent"))[broken.check]

    finding = asyncio.run(run())
    assert finding.count > 0
    assert len(finding.ids) == min(finding.count, audit.MOST)
    if broken.found != "*":
        assert named.get(broken.found, broken.found) in finding.ids


def test_every_check_is_shown_to_fail() -> None:
    assert {broken.check for broken in BREAKS} == {check.name for check in CHECKS}


def test_the_mode_of_charging_matters(database: Filled) -> None:
    """What was written for `charge_on` delivered is a contradiction under sent, and the other way round."""
    for written, read in (MODES, MODES[::-1]):
        url, named = database.copy(written)
        findings = asyncio.run(_audit(url, read))
        assert named["undelivered"] in findings["moves"].ids
        assert findings["sums"].ids == (filled.ACCOUNT,)


def test_only_the_first_ids_are_named(database: Filled) -> None:
    url, _ = database.copy("sent")

    async def run() -> Finding:
        values = ", ".join(
            f"('evt_{n:02}', 'acc_1', 'msg_gone', 'message.sent', 1, 0, '', 1)" for n in range(30)
        )
        columns = "id, account_id, message_id, type, sequence, test, data, created_at"
        await _change(url, f"INSERT INTO events ({columns}) VALUES {values}")
        return (await _audit(url, "sent"))["events_known"]

    finding = asyncio.run(run())
    assert finding.count == 30
    assert finding.ids == tuple(f"evt_{n:02}" for n in range(20))


def test_a_database_that_lay_still_is_not_late(database: Filled) -> None:
    """What became due while no node ran breaks no promise; nor does it in the first hour of the next node."""
    url, _ = database.copy("sent")

    async def run() -> list[dict[str, Finding]]:
        await _change(url, f"UPDATE leases SET ended_at = {START + 60_000}")
        stopped = await _audit(url, "sent", now=START + 100 * DAY)
        back = START + 100 * DAY
        await _change(
            url,
            "INSERT INTO leases (id, node, started_at, expires_at) "
            f"VALUES (2, 'again', {back - 60_000}, {back + 60_000})",
        )
        return [stopped, await _audit(url, "sent", now=back)]

    for findings in asyncio.run(run()):
        assert not findings["overdue"].count
        assert not findings["deliveries_late"].count


def test_the_steps_are_those_of_the_table() -> None:
    steps = audit.allowed_steps()
    assert ">message.sent" in steps
    assert "message.sent>message.delivered" in steps
    assert "message.undelivered>message.corrected" in steps
    assert not any(step.startswith(f"message.{statuses.DELIVERED}>") for step in steps)
    assert "message.failed>message.corrected" not in steps


def test_every_check_is_documented() -> None:
    """docs/how-to/audit-a-database.md: a row for each check, with its promise."""
    text = (ROOT / "docs" / "how-to" / "audit-a-database.md").read_text()
    documented = re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE)
    assert documented == [(str(check.promise), check.name) for check in CHECKS]
