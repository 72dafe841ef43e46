"""The queue of webhooks over the real store on both engines: queues, retries, isolation, restarts, pauses."""

import asyncio
from collections import Counter
from typing import Any

import msgspec

from onesixty.channels.registry import standard
from onesixty.core.message import Change
from onesixty.store.contract import Store
from onesixty.store.units import Poisoned, Result, Unavailable, Unit
from onesixty.webhooks import secrets
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import callback_row_id
from onesixty.webhooks.poster import Answer, Outgoing
from onesixty.webhooks.sink import WebhookSink
from onesixty.work.lane import Lane, Step
from onesixty.work.lanes import Limits
from onesixty.work.policy import Pace
from onesixty.work.results import Results
from tests.support.sealing import KEYRING
from tests.support.waiting import wait_until_async
from tests.webhooks.support import ACCOUNT, ONCE, QUICK, SECRET, ScriptedPoster, World, message

OK = Answer(200)


async def test_an_event_is_sent_as_stored_and_its_delivery_ends(world: World) -> None:
    endpoint = await world.endpoint()
    await world.start()
    (event_id,) = await world.happen()
    (row,) = await world.wait_all("delivered", 1)
    assert (row["tries"], row["claim"], row["due_at"], row["response_status"]) == (1, 0, None, 200)
    (sent,) = world.poster.sent
    (body,) = await world.bodies()
    assert sent == Outgoing(
        endpoint, f"https://{endpoint}.example/hook", event_id, body.encode(), (secrets.to_key(SECRET),)
    )


async def test_what_another_process_committed_is_found_in_the_rows(world: World) -> None:
    await world.endpoint()
    await world.start()
    await world.happen(3, claimed=False)
    await world.wait_all("delivered", 3)
    assert all(sent.body for sent in world.poster.sent)


async def test_a_failure_is_tried_again_until_it_is_taken(world: World) -> None:
    answers = iter([Answer(500), Answer(None, "timeout"), Answer(302), Answer(404), OK])
    await world.endpoint()
    await world.start(ScriptedPoster(lambda _: next(answers)))
    (event_id,) = await world.happen()
    (row,) = await world.wait_all("delivered", 1)
    assert (row["tries"], row["error"]) == (5, None)
    assert [sent.event_id for sent in world.poster.sent] == [event_id] * 5, "the id to deduplicate by stays"
    assert len({sent.body for sent in world.poster.sent}) == 1


async def test_the_last_failure_ends_it(world: World) -> None:
    await world.endpoint()
    await world.start(ScriptedPoster(lambda _: Answer(500)), policy=ONCE)
    await world.happen()
    (row,) = await world.wait_all("failed", 1)
    assert (row["response_status"], row["error"], row["due_at"]) == (500, "status 500", None)


async def test_retry_after_reaches_the_schedule_and_rests_the_receiver(world: World) -> None:
    answers = iter([Answer(429, None, 0.2), OK])
    await world.endpoint()
    await world.start(ScriptedPoster(lambda _: next(answers)))
    await world.happen()
    began = asyncio.get_running_loop().time()
    await world.wait_all("delivered", 1)
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_one_hanging_endpoint_never_delays_another(world: World) -> None:
    """One endpoint's trouble never delays another's."""
    hanging, well = await world.endpoint(), await world.endpoint()
    await world.start(ScriptedPoster(lambda outgoing: None if outgoing.lane == hanging else OK))
    await world.happen(300)
    await wait_until_async(
        lambda: len(set(world.poster.sent_to(well))) == 300, what="all of them at the well one"
    )
    assert len(world.poster.sent_to(hanging)) == Pace().concurrency
    await world.happen(10, status_callback="https://hooks.example.com/x")
    lane = f"{ACCOUNT} https://hooks.example.com"
    await wait_until_async(lambda: len(world.poster.sent_to(lane)) == 10, what="the callbacks")


async def test_a_crowd_of_sick_endpoints_leaves_room_for_the_well(world: World) -> None:
    """Even when all that may be under way is under way to the sick."""
    sick = {await world.endpoint() for _ in range(4)}
    well = await world.endpoint(["message.failed"])
    say = ScriptedPoster(lambda outgoing: Answer(None, "connection refused") if outgoing.lane in sick else OK)
    await world.start(
        say, limits=Limits(look=0.02, recover=0.05, in_flight=2, waiting_of_lane=10, waiting=40)
    )
    await world.happen(200)
    await world.happen(20, status="failed")
    await wait_until_async(lambda: len(world.poster.sent_to(well)) == 20, what="the well one")


async def test_memory_is_bounded_and_nothing_is_sent_twice(world: World) -> None:
    endpoint, other = await world.endpoint(), await world.endpoint()
    limits = Limits(look=0.02, recover=0.05, waiting_of_lane=20, waiting=30, batch=10)
    queue = await world.start(ScriptedPoster(lambda outgoing: None), limits=limits)
    most = 0
    for _ in range(20):
        await world.happen(20)
        most = max(most, queue.lanes.waiting)
    assert most <= 2 * limits.waiting
    world.poster.say = lambda _: OK
    for answer in world.poster.open:
        answer(OK)
    world.poster.open.clear()
    await world.wait_all("delivered", 800, timeout=30)
    for lane in (endpoint, other):
        counts = Counter(world.poster.sent_to(lane))
        assert len(counts) == 400
        assert set(counts.values()) == {1}
    assert world.poster.most_open[endpoint] <= Pace().concurrency


async def test_a_restart_finds_everything_that_was_pending(world: World) -> None:
    """Promise 10: memory can be thrown away at any moment."""
    await world.endpoint()
    await world.start(ScriptedPoster(lambda _: None))
    made = await world.happen(50, status_callback="https://hooks.example.com/x")
    made += await world.happen(50, claimed=False)
    await wait_until_async(lambda: world.poster.sent, what="the first attempts")
    await world.crash()
    assert any(row["claim"] > 0 for row in await world.deliveries())
    await world.start(ScriptedPoster())
    rows = await world.wait_all("delivered", 150)
    assert {row["event_id"] for row in rows} == set(made)
    assert all(row["claim"] == 0 for row in rows)


async def test_a_graceful_stop_gives_back_what_was_not_sent(world: World) -> None:
    await world.endpoint()
    await world.start(ScriptedPoster(lambda _: None))
    await world.happen(30)
    await world.stop()
    rows = await world.deliveries()
    assert {row["status"] for row in rows} == {"pending"}
    assert {row["claim"] for row in rows} == {0}
    assert sum(row["tries"] for row in rows) == Pace().concurrency, "those under way count as tried"


async def test_a_stop_gives_back_at_once_what_was_still_being_prepared(world: World) -> None:
    """Its body was on the way from the row: nobody will answer, so the stop does not wait for an answer."""
    await world.endpoint()
    queue = await world.start(ScriptedPoster(lambda _: None), pace=Pace(concurrency=1))
    await world.happen(2)
    await wait_until_async(lambda: len(world.poster.sent) == 1, what="the first one under way")
    reading = asyncio.Event()

    async def read_for_ever(name: str, **given: Any) -> Any:
        if name == "events_bodies":
            reading.set()
            await asyncio.Event().wait()
        return await fetch(name, **given)

    fetch, world.store.fetch = world.store.fetch, read_for_ever  # type: ignore[method-assign]
    try:
        await world.redact("msg_2")
        world.poster.open.pop()(OK)
        await asyncio.wait_for(reading.wait(), 10)
        await asyncio.wait_for(queue.stop(60), 10)
    finally:
        world.store.fetch = fetch  # type: ignore[method-assign]
    world.queue = None
    first, second = sorted(await world.deliveries(), key=lambda row: str(row["status"]))
    assert (first["status"], first["tries"]) == ("delivered", 1)
    assert (second["status"], second["claim"], second["tries"]) == ("pending", 0, 0)


async def test_a_live_lease_keeps_what_it_claimed(world: World, store: Store) -> None:
    await world.endpoint()
    await world.start(ScriptedPoster(lambda _: None))
    await world.happen(20)
    second = World(store)
    second.lease = world.lease
    second.table = world.table
    await second.start(ScriptedPoster())
    theirs = await second.happen(5)
    await wait_until_async(lambda: len(second.poster.sent) >= 5, what="its own at the second node")
    assert {sent.event_id for sent in second.poster.sent} == set(theirs)
    await second.stop()


async def test_410_disables_the_endpoint_and_enabling_it_goes_on(world: World) -> None:
    endpoint = await world.endpoint()
    world.poster.say = lambda outgoing: Answer(410)
    await world.start(pace=Pace(concurrency=1))
    await world.happen(5)
    await wait_until_async(lambda: _is(world, endpoint, "enabled", 0), what="the endpoint disabled")
    assert len(world.poster.sent) == 1
    rows = await world.deliveries()
    assert sorted(row["status"] for row in rows) == ["failed"] + ["pending"] * 4
    await world.table.refresh(world.store)
    await world.happen()
    assert len(await world.deliveries()) == 5, "nothing new for it"
    world.poster.say = lambda outgoing: OK
    await world.write("endpoint_update", (endpoint, 2, "https://new.example/", '["*"]', 1, ""))
    await world.wait_all("delivered", 4)
    assert {sent.url for sent in world.poster.sent[1:]} == {"https://new.example/"}


async def test_a_receiver_that_fails_for_long_is_paused_and_comes_back_by_a_trial(world: World) -> None:
    """Attempts stop, the rows go on, and a trial brings it back."""
    endpoint = await world.endpoint()
    pace = Pace(first_pause=0.01, longest_pause=0.05, pause_after=0.2, paused_trial=0.3, ramp_start=300)
    heard: list[str] = []

    class Listening(WebhookSink):
        def stepped(self, lane: Lane, step: Step) -> None:
            heard.append(step.value)
            super().stepped(lane, step)

    world.poster.say = lambda _: Answer(None, "connection refused")
    await world.start(pace=pace, kind=Listening)
    await world.happen(100)
    await wait_until_async(lambda: _is_set(world, endpoint, "paused_at"), what="the pause")
    state = await world.webhook(endpoint)
    assert state["failing_since"] <= state["paused_at"]
    assert "has failed" in state["paused_reason"]
    assert len(world.poster.sent) < 60, "a paused receiver sees hardly any attempt"
    rows = await world.deliveries()
    assert {row["status"] for row in rows} == {"pending"}
    world.poster.say = lambda _: OK
    await world.wait_all("delivered", 100)
    await wait_until_async(lambda: _is(world, endpoint, "paused_at", None), what="the end of the pause")
    assert (await world.webhook(endpoint))["failing_since"] is None
    assert [change for change in heard if change != "opened"] == ["paused", "closed"]


async def test_after_a_restart_a_failing_endpoint_gets_a_trial_and_no_burst(world: World) -> None:
    endpoint = await world.endpoint(failing_since=1_700_000_000_000, paused_at=1_700_000_000_000)
    await world.happen(50)
    await world.start(ScriptedPoster(lambda _: Answer(500)), pace=Pace(first_pause=30, paused_trial=30))
    await wait_until_async(lambda: world.poster.sent, what="the trial")
    await world.looked(3)
    assert len(world.poster.sent_to(endpoint)) == 1


async def test_a_sick_lane_gives_its_memory_back(world: World) -> None:
    await world.endpoint()
    queue = await world.start(ScriptedPoster(lambda _: Answer(500)), pace=Pace(first_pause=60))
    await world.happen(100)
    await wait_until_async(lambda: queue.state()["waiting"] == 0, what="an empty memory")
    await wait_until_async(lambda: _claims(world, 0), what="no claims")
    await world.happen(10)
    assert queue.state()["waiting"] == 0, "new ones wait in their rows"


async def test_what_expires_unsent_ends_as_failed(world: World) -> None:
    await world.endpoint()
    await world.happen(3)
    await world.write("test_expire", (world.clock.now_ms() - 1,))
    await world.start()
    rows = await world.wait_all("failed", 3)
    assert {(row["error"], row["tries"]) for row in rows} == {("expired", 0)}
    assert world.poster.sent == []
    await world.happen(3)
    await world.wait_all("delivered", 3)


async def test_rows_of_a_disabled_endpoint_wait_until_they_expire(world: World) -> None:
    endpoint = await world.endpoint()
    await world.happen(4, claimed=False)
    await world.write("endpoint_update", (endpoint, 1, "https://x.example/", '["*"]', 0, ""))
    await world.write("test_expire", (world.clock.now_ms() - 1,))
    await world.start()
    rows = await world.wait_all("failed", 4)
    assert {row["error"] for row in rows} == {"expired"}
    assert world.poster.sent == []


async def test_rows_of_a_deleted_endpoint_end(world: World) -> None:
    endpoint = await world.endpoint()
    await world.happen(450, claimed=False)
    await world.write("endpoint_delete", (endpoint, 1))
    await world.start()
    rows = await world.wait_all("failed", 450)
    assert {row["error"] for row in rows} == {"endpoint deleted"}
    assert world.poster.sent == []


async def test_redaction_reaches_what_waits_in_memory(world: World) -> None:
    await world.endpoint()
    await world.start(ScriptedPoster(lambda _: None), pace=Pace(concurrency=1))
    await world.happen()
    await world.happen(id="msg_secret", text="do not tell")
    await world.redact("msg_secret")
    world.poster.say = lambda _: OK
    world.poster.open.pop()(OK)
    await world.wait_all("delivered", 2)
    assert msgspec.json.decode(world.poster.sent[1].body)["data"]["text"] is None
    assert b"do not tell" not in world.poster.sent[1].body


async def test_status_callbacks_are_signed_with_a_secret_of_the_account(world: World) -> None:
    await world.start()
    await world.happen(3, status_callback="https://hooks.example.com/x?y=1")
    await world.wait_all("delivered", 3)
    id_ = callback_row_id(ACCOUNT)
    ((stored,),) = await world.store.fetch("webhook_secret_of", id=id_)
    column = secrets.opened(KEYRING, id_, stored)
    assert {sent.keys for sent in world.poster.sent} == {(secrets.to_key(column),)}
    assert {sent.url for sent in world.poster.sent} == {"https://hooks.example.com/x?y=1"}


async def test_idle_callback_lanes_are_forgotten(world: World) -> None:
    queue = await world.start(limits=Limits(look=0.02, recover=0.05, forget=0.1))
    for index in range(30):
        await world.happen(status_callback=f"https://host{index}.example.com/")
    await world.wait_all("delivered", 30)
    await wait_until_async(lambda: queue.state()["lanes"] == 0, what="no lanes")


async def test_two_nodes_deliver_each_event_once(world: World, store: Store) -> None:
    await world.endpoint()
    await world.start()
    second = World(store)
    second.lease, second.table = world.lease, world.table
    await second.start()
    await world.happen(300, claimed=False)
    await world.wait_all("delivered", 300)
    counts = Counter(sent.event_id for sent in world.poster.sent + second.poster.sent)
    assert set(counts.values()) == {1}
    await second.stop()


class Stubborn:
    """A store that gives these answers, one for each unit."""

    healthy = True

    def __init__(self, *answers: Result) -> None:
        self.answers = list(answers)
        self.seen: list[str] = []

    def commit(self, units: list[Unit]) -> asyncio.Future[list[Result]]:
        self.seen += ["".join(unit.keys) for unit in units]
        future: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        future.set_result([self.answers.pop(0) if self.answers else True for _ in units])
        return future


async def test_results_wait_for_a_store_that_cannot_write() -> None:
    store = Stubborn(Unavailable("disk full"))
    results = Results(store)  # type: ignore[arg-type]
    results.add_all((key, ("x", ())) for key in "abc")
    await results.drain(5)
    assert store.seen == ["abc", "abc"]


async def test_a_result_that_the_store_refuses_is_alone_at_last() -> None:
    store = Stubborn(Poisoned("bad"), True, Poisoned("bad"))
    results = Results(store)  # type: ignore[arg-type]
    results.add_all((key, ("x", ())) for key in "abc")
    await results.drain(5)
    assert store.seen == ["abc", "a", "b", "c"]


async def test_two_results_of_one_row_are_in_two_units_and_units_are_small() -> None:
    store = Stubborn()
    results = Results(store)  # type: ignore[arg-type]
    results.add_all((key, ("x", ())) for key in ["a", "b", "a", *(chr(ord("A") + n) for n in range(25))])
    await results.drain(5)
    assert store.seen == ["ab", "aABCDEFGHIJKLMNOPQRS", "TUVWXY"]


async def _is(world: World, endpoint: str, name: str, value: Any) -> bool:
    return bool((await world.webhook(endpoint))[name] == value)


async def _is_set(world: World, endpoint: str, name: str) -> bool:
    return (await world.webhook(endpoint))[name] is not None


async def _claims(world: World, claim: int) -> bool:
    return all(row["claim"] == claim for row in await world.deliveries())


async def test_what_a_forgotten_lease_claimed_is_found(world: World) -> None:
    endpoint = await world.endpoint()
    effect = EventEffect(world.table, world.ids, lambda _lane: 99, channels=standard())
    change = Change(before=None, after=message(), event="message.delivered", at=world.clock.now_ms())
    await world.store.commit([Unit(keys=("msg_1",), writes=tuple(effect(change)))])
    await world.start()
    await world.wait_all("delivered", 1)
    assert len(world.poster.sent_to(endpoint)) == 1


async def test_what_was_claimed_before_the_start_is_sent(world: World) -> None:
    """Promise 7: recovery writes events under the node's lease before anybody listens to commits."""
    endpoint = await world.endpoint()
    effect = EventEffect(world.table, world.ids, lambda _lane: world.lease + 1, channels=standard())
    for number in range(QUICK.batch + 5):
        after = message(id=f"msg_{number}")
        change = Change(before=None, after=after, event="message.held", at=world.clock.now_ms())
        await world.store.commit([Unit(keys=(after.id,), writes=tuple(effect(change)))])
    await world.start()
    await world.wait_all("delivered", QUICK.batch + 5)
    assert len(set(world.poster.sent_to(endpoint))) == QUICK.batch + 5


async def test_without_a_lease_nothing_is_sent(world: World) -> None:
    await world.endpoint()
    await world.start()
    assert world.queue is not None
    asked: list[None] = []

    def none() -> int:
        asked.append(None)
        return 0

    world.queue._lease = world.queue._refill._lease = none
    await world.happen(3)
    before = len(asked)
    await wait_until_async(lambda: len(asked) >= before + 3, what="further looks at the rows")
    assert world.poster.sent == []
    assert {row["claim"] for row in await world.deliveries()} == {0}


async def test_a_lease_that_runs_out_between_claim_and_commit_strands_nothing(world: World) -> None:
    await world.endpoint()
    queue = await world.start()
    lease, held = world.lease, [True]
    queue._lease = queue._refill._lease = lambda: lease if held[0] else 0
    effect = EventEffect(world.table, world.ids, lambda _lane: lease, channels=standard())
    change = Change(before=None, after=message(), event="message.delivered", at=world.clock.now_ms())
    held[0] = False
    await world.store.commit([Unit(keys=("msg_1",), writes=tuple(effect(change)))])
    await wait_until_async(lambda: _claims(world, 0), what="the claim given back")
    assert world.poster.sent == []
    held[0] = True
    await world.wait_all("delivered", 1)
