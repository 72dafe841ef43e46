"""A pattern, a language and values become the text of a message, and the places of the values in it.

Rules kept here:
- a value is put in as it is and is never read again: no brace, quote or `#` in it means anything;
- what formatting adds does not cost a second segment unnoticed: no-break spaces are spaces; and if all else of a text
  is GSM-7, a currency is written by its code (`PLN`) where GSM-7 lacks its sign, and a month without its accents;
- a value read in the other direction than its text (a Latin name in Arabic) moves nothing around it: an invisible
  mark ends its run. Codes and links get none, because readers of codes and of links would stumble;
- the place of a code is exact. It can be rendered as a mask, and put in later (`filled`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from onesixty.templates import formats
from onesixty.templates.languages import direction
from onesixty.templates.syntax import Count, Insert, Nodes, Pattern, Plural, Select, Words
from onesixty.templates.values import Code, Date, Money, Number, Phone, Text, Time, Url, Value
from onesixty.text import look_alike

_LRM, _RLM = "\u200e", "\u200f"
_LRE, _RLE, _PDF = "\u202a", "\u202b", "\u202c"
_STRONG: Final = frozenset(("L", "R", "AL"))
#: What CLDR puts into numbers, money and times, and what an SMS has in its place.
_PLAIN: Final = str.maketrans({
    "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-", "\u2019": "'", "\u2032": "'",
})  # fmt: skip
_MARKS: Final = str.maketrans("", "", "\u200e\u200f\u061c")


class RenderError(ValueError):
    """A value is missing or has the wrong type. `name` is the variable."""

    def __init__(self, problem: str, name: str) -> None:
        super().__init__(problem)
        self.name = name


class Span(NamedTuple):
    """Where the value of a variable stands in a text, in code points."""

    name: str
    start: int
    length: int


class Rendered(NamedTuple):
    """A text; `spans` are the places of all values in it, `codes` those of one-time codes."""

    text: str
    spans: tuple[Span, ...]
    codes: tuple[Span, ...]


class _Piece(NamedTuple):
    """A part of a text. `plain` is written in its place if everything else is GSM-7."""

    text: str
    plain: str
    name: str | None = None
    code: bool = False
    own: bool = True  # written by the author or the caller: never changed


def render(pattern: Pattern, language: str, values: Mapping[str, Value]) -> Rendered:
    """Render a pattern. Raises RenderError."""
    pieces: list[_Piece] = []
    _Writer(language, values, pieces).write(pattern.nodes, None)
    plain = all(look_alike(mark) == mark for piece in pieces if piece.own for mark in set(piece.text))
    text: list[str] = []
    spans: list[Span] = []
    codes: list[Span] = []
    at = 0
    for piece in pieces:
        said = piece.plain if plain else piece.text
        if piece.name is not None:
            span = Span(piece.name, at, len(said))
            spans.append(span)
            if piece.code:
                codes.append(span)
        text.append(said)
        at += len(said)
    return Rendered("".join(text), tuple(spans), tuple(codes))


def filled(text: str, codes: Sequence[Span], code: str) -> str:
    """Return `text` with `code` at the places of codes. It has the length of what stands there."""
    for span in codes:
        if span.length != len(code):
            raise ValueError("The code is not as long as its place.")
        text = text[: span.start] + code + text[span.start + span.length :]
    return text


class _Writer:
    """Writes the pieces of one text."""

    def __init__(self, language: str, values: Mapping[str, Value], pieces: list[_Piece]) -> None:
        self._language = language
        self._rtl = direction(language) == "rtl"
        self._values = values
        self._pieces = pieces

    def write(self, nodes: Nodes, count: Decimal | None) -> None:
        """Write nodes. `count` is the number of the plural around them."""
        for node in nodes:
            match node:
                case Words(text):
                    self._put(_Piece(text, text))
                case Insert():
                    self._insert(node, self._value(node.name))
                case Count():
                    assert count is not None
                    self._put(self._added(formats.number(count, self._language)))
                case Plural():
                    self._plural(node)
                case Select():
                    value = self._value(node.name)
                    if not isinstance(value, Text):
                        raise RenderError("A select needs a string.", node.name)
                    self.write(node.branches.get(value.text, node.branches["other"]), None)

    def _plural(self, node: Plural) -> None:
        value = self._value(node.name)
        if not isinstance(value, Number):
            raise RenderError("A plural needs a number.", node.name)
        count = value.number - node.offset
        if value.number in node.exact:
            branch = node.exact[int(value.number)]
        else:
            category = formats.category(count, self._language, node.ordinal)
            branch = node.branches.get(category, node.branches["other"])
        self.write(branch, count)

    def _insert(self, node: Insert, value: Value) -> None:
        language, style = self._language, node.style
        match node.use, value:
            case "text", Text(text):
                self._embed(text, node.name)
            case "text", Code(text):
                self._put(_Piece(text, text, node.name, code=True))
            case "text", Url(text):
                self._put(_Piece(text, text, node.name))
            case "text", Phone(text):
                self._embed(text, node.name)
            case (("text" | "number"), Number(number)):
                self._put(self._added(formats.number(number, language, style), node.name))
            case (("text" | "number"), Money()):
                self._put(self._money(value, style.removeprefix("::").strip(), node.name))
            case (("text" | "date"), Date(day)):
                self._put(self._added(formats.date(day, language, style), node.name))
            case (("text" | "time"), Time(time)):
                style = "::Hm" if node.use == "text" else style
                self._put(self._added(formats.time(time, language, style), node.name))
            case _:
                raise RenderError(f"The value cannot be used as {node.use}.", node.name)

    def _value(self, name: str) -> Value:
        if name not in self._values:
            raise RenderError("The value is missing.", name)
        return self._values[name]

    def _put(self, piece: _Piece) -> None:
        if piece.text:
            self._pieces.append(piece)

    def _added(self, formatted: str, name: str | None = None) -> _Piece:
        """What ICU wrote, and the same in GSM-7 if look-alikes make that possible."""
        text = self._clean(formatted)
        marks = [look_alike(mark) for mark in text]
        plain = "".join(mark for mark in marks if mark) if None not in marks else text
        return _Piece(text, plain, name, own=False)

    def _money(self, value: Money, skeleton: str, name: str) -> _Piece:
        natural = self._clean(formats.money(value.amount, value.currency, self._language, skeleton))
        if all(look_alike(mark) == mark for mark in natural):
            return _Piece(natural, natural, name, own=False)
        coded = f"{skeleton} unit-width-iso-code".strip()
        return self._added(formats.money(value.amount, value.currency, self._language, coded), name)._replace(
            text=natural
        )

    def _clean(self, formatted: str) -> str:
        text = formatted.translate(_PLAIN)
        return text if self._rtl else text.translate(_MARKS)

    def _embed(self, text: str, name: str) -> None:
        """Put a value in, and marks that keep the order of what stands around it."""
        before, after = _marks(text, self._rtl)
        self._put(_Piece(before, before))
        self._put(_Piece(text, text, name))
        self._put(_Piece(after, after))


def _marks(text: str, rtl: bool) -> tuple[str, str]:
    """The marks before and after a value, so that it is read in its own direction and its text in another.

    They are those that phones have known for longest: the isolates of Unicode 6.3 show as boxes on old ones. A mark
    of the value's own direction keeps signs at its ends (`+49 30`, `C++`) with it, and one of the text's direction
    ends its run. A value with letters of both directions is embedded.
    """
    kinds = [unicodedata.bidirectional(mark) for mark in text]
    strong = ["L" if kind == "L" else "R" for kind in kinds if kind in _STRONG]
    if not strong and rtl and "EN" in kinds and kinds[0] != "EN":
        strong = ["L"]  # `+49...` in Arabic: the sign belongs before the digits
    if not strong:
        return "", ""
    around = _RLM if rtl else _LRM
    own, embedding = (_LRM, _LRE) if strong[0] == "L" else (_RLM, _RLE)
    if len(set(strong)) > 1:
        return embedding, _PDF + around
    if own == around:
        return "", ""
    before = own if kinds[0] not in _STRONG else ""
    after = own if kinds[-1] not in _STRONG else ""
    return before, after + around
