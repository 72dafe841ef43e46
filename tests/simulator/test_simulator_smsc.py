"""Every misbehaviour of the simulated SMSC, met by our own connector: nothing is lost, nothing hangs.

What a host does (try again what is throttled, retryable or unknown) is done here in the plainest way, and at the
end every segment has been accepted and every receipt that the SMSC sent was handed over and acknowledged.
"""

import asyncio
import random
from collections import Counter

import pytest

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.core import outcomes
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import Refusal, Submission
from onesixty.simulator.smsc import CATALOGUE, SimulatedSmsc, SmscOptions
from onesixty.smpp.receipt import normal_id
from tests.carriers.conformance import LONG, Host, message, until
from tests.carriers.smpp_rig import SmppRig, make_rig

pytestmark = pytest.mark.slow

MESSAGES = 25

#: With these the carrier never takes everything, or only after far too long; they have tests of their own.
HOPELESS = {"silent_bind", "refuses_bind", "slow_answers"}

#: With these it takes a short time-out to notice.
SETTINGS: dict[str, dict[str, float]] = {
    "lost_answers": {"response_timeout_s": 0.3},
    "stops_reading": {"response_timeout_s": 0.3, "enquire_link_s": 0.2},
    "dead_link": {"enquire_link_s": 0.1},
    "pausing": {"window": 50, "latency_jitter_ms": 0, "receipt_jitter_ms": 0},
}


async def send_all(rig: SmppRig, count: int, text: str = "hello") -> list[Submission]:
    """Send messages until each of their segments was accepted; what was sent in vain is sent again."""
    todo: list[tuple[int, list[int]]] = [(number, []) for number in range(count)]
    accepted: list[Submission] = []
    seen = 0
    while todo or len(rig.host.outcomes) < seen:
        await until(lambda: rig.carrier.capacity() or not todo, "room")
        batch = [todo.pop(0) for _ in range(min(len(todo), max(1, rig.carrier.capacity())))]
        submissions: dict[int, int] = {}
        for number, pending in batch:
            one = message(text, number=number)
            rendered = rig.carrier.render(one, one.sender, number)
            assert not isinstance(rendered, Refusal)
            left = pending or list(range(rendered.units))
            submission = Submission(one, rendered, left, 1, number, 60_000, one.created_at)
            submissions[id(submission)] = number
            accepted.append(submission)  # also keeps the object, so that its id stays its own
            seen += len(left)
            rig.carrier.submit(submission)
        start = len(rig.host.outcomes)
        expected = seen
        await until(lambda expected=expected: len(rig.host.outcomes) >= expected, "outcomes")
        again: dict[int, list[int]] = {}
        for submission, segment, outcome in rig.host.outcomes[start:]:
            if outcome.kind != outcomes.ACCEPTED:
                again.setdefault(submissions[id(submission)], []).append(segment)
        todo.extend(again.items())
        if again:
            await asyncio.sleep(0.02)
    return accepted


@pytest.mark.deadline(40)
@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - HOPELESS))
async def test_all_messages_get_through(name: str) -> None:
    """Whatever the SMSC does wrong, each by the name of its misbehaviour."""
    # A window below `every`, or an SMSC that hangs up at every n-th would never have answered anything.
    settings = {"window": 3} | SETTINGS.get(name, {})
    rig = await make_rig(**settings, smsc={"misbehave": (name,), "every": 12})
    try:
        await rig.start()
        submissions = await send_all(rig, MESSAGES)
        counted = Counter((id(one), segment) for one, segment, _ in rig.host.outcomes)
        assert set(counted.values()) == {1}, "exactly one outcome for each segment"
        assert len(counted) == sum(len(one.pending) for one in submissions)
        assert rig.host.kinds[outcomes.ACCEPTED] == MESSAGES
        if name in ("missing_receipts", "late_receipts"):
            return
        ids = {
            normal_id(outcome.carrier_message_id or "")
            for _, _, outcome in rig.host.outcomes
            if outcome.kind == outcomes.ACCEPTED
        }
        await until(
            lambda: ids <= {key for receipt in rig.host.receipts for key in receipt.candidates},
            "a receipt for each accepted segment",
        )
        await until(lambda: rig.carrier.state().in_flight == 0, "nothing in flight")
        await until(lambda: rig.carrier.capacity() == rig.window, "every slot back")
    finally:
        await rig.end()


@pytest.mark.parametrize("seed", range(3))
async def test_everything_at_once(seed: int) -> None:
    """Whatever happens, each segment has exactly one outcome."""
    names = (
        "fragmented", "hangs_up", "throttles", "lost_answers", "answers_twice", "unknown_command",
        "unknown_sequence", "still_bound", "early_receipts", "doubled_receipts", "overtaken_receipts",
        "upper_case", "text_only",
    )  # fmt: skip
    rig = await make_rig(
        window=4,
        binds=3,
        response_timeout_s=0.3,
        undelivered=0.1,
        smsc={"misbehave": names, "every": 30 + seed},
    )
    try:
        await rig.start()
        submissions = await send_all(rig, 12, LONG)
        counted = Counter((id(one), segment) for one, segment, _ in rig.host.outcomes)
        assert set(counted.values()) == {1}
        assert len(counted) == sum(len(one.pending) for one in submissions)
        assert rig.host.kinds[outcomes.ACCEPTED] == 12 * 7
        taken = {normal_id(one.carrier_message_id or "") for _, _, one in rig.host.outcomes} - {""}
        await until(
            lambda: taken <= {key for receipt in rig.host.receipts for key in receipt.candidates},
            "a receipt for each accepted segment",
        )
        await until(lambda: rig.carrier.capacity() == rig.window, "every slot back")
    finally:
        await rig.end()


def test_every_misbehaviour_says_what_it_does() -> None:
    assert all(row.about.endswith(".") for row in CATALOGUE.values())


def test_a_misbehaviour_that_does_not_exist_is_refused() -> None:
    options = SmscOptions(misbehave=("nonsense",))
    with pytest.raises(
        ValueError, match="unknown misbehaviour 'nonsense'; the misbehaviours are: fragmented"
    ):
        SimulatedSmsc(options, clock=None, random=None)  # type: ignore[arg-type]


async def test_a_silent_bind_is_given_up() -> None:
    """No bind within the session-init timer closes the session; it is tried again."""
    rig = await make_rig(bind_timeout_s=0.1, smsc={"misbehave": ("silent_bind",)})
    try:
        await rig.carrier.start(rig.host)
        await until(lambda: rig.smsc.counters["closed"] >= 2, "two tries")
        assert rig.carrier.capacity() == 0
        assert "bind" in (rig.carrier.state().last_error or "")
    finally:
        await rig.end()


async def test_a_refused_bind_backs_off_and_says_why() -> None:
    """A refusal is tried again after a pause, and named."""
    rig = await make_rig(smsc={"misbehave": ("refuses_bind",)})
    try:
        await rig.carrier.start(rig.host)
        await until(lambda: rig.smsc.counters["closed"] >= 3, "three tries")
        assert not rig.carrier.state().connected
        assert rig.carrier.state().last_error
    finally:
        await rig.end()


async def test_a_wrong_password_is_refused() -> None:
    rig = await make_rig(system_id="me", password="wrong", smsc={"system_id": "me", "password": "right"})
    try:
        await rig.carrier.start(rig.host)
        await until(lambda: rig.smsc.counters["closed"] >= 1, "a try")
        assert rig.smsc.counters["binds"] == 0
    finally:
        await rig.end()


async def test_slow_answers_are_unknown_and_come_too_late_without_harm() -> None:
    """The time-out counts from the write; the answer after it is ignored."""
    rig = await make_rig(window=2, response_timeout_s=0.1, latency_ms=300, latency_jitter_ms=0)
    try:
        await rig.start()
        one = message()
        rendered = rig.carrier.render(one, one.sender, 1)
        assert not isinstance(rendered, Refusal)
        for _ in range(2):
            rig.carrier.submit(Submission(one, rendered, [0], 1, 1, 60_000, 0))
        await until(lambda: rig.host.kinds == {outcomes.UNKNOWN: 2}, "two unknown outcomes")
        await until(lambda: rig.smsc.counters["answered"] == 2, "the late answers")
        await until(lambda: len(rig.host.receipts) == 2, "the receipts")
        assert len(rig.host.outcomes) == 2
        assert rig.carrier.capacity() == 2
    finally:
        await rig.end()


async def test_segments_of_one_message_may_end_differently() -> None:
    """The first segment fails, the others are delivered; each has its own receipt."""
    rig = await make_rig(smsc={"misbehave": ("first_segment_fails",)})
    try:
        await rig.start()
        await send_all(rig, 1, LONG)
        await until(lambda: len(rig.host.receipts) == 7, "receipts")
        assert sorted(receipt.state for receipt in rig.host.receipts) == [2, 2, 2, 2, 2, 2, 5]
    finally:
        await rig.end()


async def test_delivered_comes_after_expired() -> None:
    rig = await make_rig(smsc={"misbehave": ("delivered_after_expired",)})
    try:
        await rig.start()
        await send_all(rig, 1)
        await until(lambda: len(rig.host.receipts) == 2, "receipts")
        assert [receipt.state for receipt in rig.host.receipts] == [3, 2]
    finally:
        await rig.end()


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("without_counts", 2, "000"),
        ("without_text", 2, "000"),
        ("err_null", 2, None),
        ("err_four_digits", 2, "0000"),
        ("stat_failed", 5, "001"),
        ("lower_case", 2, "000"),
        ("text_only", 2, "000"),
        ("tlv_only", 2, None),
        ("at_odds", 2, "000"),
    ],
)
async def test_receipts_are_read_however_they_are_written(name: str, state: int, code: str | None) -> None:
    """Sub and dlvrd missing, err:null, four digits, stat:FAILED, lower case, TLV only, at odds."""
    rig = await make_rig(smsc={"misbehave": (name,)})
    try:
        await rig.start()
        await send_all(rig, 1)
        await until(lambda: rig.host.receipts, "the receipt")
        receipt = rig.host.receipts[0]
        assert (receipt.state, receipt.code) == (state, code)
        assert normal_id(rig.host.outcomes[0][2].carrier_message_id or "") in receipt.candidates
    finally:
        await rig.end()


async def test_receipts_wait_for_a_bind_that_can_receive() -> None:
    """Receipts go to any bind that can receive, and are held while there is none."""
    rig = await make_rig(bind="transmitter", binds=2)
    settings = SmppSettings(host="127.0.0.1", port=rig.smsc.port, system_id="test", bind="receiver")
    receiver = SmppCarrier("car_rx", settings, clock=SystemClock(), random=random.Random(1))
    host = Host()
    try:
        await rig.start()
        await send_all(rig, 4)
        await until(lambda: rig.smsc.counters["answered"] == 4, "answers")
        await receiver.start(host)
        await until(lambda: len(host.receipts) == 4, "receipts on the other bind")
        assert receiver.capacity() == 0, "a receiver sends nothing"
        assert rig.host.receipts == []
    finally:
        await receiver.stop(0.2)
        await rig.end()
