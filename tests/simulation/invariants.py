"""What must be true at the end of every seed, asked of the database and of the world, not of the product."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator

from onesixty.core import outcomes, statuses
from onesixty.core.message import Attempt, Message, attempt_from_row, from_row
from onesixty.core.times import to_text
from onesixty.reports.audit import FEATURES as AUDIT
from onesixty.reports.audit import Terms, run_audit
from onesixty.store.opening import open_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from tests.simulation.plan import ACCOUNTS, CALLBACK, CREDIT, URLS
from tests.simulation.virtual import START_MS
from tests.simulation.world import World

#: The ends that say that no carrier took the message; none of them is taken back.
_CLOSED = (statuses.FAILED, statuses.EXPIRED, statuses.CANCELED)


class Facts:
    """The end state, read once."""

    def __init__(self, world: World, connection: sqlite3.Connection) -> None:
        self.world = world
        self.connection = connection
        rows = connection.execute("SELECT * FROM messages ORDER BY id").fetchall()
        self.messages: dict[str, Message] = {m.id: m for m in map(from_row, rows)}
        rows = connection.execute("SELECT * FROM attempts ORDER BY message_id, attempt, segment").fetchall()
        self.attempts: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in map(attempt_from_row, rows):
            self.attempts[attempt.message_id].append(attempt)
        self.carriers = dict(connection.execute("SELECT id, name FROM carriers").fetchall())
        accounts = {name: id_ for id_, name in connection.execute("SELECT id, name FROM accounts")}
        self.accounts = [accounts[name] for name, _ in ACCOUNTS]


async def audit(memory: MemoryDatabase, world: World) -> list[str]:
    """What `onesixty audit` finds."""
    store = await open_store("sqlite://", load(AUDIT), clock=world.time, memory=memory)
    findings = await run_audit(store, Terms(now=world.time.now_ms(), charge_on="sent"))
    await store.close()
    return [f"audit {f.name}: {f.sentence}: {f.count} {f.ids}" for f in findings if f.count]


def broken(world: World, memory: MemoryDatabase) -> list[str]:
    """Every invariant that does not hold, in words."""
    facts = Facts(world, memory.connection)
    return [
        complaint
        for rule in (accepted, idempotent, taken, told_truth, receipts, events, money, people, modes)
        for complaint in rule(facts)
    ]


def accepted(facts: Facts) -> Iterator[str]:
    """Promises 1 and 2: what was answered is there, and at an end."""
    for ask in facts.world.asks:
        if ask.answer is not None:
            message = facts.messages.get(ask.answer)
            if message is None:
                yield f"ask {ask.number}: accepted as {ask.answer}, which is not on disk"
            elif message.reference != f"ask-{ask.number}":
                yield f"ask {ask.number}: {ask.answer} is another's ({message.reference})"
    for message in facts.messages.values():
        if message.status not in statuses.TERMINAL:
            yield f"{message.id} is {message.status}"
    if count := facts.connection.execute("SELECT COUNT(*) FROM flights").fetchone()[0]:
        yield f"{count} flights are left open"


def idempotent(facts: Facts) -> Iterator[str]:
    """Promise 6: a key makes one message, and every answer to it is the same."""
    made = Counter(message.reference for message in facts.messages.values())
    for ask in facts.world.asks:
        count = made[f"ask-{ask.number}"]
        if count > 1 or (ask.answer is not None and count != 1):
            yield f"ask {ask.number} (key {ask.key}, {ask.tries} tries) made {count} messages"
        if ask.refused is not None and count:
            yield f"ask {ask.number} was refused ({ask.refused}) and made {count} messages"
        if len(set(ask.answers)) > 1:
            yield f"ask {ask.number} got {len(set(ask.answers))} different answers"


def taken(facts: Facts) -> Iterator[str]:
    """Promise 3: repeats are counted, and what is held is never sent twice."""
    times: Counter[tuple[str, int]] = Counter()
    for one in facts.world.taken:
        times[one.message_id, one.segment] += 1
        message = facts.messages.get(one.message_id)
        if message is None:
            yield f"{one.carrier} took {one.message_id}, which is not on disk"
            continue
        at = START_MS + one.at * 1000
        if message.scheduled_at is not None and at < message.scheduled_at - 1:
            yield f"{message.id} was sent before its time"
        if at > message.expires_at + 10_000:
            yield f"{message.id} was sent after {to_text(message.expires_at)}"
    for (message_id, segment), count in times.items():
        message = facts.messages[message_id]
        if count > 1 + message.duplicates:
            yield (
                f"segment {segment} of {message_id} was taken {count} times, {message.duplicates} are counted"
                f" (on_unknown {message.on_unknown}, {message.status})"
            )
        if message.on_unknown == "hold" and count > 1:
            yield f"segment {segment} of {message_id} is to be held and was taken {count} times"


def told_truth(facts: Facts) -> Iterator[str]:
    """`delivered` only if a carrier delivered every segment; sent only if it took every one."""
    by_carrier: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one in facts.world.taken:
        if one.delivered:
            by_carrier[one.message_id][one.carrier].add(one.segment)
    for message in facts.messages.values():
        known = facts.attempts[message.id]
        # What came to light after the end changes the end no more, unless it is a receipt that says delivered.
        took = any(a.outcome == outcomes.ACCEPTED and a.found_at is None for a in known)
        if message.status == statuses.DELIVERED:
            parts = max(a.segments for a in known if a.outcome == outcomes.ACCEPTED)
            if not any(len(segments) == parts for segments in by_carrier[message.id].values()):
                yield f"{message.id} is delivered, the carriers delivered {dict(by_carrier[message.id])}"
        if message.status in _CLOSED and took:
            yield f"{message.id} is {message.status}, and a carrier accepted a part of it"


def receipts(facts: Facts) -> Iterator[str]:
    """Promise 4: what was acknowledged is kept, matched and applied."""
    kept: Counter[tuple[str, int]] = Counter()
    rows = facts.connection.execute(
        "SELECT carrier_id, raw, state, message_id, match_id FROM receipts"
    ).fetchall()
    acknowledged = sum(len(carrier.acknowledged) for carrier in facts.world.carriers.values())
    if len(rows) < acknowledged:
        yield f"{acknowledged} receipts were acknowledged, {len(rows)} are kept"
    for carrier_id, _, state, _, _ in rows:
        kept[facts.carriers[carrier_id], state] += 1
    for name, carrier in facts.world.carriers.items():
        for state, count in Counter(state for _, state in carrier.acknowledged).items():
            if kept[name, state] < count:
                yield f"{name}: {count} receipts of state {state} were acknowledged, {kept[name, state]} kept"
    known = {
        (facts.carriers[a.carrier_id], a.match_id): a
        for list_ in facts.attempts.values()
        for a in list_
        if a.match_id
    }
    for name, carrier in facts.world.carriers.items():
        for match_id, state in carrier.acknowledged:
            attempt = known.get((name, match_id))
            if attempt is not None and state == 2 and attempt.state != statuses.DELIVERED:
                yield f"{attempt.message_id} {attempt.segment}: DELIVRD of {name} {match_id} was not applied"
    for message in facts.messages.values():
        # A handset joins only what has one reference.
        delivered: dict[tuple[int, int | None], set[int]] = defaultdict(set)
        for attempt in facts.attempts[message.id]:
            if attempt.outcome == outcomes.ACCEPTED and attempt.state == statuses.DELIVERED:
                delivered[attempt.segments, attempt.concat_reference].add(attempt.segment)
        if (
            any(len(found) == segments for (segments, _), found in delivered.items())
            and message.status != statuses.DELIVERED
            and not (message.status in _CLOSED and any(a.found_at for a in facts.attempts[message.id]))
        ):
            yield f"all segments of {message.id} are delivered, it is {message.status}"


def events(facts: Facts) -> Iterator[str]:
    """Promise 7: every event reached every receiver at least once, numbered from 1 without gaps."""
    for message in facts.messages.values():
        urls = [URLS[facts.accounts.index(message.account_id)]]
        if message.status_callback:
            urls.append(CALLBACK)
        for url in urls:
            got = facts.world.events.get(url, {}).get(message.id, {})
            if sorted(got) != list(range(1, message.sequence + 1)):
                yield f"{message.id}: {url} got the events {sorted(got)} of {message.sequence}"


def money(facts: Facts) -> Iterator[str]:
    """Promise 5: nothing stays held, and what is charged is the price of what a carrier took."""
    for account_id, (name, price) in zip(facts.accounts, ACCOUNTS, strict=True):
        held, charged = facts.connection.execute(
            "SELECT COALESCE(SUM(held), 0), COALESCE(SUM(charged), 0) FROM ledger WHERE account_id = ?",
            (account_id,),
        ).fetchone()
        due = 0
        for message in facts.messages.values():
            if message.account_id != account_id:
                continue
            if message.price != (0 if message.test else price * message.segments):
                yield f"{message.id} costs {message.price}"
            if message.sent_at is not None or message.status == statuses.DELIVERED:
                due += message.price
        if held or charged != due:
            yield f"{account_id}: held {held}, charged {charged}, sent for {due}"
        if charged > CREDIT.get(name, charged):
            yield f"{account_id}: charged {charged} of {CREDIT[name]}"


def people(facts: Facts) -> Iterator[str]:
    """What was canceled is canceled; what was redacted is nowhere any more."""
    for message_id in facts.world.canceled:
        if facts.messages[message_id].status != statuses.CANCELED:
            yield f"{message_id} was canceled and is {facts.messages[message_id].status}"
    by_answer = {ask.answer: ask for ask in facts.world.asks}
    for message_id in facts.world.redacted:
        body = by_answer[message_id].body
        digits = body["to"].removeprefix("+")
        for table, column in (
            ("messages", "recipient"), ("messages", "text"), ("events", "data"), ("receipts", "raw"),
            ("receipts", "recipient"), ("idempotency", "response"),
        ):  # fmt: skip
            # A receipt that matched nothing belongs to no message; it is kept as it came.
            which = "message_id IS NOT NULL AND " if table == "receipts" else ""
            for needle in (digits, body["text"][:6]):
                if facts.connection.execute(
                    f"SELECT 1 FROM {table} WHERE {which}instr({column}, ?) LIMIT 1", (needle,)
                ).fetchone():
                    yield f"{message_id} was redacted; {table}.{column} still has {needle!r}"


def modes(facts: Facts) -> Iterator[str]:
    """Promise 9: test traffic goes to simulated carriers only, and costs nothing."""
    for one in facts.world.taken:
        message = facts.messages.get(one.message_id)
        if message is not None and message.test and not facts.world.carriers[one.carrier].simulated:
            yield f"{message.id} is a test and went to {one.carrier}"
