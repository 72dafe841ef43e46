"""Warnings, changes, deferrals and holds: at every moment, on disk, in history and events, and what ends them."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from onesixty.channels.sms.orders import TextEdit
from onesixty.channels.sms.view import sms_view
from onesixty.core import event_body, notices
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.jobs.bulk import CANCEL, REQUEUE, REROUTE, Filter, Target
from onesixty.messages.drafts import CARRIER, EDIT, RELEASE, SEND, Moment, Step
from onesixty.messages.queries import Filters
from onesixty.reports.audit import Terms, run_audit
from tests.messages.rules import Calm, NoShouting, Politeness, QuietHours, Review
from tests.support.message_path import ACCOUNT, Node, bulk_of

NewNode = Callable[..., Awaitable[Node]]
TENANT = Tenant(ACCOUNT, False)
MINUTE = 60_000


def kinds(message: Message) -> list[tuple[str, str, str]]:
    return [(one.kind, one.rule, one.code) for one in notices.of_column(message.notices)]


async def change(node: Node, message: Message, **fields: Any) -> Message:
    return await node.edits.change(TENANT, message.id, TextEdit(**fields))


async def history(node: Node, message: Message) -> list[str]:
    found = await node.histories.history(TENANT, message.id, False)
    return [entry["type"] for entry in found["data"]]


async def bodies(node: Node, message: Message) -> list[dict[str, Any]]:
    """What webhooks are told about the message: the `data` of its events."""
    rows = await node.store.fetch("events_of_message", message_id=message.id)
    found = await node.store.fetch("events_bodies", ids=[row[0] for row in rows])
    told = [msgspec.json.decode(event_body.told(*row)) for row in found]
    return [one["data"] for one in sorted(told, key=lambda one: one["sequence"])]


async def sound(node: Node) -> None:
    """The audit finds nothing."""
    store: Any = node.store
    found = await run_audit(store, Terms(now=node.clock.now_ms(), charge_on="sent"))
    assert [finding.name for finding in found if finding.count] == []


async def quiet_node(new_node: NewNode, url: str = "sqlite://", *rules: Step) -> tuple[Node, QuietHours]:
    """A node whose quiet hours end in ten minutes. Its carrier takes everything at once."""
    rule = QuietHours()
    node = await new_node(url, rules=[rule, *rules])
    rule.opens_at = node.clock.now_ms() + 10 * MINUTE
    node.carrier.script = node.carrier.accept
    return node, rule


async def later(node: Node, minutes: float) -> None:
    """The sweep some time later."""
    node.clock.advance(minutes * 60)
    await node.sweep.once()


async def refusal(call: Awaitable[Message]) -> str:
    with pytest.raises(Problem) as caught:
        await call
    return caught.value.code


# ---------------------------------------------------------------- warnings and changes


async def test_warnings_and_changes_reach_caller_row_history_and_events(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url, rules=[Politeness(), Calm()])
    sent = await node.sent("hello", priority=7)
    assert sent.priority == 0
    assert kinds(sent) == [("warning", "politeness", "impolite"), ("change", "calm", "calmed")]
    assert sms_view(sent)["notices"][1] == {
        "kind": "change", "rule": "calm", "code": "calmed", "text": "The priority is 0.", "field": "priority",
        "until": None,
    }  # fmt: skip
    assert await history(node, sent) == ["accepted", "warning", "change", "attempt", "message.sent"]
    assert [data["notices"] for data in await bodies(node, sent)] == [sms_view(sent)["notices"]]
    seen = await node.intake.foresee(node.order("hello", priority=7))
    assert seen.refusal is None
    assert kinds(seen.message) == kinds(sent)


async def test_notices_are_counted_when_they_are_told(new_node: NewNode) -> None:
    review = Review()
    node, rule = await quiet_node(new_node, "sqlite://", review, Politeness())
    polite = ("warning", "politeness", "impolite")
    await node.intake.foresee(node.order("later"))
    assert node.counted("notices") == 0, "a preview tells only its caller"
    review.on = False
    deferred = await node.send("a prize, later")
    assert (node.counted("notices", *polite), node.counted("notices", "deferred")) == (1, 1)
    node.clock.advance(1)
    await change(node, deferred, text="a prize, even later")
    assert (node.counted("notices", *polite), node.counted("notices", "quiet_hours")) == (2, 2)
    review.on, rule.on = True, False
    await later(node, 11)
    assert (await node.get(deferred)).status == "held"
    assert node.counted("notices", "held", "scam", "review") == 1
    assert node.counted("notices", "deferred") == 2


async def test_a_plain_message_has_no_notices(node: Node) -> None:
    sent = await node.sent()
    assert (sent.notices, sent.not_before, sent.held_for) == (None, None, None)
    assert sms_view(sent)["notices"] == []


async def test_an_edit_asks_anew_and_keeps_what_it_does_not_concern(new_node: NewNode) -> None:
    node = await new_node(rules=[Politeness()])
    node.carrier.connected = False
    waiting = await node.send("hello “you”", transliterate=True)
    assert [one[2] for one in kinds(waiting)] == ["transliterated", "impolite"]
    assert notices.replaced(waiting.notices) == [
        {"character": "“", "replacement": '"', "count": 1}, {"character": "”", "replacement": '"', "count": 1}
    ]  # fmt: skip
    urgent = await change(node, waiting, priority=3)
    assert kinds(urgent) == kinds(waiting), "the text is still the transliterated one"
    polite = await change(node, urgent, text="hello, please")
    assert kinds(polite) == []
    assert polite.notices is None


async def test_redaction_takes_the_notices_away(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url, rules=[Politeness()])
    sent = await node.sent("secret")
    await node.receipts(("car_a-1", 2))
    await node.until_status(sent, "delivered")
    assert "secret" in str(await bodies(node, sent))
    await node.control.redact(TENANT, sent.id)
    assert (await node.get(sent)).notices is None
    assert "secret" not in str(await bodies(node, sent))
    assert "secret" not in str(await node.histories.history(TENANT, sent.id, False))


# ---------------------------------------------------------------- deferrals


async def test_a_deferred_message_waits_and_is_judged_again_at_its_time(
    engine_url: str, new_node: NewNode
) -> None:
    node, rule = await quiet_node(new_node, engine_url)
    deferred = await node.send("later")
    assert (deferred.status, deferred.scheduled_at, deferred.not_before) == ("scheduled", None, rule.opens_at)
    assert (deferred.due_at, deferred.claim, deferred.queued_at) == (rule.opens_at, 0, None)
    assert kinds(deferred) == [("deferred", "quiet_hours", "quiet_hours")]
    assert await node.get(deferred) == deferred
    assert (await bodies(node, deferred))[0]["not_before"] == sms_view(deferred)["not_before"] is not None
    await later(node, 9)
    assert (await node.get(deferred)).status == "scheduled"
    await sound(node)
    await later(node, 2)
    sent = await node.until_status(deferred, "sent")
    assert rule.asked == [SEND, RELEASE]
    assert sent.not_before == deferred.not_before, "a record of when it was deferred to"
    assert await node.events(sent) == ["message.scheduled", "message.queued", "message.sent"]
    assert await node.ledger(sent) == {"hold": (7500, 0), "settle": (-7500, 7500)}
    await sound(node)


async def test_the_history_says_how_a_message_was_accepted(new_node: NewNode) -> None:
    node, _ = await quiet_node(new_node, "sqlite://", Review())
    for text, status in (("later", "scheduled"), ("a prize", "held"), ("hello", "queued")):
        accepted = await node.send(text)
        await later(node, 0)
        found = (await node.histories.history(TENANT, accepted.id, False))["data"][0]
        assert (found["type"], found["status"]) == ("accepted", status)


async def test_a_message_may_be_deferred_again_until_no_time_is_left(
    engine_url: str, new_node: NewNode
) -> None:
    node, rule = await quiet_node(new_node, engine_url)
    deferred = await node.send("later", valid_for=1800)
    rule.opens_at += 10 * MINUTE
    await later(node, 11)
    again = await node.get(deferred)
    assert (again.status, again.not_before, again.due_at) == ("scheduled", rule.opens_at, rule.opens_at)
    assert len(kinds(again)) == 1, "the reason that counts now"
    rule.opens_at += 60 * MINUTE
    await later(node, 10)
    failed = await node.get(deferred)
    assert (failed.status, failed.error_code) == ("failed", "deferred_too_long")
    assert await node.events(failed) == ["message.scheduled", "message.scheduled", "message.failed"]
    assert sum(held for held, _ in (await node.ledger(failed)).values()) == 0
    assert node.carrier.sent == []
    await sound(node)


async def test_a_deferral_beyond_the_validity_is_refused_and_named(new_node: NewNode) -> None:
    node, _ = await quiet_node(new_node)
    (refused,) = await node.intake.accept([node.order("later", class_="otp")])
    assert isinstance(refused, Problem)
    assert (refused.code, refused.param, refused.rule) == ("deferred_too_long", "valid_for", "quiet_hours")
    deferred = await node.send("later")
    assert await refusal(change(node, deferred, valid_for=60)) == "deferred_too_long"
    assert await node.get(deferred) == deferred


async def test_a_schedule_later_than_the_deferral_stays_by_hand(new_node: NewNode) -> None:
    node, rule = await quiet_node(new_node)
    plain = await node.send("later", scheduled_at=rule.opens_at + MINUTE)
    assert (plain.not_before, plain.notices, plain.due_at) == (None, None, rule.opens_at + MINUTE)
    assert await node.events(plain) == []
    both = await node.send("later", scheduled_at=rule.opens_at - MINUTE)
    assert (both.scheduled_at, both.not_before, both.due_at) == (
        rule.opens_at - MINUTE, rule.opens_at, rule.opens_at
    )  # fmt: skip


class Slow(QuietHours):
    """A second rule that defers, and is not asked at edits."""

    name = "slow"
    again = frozenset({RELEASE})


async def test_the_latest_deferral_counts_and_a_rule_that_is_not_asked_keeps_its_own(
    new_node: NewNode,
) -> None:
    slow = Slow()
    node, rule = await quiet_node(new_node, "sqlite://", slow)
    slow.opens_at = rule.opens_at - MINUTE
    deferred = await node.send("later")
    assert deferred.not_before == rule.opens_at
    assert [one[1] for one in kinds(deferred)] == ["quiet_hours", "slow"]
    rule.on = False
    freed = await change(node, deferred, priority=1)
    assert (freed.status, freed.not_before, freed.due_at) == ("scheduled", slow.opens_at, slow.opens_at)
    assert [one[1] for one in kinds(freed)] == ["slow"]


async def test_an_edit_defers_keeps_or_frees(engine_url: str, new_node: NewNode) -> None:
    node, rule = await quiet_node(new_node, engine_url)
    deferred = await node.send("later")
    kept = await change(node, deferred, text="much later")
    assert (kept.status, kept.not_before, kept.due_at) == ("scheduled", rule.opens_at, rule.opens_at)
    now = await change(node, kept, scheduled_at=None)
    assert now.due_at == rule.opens_at, "at once is not before the rule allows"
    freed = await change(node, now, text="now")
    assert (freed.status, freed.not_before, freed.notices) == ("scheduled", None, None)
    assert freed.due_at is not None
    assert freed.due_at <= node.clock.now_ms()
    await later(node, 0)
    await node.until_status(freed, "sent")
    assert await node.events(freed) == [
        "message.scheduled", *["message.changed"] * 3, "message.queued", "message.sent"
    ]  # fmt: skip
    await sound(node)


async def test_a_queued_message_that_an_edit_makes_wait_leaves_its_lane(
    engine_url: str, new_node: NewNode
) -> None:
    node, rule = await quiet_node(new_node, engine_url, Review())
    node.carrier.connected = False
    one, other = await node.send("m1"), await node.send("m2")
    deferred = await change(node, one, text="later", sender="Other")
    held = await change(node, other, text="a prize")
    assert (deferred.status, deferred.claim, deferred.due_at) == ("scheduled", 0, rule.opens_at)
    assert (held.status, held.claim, held.held_for, held.carrier_id) == ("held", 0, "review", None)
    assert await node.get(deferred) == deferred
    assert await node.get(held) == held
    assert await node.events(deferred) == ["message.changed", "message.scheduled"]
    assert await node.events(held) == ["message.changed", "message.held"]
    assert [data["status"] for data in await bodies(node, held)] == ["queued", "held"]
    node.carrier.come_and_go(True)
    await node.until_idle()
    assert node.carrier.sent == []
    assert not node.dispatcher.holds()
    await sound(node)
    await later(node, 11)
    await node.until_status(deferred, "sent")
    await node.control.cancel(TENANT, held.id)
    await sound(node)


# ---------------------------------------------------------------- holds


async def test_a_held_message_waits_for_a_person_and_is_not_held_again(
    engine_url: str, new_node: NewNode
) -> None:
    rule = Review()
    node = await new_node(engine_url, rules=[rule])
    node.carrier.script = node.carrier.accept
    held = await node.send("a prize")
    assert (held.status, held.held_for, held.carrier_id, held.due_at) == (
        "held", "review", None, held.expires_at
    )  # fmt: skip
    assert await node.get(held) == held
    await later(node, 1)
    await node.until_idle()
    assert node.carrier.sent == []
    await sound(node)
    bulk = bulk_of(node)
    assert (await bulk.work(REROUTE, [held], Target(carrier="car_a"))).counts == {"skipped": 1}
    assert (await bulk.work(REQUEUE, [await node.get(held)], Target())).counts == {"done": 1}
    released = await node.get(held)
    assert (released.status, released.held_for) == ("scheduled", None)
    await sound(node)
    await later(node, 0)
    sent = await node.until_status(held, "sent")
    assert rule.asked == [SEND, RELEASE]
    assert kinds(sent) == [("held", "scam", "review")], "a record of what a person has let go"
    assert await node.events(sent) == ["message.held", "message.scheduled", "message.queued", "message.sent"]
    assert sent.duplicates == 0
    assert await node.ledger(sent) == {"hold": (7500, 0), "settle": (-7500, 7500)}
    await sound(node)


async def test_a_hold_beats_a_deferral_which_counts_again_after_the_release(new_node: NewNode) -> None:
    node, rule = await quiet_node(new_node, "sqlite://", Review())
    held = await node.send("a prize, later")
    assert (held.status, held.not_before) == ("held", rule.opens_at)
    await bulk_of(node).work(REQUEUE, [held], Target())
    released = await node.get(held)
    assert (released.status, released.due_at) == ("scheduled", rule.opens_at)
    rule.opens_at += MINUTE
    await later(node, 10.5)
    assert (await node.get(held)).due_at == rule.opens_at
    await later(node, 1)
    await node.until_status(held, "sent")


async def test_a_hold_ends_with_the_validity_as_expired(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url, rules=[Review()])
    held = await node.send("a prize")
    await later(node, 25 * 60)
    ended = await node.get(held)
    assert (ended.status, ended.error_code, ended.held_for) == ("expired", "validity_passed", None)
    assert await node.ledger(held) == {"hold": (7500, 0), "release": (-7500, 0)}
    await sound(node)


async def test_a_held_message_can_be_edited_and_canceled(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url, rules=[Review()])
    node.carrier.script = node.carrier.accept
    one, other = await node.send("a prize"), await node.send("a prize")
    still = await change(node, one, text="another prize")
    assert (still.status, still.held_for, still.due_at) == ("held", "review", still.expires_at)
    assert len(kinds(still)) == 1
    freed = await change(node, still, text="nothing")
    assert (freed.status, freed.held_for, freed.notices) == ("scheduled", None, None)
    await sound(node)
    await later(node, 0)
    await node.until_status(one, "sent")
    assert await node.events(one) == [
        *("message.held", "message.changed", "message.changed", "message.scheduled"),
        *("message.queued", "message.sent"),
    ]
    canceled = await node.control.cancel(TENANT, other.id)
    assert (canceled.status, canceled.held_for) == ("canceled", None)
    await sound(node)


async def test_an_edit_of_what_a_person_released_is_held_again(new_node: NewNode) -> None:
    node = await new_node(rules=[Review()])
    node.carrier.connected = False
    held = await node.send("a prize")
    await bulk_of(node).work(REQUEUE, [held], Target())
    await later(node, 0)
    await node.until_status(held, "queued")
    again = await change(node, held, text="a bigger prize")
    assert again.status == "held"
    await sound(node)


async def test_what_a_person_released_stays_released_after_an_unknown_outcome(
    engine_url: str, new_node: NewNode
) -> None:
    rule = Review()
    node = await new_node(engine_url, rules=[rule])
    node.carrier.script = lambda submission, segment: Outcome("unknown", code="outcome_unknown")
    held = await node.send("a prize", on_unknown="hold")
    bulk = bulk_of(node)
    await bulk.work(REQUEUE, [held], Target())
    await later(node, 0)
    unknown = await node.until_status(held, "held")
    assert unknown.held_for == "outcome_unknown"
    node.carrier.script = node.carrier.accept
    assert (await bulk.work(REQUEUE, [unknown], Target())).counts == {"done": 1}
    await node.until_status(held, "sent")
    assert rule.asked[:2] == [SEND, RELEASE]
    assert set(rule.asked[2:]) == {CARRIER}
    await sound(node)


async def test_a_rule_may_hold_what_is_released_at_its_time(new_node: NewNode) -> None:
    review = Review()
    node, rule = await quiet_node(new_node, "sqlite://", review)
    review.on = False
    deferred = await node.send("a prize, later")
    review.on = True
    rule.on = False
    await later(node, 11)
    held = await node.get(deferred)
    assert (held.status, held.held_for, held.carrier_id) == ("held", "review", None)
    await sound(node)


async def test_lists_and_bulk_work_tell_the_holds_apart(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url, rules=[Review()])
    node.carrier.script = lambda submission, segment: Outcome("unknown", code="outcome_unknown")
    review, unknown = await node.send("a prize"), await node.send("m", on_unknown="hold")
    await node.until_status(unknown, "held")
    assert (await node.get(unknown)).held_for == "outcome_unknown"
    for held_for, wanted in (("review", review), ("outcome_unknown", unknown)):
        found, _ = await node.queries.find(TENANT, Filters(statuses=("held",), held_for=held_for), 10, None)
        assert [one.id for one in found] == [wanted.id]
        page = await bulk_of(node).page(CANCEL, Filter(held_for=held_for), "msg_z", (0, ""), 10)
        assert [one.id for one in page] == [wanted.id]
    assert await refusal(change(node, unknown, text="x")) == "too_late"
    await later(node, 25 * 60)
    assert (await node.get(unknown)).status == "unconfirmed"
    assert (await node.get(review)).status == "expired"
    await sound(node)


# ---------------------------------------------------------------- a change of carrier


@pytest.mark.parametrize("text", ["later", "a prize"])
async def test_at_a_change_of_carrier_a_deferral_or_hold_leaves_no_carrier(
    new_node: NewNode, text: str
) -> None:
    rule, review = QuietHours(), Review()
    node = await new_node(carriers=("car_a", "car_b"), rules=[rule, review])
    rule.on = review.on = False
    one, other = node.carriers.values()
    waiting = await node.send(text)
    await node.until_submitted(1)
    rule.opens_at = node.clock.now_ms() + MINUTE
    rule.on = review.on = True
    one.answer_all(one.submissions[0], Outcome("permanent", code="carrier_refused"))
    failed = await node.until_status(waiting, "failed")
    assert failed.error_code == "carrier_refused"
    assert other.sent == []
    assert failed.notices is None
    assert set(rule.asked) == {SEND, CARRIER}


@pytest.mark.parametrize("rule", [NoShouting(), Politeness(), Calm(), QuietHours(), Review()])
async def test_every_rule_is_asked_at_every_moment(new_node: NewNode, rule: Any) -> None:
    rule.on, rule.asked = False, []
    node = await new_node(carriers=("car_a", "car_b"), rules=[rule])
    one = node.carriers["car_a"]
    one.script = lambda submission, segment: Outcome("permanent", code="carrier_refused")
    node.carriers["car_b"].script = node.carriers["car_b"].accept
    waiting = await node.send("m", scheduled_at=node.clock.now_ms() + MINUTE)
    await change(node, waiting, priority=1)
    await later(node, 2)
    await node.until_status(waiting, "sent")
    moments: list[Moment] = [SEND, EDIT, RELEASE, CARRIER]
    assert list(dict.fromkeys(rule.asked)) == moments
