"""The live feed over a store on each engine: order, resuming, slow listeners, other nodes, the end."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from random import Random

import pytest

from onesixty.core.clock import SystemClock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource, lowest_at
from onesixty.core.tenant import Tenant
from onesixty.store.contract import Store
from onesixty.store.units import Unit
from onesixty.webhooks import feed as feeds
from onesixty.webhooks.feed import Feed, FeedEvent, Listener
from tests.support.waiting import wait_until_async

ACCOUNT = "acc_1"
SENT, DELIVERED = "message.sent", "message.delivered"


class Source:
    """Writes events as the effect does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids = IdSource(SystemClock(), Random(160))
        self._count = itertools.count()

    async def write(
        self, count: int, *, type_: str = SENT, account_id: str = ACCOUNT, test: bool = False
    ) -> list[str]:
        """So many events in one commit; their ids."""
        units, made = [], []
        for _ in range(count):
            id_ = self._ids.new("evt")
            row = (id_, account_id, None, type_, 0, test, f'{{"n":{next(self._count)}}}', 0, None)
            units.append(Unit((id_,), writes=(("event_insert", row),)))
            made.append(id_)
        assert await self._store.commit(units) == [True] * count
        return made

    def prepare(self) -> tuple[str, Unit]:
        """An event whose id is made before its commit, as all are."""
        id_ = self._ids.new("evt")
        row = (id_, ACCOUNT, None, SENT, 0, False, '{"n":"late"}', 0, None)
        return id_, Unit((id_,), writes=(("event_insert", row),))


@pytest.fixture
def source(store: Store) -> Source:
    return Source(store)


@pytest.fixture
def feed(store: Store) -> Feed:
    return Feed(store, SystemClock(), watch_others=False)


def listen(feed: Feed, after: str | None = None, types: frozenset[str] | None = None) -> Listener:
    return feed.open(Tenant(ACCOUNT, False), types, after, idle=30)


async def take(listener: Listener, until: Callable[[list[str]], bool]) -> list[str]:
    """The ids of what comes, until the condition holds of them."""
    found: list[str] = []
    async with asyncio.timeout(30):
        async for event in listener:
            assert event is not None
            found.append(event.id)
            if until(found):
                return found
    raise AssertionError(f"the feed ended after {found}")


async def test_events_come_in_the_order_of_their_commits(feed: Feed, source: Source) -> None:
    listener = listen(feed)
    made = [id_ for _ in range(5) for id_ in await source.write(3)]
    assert await take(listener, lambda found: len(found) == 15) == made


async def test_an_event_that_was_made_before_the_feed_opened_is_read_from_its_row(
    feed: Feed, source: Source, store: Store
) -> None:
    """It has no data, because nobody listened then."""
    listener = listen(feed)
    first = await source.write(1)
    id_ = IdSource(SystemClock(), Random(161)).new("evt")
    row = (id_, ACCOUNT, None, SENT, 0, False, "", 0, "{}")
    assert await store.commit([Unit((id_,), writes=(("event_insert", row),))]) == [True]
    last = await source.write(1)
    found = await take(listener, lambda found: len(found) == 3)
    assert set(found) == {*first, id_, *last}


async def test_others_accounts_modes_and_types_are_not_shown(feed: Feed, source: Source) -> None:
    listener = listen(feed, types=frozenset({DELIVERED}))
    await source.write(1, type_=DELIVERED, account_id="acc_2")
    await source.write(1, type_=DELIVERED, test=True)
    await source.write(1, type_=SENT)
    wanted = await source.write(1, type_=DELIVERED)
    assert await take(listener, lambda found: len(found) == 1) == wanted


async def test_a_listener_that_comes_again_gets_everything_since(feed: Feed, source: Source) -> None:
    made = await source.write(feeds.PAGE * 2 + 10)
    seen = made[700]
    found: list[str] = []

    async def follow() -> None:
        async for event in listen(feed, after=seen):
            assert event is not None
            found.append(event.id)

    following = asyncio.create_task(follow())
    later = await source.write(5)
    wanted = {*made[701:], *later}
    await wait_until_async(lambda: wanted <= set(found), 30, "everything since")
    feed.close()
    await following
    assert wanted <= set(found)
    assert len(found) == len(set(found)), "one connection tells nothing twice"


async def test_one_that_is_away_for_long_finds_old_events(store: Store, feed: Feed, source: Source) -> None:
    now = SystemClock().now_ms()
    old = [lowest_at("evt", now - hours * 3_600_000) for hours in (60, 30, 5, 1)]
    rows = [(id_, ACCOUNT, None, SENT, 0, False, "{}", 0, None) for id_ in old]
    await store.commit([Unit((row[0],), writes=(("event_insert", row),)) for row in rows])
    after = lowest_at("evt", now - 70 * 3_600_000)
    assert await take(listen(feed, after), lambda found: len(found) == 4) == old


async def test_a_listener_too_slow_for_memory_is_fed_from_the_rows(
    feed: Feed, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "CAPACITY", 10)
    listener = listen(feed)
    events = aiter(listener)
    first = await source.write(1)
    event = await anext(events)
    assert isinstance(event, FeedEvent)
    assert event.id == first[0]
    made = [id_ for _ in range(20) for id_ in await source.write(10)]
    found = []
    async with asyncio.timeout(30):
        while len(found) < len(made):
            event = await anext(events)
            assert event is not None
            found.append(event.id)
    assert found == made


async def test_what_is_committed_late_is_not_lost_while_a_full_page_is_told(
    store: Store, feed: Feed, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue runs over while a listener takes its time over a page: an event older than the page's end that was
    committed meanwhile comes all the same."""
    monkeypatch.setattr(feeds, "CAPACITY", 10)
    late, unit = source.prepare()
    page = await source.write(feeds.PAGE + 5)
    listener = listen(feed, after=page[0])
    following = aiter(listener)
    first = await anext(following)
    assert first is not None
    assert await store.commit([unit]) == [True]
    after = await source.write(20)
    found = {first.id}
    async with asyncio.timeout(30):
        while not {late, *page, *after} <= found:
            event = await anext(following)
            assert event is not None, f"{late} was lost"
            found.add(event.id)
    await following.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("resumed", [False, True])
async def test_what_is_redacted_is_not_told_from_memory(
    store: Store, feed: Feed, source: Source, resumed: bool
) -> None:
    """A listener that takes its time gets the event as it is after the redaction, whether it
    waited in the queue or in a page of rows."""
    (first,) = await source.write(1)
    id_, _ = source.prepare()
    row = (id_, ACCOUNT, "msg_1", SENT, 0, False, '{"text":"secret","to":"+15551234567"}', 0, None)
    event_unit = Unit((id_,), writes=(("event_insert", row),))
    listener = listen(feed, after=first)
    following = aiter(listener)
    if resumed:
        assert await store.commit([event_unit]) == [True]
    told = [await anext(following)]
    if not resumed:
        assert await store.commit([event_unit]) == [True]
    redaction = Unit(("msg_1",), writes=(("event_redact", ("msg_1", "2026-11-23T00:00:00Z")),))
    assert await store.commit([redaction]) == [True]
    (last,) = await source.write(1)
    async with asyncio.timeout(30):
        while not told[-1] or told[-1].id != last:
            told.append(await anext(following))
    await following.aclose()  # type: ignore[attr-defined]
    assert [event.id for event in told if event] == [first, id_, last]
    assert not [event for event in told if event and "secret" in event.body]


async def test_events_of_other_nodes_are_found_in_the_rows(store: Store, source: Source) -> None:
    feed = Feed(store, SystemClock(), watch_others=True)
    listener = listen(feed)
    listener.offer = lambda event: None  # type: ignore[method-assign]  # as if another node had committed it
    found = asyncio.create_task(take(listener, lambda found: len(found) == 6))
    made = []
    for _ in range(3):
        made += await source.write(2)
        await asyncio.sleep(0.01)  # the looks fall between and behind them
    assert await found == made
    feed.close()


async def test_silence_is_told(store: Store, feed: Feed) -> None:
    listener = feed.open(Tenant(ACCOUNT, False), None, None, idle=0.01)
    async with asyncio.timeout(30):
        assert await anext(aiter(listener)) is None


async def test_a_stop_ends_every_feed(feed: Feed) -> None:
    listeners = [listen(feed) for _ in range(3)]
    ends = [asyncio.create_task(_all(listener)) for listener in listeners]
    await asyncio.sleep(0)
    feed.close()
    async with asyncio.timeout(30):
        assert await asyncio.gather(*ends) == [[], [], []]
    with pytest.raises(Problem) as refused:
        listen(feed)
    assert refused.value.code == "unavailable"


async def _all(listener: Listener) -> list[str]:
    return [event.id async for event in listener if event is not None]


async def test_who_left_makes_room_for_another(feed: Feed) -> None:
    listeners = [listen(feed) for _ in range(feeds.MOST_LISTENERS)]
    with pytest.raises(Problem) as refused:
        listen(feed)
    assert (refused.value.code, refused.value.retry_after) == ("rate_limited", 10)
    feed.leave(listeners[0])
    feed.leave(listeners[0])
    listen(feed)


@pytest.mark.parametrize("after", ["nonsense", "msg_01h455vb4pex5vsknk084sn02q", lowest_at("evt", 1000)])
async def test_what_is_no_event_or_too_old_is_refused(feed: Feed, after: str) -> None:
    with pytest.raises(Problem) as refused:
        listen(feed, after)
    assert (refused.value.code, refused.value.param) == ("invalid_parameter", "Last-Event-ID")
    assert not feed._listeners, "nobody listens, so nothing is made for a listener"
