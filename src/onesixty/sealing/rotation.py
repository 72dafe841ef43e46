"""Replaces the instance secret while nodes run, and starts over after it was lost.

A rotation goes through these steps. Each is noted where it happens, so a rotation that was stopped goes on with the
next one when it is called again:

1. the new secret is made and stands before the old one, in the file or in the setting;
2. every running node knows both;
3. the database puts the new one in force, and the nodes seal with it;
4. every value that is sealed with the old one is sealed with the new one;
5. the old one is retired. Only then is it taken out of the file.

Rules kept here:
- no step is taken while a running node could not open what follows from it;
- values are replaced compare-and-set, so what nodes change meanwhile stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.sealing import columns, keys
from onesixty.sealing.keyring import Key, Keyring, Unopenable, is_sealed
from onesixty.sealing.keys import KeyRow
from onesixty.sealing.opening import known
from onesixty.sealing.source import SecretError, Source, new_secret
from onesixty.store.contract import Store
from onesixty.store.table import Table
from onesixty.store.units import StoreError, Unit

#: Seconds for which running nodes are waited for, and between two looks at them.
PATIENCE: Final = 60.0
LOOK: Final = 0.5
#: Seconds after which a node has committed what it had sealed before it knew of the new key.
GRACE: Final = 5.0

#: Says what happens.
Say = Callable[[str], None]


class Rotation(NamedTuple):
    """What a rotation works on. `nodes` says whether a node may be running (a SQLite file shows it by its lock)."""

    store: Store
    source: Source
    clock: Clock
    tables: Sequence[Table[Any]]
    say: Say
    nodes: Callable[[], bool]
    patience: float = PATIENCE
    grace: float = GRACE

    async def rotate(self) -> str:
        """Replace the secret by another, or go on with a replacement that was begun. Returns the id of the one in
        force. Raises SecretError, StoreError."""
        rows = await keys.all_keys(self.store)
        keyring = known(self.source, rows)
        current = keys.in_force(rows)
        if current is None:
            raise SecretError(
                "this database has no instance secret yet: the first start of the server makes it"
            )
        if not any(row.state == keys.OLD for row in rows):
            wanted = self._wanted(keyring, current.id)
            await self._until(f"every node knows {wanted}", lambda node: wanted in node.known)
            await self._put_in_force(keyring, rows, wanted)
            self.say(f"{wanted} is in force")
        return await self.finish()

    async def finish(self) -> str:
        """Seal with the secret in force what is sealed with the one before, and retire that. Returns the id of the
        one in force. Raises SecretError, StoreError."""
        rows = await keys.all_keys(self.store)
        keyring = known(self.source, rows)
        current, olds = keyring.current, [row for row in rows if row.state == keys.OLD]
        waited = await self._until(f"every node uses {current}", lambda node: node.current == current)
        replaced = await self._reseal(keyring)
        if olds and waited:
            await asyncio.sleep(self.grace)
            replaced += await self._reseal(keyring)
        self.say(f"{replaced} values were sealed again")
        if await columns.left(self.store, current, self.tables):
            raise SecretError("values were sealed with the old secret meanwhile: run the command again")
        for row in olds:
            public = keys.public_value(keyring, row.id, keyring.key(row.id).public)
            await self._commit(("secret_key_retire", (row.id, public, self.clock.now_ms())))
            self.say(f"{row.id} is retired")
        if not self.source.given:
            self.source.write(tuple(secret for secret in self.source.read() if Key(secret).id == current))
        elif len(self.source.given) > 1:
            self.say("take the old secret out of ONESIXTY_SECRET_KEY at the next restart of each node")
        return current

    def _wanted(self, keyring: Keyring, current: str) -> str:
        """The id of the secret that shall come into force: the first one, or a new one in the file."""
        wanted = keyring.ids[0]
        if wanted != current:
            return wanted
        if self.source.given:
            raise SecretError(
                "set ONESIXTY_SECRET_KEY to a new secret (`openssl rand -hex 32`), a comma and the present one, on "
                "every node and for this command; restart the nodes one after the other, then run this command again"
            )
        self.source.write((new_secret(), self.source.read()[0]))
        keyring.know(self.source.read())
        self.say(f"{self.source.path} has a new secret, {keyring.ids[0]}, before the present one")
        return keyring.ids[0]

    async def _put_in_force(self, keyring: Keyring, rows: Sequence[KeyRow], wanted: str) -> None:
        """Raises SecretError if another rotation was first."""
        publics = {row.id: keys.public_of(keyring, row) for row in rows}
        keyring.current = wanted
        writes: list[Write] = [
            ("secret_key_reseal", (id_, keys.public_value(keyring, id_, public)))
            for id_, public in publics.items()
            if public is not None
        ]
        before = next(row.id for row in rows if row.state == keys.CURRENT)
        await self._commit(
            ("secret_key_old", (before,)), (*writes, keys.inserting(keyring, self.clock.now_ms()))
        )

    async def _commit(self, guard: Write, writes: Sequence[Write] = ()) -> None:
        (result,) = await self.store.commit([Unit(("secret",), (guard,), tuple(writes))])
        if isinstance(result, StoreError):
            raise result
        if not result:
            raise SecretError("another rotation is under way: run the command again when it has ended")

    async def _reseal(self, keyring: Keyring) -> int:
        try:
            return await columns.reseal(self.store, keyring, self.tables)
        except Unopenable as error:
            raise SecretError(str(error)) from None

    async def _until(self, what: str, holds: Callable[[Node], bool]) -> bool:
        """Wait until `holds` for every running node. Returns whether there was one. Raises SecretError."""
        said, left = False, self.patience
        while True:
            nodes = await self._alive() if self.nodes() else []
            behind = sorted({node.name for node in nodes if not holds(node)})
            if not behind:
                return bool(nodes)
            if left <= 0:
                raise SecretError(
                    f"not {what}: {', '.join(behind)}. Give it the same secrets as this command, restart it, and "
                    "run the command again"
                )
            if not said:
                self.say(f"waiting until {what}")
                said = True
            await asyncio.sleep(LOOK)
            left -= LOOK

    async def _alive(self) -> list[Node]:
        rows = await self.store.fetch("secret_nodes_alive", now=self.clock.now_ms())
        return [Node(name, (ids or "").split(), current or "") for name, ids, current in rows]

    # ------------------------------------------------------------ after a loss

    async def reset(self) -> int:
        """Start over with another secret: what the lost one sealed is emptied. Returns how many values that are.
        Raises SecretError if the secret is not lost, or a node runs; StoreError."""
        rows = await keys.all_keys(self.store)
        present = Keyring(self.source.read())
        if all(keys.proves(present, row) for row in rows if row.state != keys.RETIRED):
            raise SecretError(f"{self.source.name} has the instance secret of this database: nothing is lost")
        if self.nodes() and (alive := await self._alive()):
            raise SecretError(
                f"a node is running: {', '.join(sorted({node.name for node in alive}))}. Stop it"
            )
        emptied = sum([await self._empty(table) for table in self.tables])
        await self.store.execute("secret_keys_forget", now=self.clock.now_ms())
        return emptied

    async def _empty(self, table: Table[Any]) -> int:
        """Empty the values of a table that no secret of this node opens."""
        keyring, emptied, after = Keyring(self.source.read()), 0, ""
        while rows := await self.store.fetch(
            f"{table.statements}_unsealed", after=after, pattern="", most=columns.STEP
        ):
            after = str(rows[-1][0])
            units = []
            for key, *values in rows:
                for field, value in zip(table.sealed, values, strict=True):
                    purpose = table.purpose(field)
                    if not value or not is_sealed(value) or _opens(keyring, value, purpose, key):
                        continue
                    guard: Write = (f"{table.statements}_reseal_{field}", (key, value, table.lost))
                    units.append(Unit((f"{key} {field}",), (guard,)))
            for result in await self.store.commit(units) if units else ():
                if isinstance(result, StoreError):
                    raise result
                emptied += result is True
        return emptied


class Node(NamedTuple):
    """A running node: the ids of the keys that it knows, and the one that it seals with."""

    name: str
    known: Sequence[str]
    current: str


def _opens(keyring: Keyring, value: str, purpose: str, key: str) -> bool:
    try:
        keyring.open(value, purpose, key)
    except Unopenable:
        return False
    return True
