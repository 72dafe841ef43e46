"""What the tests of webhooks share: a store, messages that change, a poster that says what it is told."""

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from onesixty.channels.registry import standard
from onesixty.core import event_body, events, ids
from onesixty.core.clock import SystemClock
from onesixty.core.ids import IdSource
from onesixty.core.message import Change, Message, insertion
from onesixty.store.contract import Store
from onesixty.store.units import Unit
from onesixty.webhooks import secrets as signing_secrets
from onesixty.webhooks.effect import EventEffect, redact, unclaimed
from onesixty.webhooks.listeners import EndpointTable
from onesixty.webhooks.poster import Answer, Outgoing
from onesixty.webhooks.secrets import sealed
from onesixty.webhooks.sink import WebhookSink
from onesixty.work.lanes import Limits
from onesixty.work.policy import Pace, Policy
from onesixty.work.queue import WorkQueue
from tests.support.sealing import KEYRING
from tests.support.waiting import wait_until_async

ACCOUNT = "acc_1"
SECRET = signing_secrets.from_key(bytes(range(32)))
#: Quick looks at the rows, so that tests do not wait.
QUICK = Limits(look=0.02, recover=0.05)
#: What fails is tried again at once, for ever.
AGAIN = Policy(
    pauses=(0.02,), jitter=0, pace=Pace(first_pause=0.02, longest_pause=0.1, ramp_start=200, ramp_step=0.05)
)
#: What fails is not tried again.
ONCE = Policy(pauses=(10.0**6,), jitter=0, last_call_ms=1 << 50, pace=AGAIN.pace)

Say = Callable[[Outgoing], Answer | None]


def message(**fields: Any) -> Message:
    base: dict[str, Any] = {
        "id": "msg_1", "account_id": ACCOUNT, "test": False, "sender": "Brand", "recipient": "+15551234567",
        "text": "Your code is 482931", "encoding": "gsm7", "segments": 1, "class_": "otp",
        "created_at": 1_700_000_000_000, "expires_at": 1_700_000_300_000, "status": "delivered", "sequence": 2,
    }  # fmt: skip
    return Message(**(base | fields))


class ScriptedPoster:
    """A poster that answers what `say` returns, on the next turn of the loop; None: it never answers."""

    def __init__(self, say: Say = lambda _outgoing: Answer(200)) -> None:
        self.say = say
        self.sent: list[Outgoing] = []
        self.forgotten: list[str] = []
        self.open: list[Callable[[Answer], None]] = []
        self.most_open: dict[str, int] = {}
        self._now_open: dict[str, int] = {}

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        self.sent.append(outgoing)
        lane = outgoing.lane
        self._now_open[lane] = self._now_open.get(lane, 0) + 1
        self.most_open[lane] = max(self.most_open.get(lane, 0), self._now_open[lane])

        def answer(said: Answer) -> None:
            self._now_open[lane] -= 1
            done(said)

        said = self.say(outgoing)
        if said is None:
            self.open.append(answer)
        else:
            asyncio.get_running_loop().call_soon(answer, said)

    def forget(self, lane: str) -> None:
        self.forgotten.append(lane)

    async def close(self) -> None:
        for answer in self.open:
            answer(Answer(None, "shutting down"))
        self.open.clear()

    def sent_to(self, lane: str) -> list[str]:
        """The event ids sent to a lane."""
        return [outgoing.event_id for outgoing in self.sent if outgoing.lane == lane]


class World:
    """A store with a table of endpoints, an effect, and queues that can be started and crashed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = SystemClock()
        self.ids = IdSource(self.clock, random.Random())
        self.table = EndpointTable(KEYRING)
        self.poster = ScriptedPoster()
        self.lease = 0
        self.queue: WorkQueue | None = None
        self._number = 0

    async def start(
        self,
        poster: ScriptedPoster | None = None,
        *,
        pace: Pace | None = None,
        policy: Policy = AGAIN,
        limits: Limits = QUICK,
        kind: type[WebhookSink] = WebhookSink,
    ) -> WorkQueue:
        """Start a queue of webhooks under a new lease."""
        self.poster = poster or self.poster
        self.lease += 1
        await self.write(
            "test_lease_insert", (self.lease, "node", self.clock.now_ms(), self.clock.now_ms() + 60_000)
        )
        lease = self.lease
        if pace is not None:
            policy = msgspec.structs.replace(policy, pace=pace)
        sink = kind(
            self.store, self.poster, self.table, clock=self.clock, entropy=secrets.token_bytes, policy=policy
        )
        self.queue = WorkQueue(
            self.store, sink, clock=self.clock, random=random.Random(1), lease=lambda: lease, limits=limits
        )
        await self.queue.start()
        return self.queue

    async def crash(self) -> None:
        """What a kill leaves: the rows as they are, and a lease that ends."""
        assert self.queue is not None
        queue, self.queue = self.queue, None
        queue._stopping = True
        await queue._refill.stop()
        await self.write("test_lease_end", (self.lease, self.clock.now_ms()))

    async def stop(self) -> None:
        if self.queue is not None:
            await self.queue.stop(0.2)
            self.queue = None

    async def endpoint(self, types: Sequence[str] = ("*",), *, test: bool = False, **fields: Any) -> str:
        """A new endpoint, known at once."""
        id_ = self.ids.new(ids.WEBHOOK)
        row = {
            "id": id_, "account_id": ACCOUNT, "url": f"https://{id_}.example/hook",
            "events": msgspec.json.encode(list(types)).decode(), "secret": SECRET, "enabled": True,
            "description": "", "test": test, "created_at": self.clock.now_ms(), "paused_at": None,
            "paused_reason": None, "failing_since": None,
        } | fields  # fmt: skip
        row["secret"] = sealed(KEYRING, id_, str(row["secret"]))
        await self.write("webhook_insert", tuple(row.values()))
        await self.table.refresh(self.store)
        return id_

    async def looked(self, times: int) -> None:
        """Wait until the queue has looked at the rows so many times more."""
        assert self.queue is not None
        refill, looks = self.queue._refill, 0
        look = refill._look

        async def counted() -> None:
            nonlocal looks
            await look()
            looks += 1

        refill._look = counted  # type: ignore[method-assign]
        await wait_until_async(lambda: looks >= times, what="looks at the rows")
        refill._look = look  # type: ignore[method-assign]

    async def happen(self, count: int = 1, *, claimed: bool = True, **fields: Any) -> list[str]:
        """Commit events, as the message path does; their ids."""
        claim = self.queue.claim if self.queue is not None and claimed else None
        effect = EventEffect(self.table, self.ids, claim or unclaimed, channels=standard())
        units, made = [], []
        for _ in range(count):
            self._number += 1
            after = message(**({"id": f"msg_{self._number}"} | fields))
            change = Change(
                before=None, after=after, event=events.of_status(after.status), at=self.clock.now_ms()
            )
            writes = effect(change)
            made.append(str(writes[0][1][0]))
            if not await self.store.fetch("messages_by_id", ids=[after.id]):
                writes.append(insertion(after))
            units.append(Unit(keys=(after.id,), writes=tuple(writes)))
        results = await self.store.commit(units)
        assert results == [True] * count
        return made

    async def redact(self, id_: str, at: int = 1_700_000_001_000) -> None:
        """Redact a message and its events, as the message path does."""
        writes = (("message_redact", (id_, 1, at)), *redact(id_, at))
        assert await self.store.commit([Unit(keys=(id_,), writes=writes)]) == [True]

    async def write(self, statement: str, row: tuple[Any, ...]) -> None:
        results = await self.store.commit([Unit(keys=(statement,), writes=((statement, row),))])
        assert results == [True], results

    async def bodies(self) -> list[str]:
        """Every event as it is told, oldest first."""
        return [event_body.told(*row) for row in await self.store.fetch("test_events")]

    async def deliveries(self) -> list[dict[str, Any]]:
        names = ("id", "event_id", "lane", "status", "tries", "claim", "due_at", "response_status", "error")
        return [dict(zip(names, row, strict=True)) for row in await self.store.fetch("test_deliveries")]

    async def wait_all(self, status: str, count: int, timeout: float = 10.0) -> list[dict[str, Any]]:
        """The deliveries, as soon as `count` of them have this status."""

        async def enough() -> list[dict[str, Any]] | None:
            rows = await self.deliveries()
            return rows if sum(row["status"] == status for row in rows) >= count else None

        rows = await wait_until_async(enough, timeout, f"{count} deliveries {status}")
        assert rows is not None
        return rows

    async def webhook(self, id_: str) -> dict[str, Any]:
        names = ("enabled", "paused_at", "paused_reason", "failing_since")
        (row,) = await self.store.fetch("test_webhook", id=id_)
        return dict(zip(names, row, strict=True))


STATEMENTS = """
-- name: test_lease_insert
-- params: id bigint, node text, started_at bigint, expires_at bigint
INSERT INTO leases (id, node, started_at, expires_at) VALUES (:id, :node, :started_at, :expires_at)

-- name: test_lease_end
-- params: id bigint, at bigint
UPDATE leases SET ended_at = :at WHERE id = :id

-- name: test_expire
-- params: at bigint
UPDATE work SET expires_at = :at WHERE due_at IS NOT NULL

-- name: test_deliveries
SELECT id, subject, lane, status, tries, claim, due_at, code, error FROM work ORDER BY id

-- name: test_events
SELECT e.id, e.type, e.created_at, e.sequence, e.message_id, e.data, e.state, m.*
FROM events e LEFT JOIN messages m ON m.id = e.message_id ORDER BY e.id

-- name: test_webhook
-- params: id text
SELECT enabled, paused_at, paused_reason, failing_since FROM webhooks WHERE id = :id
"""
