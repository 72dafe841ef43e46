"""The chain, after random histories of several nodes with crashes, on both engines: it verifies, and every change
that somebody makes past the product is found. Redaction and retention leave it valid."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onesixty.audit_log import retention
from onesixty.audit_log.entry import chain_hash, hashed_text, of_row
from onesixty.store.contract import Store
from onesixty.store.rows import Lost
from tests.audit_log.world import NUMBER, Node, World, run

ACCOUNTS = ("acc_1", "acc_2", "acc_3")
STEPS = ("make", "make", "change", "change", "change", "remove", "note", "note", "chain", "chain", "chain_at_once",
         "crash_before", "crash_after", "redact", "retention", "turn")  # fmt: skip


class Killed(Exception):
    """The node was killed in the middle."""


class Dying:
    """A store whose node is killed at a commit, before it or after it."""

    def __init__(self, store: Store, after: bool) -> None:
        self._store = store
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, units: Any) -> Awaitable[Any]:
        return self._commit(units)

    async def _commit(self, units: Any) -> Any:
        if self._after:
            await self._store.commit(units)
        raise Killed


class History:
    """Random steps. `written` counts what every account's log must hold, `versions` the order in which each webhook
    changed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.written: dict[str, int] = dict.fromkeys(ACCOUNTS, 0)
        self.said: dict[str, list[str]] = {}
        self.hooks: list[Any] = []

    async def step(self, name: str) -> None:
        node = self.random.choice(self.world.nodes)
        account = self.random.choice(ACCOUNTS)
        if name == "make":
            row = await node.make(account)
            self.hooks.append(row)
            self.said[row.id] = ["made"]
            self.written[account] += 1
        elif name == "change" and self.hooks:
            await self._change(self.random.randrange(len(self.hooks)))
        elif name == "remove" and self.hooks:
            row = self.hooks.pop(self.random.randrange(len(self.hooks)))
            await node.rows.remove(row, by=node.by(row.account_id))
            self.said[row.id].append("removed")
            self.written[row.account_id] += 1
        elif name == "note":
            await node.note(account)
            self.written[account] += 1
        elif name == "chain":
            await node.chainer.chain()
        elif name == "chain_at_once":
            await asyncio.gather(*(each.chainer.chain() for each in self.world.nodes))
        elif name in ("crash_before", "crash_after"):
            await self._crash(node, after=name == "crash_after")
        elif name == "redact":
            await node.store.execute("audit_redact_value", account_id=account, value=NUMBER)
        elif name == "retention":
            before = self.world.clock.now_ms() - 5_000
            await node.cleaner.remove_all(lambda _: before, _no_rest)
        elif name == "turn":
            self.world.clock.turn(self.random.choice([0, 1, 10]))

    async def _change(self, place: int) -> None:
        """Change a webhook on all nodes at once: one of them wins."""
        row = self.hooks[place]
        names = [f"{len(self.said[row.id])} {place}" for place, _ in enumerate(self.world.nodes)]
        results = await asyncio.gather(
            *(node.change(row, name) for node, name in zip(self.world.nodes, names, strict=True)),
            return_exceptions=True,
        )
        won = [result for result in results if not isinstance(result, BaseException)]
        assert len(won) == 1, results
        assert all(isinstance(result, Lost) for result in results if isinstance(result, BaseException))
        self.hooks[place] = won[0]
        self.said[row.id].append(won[0].description)
        self.written[row.account_id] += 1

    async def _crash(self, node: Node, *, after: bool) -> None:
        node.chainer._store = Dying(node.store, after)
        try:
            await node.chainer.chain()
        except Killed:
            pass
        finally:
            node.restart()

    async def check(self) -> None:
        """All is chained, in order, without gaps, and nothing is wrong."""
        await self.world.nodes[0].chainer.chain()
        verdict = await self.world.nodes[-1].verdict()
        assert verdict.faults == []
        counts = {head.account_id: head.count for head in verdict.heads}
        assert counts == {id_: count for id_, count in self.written.items() if count}
        for account in ACCOUNTS:
            seen: dict[str, list[str]] = {}
            for entry in await self.world.nodes[0].entries(account):
                if entry["object"] == "webhook":
                    seen.setdefault(entry["object_id"], []).append(_said(entry))
            for id_, said in seen.items():
                assert self.said[id_][-len(said) :] == said, "the entries of a webhook are out of order"


def _said(entry: dict[str, Any]) -> str:
    if entry["action"] != "changed":
        return str(entry["action"])
    return str(json.loads(entry["changes"])["after"]["description"])


async def _no_rest(_rows: int) -> None:
    return None


async def lived(url: str, seed: int, steps: list[str]) -> tuple[World, History]:
    world = World(url, seed)
    await world.open(2)
    history = History(world, seed)
    for name in steps:
        await history.step(name)
    return world, history


class Counting:
    """A store that counts its reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reads: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def fetch(self, statement: str, **params: object) -> Any:
        self.reads.append(statement)
        return await self._store.fetch(statement, **params)


async def test_retention_reads_only_the_logs_that_begin_too_early(
    engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ACCOUNTS", 2)  # a page
    world = World(engine_url)
    await world.open(1)
    (node,) = world.nodes
    for account in ACCOUNTS:
        await node.note(account)
        world.clock.turn(10)
        await node.note(account)
    await node.chainer.chain()
    store = Counting(node.store)
    cleaner = retention.Cleaner(store, node.clock, node.signer)  # type: ignore[arg-type]
    now = world.clock.now_ms()
    try:
        assert await cleaner.remove_all(lambda _: now - 60_000, _no_rest) == 0
        assert store.reads == ["audit_begins", "audit_begins"]
        due = {"acc_1": now - 25_000, "acc_2": None, "acc_3": now + 1}
        assert await cleaner.remove_all(due.get, _no_rest) == 3
        store.reads.clear()
        assert await cleaner.remove_all(due.get, _no_rest) == 0
        assert store.reads == ["audit_begins", "audit_begins"], "acc_3 has no entry left"
        assert [len(await node.entries(account)) for account in ACCOUNTS] == [1, 2, 0]
        assert (await node.verdict()).faults == []
    finally:
        await world.close()
        await world.empty()


histories = st.tuples(st.integers(0, 2**32), st.lists(st.sampled_from(STEPS), min_size=5, max_size=40))
lightly = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.deadline(180)  # many histories
@given(history=histories)
@lightly
def test_after_any_history_the_log_is_whole(engine_url: str, history: tuple[int, list[str]]) -> None:
    async def work() -> None:
        world, made = await lived(engine_url, *history)
        try:
            await made.check()
        finally:
            await world.close()
            await world.empty()

    run(work())


# ------------------------------------------------------------ what somebody does past the product

FIELDS = {
    "at": "at + 1", "actor": "'user:usr_x'", "home": "'acc_x'", "address": "'x'", "request_id": "'x'",
    "action": "'read'", "object": "'key'", "object_id": "'x'", "test": "1 - COALESCE(test, 0)", "reason": "'x'",
    "changes": "'{}'", "previous": "'x'", "hash": "'x'", "account_id": "'acc_x'", "sequence": "sequence + 100",
}  # fmt: skip

Tamper = Callable[[World, Random, str], Awaitable[None]]


def tampers() -> Iterator[tuple[str, Tamper]]:
    for field, value in FIELDS.items():
        yield f"edit of {field}", _edit(field, value)
    yield "deletion", _delete
    yield "cut tail", _cut
    yield "cut tail and head moved back", _cut_with_head
    yield "cut beginning", _cut_beginning
    yield "order", _swap
    yield "an entry too many", _forge
    yield "all written anew", _rewrite
    yield "head gone", _sql("DELETE FROM audit_heads WHERE account_id = '{account}'")
    yield "value", _sql("UPDATE audit_values SET value = '+15550000000'")
    yield "salt", _sql("UPDATE audit_values SET salt = 'x'")
    yield "forged checkpoint", _forged_checkpoint
    yield "unchained edit", _unchained("UPDATE audit_entries SET actor = 'x' WHERE sequence IS NULL")
    yield "unchained deletion", _unchained("DELETE FROM audit_entries WHERE sequence IS NULL")
    yield "unchained and forgotten", _unchained("DELETE FROM audit_pending")


def _sql(script: str) -> Tamper:
    async def work(world: World, random: Random, account: str) -> None:
        await world.sql(script.format(account=account) + ";")

    return work


def _edit(field: str, value: str) -> Tamper:
    async def work(world: World, random: Random, account: str) -> None:
        id_ = random.choice(await world.nodes[0].entries(account))["id"]
        await world.sql(f"UPDATE audit_entries SET {field} = {value} WHERE id = '{id_}';")

    return work


async def _delete(world: World, random: Random, account: str) -> None:
    id_ = random.choice(await world.nodes[0].entries(account))["id"]
    await world.sql(
        f"DELETE FROM audit_values WHERE entry_id = '{id_}'; DELETE FROM audit_entries WHERE id = '{id_}';"
    )


async def _cut(world: World, random: Random, account: str) -> None:
    entries = await world.nodes[0].entries(account)
    last = random.choice(entries)["sequence"]
    await world.sql(
        f"DELETE FROM audit_values WHERE entry_id IN (SELECT id FROM audit_entries WHERE account_id = '{account}' "
        f"AND sequence >= {last}); DELETE FROM audit_entries WHERE account_id = '{account}' AND sequence >= {last};"
    )


async def _cut_with_head(world: World, random: Random, account: str) -> None:
    await _cut(world, random, account)
    rest = await world.nodes[0].store.fetch("audit_chain", account_id=account, above=0, most=1000)
    count, hash_ = (rest[-1][13], rest[-1][15]) if rest else (0, "")
    await world.sql(
        f"UPDATE audit_heads SET count = {count}, hash = '{hash_}' WHERE account_id = '{account}';"
    )


async def _cut_beginning(world: World, random: Random, account: str) -> None:
    first = (await world.nodes[0].entries(account))[0]["id"]
    await world.sql(
        f"DELETE FROM audit_values WHERE entry_id = '{first}'; DELETE FROM audit_entries WHERE id = '{first}';"
    )


async def _forged_checkpoint(world: World, random: Random, account: str) -> None:
    first = (await world.nodes[0].store.fetch("audit_chain", account_id=account, above=0, most=1))[0]
    await _cut_beginning(world, random, account)
    await world.sql(
        f"DELETE FROM audit_checkpoints WHERE account_id = '{account}'; INSERT INTO audit_checkpoints "
        f"VALUES ('{account}', {first[13]}, '{first[15]}', 1, 1, 'x');"
    )


async def _swap(world: World, random: Random, account: str) -> None:
    """Exchange what two neighbours say, and keep their places."""
    entries = await world.nodes[0].entries(account)
    place = random.randrange(len(entries) - 1)
    one, other = entries[place : place + 2]
    one_at, other_at = one["sequence"], other["sequence"]
    await world.sql(
        f"UPDATE audit_entries SET sequence = -1 WHERE id = '{one['id']}';"
        f"UPDATE audit_entries SET sequence = {one_at} WHERE id = '{other['id']}';"
        f"UPDATE audit_entries SET sequence = {other_at} WHERE id = '{one['id']}';"
    )


async def _forge(world: World, random: Random, account: str) -> None:
    last = of_row(
        (await world.nodes[0].store.fetch("audit_chain", account_id=account, above=0, most=1000))[-1]
    )
    count = (last.sequence or 0) + 1
    await world.sql(
        "INSERT INTO audit_entries (id, account_id, at, actor, request_id, action, object, object_id, changes, "
        f"sequence, previous, hash) VALUES ('aud_x', '{account}', 1, 'x', '', 'made', 'key', 'x', '{{}}', {count}, "
        f"'{last.hash}', 'x');"
    )


async def _rewrite(world: World, random: Random, account: str) -> None:
    """Change the first entry, and compute every hash anew."""
    rows = await world.nodes[0].store.fetch("audit_chain", account_id=account, above=0, most=1000)
    await world.sql(f"UPDATE audit_entries SET actor = 'x' WHERE id = '{rows[0][0]}';")
    rows = await world.nodes[0].store.fetch("audit_chain", account_id=account, above=0, most=1000)
    previous = rows[0][14]
    for entry in map(of_row, rows):
        hash_ = chain_hash(previous, hashed_text(entry, entry.sequence or 0))
        await world.sql(
            f"UPDATE audit_entries SET previous = '{previous}', hash = '{hash_}' WHERE id = '{entry.id}';"
        )
        previous = hash_
    await world.sql(f"UPDATE audit_heads SET hash = '{previous}' WHERE account_id = '{account}';")


def _unchained(script: str) -> Tamper:
    async def work(world: World, random: Random, account: str) -> None:
        await world.nodes[0].make(account)
        await world.sql(f"{script};")
        await world.nodes[0].chainer.chain()

    return work


@pytest.mark.deadline(180)  # each kind of change on a history of its own
@given(history=histories)
@settings(parent=lightly, max_examples=3)
@pytest.mark.parametrize(("name", "tamper"), [pytest.param(*each, id=each[0]) for each in tampers()])
def test_whatever_somebody_changes_is_found(
    engine_url: str, history: tuple[int, list[str]], name: str, tamper: Tamper
) -> None:
    async def work() -> None:
        world, made = await lived(engine_url, *history)
        try:
            account = made.random.choice(ACCOUNTS)
            for _ in range(3):
                await world.nodes[0].note(account, "+15557654321")
                made.written[account] += 1
            await made.check()
            await tamper(world, made.random, account)
            verdict = await world.nodes[-1].verdict()
            assert verdict.faults, f"{name} was not found"
        finally:
            await world.close()
            await world.empty()

    run(work())
