"""The step after a restore, on both engines: what may have been sent is held, and nothing of then is believed."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from onesixty.core import statuses
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.ids import IdSource
from onesixty.core.message import HALTED, PARKED, Message, attempt_from_row, from_row, insertion
from onesixty.network.tables import CARRIERS, ROUTES
from onesixty.ops.settings import Settings
from onesixty.reports.audit import FEATURES as AUDIT
from onesixty.reports.audit import Terms, run_audit
from onesixty.restore import replacing
from onesixty.restore import settling as restoring
from onesixty.saved_reports import runs
from onesixty.saved_reports.shapes import SavedQuery, Schedule, Span
from onesixty.saved_reports.tables import SAVED_REPORTS, SavedReport
from onesixty.store.contract import Store
from onesixty.store.leases import Lease
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unavailable, Unit
from tests.support.postgres import Postgres, find_binaries

HOUR = 3_600_000
ids = IdSource(SystemClock(), system_random())


def message(status: str, **fields: object) -> Message:
    now = SystemClock().now_ms()
    due = {"due_at": now + HOUR} if status not in statuses.TERMINAL else {"done_at": now}
    made = {
        "id": ids.new("msg"), "account_id": "acc_1", "sender": "Shop", "recipient": "+15551234567", "text": "Hello",
        "encoding": "gsm7", "segments": 1, "class_": "transactional", "on_unknown": "resend", "test": True,
        "created_at": now, "expires_at": now + HOUR, "status": status, "carrier_id": "car_1", "queued_at": now,
    }  # fmt: skip
    return Message(**{**made, **due, **fields})  # type: ignore[arg-type]


async def filled(store: Store, lease: int) -> dict[str, Message]:
    """A message in every state that one can be in when a backup is taken."""
    now = SystemClock().now_ms()
    made = {
        "claimed": message("queued", claim=lease),
        "in flight": message("queued", claim=lease, segments=2, text="x" * 200),
        "waiting": message("queued", route_id="rte_1", test=False),
        "parked": message("queued", claim=PARKED, due_at=now + 1000),
        "paused": message("queued", claim=HALTED),
        "overdue": message(
            "scheduled", scheduled_at=now - 1000, due_at=now - 1000, carrier_id=None, queued_at=None
        ),
        "scheduled": message("scheduled", scheduled_at=now + HOUR, queued_at=None),
    }
    flight = made["in flight"]
    carrier = CarrierConfig(
        id="car_1", name="acme", type="simulator", settings="{}", enabled=True, version=1, created_at=1,
        cost_per_segment=4000, currency="USD",
    )  # fmt: skip
    route = RouteConfig(
        id="rte_1", name="default", carriers='[{"carrier":"car_1","sender":"Spare"}]', enabled=True, version=1,
        created_at=1,
    )  # fmt: skip
    job = ("job_1", "requeue", "running", "{}", None, "{}", "k", 1, now, None)
    await store.commit(
        [Unit((m.id,), writes=(insertion(m),)) for m in made.values()]
        + [
            Unit(("f",), writes=(("flight_open", ("flt_1", lease, "car_1", f'[["{flight.id}",1]]', now)),)),
            Unit(("j",), writes=(("job_insert", job),)),
            Unit(("n",), writes=(("carriers_insert", CARRIERS.values(carrier)),)),
            Unit(("r",), writes=(("routes_insert", ROUTES.values(route)),)),
        ]
    )  # fmt: skip
    return made


async def opened(url: str, *, migrate: bool = False) -> Store:
    return await open_store(url, load([*restoring.FEATURES, *AUDIT]), clock=SystemClock(), migrate=migrate)


@pytest.fixture
def restored_elsewhere(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """What copies a database with the tools of its engine; returns the URL of the copy."""

    def copy(url: str) -> str:
        if url.startswith("sqlite"):
            target = tmp_path / "copy.db"
            shutil.copy(url.removeprefix("sqlite:///"), target)
            return f"sqlite:///{target}"
        server: Postgres = request.getfixturevalue("postgres_server")
        target_url = server.create_database()
        request.addfinalizer(lambda: server.drop_database(target_url))
        run("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", url)
        run("pg_restore", f"--dbname={target_url}", str(tmp_path / "dump"))
        return target_url

    return copy


def run(tool: str, *arguments: str) -> None:
    binaries = find_binaries()
    program = (binaries / tool) if binaries and (binaries / tool).exists() else shutil.which(tool)
    if program is None:
        pytest.skip(f"{tool} is not here")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    subprocess.run([program, *arguments], check=True, timeout=60, env=environment)


async def test_what_may_have_been_sent_is_held(
    engine_url: str, restored_elsewhere: Callable[[str], str]
) -> None:
    store = await opened(engine_url, migrate=True)
    lease = await Lease.start(store, SystemClock(), "then")
    made = await filled(store, lease.id)
    await lease.end()
    await store.close()
    url = await asyncio.to_thread(restored_elsewhere, engine_url)
    settings = Settings(database_url=url)

    done = await replacing.accept(settings, send_waiting=False)
    assert (done.messages_held, done.jobs_stopped) == (6, 1)
    again = await replacing.accept(settings, send_waiting=False)
    assert (again.messages_held, again.jobs_stopped) == (0, 0), "twice does nothing more"

    store = await opened(url)
    rows = await store.fetch("messages_by_id", ids=[m.id for m in made.values()])
    now = {m.id: m for m in map(from_row, rows)}
    for name, before in made.items():
        after = now[before.id]
        if name == "scheduled":
            assert after == before
            continue
        assert (after.status, after.error_code, after.claim) == ("held", "outcome_unknown", 0), name
        assert after.carrier_id == "car_1", f"{name}: by the route, if it had none yet"
        assert (after.attempts, after.duplicates, after.due_at) == (1, 0, after.expires_at), name
        rows = await store.fetch("attempts_of_messages", ids=[before.id])
        attempts = [attempt_from_row(row) for row in rows]
        assert len(attempts) == before.segments
        cost = (4000, "USD") if name == "waiting" else (None, None)  # the others are test traffic
        assert {(a.carrier_id, a.sender, a.cost, a.currency) for a in attempts} == {("car_1", "Spare", *cost)}
    assert await store.fetch("jobs_running") == []
    fresh = await Lease.start(store, SystemClock(), "now")
    assert fresh.id > lease.id + 2 * restoring.LEAP - 1, "no lease of then comes back"
    # What a start does next finds nothing to send.
    assert await store.fetch("claims_of_lease", lease=lease.id, count=10) == []
    terms = Terms(now=SystemClock().now_ms(), charge_on="sent")
    history = {"history", "history_end", "history_steps"}  # what was inserted here has none
    broken = [f.name for f in await run_audit(store, terms) if f.count and f.name not in history]
    assert broken == []
    await fresh.end()
    await store.close()


async def test_what_waited_is_left_to_go_out_if_that_is_said(engine_url: str) -> None:
    store = await opened(engine_url, migrate=True)
    lease = await Lease.start(store, SystemClock(), "then")
    made = await filled(store, lease.id)
    await lease.end()
    await store.close()
    done = await replacing.accept(Settings(database_url=engine_url), send_waiting=True)
    assert (done.messages_held, done.jobs_stopped) == (0, 0)
    store = await opened(engine_url)
    rows = await store.fetch("messages_by_id", ids=[m.id for m in made.values()])
    assert {from_row(row).status for row in rows} == {"queued", "scheduled"}
    await store.close()


async def test_a_node_that_works_on_the_database_is_in_the_way(engine_url: str) -> None:
    store = await opened(engine_url, migrate=True)
    await Lease.start(store, SystemClock(), "working")
    with pytest.raises(
        Unavailable, match=r"another process is using|a node is using this database.*: working"
    ):
        await replacing.accept(Settings(database_url=engine_url), send_waiting=False)
    await store.close()


DAY = 24 * HOUR


PASSED, TO_COME = ids.new("rpt"), ids.new("rpt")


async def with_saved_reports(store: Store, now: int) -> None:
    """A report that was due yesterday, and one that is due tomorrow and has a run that has not ended."""
    units = []
    for id_, due_at in ((PASSED, now - DAY), (TO_COME, now + DAY)):
        report = SavedReport(
            id=id_, account_id="acc_1", test=False, name="Week", query=SavedQuery(), span=Span(), format="csv",
            schedule=Schedule(every="day", at="08:00"), url="https://example.com/", runs_as="key:key_1",
            created_at=1,
        )  # fmt: skip
        row = ("saved_reports_insert", SAVED_REPORTS.values(report))
        units.append(Unit((id_,), writes=(row, ("report_due_set", (id_, due_at, 1)))))
    _, writes = runs.new_run(report, now - 2 * DAY, now, ids.new, made_by="key:key_1", manual=False)
    assert await store.commit([*units, Unit(("run",), writes=tuple(writes))]) == [True] * 3


@pytest.mark.parametrize("send_waiting", [False, True])
async def test_runs_of_reports_that_may_have_been_sent_are_left_out(
    engine_url: str, send_waiting: bool
) -> None:
    store = await opened(engine_url, migrate=True)
    now = SystemClock().now_ms()
    await with_saved_reports(store, now)
    await store.close()
    done = await replacing.accept(Settings(database_url=engine_url), send_waiting=send_waiting)
    assert done.report_runs_left_out == (0 if send_waiting else 2)
    again = await replacing.accept(Settings(database_url=engine_url), send_waiting=send_waiting)
    assert again.report_runs_left_out == 0

    store = await opened(engine_url)
    due = dict(row[:2] for row in await store.fetch("reports_due", now=now + 9 * DAY, count=9))
    assert due[TO_COME] == now + DAY
    (run,) = await runs.page(store, TO_COME, 9, None)
    if send_waiting:
        assert due[PASSED] == now - DAY
        assert run.status == runs.WAITING
    else:
        assert now < due[PASSED] <= now + DAY
        assert (run.status, run.ended_at is not None) == (runs.FAILED, True)
        assert "restored" in (run.error or "")
    await store.close()
