"""Random histories of limits: nodes send, messages leave, commits fail, nodes crash and come, days end.

On one node every limit is exact: never a message more, and none fewer that there was room for. A release is never
refused, and what it makes wait leaves the less room. With several nodes the
limit of a day is never passed, and what waits is at most a tenth above its limit; a message is refused only if less
than a tenth of the limit is left. What a crash loses is at most the slice of that node. All of it holds for an
account with those below it, and for a key beside other messages of its account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from onesixty.core import statuses
from onesixty.core.grant import Grant
from onesixty.core.limits import Limits
from onesixty.core.message import Message
from onesixty.limits.counters import REFUSED, TOLERANCE
from onesixty.store.contract import Store
from tests.limits.limit_world import LimitNode, World, open_world

T = TypeVar("T")
PLACES = st.integers(0, 99)
DAY = 86_400


class Histories(RuleBasedStateMachine):
    """One history. `runner` and `store` are common to all of one engine."""

    runner: ClassVar[asyncio.Runner]
    store: ClassVar[Store]
    several: ClassVar[bool]
    #: Whether the limits are those of a key, and not those of an account.
    keyed: ClassVar[bool]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(limit=st.integers(0, 60), nodes=st.integers(1, 3))
    def begin(self, limit: int, nodes: int) -> None:
        self.world = World(self.store, several=self.several)
        self.limit = limit
        limits = Limits(messages_per_day=limit * 2, waiting_messages=limit, scheduled_messages=limit)
        self.key = Grant(id=f"key_{id(self.world)}", limits=limits) if self.keyed else None
        self.top = self.run(self.world.create(Limits() if self.keyed else limits))
        self.account = self.run(self.world.create(Limits(), parent=self.top))
        for _ in range(nodes if self.several else 1):
            self.run(self.world.start())
        self.today, self.lost = 0, 0

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.run(self.world.end())

    def node(self, place: int) -> LimitNode:
        return self.world.nodes[place % len(self.world.nodes)]

    def counted(self, *status: str) -> list[Message]:
        """The messages of a status that count."""
        subject = None if self.key is None else self.key.id
        return [one for one in self.world.of(*status) if one.limited_by == subject]

    @property
    def slack(self) -> int:
        """What the nodes together may be off."""
        return max(len(self.world.nodes), self.limit // TOLERANCE) if self.several else 0

    @rule(
        place=PLACES,
        count=st.integers(1, 25),
        how=st.sampled_from(["now", "now", "scheduled", "deferred"]),
        own=st.booleans(),
        lost=st.sampled_from([False, False, False, True]),
    )
    def send(self, place: int, count: int, how: str, own: bool, lost: bool) -> None:
        world = self.world
        world.clock.turn(REFUSED * 2)  # no refusal stands any more
        status = statuses.QUEUED if how == "now" else statuses.SCHEDULED
        room = min(self.limit - len(self.counted(status)), self.limit * 2 - self.today)
        if self.keyed:
            account, grant = self.account, self.key if own else None
        else:
            account, grant = self.top if own else self.account, None
        results = self.run(
            self.node(place).send(
                account,
                count,
                scheduled=how == "scheduled",
                deferred=how == "deferred",
                lost=lost,
                grant=grant,
            )
        )
        taken = sum(isinstance(one, Message) for one in results)
        if self.keyed and grant is None:
            assert taken == count  # what the key does not send
            return
        if not self.several:
            # on one node only a crash loses anything
            assert min(count, max(0, room - self.lost)) <= taken <= min(count, max(0, room))
        else:
            assert taken <= max(0, room) + self.slack
        if not lost:
            self.today += taken
        assert self.today <= self.limit * 2
        assert not taken or len(self.counted(status)) <= self.limit + self.slack
        if taken == 0 and room > self.lost:
            # refused although there was room: other nodes hold what is left
            assert self.several
            others = [node for node in world.nodes if node is not self.node(place)]
            held = sum(
                count.left for node in others for meter in node.hold.meters() for count in meter.counts
            )
            assert room <= held + self.slack + self.lost

    @rule(
        place=PLACES, which=PLACES, to=st.sampled_from([statuses.CANCELED, statuses.EXPIRED, statuses.SENT])
    )
    def leave(self, place: int, which: int, to: str) -> None:
        found = self.world.of(*statuses.WAITING)
        if found:
            one = found[which % len(found)]
            to = to if statuses.may_follow(one.status, to) else statuses.CANCELED
            self.run(self.node(place).advance(one, to))

    @rule(
        place=PLACES, which=PLACES, to=st.sampled_from([statuses.QUEUED, statuses.SCHEDULED, statuses.HELD])
    )
    def move(self, place: int, which: int, to: str) -> None:
        """A release, a deferral, or a hold."""
        found = [one for one in self.world.of(*statuses.WAITING) if one.status != to]
        if found:
            self.run(self.node(place).advance(found[which % len(found)], to))

    @rule(place=PLACES)
    def crash(self, place: int) -> None:
        node = self.node(place)
        self.lost += sum(count.left for meter in node.hold.meters() for count in meter.counts)
        self.run(self.world.crash(node))
        self.run(self.world.start())

    @precondition(lambda self: self.several and len(self.world.nodes) < 4)
    @rule()
    def join(self) -> None:
        self.run(self.world.start())

    @rule()
    def idle(self) -> None:
        self.world.clock.turn(5)
        for node in self.world.nodes:
            self.run(node.filling.once(node.hold.meters()))
            self.run(node.filling.stop(()))  # what goes back is there

    @rule()
    def next_day(self) -> None:
        self.world.clock.turn(DAY)
        self.today, self.lost = 0, 0


@pytest.fixture(params=[False, True], ids=["one node", "several nodes"])
def several(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.deadline(240)
@pytest.mark.parametrize("keyed", [False, True], ids=["an account", "a key"])
def test_limits_hold_in_every_history(engine_url: str, several: bool, keyed: bool) -> None:
    with asyncio.Runner() as runner:
        Histories.runner, Histories.several, Histories.keyed = runner, several, keyed
        Histories.store = runner.run(open_world(engine_url))
        try:
            run_state_machine_as_test(
                Histories,
                settings=settings(
                    max_examples=20,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(Histories.store.close())
