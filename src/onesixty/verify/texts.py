"""The words of a verification: the text of a message and of a mail, with a mask in the place of the code.

Rules kept here:
- a text is worded with the code's mask. Where the code stands is found by wording it twice, with two codes that
  differ everywhere, so whoever words a text need not say it;
- the language that was used is told. A language that nobody has is refused, unless it was only a guess;
- the life that remains is told in whole minutes;
- what the verification is bound to stands in the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.verify.binding import DEVICE, PAYMENT, BindTo, kind_of
from onesixty.verify.covered import MASK

#: The language of a text if nothing else says which.
DEFAULT_LANGUAGE: Final = "en"


class Worded(NamedTuple):
    """A text with the mask of the code, and the places of the code in it, in code points."""

    text: str
    at: tuple[int, ...]


class Wording(Protocol):
    """Words in one language. `template` names the template, None for the words of onesixty."""

    language: str
    template: str | None

    def render(self, values: Mapping[str, str]) -> str:
        """The text with these values: `code`, `application`, `minutes`, and those of a binding. Pure."""


class Texts(Protocol):
    """Finds words. Implemented by `PlainTexts`, and by templates."""

    async def wording(
        self, tenant: Tenant, template: str | None, language: str | None, bound: BindTo | None
    ) -> Wording:
        """The words of a template, or onesixty's own. Raises Problem `invalid_field` for a template or a language
        that there is not."""


class Unmarked(Exception):
    """A text does not have the code."""


def worded(
    wording: Wording, values: Mapping[str, str], length: int, ending: tuple[str, str] = ("", "")
) -> Worded:
    """The text with the mask of a code of this length. `ending` is what follows it, for a code of zeros and for one
    of ones. Raises Unmarked."""
    zeros, ones = "0" * length, "1" * length
    one = wording.render({**values, "code": zeros}) + ending[0]
    other = wording.render({**values, "code": ones}) + ending[1]
    at, place = [], 0
    while place < len(one) and len(one) == len(other):
        if one[place] == other[place]:
            place += 1
            continue
        if one[place : place + length] != zeros or other[place : place + length] != ones:
            raise Unmarked("the text has the code in another form")
        at.append(place)
        place += length
    if not at:
        raise Unmarked("the text does not have the code")
    text = one
    for start in at:
        text = text[:start] + MASK * length + text[start + length :]
    return Worded(text, tuple(at))


def values_of(application: str, remaining_ms: int, bound: BindTo | None) -> dict[str, str]:
    """The values of a text, but the code."""
    values = {"application": application, "minutes": str(max(1, remaining_ms // 60_000))}
    if bound is not None:
        if bound.amount is not None:
            values["amount"] = f"{bound.currency} {bound.amount}"
        for name in ("payee", "device", "text"):
            value = getattr(bound, name)
            if value is not None:
                values[name] = value
    return values


# ---------------------------------------------------------------- the words of onesixty

_PLAIN: Final = (
    "{application}: your verification code is {code}. It expires in {minutes} min. Do not share it."
)
_BOUND: Final[Mapping[str, str]] = {
    PAYMENT: "{application}: code {code} to pay {amount} to {payee}. It expires in {minutes} min. Do not share it.",
    DEVICE: "{application}: code {code} to add {device}. It expires in {minutes} min. Do not share it.",
}
_TEXT: Final = "{application}: code {code} for {text}. It expires in {minutes} min. Do not share it."


class PlainWording:
    """A pattern of onesixty. Values are put in as they are, and are not read again."""

    template: str | None = None

    def __init__(self, pattern: str, language: str) -> None:
        self.language = language
        self._parts = _parts(pattern)

    def render(self, values: Mapping[str, str]) -> str:
        """See Wording."""
        return "".join(values[part] if named else part for named, part in self._parts)


class PlainTexts:
    """The words of onesixty, in English."""

    async def wording(
        self, tenant: Tenant, template: str | None, language: str | None, bound: BindTo | None
    ) -> Wording:
        """See Texts."""
        if template is not None:
            raise Problem("invalid_field", f"There is no template `{template}`.", param="template")
        if language is not None and language.partition("-")[0].lower() != DEFAULT_LANGUAGE:
            raise Problem(
                "invalid_field",
                f"There are no words in `{language}`. Leave the field out for English.",
                param="language",
            )
        pattern = _PLAIN if bound is None else _BOUND.get(kind_of(bound), _TEXT)
        return PlainWording(pattern, DEFAULT_LANGUAGE)


def _parts(pattern: str) -> list[tuple[bool, str]]:
    """The literal parts of a pattern, and the names between braces."""
    found: list[tuple[bool, str]] = []
    for piece in pattern.split("{"):
        name, brace, rest = piece.partition("}")
        if brace:
            found += [(True, name), (False, rest)]
        else:
            found.append((False, piece))
    return [(named, part) for named, part in found if part]
