"""Steps of extensions: their place in the list, their moments, what they cost, and what happens when they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from onesixty.channels.sms.orders import PlainSend, TextEdit
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.notices import of_column
from onesixty.core.orders import Fact
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.extensions import CARRIER, EDIT, RELEASE, SEND, Draft, Moment, NoSettings, Step, StepExtension
from onesixty.extensions.feature import ExtensionsFeature
from onesixty.extensions.loading import Extension, ExtensionError, Extensions
from onesixty.extensions.placing import Placed, place
from onesixty.messages import drafts
from tests.extensions import shouting
from tests.extensions.shouting import NoShouting
from tests.support.message_path import ACCOUNT, Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]
LOUD = "please REPLY"


class Own(drafts.Step):
    """A step of onesixty."""

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def judge(self, draft: Draft) -> None:
        """Let every draft pass."""


STANDARD = [Own(name) for name in ("recipient", "text", "price", "route")]


def placed(name: str, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Placed:
    return Placed(Own(name), before, after, f"extension {name}")


def names(added: Sequence[Placed]) -> list[str]:
    return [step.name for step in place(STANDARD, added)]


def test_without_a_place_a_step_sees_the_complete_message_before_its_price() -> None:
    assert names([placed("b"), placed("a")]) == ["recipient", "text", "a", "b", "price", "route"]


def test_without_a_place_a_step_that_judges_hops_comes_last() -> None:
    class Hops(Own):
        judges_hops = True

    added = [Placed(Hops("b"), (), (), "extension b"), placed("a"), Placed(Hops("c"), (), (), "extension c")]
    assert names(added) == ["recipient", "text", "a", "price", "route", "b", "c"]


def test_a_step_stands_where_it_says() -> None:
    added = [placed("late", after=("route",)), placed("early", before=("recipient",))]
    assert names(added) == ["early", "recipient", "text", "price", "route", "late"]
    added = [placed("b", after=("recipient",)), placed("a", after=("recipient",), before=("price",))]
    assert names(added) == ["recipient", "b", "text", "a", "price", "route"]
    added = [placed("a", after=("b",)), placed("b", after=("text",)), placed("c", before=("b",))]
    assert names(added) == ["recipient", "text", "c", "b", "a", "price", "route"]


@given(
    places=st.lists(
        st.tuples(st.sampled_from(["", "recipient", "text", "price", "route"]), st.booleans()), max_size=6
    ),
    order=st.randoms(use_true_random=False),
)
def test_the_order_does_not_depend_on_the_order_of_discovery(
    places: list[tuple[str, bool]], order: Any
) -> None:
    added = [
        placed(f"x{n}", *(((name,), ()) if before else ((), (name,))) if name else ())
        for n, (name, before) in enumerate(places)
    ]
    first = names(added)
    order.shuffle(added)
    assert names(added) == first
    assert [name for name in first if not name.startswith("x")] == ["recipient", "text", "price", "route"]
    for n, (name, before) in enumerate(places):
        if name:
            assert (first.index(f"x{n}") < first.index(name)) == before


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ([placed("text")], "extension text: another step has the name text"),
        (
            [placed("a", after=("nothing",))],
            "there is no step nothing. The steps of onesixty: recipient, text",
        ),
        (
            [placed("a", before=("recipient",), after=("price",))],
            "no place is both before recipient and after",
        ),
        ([placed("a", after=("b",)), placed("b", after=("a",))], "extension a: its .* lead in a circle"),
    ],
)
def test_a_place_that_does_not_exist_stops_the_start(added: list[Placed], said: str) -> None:
    with pytest.raises(ExtensionError, match=said):
        place(STANDARD, added)


# ---------------------------------------------------------------- on a node


def loaded(declared: Any, settings: Any = None, name: str = "shouting") -> Extensions:
    return Extensions([Extension(name, "step", "acme-rules", "1.2", declared, settings)])


async def test_an_installed_rule_is_asked_wherever_onesixtys_own_are(new_node: NewNode) -> None:
    made: list[NoShouting] = []

    def make(settings: shouting.Settings, host: Any) -> NoShouting:
        made.append(NoShouting(settings, host))
        return made[0]

    declared = StepExtension(api=1, make=make, settings=shouting.Settings)
    extensions = loaded(declared, shouting.Settings(capitals=5))
    node = await new_node(extensions=extensions, carriers=("car_a", "car_b"))
    (rule,) = made
    # a send, in a batch, and its preview
    loud, quiet = await node.intake.accept([node.order(LOUD), node.order("quiet")])
    assert isinstance(loud, Problem)
    assert (loud.code, loud.param, loud.rule) == ("refused_by_rule", "text", "shouting")
    assert (loud.detail, loud.extra) == ("REPLY stands in capitals.", {"rule": "shouting"})
    assert isinstance(quiet, Message)
    seen = await node.intake.foresee(node.order(LOUD))
    assert seen.refusal is not None
    assert seen.refusal.code == "refused_by_rule"
    # an edit, a release
    later = await node.send("later", scheduled_at=node.clock.now_ms() + 60_000)
    with pytest.raises(Problem, match="refused_by_rule"):
        await node.edits.change(Tenant(ACCOUNT, False), later.id, TextEdit(text=LOUD))
    rule._settings = shouting.Settings(capitals=9)
    loud_later = await node.send(LOUD, scheduled_at=node.clock.now_ms() + 60_000)
    rule._settings = shouting.Settings(capitals=5)
    node.clock.advance(61)
    await node.sweep.once()
    failed = await node.get(loud_later)
    assert (failed.status, failed.error_code) == ("failed", "refused_by_rule")
    assert (await node.get(later)).status in ("queued", "sent")
    # failover
    one, other = node.carriers.values()
    rule._settings = shouting.Settings(capitals=9)
    accepted = await node.send(LOUD)
    rule._settings = shouting.Settings(capitals=5)
    await wait_until_async(lambda: one.sent[-1] == LOUD, what="the loud one at the first carrier")
    one.answer_all(one.submissions[-1], Outcome("permanent", code="carrier_refused"))
    await node.until_status(accepted, "failed")
    assert LOUD not in other.sent
    assert set(rule.asked) == {SEND, EDIT, RELEASE, CARRIER}
    await node.installed.stop(1)
    assert rule.life == ["start", "stop"]


async def test_its_time_and_its_results_are_counted(new_node: NewNode) -> None:
    node = await new_node(extensions=loaded(shouting.EXTENSION, shouting.Settings(capitals=5)))
    await node.intake.accept([node.order(text) for text in (LOUD, "quiet", "calm")])
    node.installed.gauges(node.metrics)
    scraped = node.observer.render().decode()
    assert 'onesixty_extension_calls_total{extension="shouting",result="passed"} 2.0' in scraped
    assert 'onesixty_extension_calls_total{extension="shouting",result="refused"} 1.0' in scraped
    assert 0 < node.installed.usage["shouting"].seconds["judge"] < 1


class Broken(Step):
    """Fails as it is told."""

    again: ClassVar[frozenset[Moment]] = frozenset({RELEASE})

    def __init__(self, judge: Callable[[Draft], None]) -> None:
        self._judge = judge

    def judge(self, draft: Draft) -> None:
        self._judge(draft)


def broken(judge: Callable[[Draft], None]) -> Extensions:
    return loaded(StepExtension(api=1, make=lambda settings, host: Broken(judge)))


async def test_a_rule_that_fails_lets_nothing_pass_and_breaks_nothing(new_node: NewNode) -> None:
    works = False

    def judge(draft: Draft) -> None:
        if not works:
            raise KeyError(draft.message.text)

    node = await new_node(extensions=broken(judge))
    with capture_logs() as logs:
        first, second = await node.intake.accept([node.order("secret"), node.order("secret")])
    for refused in (first, second):
        assert isinstance(refused, Problem)
        assert (refused.code, refused.kind.retryable, refused.rule) == ("internal_error", True, "shouting")
    (line,) = [line for line in logs if line["event"] == "extension_failed"]
    assert (line["error"], line["extension"]) == ("KeyError", "shouting")
    assert line["at"].startswith("test_extensions_steps.py:")
    assert "secret" not in str(logs)
    assert node.installed.usage["shouting"].failed == 2
    works = True
    later = await node.send("later", scheduled_at=node.clock.now_ms() + 60_000)
    works = False
    node.clock.advance(61)
    await node.sweep.once()
    assert (await node.get(later)).status == "scheduled", "it waits for the rule to be repaired"
    works = True
    await node.sweep.once()
    assert (await node.get(later)).status != "scheduled"


async def test_a_rule_that_holds_everything_up_is_noticed(
    new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("onesixty.extensions.watched.perf_counter", lambda: now[0])

    def take_long(draft: Draft) -> None:
        now[0] += 0.02

    node = await new_node(extensions=broken(take_long))
    with capture_logs() as logs:
        await node.send("one")
        await node.send("two")
    (line,) = [line for line in logs if line["event"] == "extension_slow"]
    assert line["milliseconds"] == 20


class Reading(Step):
    """Reads what it judges by."""

    reads = True

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.wait = 0.0
        self.batches: list[int] = []

    async def read(self, drafts: Sequence[Draft]) -> None:
        self.batches.append(len(drafts))
        await asyncio.sleep(self.wait)
        if self.error is not None:
            raise self.error

    def judge(self, draft: Draft) -> None:
        """Pass."""


async def test_a_step_that_reads_reads_once_and_in_bounded_time(
    new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onesixty.extensions.watched.READ_SECONDS", 0.05)
    step = Reading()
    node = await new_node(extensions=loaded(StepExtension(api=1, make=lambda settings, host: step)))
    orders = [node.order("one"), node.order("two")]
    assert all(isinstance(one, Message) for one in await node.intake.accept(orders))
    assert step.batches == [2]
    assert isinstance((await node.intake.accept([node.order(recipient="nobody")]))[0], Problem)
    assert step.batches == [2], "nothing is left to read for"
    for error, code in ((ValueError(), "internal_error"), (Problem("unavailable"), "unavailable")):
        step.error = error
        assert [getattr(one, "code", "") for one in await node.intake.accept(orders)] == [code, code]
    step.error, step.wait = None, 5.0
    assert [getattr(one, "code", "") for one in await node.intake.accept(orders)] == ["internal_error"] * 2
    step.wait = 0.0
    assert all(isinstance(one, Message) for one in await node.intake.accept(orders))


class Late(Reading):
    again: ClassVar[frozenset[Moment]] = frozenset({CARRIER})


class Odd(Step):
    again = frozenset({"sometimes"})  # type: ignore[arg-type]

    def judge(self, draft: Draft) -> None:
        """Let every draft pass."""


class Undecided(Step):
    """A step without `judge`."""


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda settings, host: 1 / 0, r"it cannot be made \(ZeroDivisionError: division by zero\)"),
        (
            lambda settings, host: object(),
            "`make` must return an onesixty.extensions.Step, and returns a object",
        ),
        (lambda settings, host: Late(), "a step that reads cannot judge at a change of carrier"),
        (lambda settings, host: Odd(), "there is no moment sometimes"),
        (
            lambda settings, host: Undecided(),  # type: ignore[abstract]
            r"it cannot be made \(TypeError: Can't instantiate abstract class Undecided",
        ),
    ],
)
async def test_a_step_that_cannot_be_made_stops_the_start(make: Any, said: str, node: Node) -> None:
    with pytest.raises(ExtensionError, match=f"extension shouting .acme-rules 1.2.: {said}"):
        ExtensionsFeature(node.context, loaded(StepExtension(api=1, make=make)))


async def test_a_step_that_cannot_be_started_stops_the_start(node: Node) -> None:
    class Closed(Step):
        async def start(self) -> None:
            raise OSError("no such host")

        def judge(self, draft: Draft) -> None:
            """Let every draft pass."""

    feature = ExtensionsFeature(
        node.context, loaded(StepExtension(api=1, make=lambda settings, host: Closed()))
    )
    with pytest.raises(ExtensionError, match=r"it cannot be started \(OSError: no such host\)"):
        await feature.start()


@pytest.mark.parametrize(("error", "wait"), [(OSError(), 0), (None, 60)])
async def test_a_step_that_does_not_stop_keeps_nothing_else_from_stopping(
    node: Node, error: Exception | None, wait: float
) -> None:
    class Endless(Reading):
        async def stop(self) -> None:
            await asyncio.sleep(wait)
            if error is not None:
                raise error

    rule = NoShouting(shouting.Settings(), None)  # type: ignore[arg-type]
    steps = {"endless": Endless(), "shouting": rule}
    feature = ExtensionsFeature(
        node.context,
        Extensions(
            Extension(name, "step", "acme", "1", StepExtension(api=1, make=lambda s, h, it=step: it), None)
            for name, step in steps.items()
        ),
    )
    await feature.start()
    with capture_logs() as logs:
        async with asyncio.timeout(10):
            await feature.stop(0.4)
    assert [line["extension"] for line in logs if line["event"] == "extension_not_stopped"] == ["endless"]
    assert rule.life == ["start", "stop"]


async def test_in_any_batch_a_draft_gets_what_it_gets_alone(new_node: NewNode) -> None:
    node = await new_node(extensions=loaded(shouting.EXTENSION, shouting.Settings(capitals=5)))
    orders = [node.order(text) for text in (LOUD, "quiet", LOUD)]
    whole = await node.intake.judge(orders)
    alone = [draft for order in orders for draft in await node.intake.judge([order])]
    assert [str(draft.refusal) for draft in whole] == [str(draft.refusal) for draft in alone]


class NightWatch(Step):
    """Warns at any time, and defers what is sent by a minute."""

    again: ClassVar[frozenset[Moment]] = frozenset({RELEASE})

    def judge(self, draft: Draft) -> None:
        draft.warn(self, "night", "It is night.")
        if draft.moment == SEND:
            draft.defer(self, draft.now + 60_000, "night")


async def test_an_installed_rule_warns_and_defers_under_its_name(new_node: NewNode) -> None:
    declared = StepExtension(api=1, make=lambda settings, host: NightWatch())
    node = await new_node(extensions=loaded(declared, NoSettings(), "watch"))
    node.carrier.script = node.carrier.accept
    deferred = await node.send()
    assert deferred.status == "scheduled"
    told = [(one.kind, one.rule) for one in of_column(deferred.notices)]
    assert told == [("warning", "watch"), ("deferred", "watch")]
    node.clock.advance(61)
    await node.sweep.once()
    await node.until_status(deferred, "sent")


class Countries(Step):
    """Depends on the country, and says so."""

    blocked: frozenset[str | None] = frozenset()
    asked = 0
    fails = False

    def judge(self, draft: Draft) -> None:
        self.asked += 1
        if draft.message.country in self.blocked:
            raise Problem("refused_by_rule", "Not to this country.", param="to")

    def depends_on(self) -> frozenset[Fact]:
        if self.fails:
            raise ValueError
        return frozenset({"country"})

    def version(self) -> object:
        return self.blocked


async def test_a_rule_that_says_what_it_depends_on_is_asked_once_for_messages_alike(
    new_node: NewNode,
) -> None:
    rule = Countries()
    node = await new_node(extensions=loaded(StepExtension(api=1, make=lambda settings, host: rule)))

    async def send(to: str) -> Message | Problem:
        (result,) = await node.intake.accept([PlainSend(Tenant(ACCOUNT, False), "Acme", to, "hello")])
        assert isinstance(result, Message | Problem)
        return result

    for _ in range(3):
        assert isinstance(await send("+15551234567"), Message)
    assert rule.asked == 1
    rule.blocked = frozenset({"US"})
    refused = await send("+15551234567")
    assert isinstance(refused, Problem)
    assert (refused.rule, rule.asked) == ("shouting", 2)
    rule.blocked, rule.fails = frozenset(), True  # what it depends on is not known any more
    with capture_logs() as logs:
        for _ in range(3):
            assert isinstance(await send("+15551234567"), Message)
    assert rule.asked == 5
    assert [line["event"] for line in logs] == ["extension_failed"]
