"""Rules of a feature, as small as they can be: one for each answer that a step may give.

Each does its work while it is `on`, and keeps in `asked` the moments at which it was asked.
"""

from typing import ClassVar, Final

from onesixty.core.errors import Problem
from onesixty.messages.drafts import CARRIER, EDIT, RELEASE, Draft, Moment, Step

LOUD: Final = "BUY NOW"


class Rule(Step):
    """What the rules here share: a switch, and a diary."""

    again: ClassVar[frozenset[Moment]] = frozenset({EDIT, RELEASE, CARRIER})

    def __init__(self) -> None:
        self.on = True
        self.asked: list[Moment] = []

    def judge(self, draft: Draft) -> None:
        self.asked.append(draft.moment)
        if self.on:
            self.speak(draft)

    def speak(self, draft: Draft) -> None:
        raise NotImplementedError


class NoShouting(Rule):
    """Refuses a text in capitals."""

    name = "shouting"

    def speak(self, draft: Draft) -> None:
        if draft.message.text.isupper():
            raise Problem("message_refused", "The text is in capitals.", param="text")


class Politeness(Rule):
    """Warns of a text that does not say please."""

    name = "politeness"

    def speak(self, draft: Draft) -> None:
        if "please" not in draft.message.text:
            draft.warn(self, "impolite", f"{draft.message.text!r} does not say please.", "text")


class Calm(Rule):
    """Changes the priority to 0."""

    name = "calm"

    def speak(self, draft: Draft) -> None:
        if draft.message.priority:
            draft.message.priority = 0
            draft.change(self, "calmed", "The priority is 0.", "priority")


class QuietHours(Rule):
    """Defers what says "later" until `opens_at` (epoch ms), at which it is asked again."""

    name = "quiet_hours"

    def __init__(self, opens_at: int = 0) -> None:
        super().__init__()
        self.opens_at = opens_at

    def speak(self, draft: Draft) -> None:
        if "later" in draft.message.text:
            draft.defer(self, self.opens_at, "quiet_hours", "The recipient sleeps.")


class Review(Rule):
    """Holds what says "prize" for a person."""

    name = "scam"

    def speak(self, draft: Draft) -> None:
        if "prize" in draft.message.text:
            draft.hold(self, "review", "It promises a prize.")


class NotThere(Step):
    """Keeps a sender off a carrier, while `on`."""

    name = "not there"
    again: ClassVar[frozenset[Moment]] = frozenset({EDIT, RELEASE, CARRIER})
    judges_hops = True

    def __init__(self, sender: str, carrier_id: str, *, on: bool = True) -> None:
        self._sender = sender
        self._carrier_id = carrier_id
        self.on = on

    def judge(self, draft: Draft) -> None:
        own = draft.message.sender
        if self.on:
            draft.keep_hops(
                lambda hop: hop.carrier_id != self._carrier_id or (hop.sender or own) != self._sender
            )
