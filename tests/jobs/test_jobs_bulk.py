"""Bulk work: cancel, requeue and reroute by filter, against everything that may happen at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

import msgspec
import pytest

from onesixty.core.errors import Problem
from onesixty.core.ids import is_id
from onesixty.core.message import HALTED, Message
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.halts import Halts
from onesixty.jobs import jobs as j
from onesixty.jobs import sink
from onesixty.jobs.bulk import BEING_SENT, CANCEL, REQUEUE, REROUTE, Bulk, Filter, Skipped, Target
from onesixty.jobs.jobs import Job, Jobs
from onesixty.jobs.sink import LIMITS, JobSink
from onesixty.store.units import Unavailable
from onesixty.work.queue import WorkQueue
from tests.messages.rules import Review
from tests.support.databases import memory_database
from tests.support.message_path import ACCOUNT, Node, bulk_of
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]


#: What works on the jobs of each node of a test.
_queues: dict[Node, WorkQueue] = {}


@pytest.fixture(autouse=True)
async def _queues_end(new_node: NewNode) -> AsyncIterator[None]:
    """Before the nodes of the test end."""
    yield
    for queue in _queues.values():
        await queue.stop(0)
    _queues.clear()


def jobs_of(node: Node) -> Jobs:
    return Jobs(node.store, bulk_of(node), node.clock, node.ids.new)


async def working(node: Node) -> Jobs:
    """The jobs of a node that works on them."""
    if node not in _queues:
        _queues[node] = WorkQueue(
            node.store, JobSink(node.store, bulk_of(node), node.clock), clock=node.clock, random=node.random,
            lease=lambda: node.lease, limits=msgspec.structs.replace(LIMITS, look=0.02),
        )  # fmt: skip
        await _queues[node].start()
    return jobs_of(node)


async def until_ended(jobs: Jobs, job: Job) -> dict[str, int]:
    """Wait for the end of a job; what became of the messages."""

    async def look() -> Job | None:
        found = await jobs.get(job.id)
        return None if found.status == j.RUNNING else found

    found = await wait_until_async(look, timeout=30, what="the job's end")
    assert found is not None
    assert found.status == j.DONE, found
    counts: dict[str, int] = msgspec.json.decode(found.progress)["counts"]
    return counts


async def run(node: Node, kind: str, target: Target | None = None, **wanted: Any) -> dict[str, int]:
    jobs = await working(node)
    node.clock.advance(0.01)  # a job touches only what was there before it
    return await until_ended(jobs, await jobs.start(kind, Filter(**wanted), target, "key_1"))


async def statuses(node: Node, *messages: Message) -> list[str]:
    return [(await node.get(message)).status for message in messages]


async def test_a_dry_run_counts_and_changes_nothing(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.connected = False
    queued = [await node.send(f"m{n}") for n in range(12)]
    scheduled = await node.send(scheduled_at=node.clock.now_ms() + 60_000)
    node.clock.advance(0.01)
    found = await jobs_of(node).look(CANCEL, Filter())
    assert found.counts == {"queued": 12, "scheduled": 1}
    assert found.sample[0] == scheduled.id
    assert len(found.sample) == 10
    assert set(await statuses(node, *queued)) == {"queued"}
    assert (await jobs_of(node).look(REQUEUE, Filter())).counts == {}


async def test_cancel_takes_lane_database_and_schedule_but_not_what_flies(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url, lane_capacity=3, window=1)
    flying = await node.send("flying")
    (submission,) = await node.until_submitted(1)
    waiting = [await node.send(f"m{n}") for n in range(6)]
    scheduled = await node.send(scheduled_at=node.clock.now_ms() + 60_000)
    assert await run(node, CANCEL) == {"done": 7, "skipped": 1}
    assert await statuses(node, flying, scheduled, *waiting) == ["queued", *["canceled"] * 7]
    node.carrier.answer_all(submission)
    await node.until_status(flying, "sent")
    await node.until_idle()
    assert node.carrier.sent == ["flying"]
    assert await node.ledger(waiting[0]) == {"hold": (7500, 0), "release": (-7500, 0)}
    assert await run(node, CANCEL) == {}


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"account": "acc_b"}, "b"), ({"to": "+4915112345678"}, "g"), ({"sender": "Shop"}, "s"),
    ({"tag": "vip"}, "t"), ({"reference": "r-1"}, "r"), ({"country": "DE"}, "g"), ({"class_": "otp"}, "o"),
    ({"route": "rte_second"}, "p"), ({"carrier": "car_b"}, "p"), ({"test": True}, "x"),
    ({"status": "scheduled"}, "z"), ({"country": "DE", "class_": "otp"}, ""), ({"error": "canceled"}, ""),
    ({"created_before": 1}, ""), ({"batch_id": "bat_1"}, "k"), ({"network": "26201"}, "g"),
    ({"network": "26202"}, ""), ({"duplicates": True}, ""), ({"duplicates": False, "tag": "vip"}, "t"),
    ({"status_not": ("queued",)}, "z"), ({"status": "queued", "status_not": ("queued",)}, ""),
    ({"to_not": ("+15551234567",)}, "g"), ({"country": "DE", "to_not": ("+4915112345678",)}, ""),
    ({"sender_not": ("Acme",)}, "s"), ({"carrier_not": ("car_a", "car_t")}, "p"),
    ({"class_not": ("transactional",)}, "o"),
    ({"route_not": ("rte_default",), "test": False}, "p"), ({"country_not": ("US",)}, "g"),
    ({"country": "DE", "network_not": ("26201",)}, ""), ({"country": "DE", "network_not": ("26202",)}, "g"),
    ({"sender": "Shop", "tag_not": ("vip",), "batch_id_not": ("bat_1",), "error_not": ("no_route",)}, "s"),
    ({"tag": "x", "tag_not": ("y", "vip")}, ""), ({"batch_id": "bat_1", "batch_id_not": ("bat_1",)}, ""),
    ({"class_": "otp", "held_for_not": ("review",)}, "o"),
]  # fmt: skip


async def test_filters(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url, carriers=("car_a", "car_b", "car_t"), test_carriers=("car_t",))
    for carrier in node.carriers.values():
        carrier.connected = False
    node.load_routes({"default": ("car_a",), "second": ("car_b",)})
    orders: dict[str, dict[str, Any]] = {
        "plain": {}, "b": {"account_id": "acc_b"}, "g": {"recipient": "+4915112345678"}, "s": {"sender": "Shop"},
        "t": {"tags": ["vip", "x"]}, "r": {"reference": "r-1"}, "o": {"class_": "otp"}, "p": {"route": "second"},
        "x": {"test": True}, "z": {"scheduled_at": node.clock.now_ms() + 60_000}, "k": {"batch_id": "bat_1"},
    }  # fmt: skip
    await node.networks.put({"4915": "26201"}, replace=True)
    sent = {name: await node.send(name, **fields) for name, fields in orders.items()}
    node.clock.advance(0.01)
    for wanted, hits in FILTERS:
        found = await jobs_of(node).look(CANCEL, Filter(**wanted))
        assert {name for name, m in sent.items() if m.id in found.sample} == set(hits), wanted


async def test_held_messages_are_sent_again_and_counted(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.script = lambda submission, segment: Outcome("unknown", code="outcome_unknown")
    message = await node.send(on_unknown="hold")
    await node.until_status(message, "held")
    node.carrier.script = node.carrier.accept
    assert await run(node, REQUEUE) == {"done": 1}
    found = await node.until_status(message, "sent")
    assert (found.attempts, found.duplicates, found.error_code) == (2, 1, None)
    assert "message.queued" in await node.events(message)


async def test_what_a_rule_holds_is_released_only_if_that_is_asked(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url, rules=[Review()])
    node.carrier.script = lambda submission, segment: Outcome("unknown", code="outcome_unknown")
    unknown, review = await node.send(on_unknown="hold"), await node.send("a prize")
    await node.until_status(unknown, "held")
    node.carrier.script = node.carrier.accept
    node.clock.advance(0.01)
    assert (await jobs_of(node).look(REQUEUE, Filter())).sample == [unknown.id]
    assert (await jobs_of(node).look(REQUEUE, Filter(held_for="review"))).sample == [review.id]
    assert await run(node, REQUEUE, status="held") == {"done": 1}
    await node.until_status(unknown, "sent")
    assert await statuses(node, review) == ["held"]
    assert await run(node, REQUEUE, held_for="review") == {"done": 1}
    await node.sweep.once()
    await node.until_status(review, "sent")


async def test_what_is_parked_is_tried_at_once(new_node: NewNode) -> None:
    node = await new_node()
    node.carrier.script = lambda submission, segment: Outcome("retryable", code="carrier_busy")
    message = await node.send()

    async def parked() -> bool:
        return (await node.get(message)).claim == -1

    await wait_until_async(parked, timeout=20, what="a parked message")
    node.carrier.script = node.carrier.accept
    node.clock.advance(40)  # the breaker's rest
    assert await run(node, REQUEUE) == {"done": 1}
    await node.until_status(message, "sent")


async def test_what_waits_moves_to_another_carrier_and_stays_there(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url, carriers=("car_a", "car_b"), lane_capacity=4)
    for carrier in node.carriers.values():
        carrier.script = carrier.accept
    node.carriers["car_a"].connected = False
    node.load_routes({"default": ("car_a",)})
    messages = [await node.send(f"m{n}") for n in range(8)]
    assert await run(node, REROUTE, Target(carrier="car_b"), carrier="car_a") == {"done": 8}
    for message in messages:
        found = await node.until_status(message, "sent")
        assert (found.carrier_id, found.route_id) == ("car_b", "car_b")
    assert node.carriers["car_a"].sent == []
    assert node.carriers["car_b"].sent == [f"m{n}" for n in range(8)]


async def test_a_route_as_the_target_and_one_that_cannot_be(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    node.carriers["car_a"].connected = False
    node.carriers["car_b"].script = node.carriers["car_b"].accept
    node.load_routes({"default": ("car_a",), "second": ("car_b",)})
    message = await node.send()
    assert await run(node, REROUTE, Target(route="rte_gone")) == {"no_route": 1}
    assert (await node.get(message)).route_id == "rte_default"
    assert await run(node, REROUTE, Target(route="rte_second")) == {"done": 1}
    assert (await node.until_status(message, "sent")).carrier_id == "car_b"


async def test_test_traffic_is_never_rerouted_to_a_real_carrier(new_node: NewNode) -> None:
    node = await new_node(carriers=("real", "fake"), test_carriers=("fake",))
    for carrier in node.carriers.values():
        carrier.connected = False
    await node.send(test=True)
    assert await run(node, REROUTE, Target(carrier="real")) == {"no_route": 1}
    assert await run(node, REROUTE, Target(route="rte_default")) == {"done": 1}, "over its simulated carrier"


async def test_a_held_message_takes_its_new_route_when_it_is_requeued(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    node.load_routes({"default": ("car_a",)})
    node.carriers["car_a"].script = lambda submission, segment: Outcome("unknown", code="outcome_unknown")
    node.carriers["car_b"].script = node.carriers["car_b"].accept
    message = await node.send(on_unknown="hold")
    await node.until_status(message, "held")
    assert await run(node, REROUTE, Target(carrier="car_b")) == {"done": 1}
    found = await node.get(message)
    assert (found.status, found.carrier_id) == ("held", "car_a"), (
        "receipts find it by the carrier that has it"
    )
    assert await run(node, REQUEUE) == {"done": 1}
    assert (await node.until_status(message, "sent")).carrier_id == "car_b"


async def test_what_a_pause_keeps_aside_can_be_rerouted_out_of_it(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    node.carriers["car_b"].script = node.carriers["car_b"].accept
    node.load_routes({"default": ("car_a",), "second": ("car_b",)})
    node.dispatcher.pause(frozenset(), Halts(routes=frozenset({"rte_default"})))
    message = await node.send()
    assert (await node.get(message)).claim == HALTED
    assert await run(node, REROUTE, Target(route="rte_second")) == {"done": 1}
    await node.until_status(message, "sent")


async def test_a_job_goes_on_after_a_restart(new_node: NewNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "PAGE", 4)
    memory = memory_database()
    node = await new_node(memory=memory)
    node.carrier.connected = False
    messages = [await node.send(f"m{n}") for n in range(20)]
    node.clock.advance(0.01)
    jobs = await working(node)
    job = await jobs.start(CANCEL, Filter(account=ACCOUNT), None, "key_1")
    assert is_id("job", job.id)

    async def under_way() -> bool:
        return "done" in (await jobs.get(job.id)).progress

    await wait_until_async(under_way, timeout=20, what="the first page")
    await _queues.pop(node).stop(0)
    await node.close()
    again = await new_node(memory=memory, window=0)  # or it takes some before the job does
    resumed = await working(again)
    await until_ended(resumed, job)
    assert set(await statuses(again, *messages)) == {"canceled"}
    assert (await resumed.list(10, None))[0][0].id == job.id


async def test_a_job_waits_for_the_store_and_puts_everything_back(new_node: NewNode) -> None:
    node = await new_node()
    node.carrier.connected = False
    messages = [await node.send(f"m{n}") for n in range(3)]
    node.clock.advance(0.01)
    bulk = bulk_of(node)
    node.store.refuse = lambda unit: Unavailable("away")
    with pytest.raises(Unavailable):
        await bulk.work(CANCEL, [await node.get(m) for m in messages], Target())
    with pytest.raises(Unavailable):
        await bulk.work(REROUTE, [await node.get(m) for m in messages], Target(carrier="car_a"))
    assert len(node.dispatcher.queues["car_a"].lane) == 3
    assert node.dispatcher.queues["car_a"].lane.room == 997
    node.store.refuse = lambda unit: None
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    for message in messages:
        await node.until_status(message, "sent")


async def test_a_job_lists_what_it_did_not_change(
    engine_url: str, new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await new_node(engine_url, lane_capacity=3, window=3)
    flying = [await node.send(f"flying {n}") for n in range(3)]
    await node.until_submitted(3)
    waiting = await node.send("waiting")
    node.clock.advance(0.01)
    jobs = await working(node)
    job = await jobs.start(CANCEL, Filter(), None, "key_1")
    assert await until_ended(jobs, job) == {"done": 1, "skipped": 3}
    assert await statuses(node, waiting) == ["canceled"]
    first, next_ = await jobs.skipped(job.id, 2, None)
    rest, end = await jobs.skipped(job.id, 2, next_)
    assert end is None
    assert [*first, *rest] == [Skipped(id_, BEING_SENT) for id_ in sorted(m.id for m in flying)]
    monkeypatch.setattr(sink, "MOST_LISTED", 1)
    bounded = await jobs.start(CANCEL, Filter(), None, "key_1")
    assert await until_ended(jobs, bounded) == {"skipped": 3}
    assert len((await jobs.skipped(bounded.id, 9, None))[0]) == 1
    with pytest.raises(Problem, match="not_found"):
        await jobs.skipped("job_x", 3, None)
    await node.store.execute("job_skips_forget", now=node.clock.now_ms())
    assert len((await jobs.skipped(job.id, 9, None))[0]) == 3
    for left in ([0, 1], [0, 0]):
        await node.store.execute("retention_jobs", after="", ended_before=2**62, count=1)
        await node.store.execute("job_skips_forget", now=node.clock.now_ms())
        found = [
            await node.store.fetch("job_skips_page", job_id=each.id, after="", count=9)
            for each in (job, bounded)
        ]
        assert [len(rows) for rows in found] == left


async def test_a_refusal_is_listed_with_its_code(new_node: NewNode) -> None:
    node = await new_node()
    node.carrier.connected = False
    message = await node.send("m")
    node.clock.advance(0.01)
    worked = await bulk_of(node).work(REROUTE, [await node.get(message)], Target(carrier="car_none"))
    assert (dict(worked.counts), worked.skipped) == ({"no_route": 1}, [Skipped(message.id, "no_route")])


async def test_a_job_can_be_stopped(new_node: NewNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "PAGE", 1)
    node = await new_node()
    node.carrier.connected = False
    for n in range(30):
        await node.send(f"m{n}")
    node.clock.advance(0.01)
    jobs = await working(node)
    job = await jobs.start(CANCEL, Filter(), None, "key_1")
    stopped = await jobs.stop_job(job.id)
    assert stopped.status == j.STOPPED
    assert (await jobs.stop_job(job.id)).version == stopped.version
    with pytest.raises(Problem, match="not_found"):
        await jobs.get("job_x")


async def test_a_second_node_never_takes_what_another_works_on(
    engine_url: str, new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work of a job is claimed: who looks meanwhile finds nothing, and who outlives the other finds it."""
    monkeypatch.setattr(sink, "PAGE", 1)
    node = await new_node(engine_url)
    node.carrier.connected = False
    messages = [await node.send(f"m{n}") for n in range(8)]
    node.clock.advance(0.01)
    stuck, steps = asyncio.Event(), []
    work = Bulk.work

    async def slow(self: Bulk, *given: Any) -> Any:
        steps.append(self)
        if len(steps) == 3:
            await stuck.wait()
        return await work(self, *given)

    monkeypatch.setattr(Bulk, "work", slow)
    jobs = await working(node)
    job = await jobs.start(CANCEL, Filter(), None, "key_1")
    await wait_until_async(lambda: len(steps) == 3, 20, "the third page")
    now = node.clock.now_ms()
    rows = await node.store.execute("lease_start", node="two", now=now, ttl=10**9, sessions="[]")
    lease = int(rows[0][0])
    other = WorkQueue(
        node.store, JobSink(node.store, bulk_of(node), node.clock), clock=node.clock, random=node.random,
        lease=lambda: lease, limits=msgspec.structs.replace(LIMITS, look=0.02, recover=0.05),
    )  # fmt: skip
    await other.start()
    assert await node.store.fetch("work_lanes", sink="job") == []
    await wait_until_async(lambda: other.state()["lanes"] == 0, 20, "a look of the second node")
    assert len(steps) == 3
    frozen = _queues.pop(node)
    await frozen._refill.stop()
    await node.store.execute("leases_fence_all", mine=lease, now=now)
    await until_ended(jobs, job)
    assert set(await statuses(node, *messages)) == {"canceled"}
    stuck.set()
    await frozen.stop(5)
    await other.stop(5)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_at_once_each_message_has_one_end(new_node: NewNode, seed: int) -> None:
    """Cancels, reroutes, requeues and pauses against a carrier that answers as it likes: nothing is lost, nothing
    that was canceled goes out, and nothing goes out twice that was not counted."""
    random = Random(seed)
    node = await new_node(carriers=("car_a", "car_b"), lane_capacity=8, window=3)
    kinds = ["accepted"] * 6 + ["throttled", "retryable", "unknown"]

    def answer(carrier: Any) -> Callable[[Any, int], Outcome]:
        def script(submission: Any, segment: int) -> Outcome:
            kind = random.choice(kinds)
            if kind == "accepted":
                return carrier.accept(submission, segment)
            return Outcome(
                kind, code="outcome_unknown" if kind == "unknown" else "carrier_busy", retry_after=0.01
            )

        return script

    for carrier in node.carriers.values():
        carrier.script = answer(carrier)
    messages = []
    for number in range(60):
        messages.append(
            await node.send(
                f"m{number}", on_unknown=random.choice(["hold", "resend"]), sender=random.choice(["A1", "B1"])
            )
        )
        if number % 10 == 5:
            kind = random.choice([CANCEL, REROUTE, REQUEUE])
            target = Target(carrier=random.choice(["car_a", "car_b"])) if kind == REROUTE else None
            asyncio.get_running_loop().create_task(
                run(node, kind, target, sender=random.choice(["A1", "B1"]))
            )
        if number % 10 == 8:
            paused = random.choice([None, Halts(senders=frozenset({"A1"}))])
            node.dispatcher.pause(frozenset(random.choice([(), ("car_b",)])), paused)
        await asyncio.sleep(0)
    kinds[:] = ["accepted"]
    node.dispatcher.pause(frozenset(), None)
    held_out = node.dispatcher.held_out

    async def ended() -> bool:
        node.clock.advance(5)
        held_out.let_in()
        await node.sweep.once()
        await run(node, REQUEUE)
        found = [await node.get(m) for m in messages]
        return all(m.status in ("sent", "canceled") for m in found)

    await wait_until_async(ended, timeout=60, what="an end of every message")
    await node.until_idle()
    await held_out.stop()
    for message in messages:
        found = await node.get(message)
        gone = [a for a in await node.attempts(message) if a.outcome == "accepted"]
        assert len(gone) == (1 if found.status == "sent" else 0), (found.status, gone)
        maybe = [a for a in await node.attempts(message) if a.outcome == "unknown"]
        if found.status == "sent":
            assert found.duplicates == len(maybe), "what may have gone twice is counted"
    submitted = [t for c in node.carriers.values() for t in c.sent]
    assert set(submitted) <= {f"m{n}" for n in range(60)}
