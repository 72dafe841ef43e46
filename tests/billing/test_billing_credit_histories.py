"""Random histories of credit: nodes accept, settle, reprice, crash and take over; limit and balance change.

At every moment the running rows are those that follow from the ledger, and what is available never falls below zero
by a message that could be refused. A message is refused only if there is no credit for it anywhere. At the end, when
all nodes have stopped, not a unit is missing.
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
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from onesixty.core import statuses
from onesixty.core.message import Message
from onesixty.store.contract import Store
from tests.billing.credit_world import CreditNode, World, open_world

T = TypeVar("T")
PRICES = st.integers(1, 40)
PLACES = st.integers(0, 99)


class Histories(RuleBasedStateMachine):
    """One history. `runner` and `store` are common to all of one engine."""

    runner: ClassVar[asyncio.Runner]
    store: ClassVar[Store]
    #: Whether the messages are those of an account below the one whose credit is counted.
    below: ClassVar[bool] = False

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(limit=st.one_of(st.none(), st.integers(0, 300)), nodes=st.integers(1, 3))
    def begin(self, limit: int | None, nodes: int) -> None:
        self.world = World(self.store, charge_on="delivered", below=self.below)
        self.run(self.world.create(limit))
        for _ in range(nodes):
            self.run(self.world.start())
        #: How far below zero things went that are never refused.
        self.floor = 0
        #: Whether a dead node may hold credit that was not taken over yet.
        self.orphans = False

    def node(self, place: int) -> CreditNode:
        return self.world.nodes[place % len(self.world.nodes)]

    def message(self, place: int, *wanted: str) -> Message | None:
        found = [one for one in self.world.messages.values() if one.status in wanted]
        return found[place % len(found)] if found else None

    def forced(self) -> None:
        self.floor = min(self.floor, self.run(self.world.available()))

    @property
    def limited(self) -> bool:
        return self.world.accounts.book[self.world.account].settings.credit_limit is not None

    # ------------------------------------------------------------ messages

    @rule(place=PLACES, price=PRICES)
    def accept(self, place: int, price: int) -> None:
        before = self.run(self.world.available())
        self.world.clock.advance(1.5)
        (result,) = self.run(self.node(place).accept(price))
        if not self.limited:
            assert isinstance(result, Message)
        elif price > before:
            assert not isinstance(result, Message)
        elif not self.orphans:
            assert isinstance(result, Message), f"{price} of {before}: {result}"

    @rule(place=PLACES, prices=st.lists(PRICES, min_size=2, max_size=6))
    def accept_at_once(self, place: int, prices: list[int]) -> None:
        async def all_at_once() -> None:
            await asyncio.gather(*(self.node(place + at).accept(price) for at, price in enumerate(prices)))

        self.run(all_at_once())

    @rule(
        place=PLACES,
        which=PLACES,
        status=st.sampled_from([statuses.SENT, statuses.FAILED, statuses.CANCELED]),
    )
    def end(self, place: int, which: int, status: str) -> None:
        message = self.message(which, statuses.QUEUED)
        if message is not None:
            assert self.run(self.node(place).end(message, status))

    @rule(place=PLACES, which=PLACES, status=st.sampled_from([statuses.DELIVERED, statuses.UNDELIVERED]))
    def report(self, place: int, which: int, status: str) -> None:
        message = self.message(which, statuses.SENT)
        if message is not None:
            assert self.run(self.node(place).end(message, status))

    @rule(place=PLACES, which=PLACES)
    def report_late(self, place: int, which: int) -> None:
        message = self.message(which, statuses.UNDELIVERED)
        if message is not None:
            assert self.run(self.node(place).end(message, statuses.DELIVERED))
            self.forced()

    @rule(place=PLACES, which=PLACES, price=PRICES)
    def reprice(self, place: int, which: int, price: int) -> None:
        message = self.message(which, statuses.QUEUED)
        if message is not None:
            before = self.run(self.world.available())
            was = self.world.price_of(message)
            done = self.run(self.node(place).reprice(message, price))
            assert done is True or price > was
            if self.limited and price - was > before:
                assert done is not True or price <= was

    # ------------------------------------------------------------ nodes

    @rule()
    def start(self) -> None:
        if len(self.world.nodes) < 3:
            self.run(self.world.start())

    @precondition(lambda self: len(self.world.nodes) > 1)
    @rule(place=PLACES)
    def crash(self, place: int) -> None:
        self.run(self.world.crash(self.node(place)))
        self.orphans = True

    @precondition(lambda self: len(self.world.nodes) > 1)
    @rule(place=PLACES, price=PRICES)
    def freeze(self, place: int, price: int) -> None:
        """A node that was fenced while it was frozen tries to accept, before and after it is taken over."""
        node = self.node(place)
        self.run(self.world.store.execute("lease_end", id=node.lease.id, now=self.world.clock.now_ms()))
        (first,) = self.run(node.accept(price))
        self.world.nodes.remove(node)
        self.run(self.node(0).take_over())
        (second,) = self.run(node.accept(price))
        if self.limited:
            assert not isinstance(first, Message)
            assert not isinstance(second, Message)
        self.orphans = False

    @rule(place=PLACES)
    def stop(self, place: int) -> None:
        if len(self.world.nodes) > 1:
            node = self.node(place)
            self.world.nodes.remove(node)
            self.run(node.credit.stop())

    @rule(place=PLACES)
    def take_over(self, place: int) -> None:
        self.run(self.node(place).take_over())
        self.orphans = False

    @rule(place=PLACES, seconds=st.floats(0, 4))
    def go_on(self, place: int, seconds: float) -> None:
        self.world.clock.advance(seconds)
        self.run(self.node(place).credit.once())

    # ------------------------------------------------------------ the account

    @rule(amount=st.integers(-60, 200).filter(bool))
    def adjust(self, amount: int) -> None:
        self.run(self.world.adjust(amount))
        self.forced()

    @rule(limit=st.one_of(st.none(), st.integers(0, 300)))
    def limit(self, limit: int | None) -> None:
        self.run(self.world.limit(limit))
        self.run(self.node(0).credit.once())  # counts the history
        self.floor = min(0, self.run(self.world.available()))

    # ------------------------------------------------------------ what holds

    @invariant()
    def nothing_is_beyond_the_limit(self) -> None:
        if not hasattr(self, "world"):
            return
        self.run(self.world.balanced())
        if self.limited:
            assert self.run(self.world.available()) >= self.floor

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.run(self.node(0).take_over())
        for node in self.world.nodes:
            self.run(node.credit.stop())
        self.run(self.node(0).credit.once())
        self.run(self.world.audited())
        if self.limited:
            assert self.run(self.world.rest()) == (self.run(self.world.available()), 0)


class HistoriesBelow(Histories):
    """The same for an account that pays for the messages of one below it."""

    below: ClassVar[bool] = True


@pytest.mark.deadline(240)
@pytest.mark.parametrize("histories", [Histories, HistoriesBelow])
def test_no_history_spends_too_much_or_loses_a_unit(engine_url: str, histories: type[Histories]) -> None:
    """Dozens of histories, each with dozens of steps."""
    examples = 25 if engine_url.startswith("sqlite") else 8
    with asyncio.Runner() as runner:
        histories.runner = runner
        histories.store = runner.run(open_world(engine_url))
        try:
            run_state_machine_as_test(
                histories,
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=30,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(histories.store.close())
