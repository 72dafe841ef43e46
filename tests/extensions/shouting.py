"""The toy rule as an extension: what stands in capitals is refused, or what has too many of them."""

from __future__ import annotations

import msgspec

from onesixty.extensions import CARRIER, EDIT, RELEASE, Draft, Host, Moment, Problem, Step, StepExtension


class Settings(msgspec.Struct, frozen=True):
    """`capitals` in a row are too many; `words` may stand in capitals. At the moments `quiet_at` the rule says
    nothing."""

    capitals: int = 6
    words: tuple[str, ...] = ()
    quiet_at: tuple[Moment, ...] = ()


class NoShouting(Step):
    """Refuses texts that shout."""

    again = frozenset({EDIT, RELEASE, CARRIER})

    def __init__(self, settings: Settings, host: Host) -> None:
        self._settings = settings
        self.host = host
        self.asked: list[str] = []
        self.life: list[str] = []

    def judge(self, draft: Draft) -> None:
        self.asked.append(draft.moment)
        if draft.moment in self._settings.quiet_at:
            return
        for word in draft.message.text.split():
            if len(word) >= self._settings.capitals and word.isupper() and word not in self._settings.words:
                raise Problem("refused_by_rule", f"{word} stands in capitals.", param="text")

    async def start(self) -> None:
        self.life.append("start")

    async def stop(self) -> None:
        self.life.append("stop")


EXTENSION = StepExtension(api=1, make=NoShouting, settings=Settings)
