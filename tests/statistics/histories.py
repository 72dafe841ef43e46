"""Random histories of messages, written by the product's own rules, and a plain count to hold the boxes against."""

from __future__ import annotations

import random
from collections import Counter as Bag
from collections.abc import Sequence
from copy import copy
from typing import Any

import msgspec

from onesixty.channels.registry import standard
from onesixty.core import ids, statuses
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.core.message import Attempt, Change, Message, attempt_from_row, from_row
from onesixty.messages import changes
from onesixty.messages.recorder import Recorder
from onesixty.statistics.counter import Counter, State
from onesixty.statistics.counting import DURATIONS, TIMES
from onesixty.statistics.rebuild import Rebuild
from onesixty.store.contract import Store
from onesixty.store.units import Unavailable, Unit
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import EndpointTable
from tests.support.clock import ManualClock
from tests.support.sealing import KEYRING

FEATURES = (
    "onesixty.store", "onesixty.messages", "onesixty.dispatch", "onesixty.work", "onesixty.webhooks",
    "onesixty.retention", "onesixty.statistics", "onesixty.reports", "tests.statistics",
)  # fmt: skip
START = 1_790_000_000_000
MINUTE = 60_000
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE


class Lease:
    """A lease that is held."""

    def __init__(self, id_: int) -> None:
        self.id = id_

    def claim(self) -> int:
        return self.id


class Crashing:
    """A store for the counter, whose commits can fail before they are written, or lose their answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fails: str | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, units: Sequence[Unit]) -> list[Any]:
        fails, self.fails = self.fails, None
        if fails == "before":
            return [Unavailable("crashed before the commit")]
        results = await self._store.commit(units)
        return [Unavailable("the answer was lost")] if fails == "after" else results


class World:
    """Messages that live, and the task that counts them."""

    def __init__(self, store: Store, seed: int, *, charge_on_sent: bool = True) -> None:
        self.store = store
        self.clock = ManualClock(START)
        self.random = random.Random(seed)
        self.ids = IdSource(self.clock, self.random)
        self.charge_on_sent = charge_on_sent
        self.messages: dict[str, Message] = {}
        self._attempts: dict[str, list[Attempt]] = {}
        self._recorder = Recorder([EventEffect(EndpointTable(KEYRING), self.ids, channels=standard())])
        self.crashing = Crashing(store)
        self.lease = 1
        self.begin()

    def begin(self) -> None:
        """A new task, as after a start: nothing is in its memory."""
        lease = Lease(self.lease)
        self.counter = Counter(
            self.crashing,
            clock=self.clock,
            lease=lease,
            charge_on_sent=self.charge_on_sent,
            notes=3,
            most_notes=6,
        )  # type: ignore[arg-type]

        async def sleep(_seconds: float) -> None: ...

        self.rebuild = Rebuild(
            self.crashing, self.counter, clock=self.clock, lease=lease, page=7, sleep=sleep
        )  # type: ignore[arg-type]

    # ------------------------------------------------------------ what happens

    async def accept(self, count: int = 1) -> None:
        units = []
        for _ in range(count):
            choose = self.random.choice
            scheduled = self.random.random() < 0.2
            now = self.clock.ms
            inbound = self.random.random() < 0.1
            message = Message(
                id=self.ids.new(ids.MESSAGE),
                account_id=choose(["acc_a", "acc_b"]),
                test=choose([False, False, True]),
                direction="inbound" if inbound else "outbound",
                sender=choose(["Brand", "Other"]) if not inbound else "+491700000001",
                recipient="+491700000000" if not inbound else "12345",
                text="hello",
                encoding="gsm7",
                segments=choose([1, 2]),
                class_=choose(["otp", "transactional"]),
                country=choose(["DE", "FR", None]),
                network=choose(["26201", None]),
                tags=choose([None, None, '["red"]', '["red","blue"]']),
                campaign_id=choose([None, "cmp_1"]),
                price=choose([0, 7500, 9000]),
                currency=choose(["EUR", "USD"]),
                created_at=now,
                expires_at=now + 86_400_000,
                status=statuses.RECEIVED if inbound else statuses.SCHEDULED if scheduled else statuses.QUEUED,
                due_at=None if inbound else now + 1000,
                scheduled_at=now + 1000 if scheduled else None,
                queued_at=None if scheduled or inbound else now,
                done_at=now if inbound else None,
                route_id="rte_1",
                carrier_id=None if inbound else choose(["car_1", "car_2"]),
            )
            event = None
            if inbound:
                message.sequence, event = 1, "message.received"
            self.messages[message.id] = message
            units.append(self._recorder.acceptance(message, event=event))
        await self._write(*units)

    def some(self, *wanted: str) -> Message | None:
        found = [m for m in self.messages.values() if m.status in wanted and m.direction == "outbound"]
        return self.random.choice(found) if found else None

    async def edit(self) -> None:
        message = self.some("scheduled", "queued")
        if message is not None:
            after = copy(message)
            after.version += 1
            after.sequence += 1
            after.price, after.segments, after.sender = 12_000, 3, "Edited"
            after.class_, after.tags = "marketing", '["green"]'
            change = Change(before=message, after=after, event="message.changed", at=self.clock.ms)
            await self._write(self._recorder.edit(change))
            self.messages[after.id] = after

    async def reroute(self) -> None:
        """A change without an event."""
        message = self.some("scheduled", "queued")
        if message is not None:
            change = changes.touch(message, self.clock.ms)
            change.after.carrier_id, change.after.route_id = "car_9", "rte_9"
            await self._step(change)

    async def release(self) -> None:
        message = self.some("scheduled")
        if message is not None:
            await self._step(changes.advance(message, statuses.QUEUED, self.clock.ms, due_at=self.clock.ms))

    async def send(self) -> None:
        message = self.some("queued")
        if message is not None:
            change = changes.advance(message, statuses.SENT, self.clock.ms, due_at=self.clock.ms + 1000)
            change.after.attempts += 1
            change.after.sender_used = self.random.choice([None, "Fallback"])
            await self._step(change, *self._attempt(change.after, "accepted"))

    async def lose(self) -> None:
        """An attempt without an answer; the message goes on waiting."""
        message = self.some("queued")
        if message is not None:
            change = changes.touch(message, self.clock.ms)
            change.after.attempts += 1
            await self._step(change, *self._attempt(change.after, "unknown"))

    async def evidence(self) -> None:
        """A carrier's answer that comes late changes what an attempt costs, also of a message that has ended."""
        open_ = [(id_, a) for id_, all_ in self._attempts.items() for a in all_ if a.outcome == "unknown"]
        if not open_:
            return
        id_, attempt = self.random.choice(open_)
        found = msgspec.structs.replace(attempt, outcome="accepted", cost=9999, found_at=self.clock.ms)
        kept = self._attempts[id_]
        kept[kept.index(attempt)] = found
        write: Write = ("attempt_evidence", msgspec.structs.astuple(found))
        await self._write(Unit(keys=(id_,), writes=(write,)))

    async def surprise(self) -> None:
        """An attempt that nobody knew of comes to light, also of a message that has ended."""
        message = self.some(*statuses.ALL)
        if message is not None and message.status != "received":
            outcome = self.random.choice(["accepted", "unknown"])
            self._attempt(message, outcome, attempt=90 + len(self._attempts.get(message.id, ())))
            found = self._attempts[message.id][-1]
            if outcome == "accepted":
                found.found_at = self.clock.ms
            write: Write = ("attempt_evidence", msgspec.structs.astuple(found))
            await self._write(Unit(keys=(message.id,), writes=(write,)))

    async def end(self) -> None:
        message = self.some("sent", "queued", "undelivered", "unconfirmed")
        if message is None:
            return
        status = self.random.choice(sorted(statuses.TRANSITIONS[message.status] & statuses.TERMINAL))
        change = changes.end(
            message, status, self.clock.ms, None if status == "delivered" else "undeliverable"
        )
        await self._step(change)

    async def redact(self) -> None:
        message = self.some(*statuses.TERMINAL)
        if message is None or message.redacted_at is not None:
            return
        rows: list[Write] = [("message_redact", (message.id, message.version, self.clock.ms))]
        await self._write(Unit(keys=(message.id,), guards=tuple(rows)))
        after = copy(message)
        after.version += 1
        after.redacted_at = self.clock.ms
        self.messages[message.id] = after

    async def wait(self) -> None:
        self.clock.ms += self.random.choice([900, 7_000, MINUTE, QUARTER, 5 * HOUR, 17 * HOUR])

    async def count(self) -> None:
        if self.random.random() < 0.3:
            self.crashing.fails = self.random.choice(["before", "after"])
        try:
            if await self.counter.once() and self.random.random() < 0.5:
                await self.rebuild.once()
        except Unavailable:
            self.begin()
        self.crashing.fails = None

    async def build(self) -> None:
        await self.rebuild.begin()

    async def take_over(self) -> None:
        """Another node counts from now on."""
        await self.store.execute("lease_end", id=self.lease, now=self.clock.ms)
        rows = await self.store.execute(
            "lease_start", node="here", now=self.clock.ms, ttl=10**12, sessions="[]"
        )
        self.lease = rows[0][0]
        self.begin()

    async def remove(self, keep_from: int) -> None:
        """Retention takes ended messages away that are older."""
        before = ids.lowest_at(ids.MESSAGE, keep_from)
        await self.store.execute("retention_note", key="messages_from", value=before.partition("_")[2])
        for message in list(self.messages.values()):
            if message.id < before and message.status in statuses.TERMINAL:
                guard: Write = ("retention_message", (message.id, message.version))
                names = ("retention_attempts", "retention_statistics")
                writes = tuple((name, (message.id,)) for name in names)
                await self._write(Unit(keys=(message.id,), guards=(guard,), writes=writes))
                del self.messages[message.id]
                self._attempts.pop(message.id, None)

    ACTS = (
        accept, accept, accept, edit, reroute, release, send, send, send, lose, evidence, surprise, end, end, end,
        redact, wait, wait, count, count, count,
    )  # fmt: skip

    async def live(self, steps: int, *, also: Sequence[Any] = ()) -> None:
        for _ in range(steps):
            await self.random.choice((*self.ACTS, *also))(self)

    async def settle(self) -> None:
        """Count all that there is, without a crash."""
        for _ in range(100):
            assert await self.counter.once()
            await self.rebuild.once()
            ((_, _, phase, *_, oldest),) = await self.store.fetch("statistics_look")
            if phase == "counting" and oldest is None:
                return
        raise AssertionError("it does not come to an end")

    async def _step(self, change: Change, *writes: Write) -> None:
        await self._write(self._recorder.change(change, writes=writes))
        self.messages[change.after.id] = change.after

    async def _write(self, *units: Unit) -> None:
        results = await self.store.commit(list(units))
        assert results == [True] * len(units), results

    def _attempt(self, message: Message, outcome: str, attempt: int | None = None) -> list[Write]:
        cost = self.random.choice([None, 4000, 5000])
        made = Attempt(
            message_id=message.id, attempt=attempt or message.attempts, segment=0, segments=1,
            account_id=message.account_id, carrier_id="car_1", bind=None, concat_reference=None, outcome=outcome,
            carrier_message_id=None, match_id=None, carrier_code=None, error_code=None,
            submitted_at=self.clock.ms, answered_at=self.clock.ms, cost=cost,
            currency=None if cost is None else self.random.choice(["EUR", "USD"]),
        )  # fmt: skip
        if outcome == "unknown":
            made.cost, made.currency = 4000, "EUR"
        self._attempts.setdefault(message.id, []).append(made)
        return [("attempt_insert", msgspec.structs.astuple(made))]

    # ------------------------------------------------------------ the plain count

    async def counted(self) -> dict[tuple[Any, ...], tuple[int, ...]]:
        """All boxes: by combination, span, beginning and values."""
        found = {}
        for kept, span, minute, *rest in await self.store.fetch("all_boxes"):
            values, sums = tuple(rest[:-4]), tuple(rest[-4:])
            found[kept, span, minute, *values] = sums
        return found

    async def times(self) -> dict[tuple[Any, ...], int]:
        return {tuple(row[:-1]): row[-1] for row in await self.store.fetch("all_times")}

    async def state(self) -> State:
        ((*row, _),) = await self.store.fetch("statistics_state")
        return State.of(tuple(row))

    async def plain(self, state: State) -> tuple[dict[tuple[Any, ...], tuple[int, ...]], Bag[Any]]:
        """The same by a plain count over the rows of messages, written without the product's code."""
        reaches = {15: state.folded, 60: state.hours_folded, 1440: state.days_folded}
        boxes: dict[tuple[Any, ...], list[int]] = {}
        slow: Bag[Any] = Bag()
        attempts: dict[str, list[Attempt]] = {}
        for row in await self.store.fetch("all_attempts"):
            attempt = attempt_from_row(row)
            attempts.setdefault(attempt.message_id, []).append(attempt)
        for row in await self.store.fetch("all_messages"):
            m = from_row(row)
            waits = m.status in ("scheduled", "queued", "held")
            costs: Bag[str] = Bag()
            for a in attempts.get(m.id, []):
                if a.cost is not None and a.currency and not waits:
                    costs[a.currency] += a.cost
            free = m.status in ("failed", "expired", "canceled") or (
                m.status in ("undelivered", "unconfirmed") and not (self.charge_on_sent and m.sent_at)
            )
            price = 0 if free else m.price
            sender = m.recipient if m.direction == "inbound" else m.sender
            if not waits and m.direction != "inbound" and m.sender_used:
                sender = m.sender_used
            carrier, route = (None, None) if waits else (m.carrier_id, m.route_id)
            error = None if waits else m.error_code
            own = {"account_id": m.account_id}
            by = {
                "total": {"class_": m.class_, "channel": m.channel, "error_code": error},
                "account": {**own, "class_": m.class_, "channel": m.channel, "campaign_id": m.campaign_id},
                "account_country": {
                    **own, "country": m.country, "network": m.network, "class_": m.class_, "error_code": error,
                },
                "account_sender": {**own, "sender": sender},
                "account_carrier": {**own, "carrier_id": carrier, "route_id": route},
                "carrier": {
                    "carrier_id": carrier, "route_id": route, "country": m.country, "network": m.network,
                    "error_code": error,
                },
            }  # fmt: skip
            money = sorted(costs.items())
            shares = [(money[0] if money else (None, 0), (1, m.segments, price))]
            shares += [(each, (0, 0, 0)) for each in money[1:]]
            pairs = [(kept, values, currency, (*sums, cost)) for kept, values in by.items()
                     for (currency, cost), sums in shares]  # fmt: skip
            for tag in set(msgspec.json.decode(m.tags) if m.tags else []):
                pairs.append(("tag", {**own, "tag": tag}, None, (1, m.segments, price, 0)))
            at = m.created_at // MINUTE
            for kept, values, cost_currency, sums in pairs:
                for span in (1, *reaches):
                    if at < state.minutes_from if span == 1 else at >= reaches[span]:
                        continue
                    key = (
                        kept, span, at // span * span, *(values.get(name) for name in VALUES), m.status, m.currency,
                        cost_currency, int(m.test),
                    )  # fmt: skip
                    box = boxes.setdefault(key, [0, 0, 0, 0])
                    for place, value in enumerate(sums):
                        box[place] += value
                    if sums[0] and kept not in ("tag", "account_sender", "account_carrier"):
                        delivered = m.status == "delivered" and m.done_at is not None
                        sent = m.sent_at is not None and not waits and m.status != "received"
                        slow[*key, "delivery"] += delivered
                        slow[*key, "sending"] += sent
                        slow[*key, "carrier"] += delivered and sent
        return {key: tuple(sums) for key, sums in boxes.items() if any(sums)}, slow


VALUES = (
    "account_id", "country", "network", "carrier_id", "route_id", "sender", "class_", "channel", "campaign_id",
    "error_code", "tag",
)  # fmt: skip


AUDITS = (
    ("audit_counted", ("on_sent", "open_from", "most")),
    ("audit_counted_costs", ("open_from", "most")),
    ("audit_counted_alike", ("open_from", "most")),
    ("audit_counted_levels", ("most",)),
)


async def new_world(store: Store, seed: int, **options: Any) -> World:
    rows = await store.execute("lease_start", node="here", now=START, ttl=10**12, sessions="[]")
    world = World(store, seed, **options)
    world.lease = rows[0][0]
    world.begin()
    return world


async def check(world: World, *, since: int = 0) -> None:
    """The boxes from a minute on are what a plain count gives."""
    for audit, params in AUDITS:
        given = {"open_from": since * MINUTE, "most": 9, "on_sent": int(world.charge_on_sent)}
        assert await world.store.fetch(audit, **{name: given[name] for name in params}) == []
    expected, slow = await world.plain(await world.state())
    counted = await world.counted()
    open_ = {key: sums for key, sums in counted.items() if key[2] >= since and any(sums)}
    assert open_ == {key: sums for key, sums in expected.items() if key[2] >= since}
    times: Bag[Any] = Bag()
    for key, messages in (await world.times()).items():
        assert messages >= 0
        times[*key[:-1], TIMES[key[-1] // DURATIONS]] += messages
    assert +times == +slow or since
