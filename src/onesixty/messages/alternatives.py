"""The hops that an accepted message may take as things are now. Failover asks for them, and so does an operator's
request to move the message.

Rules kept here:
- the route says which hops there are. The steps that judge at a change of carrier may take some away, so that what
  was checked at intake is checked again;
- the steps judge from memory and at once, because dispatch cannot wait.
"""

from __future__ import annotations

from typing import Protocol

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.messages.drafts import CARRIER, Draft, Steps
from onesixty.messages.steps import RouteChoice


class Routes(Protocol):
    """The part of routing that is needed here. Raises Problem if no route takes the message."""

    def again(self, message: Message) -> RouteChoice:
        """The message's own route as it is now, or another route if that one no longer exists."""

    def hop(self, message: Message, carrier_id: str) -> Hop:
        """The hop of this carrier for the message, by its route as it is now. Always finds one."""


class Alternatives:
    """Asks routing for the hops of a message, and the steps which of them are still allowed."""

    def __init__(self, routes: Routes, steps: Steps, clock: Clock) -> None:
        self._routes = routes
        self._steps = steps
        self._clock = clock

    def hop(self, message: Message, carrier_id: str) -> Hop:
        """How the message goes over the carrier that has it. No step judges this: it is no change of carrier."""
        return self._routes.hop(message, carrier_id)

    def of(self, message: Message) -> tuple[Hop, ...]:
        """The hops, first choice first. Empty if nothing takes the message."""
        try:
            return self.judged(message, self._routes.again(message))
        except Problem:
            return ()

    def judged(self, message: Message, choice: RouteChoice) -> tuple[Hop, ...]:
        """The hops of `choice` that the steps still allow for the message. If a step refuses all of them, its Problem
        is raised."""
        if not self._steps.judges_at(CARRIER):
            return choice.hops
        draft = Draft(CARRIER, message, self._clock.now_ms())
        draft.hops = choice.hops
        self._steps.judge_now(draft)
        if draft.refusal is not None:
            raise draft.refusal
        return draft.hops
