"""A rule of a feature, as small as it can be: what stands in capitals is refused."""

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


LOUD: Final = "BUY NOW"
