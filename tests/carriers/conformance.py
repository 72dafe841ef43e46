"""The contract of carriers as a suite: every connector passes it (`core.contracts.Carrier`).

A connector's test module derives a class from `Conformance` and gives it a fixture `rig` that returns a
function: `rig(window=..., **behaviour)` makes a `Rig`, a carrier that is not started yet and its far end,
which behaves as `onesixty.simulator.behaviour` says.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import pytest

from onesixty.core import outcomes
from onesixty.core.contracts import (
    Acknowledge,
    Carrier,
    CarrierReceipt,
    InboundMessage,
    Refusal,
    Submission,
)
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.extensions import testing
from onesixty.smpp.receipt import normal_id
from tests.support.waiting import wait_until_async

LONG = "All segments of a message go over one carrier. " * 22  # 7 segments


def message(text: str = "hello", *, number: int = 1, sender: str = "Acme", **fields: Any) -> Message:
    """A queued message to +15550000000 plus `number`."""
    values: dict[str, Any] = {
        "id": f"msg_{number:026d}",
        "account_id": "acc_1",
        "sender": sender,
        "recipient": f"+{15550000000 + number}",
        "country": None,
    }
    return testing.message(text, **(values | fields))


class Host(testing.RecordingHost):
    """Keeps what a carrier reports. `answer` is what each receipt is acknowledged with (None: not yet)."""

    def __init__(self) -> None:
        super().__init__()
        #: What came, in its order.
        self.order: list[str] = []
        self.open: list[Acknowledge] = []
        self.answer: bool | None = True
        #: Ids of messages of which nothing more may be written.
        self.too_late: set[str] = set()

    def outcome(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        super().outcome(submission, segment, outcome)
        self.order.append("outcome")

    def may_write(self, submission: Submission) -> bool:
        return submission.message.id not in self.too_late

    def receipt(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        self.receipts.append(receipt)
        self.order.append("receipt")
        self._acknowledge(acknowledge)

    def inbound(self, message: InboundMessage, acknowledge: Acknowledge) -> None:
        self.inbounds.append(message)
        self._acknowledge(acknowledge)

    def _acknowledge(self, acknowledge: Acknowledge) -> None:
        if self.answer is None:
            self.open.append(acknowledge)
        else:
            acknowledge(self.answer)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(outcome.kind for _, _, outcome in self.outcomes)


class Rig(Protocol):
    """A carrier and its far end."""

    carrier: Carrier
    host: Host
    window: int

    async def start(self) -> None:
        """Start the carrier and wait until it has room."""

    async def cut(self) -> None:
        """Break the link; it stays down until `mend`."""

    async def mend(self) -> None:
        """Let the link come back."""


MakeRig = Callable[..., Awaitable[Rig]]


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition, with a deadline."""
    await wait_until_async(condition, what=what)


def submit(rig: Rig, text: str = "hello", *, number: int = 1, sender: str = "Acme") -> Submission:
    """Render a message for the rig's carrier and hand over all of its segments."""
    return rig.host.submit(rig.carrier, message(text, number=number, sender=sender))


class Conformance:
    """Derive, and give a fixture `rig`."""

    async def test_starting_returns_at_once_and_then_there_is_room(self, rig: MakeRig) -> None:
        it = await rig(window=5)
        assert it.carrier.capacity() == 0
        async with asyncio.timeout(1):
            await it.carrier.start(it.host)
        await until(lambda: it.carrier.capacity() == it.window, "room")
        state = it.carrier.state()
        assert state.connected
        assert state.binds_bound == state.binds > 0
        assert (state.in_flight, state.window) == (0, it.window)
        await until(lambda: it.host.readies > 0, "the host's being told of it")

    async def test_stopping_what_never_started_is_harmless(self, rig: MakeRig) -> None:
        it = await rig(window=5)
        await it.carrier.stop(0.1)
        assert it.carrier.capacity() == 0
        assert not it.host.outcomes

    async def test_stopped_while_it_starts_it_stays_down(self, rig: MakeRig) -> None:
        it = await rig(window=5)
        await it.carrier.start(it.host)
        await it.carrier.stop(0.2)
        await asyncio.sleep(0.05)  # nothing must happen now
        assert it.carrier.capacity() == 0
        assert not it.carrier.state().connected

    async def test_each_segment_has_exactly_one_outcome(self, rig: MakeRig) -> None:
        it = await rig(window=10)
        await it.start()
        submissions: list[Submission] = []
        while len(submissions) < 60:
            await until(it.carrier.capacity, "room")
            submissions.append(submit(it, number=len(submissions)))
        await until(lambda: len(it.host.outcomes) >= 60, "outcomes")
        await until(lambda: len(it.host.receipts) >= 60, "receipts")
        assert Counter(id(submission) for submission, _, _ in it.host.outcomes) == {
            id(submission): 1 for submission in submissions
        }
        assert it.host.kinds == {outcomes.ACCEPTED: 60}
        assert it.host.from_within == 0
        assert len({outcome.carrier_message_id for _, _, outcome in it.host.outcomes}) == 60

    async def test_the_window_is_honoured_and_its_slots_come_back(self, rig: MakeRig) -> None:
        """No slot leaks."""
        it = await rig(window=4, latency_ms=40, latency_jitter_ms=0)
        await it.start()
        for _ in range(3):
            for number in range(it.window):
                assert it.carrier.capacity() == it.window - number
                submit(it, number=number)
            assert it.carrier.capacity() == 0
            assert it.carrier.state().in_flight == it.window
            await until(lambda: it.carrier.capacity() == it.window, "all slots back")
        assert it.host.kinds == {outcomes.ACCEPTED: 3 * it.window}

    async def test_a_message_longer_than_the_window_goes_all_the_same(self, rig: MakeRig) -> None:
        """Segments are counted, and one message may have more than the window holds."""
        it = await rig(window=2)
        await it.start()
        submission = submit(it, LONG)
        assert len(submission.pending) == 7 > it.window
        assert it.carrier.capacity() == 0
        await until(lambda: len(it.host.outcomes) == 7, "outcomes")
        assert sorted(segment for _, segment, _ in it.host.outcomes) == submission.pending
        assert it.host.kinds == {outcomes.ACCEPTED: 7}
        await until(lambda: len(it.host.receipts) == 7, "a receipt for each segment")

    async def test_what_waited_is_not_written_once_it_must_not_be(self, rig: MakeRig) -> None:
        """Its message expired while it waited for its slot, or its node stood still and lost the lease."""
        it = await rig(window=1, latency_ms=40, latency_jitter_ms=0)
        await it.start()
        first, second = submit(it, number=1), submit(it, LONG, number=2)
        it.host.too_late.add(second.message.id)
        await until(lambda: len(it.host.outcomes) == 1 + len(second.pending), "outcomes")
        kinds = {id(one): kind for one, _, outcome in it.host.outcomes for kind in [outcome.kind]}
        assert kinds == {id(first): outcomes.ACCEPTED, id(second): outcomes.RETRYABLE}
        await until(lambda: it.carrier.capacity() == 1, "the slot back")
        submit(it, number=3)
        await until(lambda: it.host.kinds[outcomes.ACCEPTED] == 2, "the next one is written")

    async def test_only_the_pending_segments_go(self, rig: MakeRig) -> None:
        it = await rig(window=10)
        await it.start()
        one = message(LONG)
        rendered = it.carrier.render(one, one.sender, 3)
        assert not isinstance(rendered, Refusal)
        it.carrier.submit(Submission(one, rendered, [4, 6], 2, 3, 60_000, one.created_at))
        await until(lambda: len(it.host.outcomes) == 2, "outcomes")
        assert sorted(segment for _, segment, _ in it.host.outcomes) == [4, 6]

    async def test_throttling_comes_back_for_everything_that_waited(self, rig: MakeRig) -> None:
        """What is throttled slows the link; nothing behind it overtakes."""
        it = await rig(window=2, throttle=1)
        await it.start()
        submit(it, LONG)
        await until(lambda: len(it.host.outcomes) == 7, "outcomes")
        assert it.host.kinds == {outcomes.THROTTLED: 7}
        assert {outcome.code for _, _, outcome in it.host.outcomes} == {"carrier_throttled"}
        assert it.host.receipts == []

    @pytest.mark.parametrize("code", ["recipient_refused", "sender_refused", "message_refused"])
    async def test_a_refusal_is_permanent_and_says_how_far_it_reaches(self, rig: MakeRig, code: str) -> None:
        it = await rig(window=2, refuse=1, refuse_code=code)
        await it.start()
        submit(it, LONG)
        await until(lambda: len(it.host.outcomes) == 7, "outcomes")
        assert it.host.kinds == {outcomes.PERMANENT: 7}
        assert {outcome.code for _, _, outcome in it.host.outcomes} == {code}
        assert it.carrier.capacity() == it.window

    async def test_no_answer_is_unknown_and_frees_its_slot(self, rig: MakeRig) -> None:
        it = await rig(window=3, loss=1, response_timeout_s=0.2)
        await it.start()
        for number in range(3):
            submit(it, number=number)
        assert it.carrier.capacity() == 0
        await until(lambda: len(it.host.outcomes) == 3, "outcomes")
        assert it.host.kinds == {outcomes.UNKNOWN: 3}
        assert it.carrier.capacity() == it.window

    async def test_a_receipt_names_its_segment(self, rig: MakeRig) -> None:
        it = await rig(window=10)
        await it.start()
        submit(it, LONG, sender="+4915112345678")
        await until(lambda: len(it.host.receipts) == 7, "receipts")
        given = {normal_id(outcome.carrier_message_id or "") for _, _, outcome in it.host.outcomes}
        for receipt in it.host.receipts:
            assert receipt.carrier_id == it.carrier.id
            assert given.intersection(receipt.candidates)
            assert receipt.candidates[0] == normal_id(receipt.carrier_message_id)
            assert receipt.state == 2
            assert receipt.recipient == "+15550000001"
            assert receipt.sender == "+4915112345678"
            assert LONG[:20] not in receipt.raw

    async def test_a_receipt_may_come_before_the_answer(self, rig: MakeRig) -> None:
        """deliver_sm arrives before submit_sm_resp."""
        it = await rig(window=10, latency_ms=100, latency_jitter_ms=0, receipts_early=1)
        await it.start()
        submit(it)
        await until(lambda: it.host.outcomes, "answer")
        assert it.host.order[0] == "receipt"
        assert normal_id(it.host.outcomes[0][2].carrier_message_id or "") in it.host.receipts[0].candidates

    async def test_a_receipt_that_was_not_stored_comes_again(self, rig: MakeRig) -> None:
        """Acknowledged is only what is on disk."""
        it = await rig(window=10)
        it.host.answer = None
        await it.start()
        submit(it)
        await until(lambda: it.host.open, "receipt")
        it.host.open.pop()(False)
        await until(lambda: it.host.open, "the receipt again")
        it.host.open.pop()(True)
        assert len(it.host.receipts) == 2
        assert it.host.receipts[0].candidates == it.host.receipts[1].candidates
        submit(it, number=2)
        await until(lambda: it.host.open, "the next receipt")
        assert it.host.receipts[2].candidates != it.host.receipts[0].candidates

    async def test_repeated_receipts_are_all_handed_over(self, rig: MakeRig) -> None:
        """Receipts repeated; ENROUTE after DELIVRD."""
        it = await rig(window=10, receipts_doubled=1, receipts_overtaken=1)
        await it.start()
        submit(it)
        await until(lambda: len(it.host.receipts) == 3, "receipts")
        assert sorted(receipt.state for receipt in it.host.receipts) == [1, 2, 2]

    async def test_what_did_not_reach_the_handset_is_said(self, rig: MakeRig) -> None:
        it = await rig(window=10, undelivered=1)
        await it.start()
        submit(it)
        await until(lambda: it.host.receipts, "receipt")
        assert (it.host.receipts[0].state, it.host.receipts[0].code) == (5, "001")

    async def test_stopping_reports_everything_that_is_open(self, rig: MakeRig) -> None:
        it = await rig(window=3, loss=1, response_timeout_s=30)
        await it.start()
        submit(it, LONG)
        await it.carrier.stop(0.3)
        assert len(it.host.outcomes) == 7
        assert it.host.kinds == {outcomes.UNKNOWN: 3, outcomes.RETRYABLE: 4}
        assert it.carrier.capacity() == 0
        assert not it.carrier.state().connected
        submit(it)
        await until(lambda: len(it.host.outcomes) == 8, "the outcome of what came too late")
        assert it.host.outcomes[-1][2].kind == outcomes.RETRYABLE

    async def test_a_broken_link_comes_back(self, rig: MakeRig) -> None:
        """Lost after it was written is unknown; never written is retryable; then the link comes back."""
        it = await rig(window=3, latency_ms=20_000, latency_jitter_ms=0)
        await it.start()
        submit(it, LONG)
        await asyncio.sleep(0.05)  # let it reach the wire: until then it would be retryable, and rightly so
        await it.cut()
        await until(lambda: len(it.host.outcomes) == 7, "outcomes")
        assert it.host.kinds == {outcomes.UNKNOWN: 3, outcomes.RETRYABLE: 4}
        assert it.carrier.capacity() == 0
        assert it.carrier.state().last_error
        before = it.host.readies
        submit(it)
        await until(lambda: len(it.host.outcomes) == 8, "the outcome of what came while it was down")
        last = it.host.outcomes[-1][2]
        assert (last.kind, last.code) == (outcomes.RETRYABLE, "carrier_unreachable")
        await it.mend()
        await until(lambda: it.carrier.capacity() == it.window, "room again")
        await until(lambda: it.host.readies > before, "the host's being told of it")
        assert it.carrier.state().last_error is None

    async def test_rendering_refuses_what_the_link_cannot_carry(self, rig: MakeRig) -> None:
        it = await rig(window=1)
        refused = it.carrier.render(message("Ω and 漢", encoding="gsm7"), "Acme", 1)
        assert isinstance(refused, Refusal)
        assert refused.code == "carrier_cannot_carry"
        assert "漢" in refused.detail

    async def test_rendering_cuts_and_numbers_the_segments(self, rig: MakeRig) -> None:
        it = await rig(window=1)
        one = message("漢" * 100)
        rendered = it.carrier.render(one, one.sender, 0)  # 0 is a legal reference
        assert not isinstance(rendered, Refusal)
        assert rendered.data_coding == 8
        assert b"".join(rendered.payloads).decode("utf-16-be") == one.text
        assert [udh[-2:] for udh in rendered.udhs] == [b"\x02\x01", b"\x02\x02"]
