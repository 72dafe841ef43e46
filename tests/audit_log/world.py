"""Nodes that write an audit log into one database, and the hands of somebody who writes into it past them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from random import Random
from typing import Any

import asyncpg
import msgspec

from onesixty.audit_log.chainer import Chainer
from onesixty.audit_log.recording import Recording
from onesixty.audit_log.retention import Cleaner
from onesixty.audit_log.verification import Verdict, verify
from onesixty.core.actor import Actor
from onesixty.core.clock import Clock as AnyClock
from onesixty.core.ids import IdSource
from onesixty.kit.observer import Observer
from onesixty.ops.metrics import Metrics
from onesixty.sealing.keyring import Keyring
from onesixty.store import urls
from onesixty.store.contract import Store
from onesixty.store.notes import Note
from onesixty.store.opening import open_store
from onesixty.store.rows import By, Rows
from onesixty.webhooks.tables import WEBHOOKS, Webhook
from tests.http.world import Clock
from tests.support.databases import statements
from tests.support.sealing import KEYRING

PACKAGES = ("onesixty.store", "onesixty.work", "onesixty.webhooks", "onesixty.audit_log")
TABLES = ("audit_entries", "audit_values", "audit_pending", "audit_heads", "audit_checkpoints", "webhooks")
NUMBER = "+15551234567"


class Node:
    """One node: it changes webhooks, notes, and chains."""

    def __init__(self, store: Store, clock: AnyClock, ids: IdSource, signer: Keyring) -> None:
        self.store = store
        self.clock = clock
        self.ids = ids
        self.signer = signer
        self.metrics = Metrics(process=False)
        self.recording = Recording(store, clock, ids, os.urandom, signer)
        self.rows: Rows[Webhook] = Rows(
            WEBHOOKS, store, clock, ids, one="webhook", effects=[self.recording.effect], sealer=signer
        )
        self.cleaner = Cleaner(store, clock, signer)
        self.restart()

    def restart(self) -> None:
        """As after a kill: what the chainer had in memory is gone."""
        self.chainer = Chainer(self.store, self.clock, self.ids, self.signer, Observer(self.metrics))

    def by(self, account_id: str, **said: Any) -> By:
        return By(account_id, Actor("key", "key_1"), "req_1", "192.0.2.1", **said)

    async def make(self, account_id: str, **said: Any) -> Webhook:
        row = Webhook(
            id=self.rows.new_id(),
            account_id=account_id,
            url="https://example.com/hook",
            events=("message.sent",),
            secret="whsec_do_not_show",
            enabled=True,
            description="first",
            test=False,
            created_at=self.clock.now_ms(),
        )
        return await self.rows.add(row, by=self.by(account_id, **said))

    async def change(self, row: Webhook, description: str) -> Webhook:
        changed = msgspec.structs.replace(row, description=description)
        return await self.rows.change(row, changed, by=self.by(row.account_id))

    async def note(self, account_id: str, number: str = NUMBER) -> None:
        await self.recording.record(
            Note(by=self.by(account_id), action="redacted", object="message", object_id="msg_1",
                 personal={"to": number}, details={"reason": "asked for"})
        )  # fmt: skip

    async def verdict(self) -> Verdict:
        return await verify(self.store, self.signer, late_before=self.clock.now_ms() - 3_600_000)

    async def entries(self, account_id: str) -> list[dict[str, Any]]:
        names = "id account_id at actor home address request_id action object object_id test reason changes sequence"
        rows = await self.store.fetch("audit_chain", account_id=account_id, above=0, most=100_000)
        return [dict(zip(names.split(), row, strict=False)) for row in rows]


class World:
    """A database, the nodes on it, and a way into it past them. On SQLite all nodes share the one writer."""

    def __init__(self, url: str, seed: int = 160) -> None:
        self.url = url
        self.clock = Clock()
        self.signer = KEYRING
        self.nodes: list[Node] = []
        self._random = Random(seed)
        self._stores: list[Store] = []

    async def open(self, nodes: int) -> None:
        for _ in range(nodes):
            if urls.is_postgresql(self.url) or not self._stores:
                self._stores.append(
                    await open_store(self.url, statements(*PACKAGES), clock=self.clock, migrate=False)
                )
            ids = IdSource(self.clock, Random(self._random.getrandbits(32)))
            self.nodes.append(Node(self._stores[-1], self.clock, ids, self.signer))

    async def close(self) -> None:
        for store in self._stores:
            await store.close()

    async def sql(self, *scripts: str) -> None:
        """Run SQL past the nodes."""
        if urls.is_postgresql(self.url):
            connection = await asyncpg.connect(self.url)
            for script in scripts:
                await connection.execute(script)
            await connection.close()
            return
        with sqlite3.connect(urls.sqlite_path(self.url)) as file:
            for script in scripts:
                file.executescript(script)
        file.close()

    async def read(self, sql: str) -> list[Sequence[Any]]:
        if urls.is_postgresql(self.url):
            connection = await asyncpg.connect(self.url)
            rows = await connection.fetch(sql)
            await connection.close()
            return [tuple(row) for row in rows]
        with sqlite3.connect(urls.sqlite_path(self.url)) as file:
            found = file.execute(sql).fetchall()
        file.close()
        return found

    async def empty(self) -> None:
        await self.sql(*(f"DELETE FROM {table};" for table in TABLES))


def run(work: Any) -> Any:
    """Run a coroutine to its end, for tests that draw their examples."""
    return asyncio.run(work)
