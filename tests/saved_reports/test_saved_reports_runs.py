"""Runs: one for each due time whatever nodes do, sent until taken, refused when the rights are gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from onesixty.accounts.keys import Key
from onesixty.core.actor import Actor
from onesixty.core.errors import Problem
from onesixty.http.scopes import Principal
from onesixty.mail.postman import Postman
from onesixty.mail.server import parse_server, smtp_transport
from onesixty.saved_reports.runs import DELIVERED, FAILED, PARTLY, REFUSED, WAITING
from onesixty.saved_reports.shapes import SavedQuery, Schedule, Span
from onesixty.saved_reports.sink import LIFE_MS
from onesixty.saved_reports.tables import SavedReport
from onesixty.store.units import Unit
from onesixty.webhooks.poster import Answer
from tests.saved_reports.conftest import DAILY, World, caller_of
from tests.support.smtp import SmtpServer
from tests.support.waiting import wait_until_async

DAY = 86_400


async def key_of(world: World, name: str = "acme") -> Key:
    if not world.accounts.book:
        await world.accounts.create("operator", "EUR", 0, operator=True)
    _, keys = await world.accounts.create(name, "EUR", 10_000)
    return next(made.key for made in keys if not made.key.test)


@asynccontextmanager
async def working(world: World, lease: int = 1) -> AsyncIterator[None]:
    queue = world.queue(lease)
    await queue.start()
    yield
    await queue.stop(5)


async def until_ended(world: World, row: object, count: int = 1) -> list[str]:
    async def ended() -> list[str] | None:
        found = [run.status for run in await world.runs_of(row)]  # type: ignore[arg-type]
        return found if len(found) == count and WAITING not in found else None

    return await wait_until_async(ended, 20, "the end of the runs")


async def test_a_due_time_has_one_run_whatever_two_nodes_do(world: World) -> None:
    row = await world.save(caller_of(await key_of(world)))
    await world.planner().once()
    assert await world.runs_of(row) == []
    for day in range(3):
        world.clock.turn(DAY)
        begun = await asyncio.gather(*(world.planner().once() for _ in range(4)))
        assert sum(begun) == 1
        assert len(await world.runs_of(row)) == day + 1
    await world.count()
    async with working(world):
        assert await until_ended(world, row, 3) == [DELIVERED] * 3
    runs = await world.runs_of(row)
    assert [run.due_at - runs[-1].due_at for run in runs] == [2 * DAY * 1000, DAY * 1000, 0]
    assert [id_ for id_, *_ in world.posted] == [run.id for run in reversed(runs)]
    assert world.posted[0][1] == "text/csv; charset=utf-8"
    assert world.posted[0][2].startswith(b"start,end,country,messages")
    assert world.counted == [DELIVERED] * 3


async def test_times_that_passed_while_no_node_ran_are_made_up_for_a_week(world: World) -> None:
    row = await world.save(caller_of(await key_of(world)))
    world.clock.turn(12 * DAY)
    for _ in range(20):
        await world.planner().once()
    found = [run.due_at for run in await world.runs_of(row)]
    assert len(found) == 7
    assert found == sorted(found, reverse=True)
    assert min(found) >= world.clock.ms - 7 * DAY * 1000


async def test_a_report_that_is_resumed_while_a_node_looks_stays_planned(world: World) -> None:
    caller = caller_of(await key_of(world))
    row = await world.save(caller)
    world.clock.turn(DAY)
    paused = msgspec.structs.replace(row, enabled=False, version=2)
    planner, find = world.planner(), world.reports.rows.find

    async def resumed_meanwhile(id_: str) -> SavedReport | None:
        found = await find(id_)
        assert found is not None
        unit = Unit(keys=(id_,), writes=(("report_due_set", (id_, world.clock.ms, 3)),))
        assert await world.store.commit([unit]) == [True]
        return paused

    world.reports.rows.find = resumed_meanwhile  # type: ignore[method-assign]
    assert await planner.once() == 0
    world.reports.rows.find = find  # type: ignore[method-assign]
    assert await planner.once() == 1
    assert len(await world.runs_of(row)) == 1


async def test_a_run_is_sent_until_it_is_taken_and_resumed_by_another_node(world: World) -> None:
    row = await world.save(caller_of(await key_of(world)))
    world.clock.turn(DAY)
    await world.planner().once()
    world.answer = Answer(503)
    async with working(world, 1):
        await wait_until_async(_tried(world, row), 20, "an attempt")
    (run,) = await world.runs_of(row)
    assert (run.status, run.tries, run.error) == (WAITING, 1, "The receiver answered 503.")
    world.answer = Answer(204)
    world.clock.turn(60)
    async with working(world, 2):
        assert await until_ended(world, row) == [DELIVERED]
    assert {id_ for id_, *_ in world.posted} == {run.id}


def _tried(world: World, row: object):  # type: ignore[no-untyped-def]
    async def tried() -> bool:
        (run,) = await world.runs_of(row)  # type: ignore[arg-type]
        return run.tries > 0

    return tried


@pytest.mark.parametrize(("answer", "turn"), [(410, 0), (404, 0), (500, LIFE_MS // 1000)])
async def test_a_run_fails_at_a_final_answer_or_after_a_day(world: World, answer: int, turn: int) -> None:
    row = await world.save(caller_of(await key_of(world)))
    world.clock.turn(DAY)
    await world.planner().once()
    world.clock.turn(turn)
    world.answer = Answer(answer)
    async with working(world):
        assert await until_ended(world, row) == [FAILED]
    assert len(world.posted) == 1


@pytest.mark.parametrize(
    ("refused", "status", "error", "tries"),
    [
        ({}, DELIVERED, None, 1),
        (
            {"b@example.com": "550 no such user", "c@example.com": "451 come again"},
            *(PARTLY, "Refused for b@example.com: 550 no such user; c@example.com: 451 come again", 1),
        ),
        ({f"{name}@example.com": "550 no" for name in "abc"}, FAILED, "550 no", 1),
        (
            {"a@example.com": "550 no", "b@example.com": "451 come again", "c@example.com": "550 no"},
            *(WAITING, "451 come again", 1),
        ),
    ],
)
async def test_a_mail_that_some_recipients_do_not_get_is_partly_delivered(
    world: World, refused: dict[str, str], status: str, error: str | None, tries: int
) -> None:
    server = SmtpServer()
    url = f"smtp://127.0.0.1:{await server.start()}"
    world.postman = Postman(world.clock, "onesixty@example.com", smtp_transport(parse_server(url)))
    server.refused = refused
    recipients = tuple(f"{name}@example.com" for name in "abc")
    row = await world.save(caller_of(await key_of(world)), url=None, recipients=recipients)
    world.clock.turn(DAY)
    await world.planner().once()
    async with working(world):
        await wait_until_async(_tried(world, row), 20, "an attempt")
    await server.stop()
    (run,) = await world.runs_of(row)
    assert (run.status, run.error, run.tries) == (status, error, tries)
    assert len(server.mails) == (status in (DELIVERED, PARTLY))
    assert (run.byte_count is not None) is (status in (DELIVERED, PARTLY))


@pytest.mark.parametrize("how", ["revoked", "expired", "closed"])
async def test_rights_that_are_gone_stop_a_report(world: World, how: str) -> None:
    key = await key_of(world)
    row = await world.save(caller_of(key))
    world.clock.turn(DAY)
    await world.planner().once()
    if how == "closed":
        await world.accounts.change(key.account_id, lambda one: msgspec.structs.replace(one, state="closed"))
    else:
        change = {
            "revoked": {"revoked_at": world.clock.ms},
            "expired": {"expires_at": world.clock.ms},
        }[how]
        await world.accounts.keys.change(key, msgspec.structs.replace(key, **change))
    async with working(world):
        assert await until_ended(world, row) == [REFUSED]
    code = {"revoked": "key_revoked", "expired": "key_expired", "closed": "account_closed"}
    (run,) = await world.runs_of(row)
    assert (run.error or "").startswith(code[how])
    stopped = await world.reports.rows.get(row.id)
    assert stopped.stopped_at == world.clock.ms
    assert (stopped.stopped_reason or "").startswith(code[how])
    assert world.posted == []
    assert world.noted[-1].after == stopped
    world.clock.turn(3 * DAY)
    await world.planner().once()
    assert len(await world.runs_of(row)) == 1

    other = caller_of(await key_of(world, "other"))
    after, writes = await world.reports.changed(
        stopped, stopped, msgspec.structs.replace(other, tenant=key.tenant)
    )
    assert after.stopped_at is None
    assert after.runs_as == other.actor.text
    assert writes[0][0] == "report_due_set"


@pytest.mark.parametrize(
    ("role", "home", "status"),
    [
        ("developer", False, DELIVERED),
        ("viewer", False, REFUSED),  # a URL needs the scope of webhooks
        (None, False, REFUSED),
        ("admin", True, DELIVERED),
        ("developer", True, REFUSED),  # cannot enter the account any more
    ],
)
async def test_the_role_of_a_user_counts_at_the_run(
    world: World, role: str | None, home: bool, status: str
) -> None:
    key = await key_of(world)
    operator = world.accounts.operator().id
    user = msgspec.structs.replace(
        caller_of(key), actor=Actor("user", "usr_1"), home=operator if home else None
    )
    row = await world.save(user)
    if role is not None:
        world.users.roles["usr_1", operator if home else key.account_id] = role
    world.clock.turn(DAY)
    await world.planner().once()
    async with working(world):
        assert await until_ended(world, row) == [status]


async def test_a_change_of_the_schedule_moves_the_due_time_and_others_leave_it(world: World) -> None:
    caller = caller_of(await key_of(world))
    row = await world.save(caller)
    renamed, writes = await world.reports.changed(row, msgspec.structs.replace(row, name="Days"), caller)
    assert writes == ()
    later = msgspec.structs.replace(row, schedule=Schedule(every="day", at="09:00", zone="Europe/Berlin"))
    _, ((statement, (_, due_at, revision)),) = await world.reports.changed(row, later, caller)
    assert statement == "report_due_set"
    assert due_at - (world.reports.next_due(renamed) or 0) == 3_600_000
    assert revision == row.version + 1
    paused = msgspec.structs.replace(row, enabled=False)
    assert (await world.reports.changed(row, paused, caller))[1] == [("report_due_drop", (row.id,))]


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"name": "two\nlines"}, "invalid_field", "name"),
        ({"recipients": ("a@example.com",)}, "invalid_field", "url"),
        ({"url": None}, "invalid_field", "schedule"),
        ({"url": "ftp://x"}, "url_not_allowed", "url"),
        ({"url": None, "recipients": ("nobody",)}, "invalid_field", "recipients[0]"),
        ({"schedule": Schedule(every="week", at="08:00")}, "invalid_field", "schedule.weekdays"),
        ({"schedule": Schedule(every="day", at="08:00", days=(1,))}, "invalid_field", "schedule.days"),
        ({"schedule": Schedule(every="day", at="08:00", zone="Mars")}, "invalid_field", "schedule.zone"),
        ({"query": SavedQuery(zone="Mars")}, "invalid_field", "query.zone"),
        ({"query": SavedQuery(by="tag,country")}, "report_not_kept", "query.by"),
        ({"query": SavedQuery(by="carrier")}, "forbidden", "query.carrier"),
        ({"query": SavedQuery(below=True, account_id="acc_0")}, "invalid_field", "query.account_id"),
        ({"query": SavedQuery(step="minute"), "span": Span(last=30)}, "report_too_long", "query.step"),
        ({"span": Span(last=0)}, "invalid_field", "span.last"),
    ],
)
async def test_what_cannot_be_saved(world: World, fields: dict[str, object], code: str, param: str) -> None:
    caller = caller_of(await key_of(world))
    with pytest.raises(Problem) as caught:
        await world.save(caller, **fields)
    assert (caught.value.code, caught.value.param) == (code, param)


async def test_a_url_needs_the_scope_of_webhooks(world: World) -> None:
    caller: Principal = caller_of(await key_of(world))
    narrow = msgspec.structs.replace(caller, scopes=frozenset({"reports:read"}))
    with pytest.raises(Problem) as caught:
        await world.save(narrow)
    assert caught.value.code == "forbidden"
    await world.save(narrow, url=None, recipients=("a@example.com",), schedule=DAILY)
