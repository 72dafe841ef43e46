"""The express lane: plain messages, judged by what the steps answered about others like them.

The messages of a sender are much alike: they differ in recipient, text and reference. What the steps say about one of
them holds for the next as long as it depends on nothing else (`Step.depends_on`). So it is kept as a decision, and a
message of the express lane is a copy of an earlier one with its own values.

Every door's orders take it: what a door adds for itself (its memo, a guard, a batch) is not judged.

Rules kept here:
- number, country and network of the recipient, encoding and segments of the text are read for every message, by the
  same code as in the steps. They are part of what a decision is kept by;
- a decision is made from a message that went the general way, and only if the lane would have made the same message
  of the same order;
- all decisions are forgotten when anything behind the steps has changed (`Step.version`);
- the lane is closed while a step depends on more than facts, and to accounts whose holds may have to wait;
- the lane refuses nothing, and has no opinion on a message that is unusual in any way: that goes the general way.
"""

from __future__ import annotations

from copy import copy
from typing import Final, get_args

from onesixty.core import ids, statuses
from onesixty.core.channel import Channels
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.core.orders import Fact, PlainOrder
from onesixty.core.tenant import Tenant
from onesixty.messages.drafts import Draft, Step, Steps
from onesixty.messages.holds import Holds
from onesixty.messages.steps import Recipient

#: The most decisions that are kept.
MOST: Final = 8192

_FACTS: Final = frozenset(get_args(Fact))

#: Account and mode; channel, class, sender and validity as ordered; country, network, encoding and units as read.
Key = tuple[Tenant, str, str | None, str, int | None, str | None, str | None, str, int]


class Decision:
    """What the steps say about messages that are alike: one of them, its hops, and for how long it is valid (ms)."""

    __slots__ = ("hops", "lasts", "message")

    def __init__(self, decided: Message, hops: tuple[Hop, ...]) -> None:
        self.message = decided
        self.hops = hops
        self.lasts = decided.expires_at - decided.created_at


class Express:
    """The decisions of one node."""

    def __init__(self, steps: Steps, holds: Holds, channels: Channels, id_source: IdSource) -> None:
        self._ids = id_source
        self._holds = holds
        self._steps = steps.all
        self._read = next(step for step in steps.all if isinstance(step, Recipient)).read_one
        self._plain = channels.each(lambda channel: channel.plain)
        self._versions_of = tuple(
            step.version for step in steps.all if type(step).version is not Step.version
        )
        self._versions: list[object] = []
        self._changes = 0
        self._decisions: dict[Key, Decision] = {}
        #: Whether messages may be taken.
        self.is_open = False

    def look(self) -> int:
        """Forget what no longer holds. Returns how often anything has changed so far: whoever waits compares it with
        what it was before, since others may look meanwhile. Call it before `take`, in the same turn of the loop."""
        versions = [version() for version in self._versions_of]
        if versions == self._versions:
            return self._changes
        self._versions = versions
        self._decisions.clear()
        depends = [step.depends_on() for step in self._steps]
        self.is_open = all(facts is not None and facts <= _FACTS for facts in depends)
        self._changes += 1
        return self._changes

    def take(self, order: PlainOrder, now: int) -> tuple[Message, tuple[Hop, ...], None] | None:
        """The message for an order, as the steps would leave it, and its hops. None if they have to be asked."""
        key, recipient = self._key(order)
        decision = self._decisions.get(key) if key is not None else None
        if decision is None:
            return None
        id_ = order.message_id or self._ids.new(ids.MESSAGE)
        return _made(decision, order, id_, recipient, now), decision.hops, None

    def learn(self, order: PlainOrder, draft: Draft) -> None:
        """Keep what the steps said about an order that went the general way, if it holds for those alike."""
        decided = draft.message
        if (
            draft.refusal is not None
            or draft.notices is not None
            or decided.status != statuses.QUEUED
            or self._holds.concern(decided)
        ):
            return
        key, recipient = self._key(order)
        if key is None:
            return
        decision = Decision(copy(decided), draft.hops)
        if _made(decision, order, decided.id, recipient, decided.created_at) != decided:
            return
        if len(self._decisions) >= MOST:
            self._decisions.clear()
        self._decisions[key] = decision

    def _key(self, order: PlainOrder) -> tuple[Key | None, str]:
        """What decisions about an order are kept by, and its recipient; None if it cannot be read."""
        channel = order.channel
        read = self._plain[channel](order.text)
        if read is None:
            return None, ""
        try:
            recipient, country, network = self._read(channel, order.recipient)
        except Problem:
            return None, ""
        said = (order.tenant, channel, order.class_, order.sender, order.valid_for)
        return (*said, country, network, *read), recipient


def _made(decision: Decision, order: PlainOrder, id_: str, recipient: str, now: int) -> Message:
    """A message like the decided one, with what it has of its own."""
    made = copy(decision.message)
    made.id = id_
    made.recipient = recipient
    made.text = order.text
    made.reference = order.reference
    made.origin = order.origin
    made.batch_id = order.batch_id
    made.created_at = made.queued_at = now
    made.expires_at = made.due_at = now + decision.lasts
    return made
