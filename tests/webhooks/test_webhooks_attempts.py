"""What is kept of attempts, what people see of a request and its answer, and the figures of a webhook."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.core import ids
from onesixty.core.clock import SystemClock
from onesixty.core.tenant import Tenant
from onesixty.store.slices import SLICE
from onesixty.webhooks import attempts, exchange
from onesixty.webhooks.attempts import Attempts
from onesixty.webhooks.delivery_reading import Delivery, DeliveryReading, Filters, told
from onesixty.webhooks.figures import Figures, summary
from onesixty.webhooks.poster import Answer, Outgoing
from onesixty.webhooks.tables import Webhook
from onesixty.work.item import Item
from tests.support.waiting import wait_until_async
from tests.webhooks.support import ACCOUNT, AGAIN, ONCE, ScriptedPoster, World, message

LIVE = Tenant(ACCOUNT, False)
OOPS = (
    b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nSet-Cookie: session=s3cret\r\nContent-Length: 11\r\n\r\n"
    b"no database"
)


@pytest.fixture
async def reading(world: World) -> AsyncIterator[DeliveryReading]:
    yield DeliveryReading(world.store, SystemClock())
    await world.stop()


def webhook(id_: str) -> Webhook:
    return Webhook(
        id=id_, account_id=ACCOUNT, url="https://example.com", events=("*",), secret="", enabled=True,
        description="", test=False, created_at=0,
    )  # fmt: skip


async def found(reading: DeliveryReading, hook: str, **filters: Any) -> list[Delivery]:
    rows, _ = await reading.page(webhook(hook), Filters(**filters), 50, None)
    return rows


# ------------------------------------------------------------ requests and answers


def test_an_answer_is_cut_and_its_secrets_are_covered() -> None:
    heard = exchange.heard(OOPS)
    assert heard is not None
    assert heard.body == "no database"
    assert heard.headers == [
        ("Content-Type", "text/plain"),
        ("Set-Cookie", exchange.COVERED),
        ("Content-Length", "11"),
    ]
    long = exchange.heard(b"HTTP/1.1 500 X\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000)
    assert long is not None
    assert len(long.body) == exchange.MOST_BODY


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\nab", "ab"),
        (b"HTTP/1.1 500 X\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab", "(gzip, not decoded)"),
        (b"HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\na\xff\x00", "a\ufffd\ufffd"),
        (b"HTTP/1.1 500 X\r\nContent-Length: 30\r\n\r\nas far as", "as far as"),
        (b"HTTP/1.1 500 X\r\n\r\nuntil the end", "until the end"),
    ],
)
def test_answers_of_every_form_are_read(raw: bytes, body: str) -> None:
    heard = exchange.heard(raw)
    assert heard is not None
    assert heard.body == body


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0", b"HTTP/1.1 500 X\r\nHalf", b"\x00\x01"])
def test_what_is_no_answer_is_none(raw: bytes) -> None:
    assert exchange.heard(raw) is None


# ------------------------------------------------------------ what is kept


class Ticking(SystemClock):
    """A clock whose seconds are set."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


def kept(
    log: Attempts,
    answer: Answer,
    *,
    id_: str = "dlv_1",
    tries: int = 1,
    lane: str = "whk_1",
    test: bool = False,
) -> tuple[Any, ...] | None:
    item = Item(id_, lane, ACCOUNT, "evt_1", None, None, None, None, tries, 1, 0)
    outgoing = Outgoing(lane, "https://example.com", "evt_1", b"{}", ())
    write = log.ended(item, outgoing, "msg_1", 0.25, answer, test=test)
    return None if write is None else tuple(write[1])


def test_failed_attempts_are_kept_and_of_good_ones_one_a_minute() -> None:
    clock = Ticking()
    log = Attempts(clock)
    row = kept(log, Answer(500, None, None, OOPS), tries=3)
    assert row is not None
    assert (row[0], row[2], row[6], row[8], row[11]) == ("dlv_1 3", 3, 250, 500, "no database")
    good = kept(log, Answer(200))
    assert good is not None
    assert good[0] == "whk_1 good"
    assert kept(log, Answer(200)) is None
    clock.now += attempts.GOOD_FOR
    assert kept(log, Answer(200)) is not None
    assert kept(log, Answer(None, "timeout")) is not None
    assert kept(log, Answer(200)) is not None, "the first after a failure"


def test_of_a_webhook_of_the_test_mode_good_ones_are_kept_within_its_budget() -> None:
    log = Attempts(Ticking())
    rows = [kept(log, Answer(200), id_=f"dlv_{number}", test=True) for number in range(attempts.BURST + 5)]
    assert [row[0] for row in rows[:2] if row] == ["dlv_0 1", "dlv_1 1"]
    beyond = [row[0] for row in rows[attempts.BURST :] if row]
    assert beyond == ["whk_1 good"], "then as in the live mode"


def test_a_receiver_that_fails_all_the_time_has_a_budget_of_its_own() -> None:
    clock = Ticking()
    log = Attempts(clock)
    answers = [kept(log, Answer(500), id_=f"dlv_{number}") for number in range(attempts.BURST + 5)]
    assert sum(row is not None for row in answers) == attempts.BURST
    assert kept(log, Answer(500), lane="whk_2") is not None
    clock.now += attempts.REFILL
    assert kept(log, Answer(500)) is not None
    assert kept(log, Answer(500)) is None


async def test_a_delivery_shows_what_was_sent_and_answered(world: World, reading: DeliveryReading) -> None:
    hook = await world.endpoint(["message.failed"])
    answers = iter([Answer(500, None, None, OOPS), Answer(None, "timeout")])
    await world.start(ScriptedPoster(lambda _: next(answers, Answer(204))), policy=AGAIN)
    (event_id,) = await world.happen(id="msg_1", status="failed")
    (row,) = await world.wait_all("delivered", 1)

    async def all_kept() -> bool:
        return len((await reading.get(LIVE, row["id"]))["tries"]) == 3

    await wait_until_async(all_kept, what="three attempts")
    detail = await reading.get(LIVE, row["id"])
    assert (detail["event_id"], detail["webhook_id"], detail["attempts"]) == (event_id, hook, 3)
    first, second, third = detail["tries"]
    assert (first["attempt"], first["response_status"], first["error"]) == (1, 500, "status 500")
    assert first["response"]["body"] == "no database"
    assert "s3cret" not in str(detail)
    assert first["request"]["body"] == (await world.bodies())[0]
    sent = {field["name"]: field["value"] for field in first["request"]["headers"]}
    assert sent["webhook-id"] == event_id
    assert sent["webhook-signature"] == exchange.COVERED
    assert sent["Content-Length"] == str(len(first["request"]["body"].encode()))
    assert (second["response_status"], second["error"], second["response"]) == (None, "timeout", None)
    assert (third["response_status"], third["error"]) == (204, None)


async def test_a_redaction_reaches_what_was_answered(world: World, reading: DeliveryReading) -> None:
    await world.endpoint(["message.failed"])
    echo = OOPS.replace(b"no database", b"482931 code")
    await world.start(ScriptedPoster(lambda _: Answer(500, None, None, echo)), policy=ONCE)
    await world.happen(id="msg_1", status="failed")
    (row,) = await world.wait_all("pending", 1)

    async def answered() -> bool:
        return bool((await reading.get(LIVE, row["id"]))["tries"])

    await wait_until_async(answered, what="an attempt")
    assert "482931 code" in str(await reading.get(LIVE, row["id"]))
    await world.redact("msg_1")
    assert "482931" not in str(await reading.get(LIVE, row["id"]))
    late = ("dlv_9 1", row["id"], 2, "whk", "msg_1", 1, 1, "https://x", 500, None, "[]", "482931 late")
    await world.write("delivery_attempt_put", late)
    assert "482931" not in str(await reading.get(LIVE, row["id"])), "an answer that came after the redaction"


# ------------------------------------------------------------ lists


async def test_deliveries_are_filtered(world: World, reading: DeliveryReading) -> None:
    hook = await world.endpoint(["*"])
    other = await world.endpoint(["*"])
    await world.start(ScriptedPoster())
    await world.happen(id="msg_1", status="sent", sequence=1)
    (event_id,) = await world.happen(id="msg_1", status="delivered", sequence=2)
    await world.happen(id="msg_2", status="delivered", sequence=1)
    await world.wait_all("delivered", 6)
    rows = await found(reading, hook)
    assert [row.message_id for row in rows] == ["msg_2", "msg_1", "msg_1"]
    assert [row.type for row in await found(reading, hook, types=("message.sent",))] == ["message.sent"]
    assert len(await found(reading, hook, message_id="msg_1")) == 2
    assert len(await found(reading, hook, message_id="msg_1", types=("message.sent",))) == 1
    assert len(await found(reading, other, event_id=event_id)) == 1
    assert await found(reading, hook, event_id="evt_none") == []
    assert await found(reading, hook, status="failed") == []
    assert len(await found(reading, hook, status="delivered")) == 3
    assert await found(reading, hook, created_after=rows[0].created_at + 1) == []
    assert len(await found(reading, hook, created_before=rows[0].created_at + 1)) == 3
    early = rows[0].created_at - 5
    late = (world.ids.new(ids.DELIVERY), event_id, ACCOUNT, "whk_9", None, 0, early, early)
    await world.write("delivery_insert", late)
    assert [row.created_at for row in await found(reading, "whk_9", created_before=early + 1)] == [early]
    assert await found(reading, "whk_9", created_after=early + 1) == [], (
        "the time counts, not the id made later"
    )
    page, next_ = await reading.page(webhook(hook), Filters(), 2, None)
    assert [row.id for row in page] == [row.id for row in rows[:2]]
    page, next_ = await reading.page(webhook(hook), Filters(), 2, next_)
    assert ([row.id for row in page], next_) == ([rows[2].id], None)


async def test_a_rare_filter_reads_a_list_in_slices(
    world: World, reading: DeliveryReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onesixty.store.slices.SLICE", 3)
    assert SLICE > 3
    hook = await world.endpoint(["*"])
    await world.happen(id="msg_first", status="sent")
    await world.happen(20, status="delivered")
    rare = Filters(types=("message.sent",))
    seen, pages, after = [], 0, None
    while True:
        rows, after = await reading.page(webhook(hook), rare, 2, after)
        seen += rows
        pages += 1
        if after is None:
            break
    assert [row.message_id for row in seen] == ["msg_first"]
    assert pages == 2


async def test_a_history_tells_of_first_and_repeated_deliveries(
    world: World, reading: DeliveryReading
) -> None:
    hook = await world.endpoint(["*"])
    await world.start(ScriptedPoster())
    await world.happen(id="msg_1", status="delivered", status_callback="https://example.com/callback")
    (row, _) = await world.wait_all("delivered", 2)
    entries = [entry.fields for entry in await told(world.store, message(id="msg_1"))]
    assert {(entry["webhook_id"], entry["status"]) for entry in entries} == {
        (hook, "delivered"),
        (None, "delivered"),
    }
    await world.write("delivery_replayed", (row["id"],))
    assert len(await told(world.store, message(id="msg_1"))) == 2, "each once"


# ------------------------------------------------------------ figures


async def test_figures_are_added_and_summed(world: World) -> None:
    clock = SystemClock()

    for _ in range(2):  # two processes add to the same rows
        writes: list[Any] = []
        figures = Figures(clock, lambda key, write, writes=writes: writes.append(write))  # type: ignore[misc]
        for number in range(100):
            figures.count("whk_1", delivered=number % 4 != 0, seconds=0.02 if number < 90 else 2.0)
        figures.count("whk_2", delivered=True, seconds=1)
        figures.flush()
        for statement, row in writes:
            await world.write(statement, row)
    now = clock.now_ms()
    hour = 3_600_000
    got = await summary(world.store, "whk_1", now // hour * hour - hour, now + hour)
    assert (got.delivered, got.failed, got.success_rate) == (150, 50, 0.75)
    assert got.p50 is not None
    assert got.p95 is not None
    assert 18 <= got.p50 <= 22
    assert 1800 <= got.p95 <= 2200
    nothing = await summary(world.store, "whk_3", 0, now)
    assert (nothing.success_rate, nothing.p95, nothing.hours) == (None, None, [])


async def test_figures_are_written_at_the_end_of_their_hour() -> None:
    class Late(SystemClock):
        def now_ms(self) -> int:
            return 3_600_000 * 5 - 20

    writes: list[Any] = []
    figures = Figures(Late(), lambda _, write: writes.append(write))
    for _ in range(3):
        figures.count("whk_1", delivered=True, seconds=0.001)
    await asyncio.sleep(0.1)
    assert writes == [("webhook_figures_add", ("whk_1", 3_600_000 * 4, "delivered", 0, 3))]


async def test_the_queue_counts_attempts_of_webhooks(world: World, reading: DeliveryReading) -> None:
    hook = await world.endpoint(["*"])
    answers = iter([Answer(500)])
    await world.start(ScriptedPoster(lambda _: next(answers, Answer(200))))
    await world.happen(3, status="delivered")
    await world.wait_all("delivered", 3)
    await world.stop()
    got = await reading.statistics(webhook(hook), 1)
    assert (got["attempts"], got["delivered"], got["failed"], got["success_rate"]) == (4, 3, 1, 0.75)
    assert (got["waiting"], got["waiting_since"], got["failing_since"]) == (0, None, None)
    assert [(one["delivered"], one["failed"]) for one in got["hours"]] in ([(3, 1)], [(0, 1), (3, 0)])
