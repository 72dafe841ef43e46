"""What the guards remember, in the tables of both engines: the same as in the memory of the simulation, and right for
any number of nodes."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from random import Random

import pytest

from onesixty.app.features import STATEMENTS
from onesixty.core.contracts import Write
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.units import Unit
from onesixty.verify.attacks.honest import Crowd
from onesixty.verify.attacks.memory import SimulatedMemory
from onesixty.verify.attacks.patterns import PATTERNS, Stage
from onesixty.verify.attacks.playing import Course, Kept, Player
from onesixty.verify.attacks.world import Visit, world
from onesixty.verify.counting import COUNTED, UNSENT, Group
from onesixty.verify.guarding import TRIES, Asked, Ended
from onesixty.verify.guards import writes
from onesixty.verify.guards.facts import DAY, HOUR, KNOWN, MINUTE, Stop, keys_of
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.guards.rows import GuardRows
from onesixty.verify.guards.service import Guards
from onesixty.verify.guards.tables import BLOCKS
from onesixty.verify.guards.verdict import Changes
from tests.http.world import Clock
from tests.support.databases import memory_database, statements
from tests.verify.guards_support import GERMANY, KEYS, NOW, asked

_ids = itertools.count(1)


async def opened(url: str) -> Store:
    return await open_store(
        url,
        statements(*STATEMENTS),
        clock=Clock(),
        memory=memory_database(),
        migrate=url.startswith("postgresql"),
    )


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    found = await opened(engine_url)
    yield found
    await found.close()


async def written(store: Store, guards: tuple[Write, ...], rows: tuple[Write, ...]) -> bool:
    (result,) = await store.commit([Unit(keys=(f"test {next(_ids)}",), guards=guards, writes=rows)])
    assert isinstance(result, bool), result
    return result


class StoredMemory(GuardRows):
    """A run of the simulation over tables."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._tables = store

    async def commit(self, changes: Changes, at: int) -> bool:
        parts = writes.of_changes(changes, 1, at)
        return await written(self._tables, parts.guards, parts.writes)

    async def end(self, ended: Ended) -> None:
        await written(self._tables, (), (*writes.of_end(ended, 1), figure(ended)))


def figure(ended: Ended) -> Write:
    """What the figures count of a verification that has ended, as `verify.counting` does."""
    group = Group(
        ended.started_at // HOUR * HOUR, ended.tenant.account_id, int(ended.tenant.test), ended.profile_id,
        ended.channel, ended.country or "", ended.network or "", "",
    )  # fmt: skip
    counts = {"started": 1, ended.status: 1}
    return "verify_count", (*group, *(counts.get(name, 0) for name in (*COUNTED, UNSENT)))


def guards_of(store: Store, lease: int = 1) -> Guards:
    return Guards(GuardRows(store), lambda: f"vbl_{next(_ids)}", lambda: lease)


async def start(guards: Guards, store: Store, asked_: Asked, limits: GuardLimits = GERMANY) -> str:
    """Start as a verification does: judge, write, and judge again if somebody was faster."""
    for _ in range(TRIES):
        verdict = await guards.judge(asked_, limits)
        parts = guards.sent(asked_, verdict)
        if await written(store, parts.guards, parts.writes):
            return verdict.action
    return "lost"


def ended(status: str, started: Asked) -> Ended:
    return Ended(
        tenant=started.tenant, profile_id=started.profile_id, verification_id=started.verification_id, to=started.to,
        channel="sms", country=started.country, network=started.network, user_ip=started.user_ip,
        device=started.device, status=status, wrong=0, sends=1, started_at=started.at, sent_at=started.at,
        at=started.at + 20_000,
    )  # fmt: skip


# ---------------------------------------------------------------- the same as in memory


def visits(letter: str, count: int) -> list[Visit]:
    stage = Stage(world(), world().country("TR"), Random(f"rows {letter}"), 60.0)
    attack = itertools.islice(PATTERNS[letter].play(stage), count)
    honest = Crowd(world(), Random("rows"), 2.0).steady(0.0, 900.0)
    return list(heapq.merge(attack, honest, key=lambda visit: visit.at))


@pytest.mark.parametrize("letter", ["B", "C", "D", "F", "G", "I"])
async def test_tables_and_memory_come_to_the_same_verdicts(store: Store, letter: str) -> None:
    limits = GuardLimits(countries=tuple(each.code for each in world().countries), budget_hour="4.00")
    found: list[list[tuple[str, str, int, float | None]]] = []
    memories: tuple[Kept, ...] = (SimulatedMemory(), StoredMemory(store))
    for memory in memories:
        player = Player(memory, limits)
        await player.play(visits(letter, 60))
        found.append([_told(course) for course in player.courses])
    assert found[0] == found[1]
    assert len({status for status, *_ in found[0]}) > 2


def _told(course: Course) -> tuple[str, str, int, float | None]:
    return course.status, course.guard, course.sends, course.sent_at


# ---------------------------------------------------------------- several nodes


async def test_no_number_of_starts_at_once_passes_a_cap(engine_url: str) -> None:
    """Two nodes of a PostgreSQL, or two tasks of one node, get forty starts on one range in the same moment."""
    stores = [await opened(engine_url)]
    if engine_url.startswith("postgresql"):
        stores.append(await opened(engine_url))
    nodes = [(guards_of(store, lease), store) for lease, store in enumerate(stores, 1)]
    starts = [
        asked(verification_id=f"ver_{place}", to=f"+491511234{place * 97:04d}", user_ip=f"198.51.100.{place}")
        for place in range(40)
    ]
    answers = await asyncio.gather(
        *(start(*nodes[place % len(nodes)], one) for place, one in enumerate(starts))
    )
    recalled = await GuardRows(stores[0]).recall(asked(verification_id="ver_later"), GERMANY)
    assert sum(bunch.open for bunch in recalled.range) == answers.count("pass") <= 10
    assert set(answers) <= {"pass", "hold", "lost"}
    for store in stores:
        await store.close()


async def test_starts_far_from_a_cap_do_not_make_each_other_judge_again(store: Store) -> None:
    """Sixteen starts at once on a range where many approve: each is judged once."""
    guards = guards_of(store)
    for place in range(60):
        one = asked(
            verification_id=f"ver_{place}", to=f"+491511234{place * 97:04d}", user_ip=f"198.51.{place}.1"
        )
        await start(guards, store, one)
        await written(store, (), guards.ended(ended("approved", one)))
    later = [
        asked(
            verification_id=f"ver_later{place}", to=f"+491511234{place * 97 + 11:04d}",
            user_ip=f"198.52.{place}.1", at=NOW + MINUTE,
        )
        for place in range(16)
    ]  # fmt: skip
    verdicts = [await guards.judge(one, GERMANY) for one in later]
    parts = [guards.sent(one, verdict) for one, verdict in zip(later, verdicts, strict=True)]
    assert {keys_of(one).range for one in later} == {KEYS.range}
    assert [await written(store, each.guards, each.writes) for each in parts] == [True] * 16


async def test_a_budget_holds_for_starts_at_once(store: Store) -> None:
    guards = guards_of(store)
    limits = GuardLimits(countries=("DE",), budget_hour="0.75")
    starts = [
        asked(verification_id=f"ver_{place}", to=f"+4915{place}2345678", user_ip=f"198.51.100.{place}")
        for place in range(10, 40)
    ]
    answers = await asyncio.gather(*(start(guards, store, one, limits) for one in starts))
    assert answers.count("pass") <= 10
    verdict = await guards.judge(asked(), limits)
    assert (verdict.action == "block") == (answers.count("pass") == 10)


# ---------------------------------------------------------------- what is kept


async def test_an_approval_is_remembered_at_number_range_and_country(store: Store) -> None:
    guards = guards_of(store)
    first = asked(verification_id="ver_1", network="26201", device="phone")
    assert await start(guards, store, first) == "pass"
    await written(store, (), guards.ended(ended("approved", first)))
    recalled = await GuardRows(store).recall(asked(network="26201", device="phone", at=NOW + MINUTE), GERMANY)
    for key in (KEYS.number, KEYS.range, KEYS.country):
        assert recalled.trace(key).approved_at == NOW + 20_000
    (mark,) = recalled.number
    assert (mark.id, mark.state, mark.sends, mark.to) == ("ver_1", "approved", 1, first.to)
    assert recalled.address == recalled.device == (mark,)
    assert recalled.range == ((NOW, 1, 0, 0, 0),)
    for key in (KEYS.country, KEYS.network, KEYS.novel):
        assert [each[1:] for each in recalled.tallies[key]] == [(1, 1, 1, 1)]


@pytest.mark.parametrize("what", ["release", "block"])
async def test_a_range_is_recalled_since_its_last_block_or_release(store: Store, what: str) -> None:
    guards = guards_of(store)
    for place in range(2):
        one = asked(verification_id=f"ver_{place}", to=f"+49151123498{place}0", at=NOW + place * MINUTE)
        assert await start(guards, store, one) == "pass"
    later = asked(at=NOW + 2 * MINUTE)
    assert len((await GuardRows(store).recall(later, GERMANY)).range) == 2
    if what == "release":
        await written(store, (), (("verify_trace_released", (KEYS.range, NOW + 1, NOW + DAY)),))
    else:
        stop = Stop(
            id="vbl_1", account_id="acc_1", test=False, profile_id="vpr_1", guard="range_score", key=KEYS.range,
            subject="", action="block", reason="", lasting=True, created_at=NOW + 1, ends_at=NOW + MINUTE,
        )  # fmt: skip
        await written(store, (), (("verify_blocks_insert", BLOCKS.values(stop)),))
    assert [bunch.at for bunch in (await GuardRows(store).recall(later, GERMANY)).range] == [NOW + MINUTE]


async def test_what_no_carrier_took_is_taken_back(store: Store) -> None:
    guards = guards_of(store)
    assert await start(guards, store, asked()) == "pass"
    await written(store, (), guards.ended(ended("unsent", asked())))
    recalled = await GuardRows(store).recall(asked(verification_id="ver_later", at=NOW + MINUTE), GERMANY)
    assert [mark.state for mark in recalled.number] == ["unsent"]
    assert recalled.range == ((NOW, 0, 0, 0, 0),)
    assert [(each.sent, each.approved) for each in recalled.tallies[KEYS.country]] == [(0, 0)]


@pytest.mark.parametrize("kept", ["tables", "memory"])
async def test_what_is_usual_is_learned_from_hours(store: Store, kept: str) -> None:
    memory: Kept = StoredMemory(store) if kept == "tables" else SimulatedMemory()
    guards = Guards(memory, lambda: f"vbl_{next(_ids)}", lambda: 1)
    for place in range(3):
        one = asked(verification_id=f"ver_{place}", to=f"+49151123{place}5678", at=NOW - 3 * HOUR + place)
        verdict = await guards.judge(one, GERMANY)
        assert (verdict.action, await memory.commit(verdict.changes, one.at)) == ("pass", True)
        await memory.end(ended("approved" if place else "expired", one))
    usual = await memory.baselines(NOW)
    assert usual[KEYS.country] == (3, 2, 1, 3.0)
    assert usual[KEYS.country].usual_vain == 1
    assert usual[KEYS.profile].of_profile == 3.0
    assert await memory.baselines(NOW - 3 * HOUR) == {}  # the last hour may be an attack


@pytest.mark.parametrize("status", ["unsent", "unreported"])
async def test_what_was_never_sent_or_reported_is_not_usual(store: Store, status: str) -> None:
    memory = StoredMemory(store)
    for place, became in enumerate((status, "approved")):
        one = asked(verification_id=f"ver_{place}", at=NOW - 3 * HOUR)
        await memory.end(ended(became, one))
    assert (await memory.baselines(NOW))[KEYS.country] == (1, 1, 1, 1.0)


async def test_an_approval_that_is_on_disk_is_not_written_again_within_an_hour(store: Store) -> None:
    guards = guards_of(store)

    def told(one: Asked) -> set[object]:
        return {
            row[0] for name, row in guards.ended(ended("approved", one)) if name == "verify_trace_approved"
        }

    for place, at in enumerate((NOW, NOW + MINUTE, NOW + HOUR + MINUTE)):
        one = asked(verification_id=f"ver_{place}", at=at)
        assert await start(guards, store, one) == "pass"
        assert told(one) == ({KEYS.number} if place == 1 else {KEYS.number, KEYS.range, KEYS.country})
        await written(store, (), guards.ended(ended("approved", one)))


async def test_trusted_numbers_and_beginnings(store: Store) -> None:
    rows = GuardRows(store)
    assert not (await rows.recall(asked(), GERMANY)).trusted
    for number in ("+49151123*", "+4915100000000"):
        await store.execute(
            "trusted_numbers_insert", id=f"vtn_{number}", account_id="acc_1", test=0, number=number, note="",
            version=1, created_at=0,
        )  # fmt: skip
    assert (await rows.recall(asked(), GERMANY)).trusted
    assert (await rows.recall(asked(to="+4915100000000"), GERMANY)).trusted
    assert not (await rows.recall(asked(to="+4915100000001"), GERMANY)).trusted
    assert not (await rows.recall(asked(tenant=asked().tenant._replace(test=True)), GERMANY)).trusted


async def test_rows_go_when_no_guard_looks_at_them(store: Store) -> None:
    guards = guards_of(store)
    limits = GuardLimits(countries=("DE",), budget_day="10.00", thresholds={"range_open.open": 1})
    for place in range(2):
        await start(guards, store, asked(verification_id=f"ver_{place}", to=f"+491511234567{place}"), limits)
    tables = ("marks", "traces", "tallies", "spending", "blocks")
    for later, left in ((MINUTE, True), (KNOWN + 40 * DAY, False)):
        for table in tables:
            await store.execute(f"verify_{table}_expire", now=NOW + later)
        recalled = await GuardRows(store).recall(asked(), GERMANY)
        held = (recalled.range, recalled.traces, recalled.tallies, recalled.on_record)
        assert [bool(each) for each in held] == [left] * 4


async def test_redaction_forgets_a_number(store: Store) -> None:
    guards = guards_of(store)
    await start(guards, store, asked())
    forget: tuple[Write, ...] = (
        ("verify_marks_forget", ("acc_1:0", asked().to)),
        ("verify_traces_forget", (KEYS.number,)),
    )
    await written(store, (), forget)
    recalled = await GuardRows(store).recall(asked(), GERMANY)
    assert (recalled.number, recalled.range) == ((), ())
    assert KEYS.number not in recalled.traces
