"""Any life of a message that waits: it is judged exactly when it must be, sent only when it may be, and paid once."""

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from onesixty.channels.sms.orders import TextEdit
from onesixty.core import statuses
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.jobs.bulk import REQUEUE, Target
from onesixty.messages.drafts import EDIT, RELEASE, SEND, Draft, Moment
from onesixty.reports.audit import Terms, run_audit
from tests.messages.rules import QuietHours, Review
from tests.support.message_path import ACCOUNT, Node, bulk_of

TENANT = Tenant(ACCOUNT, False)
MINUTE = 60_000

texts = st.sampled_from(["plain", "later", "a prize", "a prize, later"])
minutes = st.sampled_from([0, 3, 30, 200])
acts = st.one_of(
    st.tuples(st.just("edit text"), texts),
    st.tuples(st.just("edit schedule"), st.sampled_from([None, 5, 60])),
    st.tuples(st.just("edit validity"), st.sampled_from([60, 7200])),
    st.tuples(st.just("quiet until"), minutes),
    st.tuples(st.just("review"), st.booleans()),
    st.tuples(st.just("release"), st.none()),
    st.tuples(st.just("wait"), minutes),
    st.tuples(st.just("connect"), st.booleans()),
    st.tuples(st.just("cancel"), st.none()),
)


class Life:
    """One message, what happened to it, and when it should have been judged."""

    def __init__(self, node: Node, quiet: QuietHours, review: Review) -> None:
        self.node, self.quiet, self.review = node, quiet, review
        self.message: Message
        self.expected: list[Moment] = []

    async def begin(self, text: str, scheduled_in: int | None) -> bool:
        """Send it. False if a rule refuses it."""
        at = None if scheduled_in is None else self.node.clock.now_ms() + scheduled_in * MINUTE
        self.expected.append(SEND)
        order = self.node.order(text, scheduled_at=at, valid_for=7200)
        (result,) = await self.node.intake.accept([order])
        if isinstance(result, Problem):
            assert result.code == "deferred_too_long"
            return False
        self.message = result
        return True

    async def act(self, name: str, value: Any) -> None:
        node = self.node
        before = await node.get(self.message)
        if name.startswith("edit"):
            await self._edit(before, name.removeprefix("edit "), value)
        elif name == "quiet until":
            self.quiet.opens_at = node.clock.now_ms() + value * MINUTE
        elif name == "review":
            self.review.on = value
        elif name == "release":
            await bulk_of(node).work(REQUEUE, [before], Target())
        elif name == "connect":
            node.carrier.come_and_go(value)
        elif name == "cancel":
            with suppress(Problem):
                await node.control.cancel(TENANT, before.id)
            canceled = (await node.get(before)).status == statuses.CANCELED
            assert canceled == (before.status in statuses.WAITING | {statuses.CANCELED})
        else:
            node.clock.advance(value * 60)
        await self.sweep()

    async def _edit(self, before: Message, what: str, value: Any) -> None:
        now = self.node.clock.now_ms()
        if what == "text":
            edit = TextEdit(text=value)
        elif what == "validity":
            edit = TextEdit(valid_for=value)
        else:
            edit = TextEdit(scheduled_at=None if value is None else now + value * MINUTE)
        judged = len(self.quiet.asked)
        try:
            await self.node.edits.change(TENANT, before.id, edit)
            refused = None
        except Problem as problem:
            refused = problem.code
            assert await self.node.get(before) == before, "nothing of a refused edit is kept"
        waits = before.status in statuses.WAITING
        assert (refused == "too_late") == (not waits or (what == "schedule" and bool(value) and
                                                         before.status == statuses.QUEUED))  # fmt: skip
        if refused is None or len(self.quiet.asked) > judged:
            self.expected.append(EDIT)

    async def sweep(self) -> None:
        """Let the sweep look. It has judged again what was due, and nothing else."""
        node = self.node
        before, now = await node.get(self.message), node.clock.now_ms()
        due = before.due_at is not None and before.due_at <= now
        if before.status == statuses.SCHEDULED and due and before.expires_at > now:
            self.expected.append(RELEASE)
        await node.sweep.once()
        await self.settle()
        await self.check()

    async def settle(self) -> None:
        """Wait until a message that may be sent is sent."""
        if self.node.carrier.connected:
            await self.node.until_status(self.message, *set(statuses.ALL) - {statuses.QUEUED})
        await self.node.until_idle()

    async def check(self) -> None:
        assert self.quiet.asked == self.review.asked == self.expected
        message, now = await self.node.get(self.message), self.node.clock.now_ms()
        assert (message.held_for is not None) == (message.status == statuses.HELD)
        assert (message.notices is None) or message.not_before is None or "deferred" in message.notices
        if message.status == statuses.SCHEDULED:
            assert message.due_at == max(message.scheduled_at or 0, message.not_before or 0) or (
                message.due_at is not None and message.due_at <= now
            )
        if self.node.carrier.sent:
            assert message.status in (statuses.SENT, statuses.UNCONFIRMED)
            assert len(self.node.carrier.sent) == 1
        if message.status in (statuses.SCHEDULED, statuses.HELD):
            assert not self.node.dispatcher.holds()
        store: Any = self.node.store
        found = await run_audit(store, Terms(now=now, charge_on="sent"))
        assert [finding.name for finding in found if finding.count] == []

    async def end(self) -> None:
        """Wait until it has ended, whatever happens."""
        self.node.clock.advance(8 * 86_400)
        for _ in range(2):  # released once more, expired, or without a receipt
            await self.sweep()
        message = await self.node.get(self.message)
        assert message.status in statuses.TERMINAL
        moves = (await self.node.ledger(message)).values()
        assert sum(held for held, _ in moves) == 0
        assert sum(charged for _, charged in moves) == (message.price if self.node.carrier.sent else 0)


class Checked(QuietHours):
    """Quiet hours that see that every message is judged at a time at which it could be sent."""

    def speak(self, draft: Draft) -> None:
        assert draft.sends_at >= draft.now
        super().speak(draft)


@settings(max_examples=40, deadline=None)
@given(text=texts, scheduled_in=st.sampled_from([None, 10]), connected=st.booleans(),
       quiet_for=minutes, happens=st.lists(acts, max_size=9))  # fmt: skip
async def test_any_life_is_judged_where_it_must_be_and_balances(
    text: str, scheduled_in: int | None, connected: bool, quiet_for: int, happens: list[tuple[str, Any]]
) -> None:
    quiet, review = Checked(), Review()
    node = await Node.start(rules=[quiet, review])
    try:
        quiet.opens_at = node.clock.now_ms() + quiet_for * MINUTE
        node.carrier.script, node.carrier.connected = node.carrier.accept, connected
        life = Life(node, quiet, review)
        if not await life.begin(text, scheduled_in):
            return
        await life.settle()
        for name, value in happens:
            await life.act(name, value)
        await life.end()
    finally:
        await node.close()
