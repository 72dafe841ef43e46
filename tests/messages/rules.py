"""Rules of features, as small as they can be: no text in capitals, and a sender that is kept off a carrier."""

from typing import ClassVar, Final

from onesixty.core.errors import Problem
from onesixty.messages.drafts import CARRIER, EDIT, RELEASE, Draft, Moment, Step


class NoShouting(Step):
    """Refuses a text in capitals, while `on`; keeps the moments at which it was asked."""

    name = "shouting"
    again: ClassVar[frozenset[Moment]] = frozenset({EDIT, RELEASE, CARRIER})

    def __init__(self) -> None:
        self.on = True
        self.asked: list[Moment] = []

    def judge(self, draft: Draft) -> None:
        self.asked.append(draft.moment)
        if self.on and draft.message.text.isupper():
            raise Problem("message_refused", "The text is in capitals.", param="text")


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


LOUD: Final = "BUY NOW"
