"""The carriers that an accepted message may take as things are now: for failover, and for an operator who moves it.

Rules kept here:
- the route says which carriers there are, and the steps that judge at a change of carrier may take some away:
  what was checked at intake is checked again;
- a step is asked from memory and at once: dispatch cannot wait.
"""

from __future__ import annotations

from typing import Protocol

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.messages.drafts import CARRIER, Draft, Steps
from onesixty.messages.steps import RouteChoice


class Routes(Protocol):
    """The part of routing that is asked. Raises Problem where nothing takes the message."""

    def again(self, message: Message) -> RouteChoice:
        """The message's own route as it is now, or another where that is gone."""


class Alternatives:
    """Asks the routes, and the steps again."""

    def __init__(self, routes: Routes, steps: Steps, clock: Clock) -> None:
        self._routes = routes
        self._steps = steps
        self._clock = clock

    def of(self, message: Message) -> tuple[str, ...]:
        """The carriers, first choice first; empty when nothing takes the message."""
        try:
            return self.judged(message, self._routes.again(message))
        except Problem:
            return ()

    def judged(self, message: Message, choice: RouteChoice) -> tuple[str, ...]:
        """Those carriers of a choice that the steps leave to the message. Raises the Problem of a step that refuses
        all of them."""
        if not self._steps.judges_at(CARRIER):
            return choice.carriers
        draft = Draft(CARRIER, message, self._clock.now_ms())
        draft.hops = choice.carriers
        self._steps.judge_now(draft)
        if draft.refusal is not None:
            raise draft.refusal
        return draft.hops
