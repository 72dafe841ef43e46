"""Steps: the list in its order, over a batch as one by one, and again at each moment that a step asks for."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.channels.sms.orders import TextEdit
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.jobs.bulk import REQUEUE, Target
from onesixty.messages.drafts import CARRIER, RELEASE, SEND, Draft, Moment, Step, Steps
from onesixty.messages.holds import Holds
from tests.messages.rules import LOUD, NoShouting
from tests.support.message_path import ACCOUNT, START_MS, Node, bulk_of
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]


def message(text: str = "hello", id_: str = "msg_1") -> Message:
    return Message(
        id=id_, account_id=ACCOUNT, test=False, sender="Acme", recipient="+15551234567", text=text,
        encoding="gsm7", segments=1, class_="transactional", created_at=0, expires_at=2 * START_MS, status="queued",
    )  # fmt: skip


class Numbered(Step):
    """Notes which drafts it judged, refuses those whose text has its number, and tells of others by their letters."""

    def __init__(self, number: int, *, reads: bool = False) -> None:
        self.name = f"step{number}"  # type: ignore[misc]
        self.reads = reads  # type: ignore[misc]
        self._mark = str(number)
        self.read_for: list[int] = []
        self.known: set[str] = set()

    async def read(self, drafts: Sequence[Draft]) -> None:
        self.read_for.append(len(drafts))
        self.known |= {draft.message.id for draft in drafts}

    def judge(self, draft: Draft) -> None:
        assert not self.reads or draft.message.id in self.known, "judged before it was read"
        if self._mark in draft.message.text:
            raise Problem("message_refused")
        if "w" in draft.message.text:
            draft.warn(self, "word", "It has a w.")
        if "d" in draft.message.text:
            draft.defer(self, START_MS + 1, "later")
        if "h" in draft.message.text:
            draft.hold(self)
        draft.message.reference = f"{draft.message.reference or ''}{self._mark}"


def _results(drafts: Sequence[Draft]) -> list[tuple[str | None, Message]]:
    return [(draft.refusal.rule if draft.refusal else None, draft.message) for draft in drafts]


def _drafts(texts: Sequence[str], moment: Moment = SEND) -> list[Draft]:
    return [Draft(moment, message(text, f"msg_{n}"), START_MS) for n, text in enumerate(texts)]


@given(
    texts=st.lists(st.text("0123 wdh", max_size=4), max_size=12),
    reading=st.lists(st.booleans(), min_size=4, max_size=4),
    data=st.data(),
)
async def test_in_any_batch_a_draft_gets_what_it_gets_alone(
    texts: list[str], reading: list[bool], data: st.DataObject
) -> None:
    def steps() -> Steps:
        return Steps([Numbered(n, reads=reads) for n, reads in enumerate(reading)])

    whole = _drafts(texts)
    await steps().judge(whole)
    alone = _drafts(texts)
    for draft in alone:
        await steps().judge([draft])
    cut = data.draw(st.integers(0, len(texts)))
    parted, judging = _drafts(texts), steps()
    await judging.judge(parted[:cut])
    await judging.judge(parted[cut:])
    assert _results(whole) == _results(alone) == _results(parted)


async def test_a_step_reads_once_for_a_batch_and_not_for_what_is_refused() -> None:
    first, second = Numbered(0), Numbered(1, reads=True)
    await Steps([first, second]).judge(_drafts(["a", "0", "b", "0"]))
    assert second.read_for == [2]


async def test_the_first_step_that_refuses_is_told() -> None:
    drafts = _drafts(["01", "1"])
    await Steps([Numbered(0), Numbered(1)]).judge(drafts)
    assert [draft.refusal.rule for draft in drafts if draft.refusal] == ["step0", "step1"]


def test_a_list_of_steps_that_cannot_work_is_refused() -> None:
    class Late(Step):
        name = "late"
        again: ClassVar[frozenset[Moment]] = frozenset({CARRIER})
        reads = True

        def judge(self, draft: Draft) -> None:
            """Let every draft pass."""

    with pytest.raises(ValueError, match="one name"):
        Steps([Numbered(1), Numbered(1)])
    with pytest.raises(ValueError, match="cannot wait"):
        Steps([Late()])


def test_a_step_cannot_hold_a_message_as_if_a_carrier_might_have_it() -> None:
    (draft,) = _drafts(["hello"])
    with pytest.raises(ValueError, match="outcome_unknown"):
        draft.hold(Numbered(1), "outcome_unknown")
    assert draft.held_for is None


def test_holds_are_taken_whole_or_not_at_all() -> None:
    done: list[str] = []

    class Place:
        def __init__(self, name: str) -> None:
            self.name = name

        def take(self, message: Message, hops: Sequence[Hop], held: int | None) -> None:
            if message.text == self.name:
                raise Problem("message_refused")
            done.append(f"take {self.name}")

        def kept(self, message: Message) -> None:
            done.append(f"kept {self.name}")

        def dropped(self, message: Message) -> None:
            done.append(f"dropped {self.name}")

    holds = Holds([Place("a"), Place("b"), Place("c")])
    with pytest.raises(Problem) as refused:
        holds.take(message("c"))
    assert refused.value.rule == "c"
    assert done == ["take a", "take b", "dropped a", "dropped b"]
    done.clear()
    holds.take(message("x"))
    holds.settle(message("x"), True)
    assert done[3:] == ["kept a", "kept b", "kept c"]


# ---------------------------------------------------------------- a rule, wherever it has to be asked


async def test_a_rule_is_asked_at_a_send_and_its_preview(new_node: NewNode) -> None:
    rule = NoShouting()
    node = await new_node(rules=[rule])
    loud, quiet = await node.intake.accept([node.order(LOUD), node.order("buy now")])
    assert isinstance(loud, Problem)
    assert (loud.code, loud.param, loud.rule) == ("message_refused", "text", "shouting")
    assert isinstance(quiet, Message)
    seen = await node.intake.foresee(node.order(LOUD))
    assert seen.refusal is not None
    assert (seen.refusal.code, seen.refusal.rule) == (loud.code, loud.rule)
    assert rule.asked == [SEND, SEND, SEND]


async def test_a_rule_is_asked_at_an_edit(new_node: NewNode) -> None:
    node = await new_node(rules=[NoShouting()])
    node.carrier.connected = False
    waiting = await node.send("quiet")
    with pytest.raises(Problem, match="message_refused"):
        await node.edits.change(Tenant(ACCOUNT, False), waiting.id, TextEdit(text=LOUD))
    assert await node.get(waiting) == waiting, "nothing of the edit was kept"


async def test_a_rule_is_asked_when_a_scheduled_message_is_released(new_node: NewNode) -> None:
    rule = NoShouting()
    node = await new_node(rules=[rule])
    rule.on = False
    later = {"scheduled_at": node.clock.now_ms() + 60_000}
    loud, quiet = await node.send(LOUD, **later), await node.send("quiet", **later)
    rule.on = True
    node.clock.advance(61)
    await node.sweep.once()
    failed = await node.get(loud)
    assert (failed.status, failed.error_code) == ("failed", "message_refused")
    assert (await node.get(quiet)).status in ("queued", "sent")
    assert RELEASE in rule.asked


async def test_a_rule_is_asked_at_failover(new_node: NewNode) -> None:
    rule = NoShouting()
    node = await new_node(carriers=("car_a", "car_b"), rules=[rule])
    one, other = node.carriers.values()
    one.script = lambda submission, segment: Outcome("permanent", code="carrier_refused")
    other.script = other.accept
    quiet = await node.send("quiet")
    await node.until_status(quiet, "sent")
    assert other.sent == ["quiet"]
    rule.on = False
    loud = node.order(LOUD)
    one.script = None
    (accepted,) = await node.intake.accept([loud])
    assert isinstance(accepted, Message)
    rule.on = True  # from now on no other carrier may have it
    await wait_until_async(lambda: len(one.submissions) == 2, what="the loud one at the first carrier")
    one.answer_all(one.submissions[-1], Outcome("permanent", code="carrier_refused"))
    failed = await node.until_status(accepted, "failed")
    assert failed.error_code == "carrier_refused"
    assert other.sent == ["quiet"]
    assert CARRIER in rule.asked


async def test_a_rule_is_asked_when_an_operator_lets_a_held_message_go(new_node: NewNode) -> None:
    rule = NoShouting()
    rule.on = False
    node = await new_node(rules=[rule])
    node.carrier.script = lambda submission, segment: Outcome("unknown", code="outcome_unknown")
    held = await node.send(LOUD, on_unknown="hold")
    await node.until_status(held, "held")
    rule.on = True
    bulk = bulk_of(node)
    assert (await bulk.work(REQUEUE, [await node.get(held)], Target())).counts == {"message_refused": 1}
    rule.on = False
    assert (await bulk.work(REQUEUE, [await node.get(held)], Target())).counts == {"done": 1}


# ---------------------------------------------------------------- the price at release


async def test_the_price_is_fixed_at_release_and_the_ledger_balances(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    estimated = await node.send("later", scheduled_at=node.clock.now_ms() + 60_000)
    assert estimated.price == 7500
    node.accounts.book.price = 9000
    node.carrier.script = node.carrier.accept
    node.clock.advance(61)
    await node.sweep.once()
    sent = await node.until_status(estimated, "sent")
    assert sent.price == 9000
    assert await node.ledger(sent) == {
        "hold": (7500, 0),
        f"reprice:{estimated.version + 1}": (1500, 0),
        "settle": (-9000, 9000),
    }
    released: Any = await node.send("now")
    node.accounts.book.price = 1
    assert (await node.until_status(released, "sent")).price == 9000, "fixed"
