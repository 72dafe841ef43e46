"""A message under judgement, and the contract of the steps that judge it.

Every message that is accepted, previewed, edited, released or given to another carrier becomes a `Draft`, and the
same list of steps judges it. A step says at which moments it has to judge again. So each rule has one place.

Rules kept here:
- a step answers for a draft: it passes the draft and sets the fields that it determines, or refuses (raises
  `Problem`). A refusal carries the step's name as its rule. A step that passes the draft may `warn`, tell of a
  `change` that it made, `defer` the message or `hold` it for a person. All steps are asked, also about a message that
  one of them defers or holds; `messages.standing` says what follows;
- a step judges each draft by itself: a draft gets the same result in any batch as it would alone;
- what a step writes into the message is stored at every moment except a change of carrier. There the step may only
  take hops away (`keep_hops`) or refuse, because the message row is not rewritten when the carrier changes. To defer
  or to hold is to refuse there, and warnings are not kept;
- a step never changes a hop: hops are not stored, and dispatch asks the route for the hop of a message's carrier;
- a step that has to read the store reads once for the whole batch (`read`), before it judges. A change of carrier
  cannot wait for the store, so a step that reads does not judge there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, Literal

from onesixty.core import notices as n
from onesixty.core import statuses
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.notices import Notice, Replaced
from onesixty.core.orders import Edit, Fact, Order
from onesixty.core.paid_above import NOTHING_HELD, Held
from onesixty.messages import standing

Moment = Literal["send", "edit", "release", "carrier"]

#: A new message, sent or only previewed.
SEND: Final[Moment] = "send"
#: A waiting message gets new content or options.
EDIT: Final[Moment] = "edit"
#: A scheduled or deferred message has reached its time, or a person has released a held one.
RELEASE: Final[Moment] = "release"
#: The message moves to another carrier: failover, requeue, reroute.
CARRIER: Final[Moment] = "carrier"

#: The error code of a rule without a code of its own.
REFUSED_BY_RULE: Final = "refused_by_rule"


class Draft:
    """One message under judgement.

    `message` is the message that would result; steps write into it. `order` is the caller's request for a new
    message, `edit` that for a change; at other moments both are None. `words` is what the caller asks of the content,
    which only the channel reads, or None if the content stays.
    `now` is in epoch ms. `hops` are the ways that it may go, first choice first; empty if the choice stays.
    `held` is what is held for it already. `refusal` is set once a step has refused; no
    later step sees the draft. `notices` is what the steps told, None if nothing; `held_for` is what one of them holds
    the message for.
    """

    __slots__ = (
        "edit", "held", "held_for", "hops", "message", "moment", "notices", "now", "order", "refusal", "words",
    )  # fmt: skip

    def __init__(
        self,
        moment: Moment,
        message: Message,
        now: int,
        *,
        order: Order | None = None,
        edit: Edit | None = None,
        words: Any = None,
    ) -> None:
        self.moment = moment
        self.message = message
        self.held = NOTHING_HELD if moment == SEND else Held(message.price, message.paid_above)
        self.now = now
        self.order = order
        self.edit = edit
        self.words = words
        self.hops: tuple[Hop, ...] = ()
        self.refusal: Problem | None = None
        self.notices: list[Notice] | None = None
        self.held_for: str | None = None

    @property
    def sends_at(self) -> int:
        """When the message is sent if no step defers it, in epoch ms."""
        return max(self.now, self.message.scheduled_at or 0)

    def concerns(self, fields: frozenset[str]) -> bool:
        """Whether any of these fields is new. An edit names its new fields; at other moments all fields are new."""
        return self.edit is None or not fields.isdisjoint(self.edit.fields)

    def keep_hops(self, allowed: Callable[[Hop], bool]) -> None:
        """Take away the hops that are not allowed. Raises Problem `no_route` if none is left."""
        if self.hops and not all(map(allowed, self.hops)):
            self.hops = tuple(filter(allowed, self.hops))
            if not self.hops:
                raise Problem("no_route", "No carrier of the route may take this message.")

    def refuse(self, step: Step, problem: Problem) -> None:
        """Record that `step` refused the draft. The caller of `refused_by_rule` is told which rule it was."""
        problem.rule = step.name
        if problem.code == REFUSED_BY_RULE:
            problem.extra = {"rule": step.name, **(problem.extra or {})}
        self.refusal = problem

    def warn(self, step: Step, code: str, text: str, field: str | None = None) -> None:
        """Tell the caller something that changes nothing. `code` is a word for programs, `text` a sentence, `field`
        the field of a send that it is about."""
        self._tell(Notice(kind=n.WARNING, rule=step.name, code=code, text=text, at=self.now, field=field))

    def change(
        self, step: Step, code: str, text: str, field: str | None = None, replaced: tuple[Replaced, ...] = ()
    ) -> None:
        """Tell the caller that the step has changed what was asked for. `replaced` are characters of the text."""
        self._tell(
            Notice(
                kind=n.CHANGE, rule=step.name, code=code, text=text, at=self.now, field=field, replaced=replaced
            )
        )  # fmt: skip

    def defer(self, step: Step, until_ms: int, reason: str, text: str = "") -> None:
        """Send the message at `until_ms` (epoch ms) at the earliest. It is judged again then. `reason` is a word for
        programs. Does nothing if the message is not sent earlier anyway."""
        if until_ms <= self.sends_at:
            return
        if self.moment == CARRIER:
            raise Problem("no_route", "No carrier may take the message now.")
        text = text or "The message is sent later."
        self._tell(
            Notice(kind=n.DEFERRED, rule=step.name, code=reason, text=text, at=self.now, until=until_ms)
        )

    def hold(self, step: Step, for_: str = statuses.REVIEW, text: str = "") -> None:
        """Keep the message until a person releases it. `for_` says what it waits for: never an unknown outcome, which
        means that a carrier may have the message. Does nothing if a person has released it from this step before."""
        if for_ == statuses.OUTCOME_UNKNOWN:
            raise ValueError(f"a rule cannot hold a message for {for_}")
        if self.moment in (RELEASE, CARRIER) and standing.lifted(self.message, step.name):
            return
        if self.moment == CARRIER:
            raise Problem("no_route", "No carrier may take the message now.")
        if self.held_for is None:
            self.held_for = for_
        text = text or "The message waits for a person."
        self._tell(Notice(kind=n.HELD, rule=step.name, code=for_, text=text, at=self.now))

    def keep(self, step: Step) -> None:
        """At an edit: what the step told before still holds, because the edit does not concern it."""
        for notice in n.of_column(self.message.notices):
            if notice.rule == step.name:
                self._tell(notice)
                if notice.kind == n.HELD and self.held_for is None:
                    self.held_for = self.message.held_for

    def _tell(self, notice: Notice) -> None:
        if self.notices is None:
            self.notices = []
        self.notices.append(notice)

    def conclude(self, asked: frozenset[str]) -> None:
        """Write into the message what follows from what was told. `asked` are the names of the steps that judged."""
        message = self.message
        try:
            standing.stand(
                message, self.notices or (), self.held_for, asked, self.now, edited=self.moment == EDIT
            )
        except Problem as problem:
            self.refusal = problem
        if message.status == statuses.HELD:
            self.hops = ()


class Step(ABC):
    """One judgement. `name` is the rule of its refusals. `again` are the moments beside `SEND` at which it judges.
    A step of a feature that `judges_hops` comes after the route, and others before it.

    The steps and their order are in `messages/steps.py` (`standard`).
    """

    name: ClassVar[str]
    again: ClassVar[frozenset[Moment]] = frozenset()
    judges_hops: ClassVar[bool] = False
    #: Whether `read` reads the store.
    reads: ClassVar[bool] = False

    def depends_on(self) -> frozenset[Fact] | None:
        """What its answer for a new plain message depends on, beside what `version` counts. None if it may depend on
        anything else: the recipient itself, the text, the time, chance. Then it is asked about every message."""
        return None

    def version(self) -> object:
        """Changes whenever its answer may have changed for other reasons than the facts, such as a reload."""
        return 0

    async def read(self, drafts: Sequence[Draft]) -> None:  # noqa: B027 - most steps read nothing
        """Read once from the store what `judge` needs for all of `drafts`."""

    @abstractmethod
    def judge(self, draft: Draft) -> None:
        """Judge one draft. Raises Problem to refuse it."""


class Steps:
    """The steps in their order. The caller gets the refusal of the first step that refuses a draft."""

    def __init__(self, steps: Sequence[Step]) -> None:
        names = [step.name for step in steps]
        if len(set(names)) < len(names):
            raise ValueError(f"two steps have one name: {', '.join(sorted(names))}")
        for step in steps:
            if step.reads and CARRIER in step.again:
                raise ValueError(f"the step {step.name} reads the store, and a change of carrier cannot wait")
        self.all = tuple(steps)
        #: The steps of each moment with their bound methods, because that look-up costs as much as many a step.
        self._at: dict[Moment, tuple[tuple[Step, Callable[[Draft], None]], ...]] = {
            moment: tuple((step, step.judge) for step in steps if moment == SEND or moment in step.again)
            for moment in (SEND, EDIT, RELEASE, CARRIER)
        }
        self._asked = {moment: frozenset(step.name for step, _ in at) for moment, at in self._at.items()}
        self._reading = {moment: any(step.reads for step, _ in at) for moment, at in self._at.items()}

    def judges_at(self, moment: Moment) -> bool:
        """Whether any step judges at `moment`."""
        return bool(self._at[moment])

    async def judge(self, drafts: Sequence[Draft]) -> None:
        """Judge drafts of one moment, step by step over all of them. A refused draft has its `refusal` set."""
        if not drafts:
            return
        moment = drafts[0].moment
        if not self._reading[moment]:
            for draft in drafts:
                self.judge_now(draft)
            return
        for step, judge in self._at[moment]:
            left = [draft for draft in drafts if draft.refusal is None]
            if not left:
                return
            if step.reads:
                await step.read(left)
            for draft in left:
                try:
                    judge(draft)
                except Problem as problem:
                    draft.refuse(step, problem)
        for draft in drafts:
            if draft.refusal is None:
                self._conclude(draft)

    def judge_now(self, draft: Draft) -> None:
        """Judge one draft, at a moment at which no step reads."""
        for step, judge in self._at[draft.moment]:
            try:
                judge(draft)
            except Problem as problem:
                draft.refuse(step, problem)
                return
        self._conclude(draft)

    def _conclude(self, draft: Draft) -> None:
        if draft.notices is None and draft.message.notices is None:
            return  # a plain message
        if draft.moment != CARRIER:
            draft.conclude(self._asked[draft.moment])
