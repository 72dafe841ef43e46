"""The words of a verification: the text of a message or a mail, with a mask in the place of the code.

Rules kept here:
- a text is worded with the mask of the code, and whoever words it says where the code stands;
- the language that was used is told. A language that nobody has words in is refused;
- the life that remains is told in whole minutes;
- what the verification is bound to stands in the text: amount and payee of a payment in its own sentence, anything
  else beside the name of the application.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from onesixty.channels.sms.content import MadeFrom
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.templates import ready
from onesixty.templates.ready import ReadyText
from onesixty.templates.rendering import render
from onesixty.templates.values import Code, Money, Number, Text, Value
from onesixty.verify.binding import BindTo
from onesixty.verify.covered import MASK, placed

#: The language of a text if nothing else says which.
DEFAULT_LANGUAGE: Final = "en"
#: What a start may take until its text is worded: a life of ten minutes is told as ten.
_STARTING_MS: Final = 2_000


class Worded(NamedTuple):
    """A text with the mask of the code, the places of the code in it, in code points, and its language. `made_from`
    is the template that it is made from, if it is."""

    text: str
    at: tuple[int, ...]
    language: str
    made_from: MadeFrom | None = None

    def with_code(self, code: str) -> str:
        """The text with a code of that length."""
        return placed(self.text, self.at, code)


class Values(NamedTuple):
    """What stands in a text beside the code. `remaining_ms` is the life that remains."""

    application: str
    remaining_ms: int
    bound: BindTo | None = None

    @property
    def minutes(self) -> int:
        """The whole minutes that remain; 1 for less. What a start takes itself does not count."""
        return max(1, (self.remaining_ms + _STARTING_MS) // 60_000)


class Wording(Protocol):
    """Words in one language."""

    def worded(self, values: Values, length: int) -> Worded:
        """The text with the mask of a code of this length. Pure. Raises Problem for values that do not fit in it."""


class Texts(Protocol):
    """Finds words. Implemented by `ReadyTexts`, and by `verify.templated` for templates."""

    async def wording(
        self, tenant: Tenant, template: str | None, language: str | None, bound: BindTo | None
    ) -> Wording:
        """The words of a template, or onesixty's own. Raises Problem `invalid_field` for a template or a language
        that there is not."""

    async def speaks(self, tenant: Tenant, template: str | None, language: str) -> bool:
        """Whether there are words in a language, or in one that its readers read. Raises Problem `invalid_field` for
        a template that there is not."""

    def wordings(self, tenant: Tenant, template: str | None) -> Mapping[str, Wording]:
        """The words in each language that there is. Raises Problem for a template without an approved version."""


def with_ending(words: Worded, ending: Callable[[str], str], length: int) -> Worded:
    """The words followed by what `ending` makes of a code: a last line that phones read."""
    text, at = masked(ending("0" * length), ending("1" * length), length)
    after = tuple(len(words.text) + place for place in at)
    return words._replace(text=words.text + text, at=(*words.at, *after))


def masked(zeros: str, ones: str, length: int) -> tuple[str, tuple[int, ...]]:
    """A text with the mask of the code, and the places of the code: where the text with a code of zeros and that with
    a code of ones differ."""
    at, place = [], 0
    while place < min(len(zeros), len(ones)):
        if zeros[place] == ones[place]:
            place += 1
            continue
        at.append(place)
        place += length
    return placed(zeros, tuple(at), MASK * length), tuple(at)


# ---------------------------------------------------------------- the words of onesixty


class ReadyWording:
    """A ready text (`templates.ready`)."""

    def __init__(self, text: ReadyText) -> None:
        self._text = text

    def worded(self, values: Values, length: int) -> Worded:
        """See Wording."""
        if values.bound is None:  # most texts of an application are the same, and ICU takes its time
            return _plain(self._text.language, values.application, values.minutes, length)
        return _worded(self._text, values, length)


@lru_cache(4096)
def _plain(language: str, application: str, minutes: int, length: int) -> Worded:
    return _worded(ready.text(language), Values(application, minutes * 60_000), length)


def _worded(text: ReadyText, values: Values, length: int) -> Worded:
    bound, known = values.bound, text.variables
    given: dict[str, Value] = {
        "app": Text(values.application),
        "code": Code(MASK * length),
        "minutes": Number(Decimal(values.minutes)),
    }
    if "payee" in known and bound is not None:
        given["amount"] = Money(Decimal(bound.amount or "0"), bound.currency or "")
        given["payee"] = Text(bound.payee or "")
    elif bound is not None:
        given["app"] = Text(f"{values.application} ({bound.device or bound.text})")
    rendered = render(text.pattern, text.language, given)
    return Worded(rendered.text, tuple(span.start for span in rendered.codes), text.language)


class ReadyTexts:
    """The words of onesixty, in its languages."""

    async def wording(
        self, tenant: Tenant, template: str | None, language: str | None, bound: BindTo | None
    ) -> Wording:
        """See Texts."""
        if template is not None:
            raise Problem("invalid_field", f"There is no template `{template}`.", param="template")
        is_payment = bound is not None and bound.amount is not None
        try:
            return ReadyWording(
                ready.text(language or DEFAULT_LANGUAGE, "payment" if is_payment else "verification")
            )
        except (KeyError, ValueError):
            raise Problem(
                "invalid_field",
                f"There are no words in the language `{language}`. There are: {', '.join(ready.languages())}.",
                param="language",
            ) from None

    async def speaks(self, tenant: Tenant, template: str | None, language: str) -> bool:
        """See Texts."""
        return ready.speaks(language)

    def wordings(self, tenant: Tenant, template: str | None) -> Mapping[str, Wording]:
        """See Texts."""
        return {language: ReadyWording(ready.text(language)) for language in ready.languages()}
