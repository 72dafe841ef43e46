"""From a template, a language and values to the text of a message.

Rules kept here:
- what is sent is the approved version; the message keeps its id and number, the language found, and the ids under
  which it is registered;
- the purpose of the template is the class of the message;
- a value may lengthen a text only as far as the version allows, and never becomes its last line of `@` or `#`, which
  phones read for codes;
- everything here is in memory: a send with a template reads no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from onesixty.channels.sms.content import MadeFrom, Registered
from onesixty.core.errors import Problem
from onesixty.core.ids import TEMPLATE, is_id
from onesixty.store.rows import Book
from onesixty.templates.checks import language_of, read
from onesixty.templates.languages import chosen
from onesixty.templates.rendering import Rendered, render
from onesixty.templates.syntax import Pattern
from onesixty.templates.tables import Registration, Template, Wording
from onesixty.templates.values import Code, Value
from onesixty.templates.variables import Variable, taken
from onesixty.text import TextError, count


class Worded(NamedTuple):
    """The text of a message that is made from a template."""

    text: str
    class_: str
    made_from: MadeFrom


class Sending:
    """The templates of all accounts, by id and by name."""

    def __init__(self, book: Book[Template]) -> None:
        self._book = book
        self._named: dict[tuple[str, str], str] = {}
        book.on_filled(self._filled)

    def worded(
        self, account_id: str, template: str, language: str | None, variables: Mapping[str, Any]
    ) -> Worded:
        """The text for an order. Raises Problem."""
        row, live, number = self._approved(account_id, template)
        found = found_language(live, language)
        values = taken(live.variables, variables)
        rendered = rendered_of(live, found, values)
        made_from = MadeFrom(
            id=row.id,
            version=number,
            language=found,
            registered=registered(row.registrations, found, number),
        )
        return Worded(rendered.text, live.purpose, made_from)

    def variables(self, account_id: str, template: str) -> Mapping[str, Variable]:
        """The variables of the approved version of a template. Raises Problem."""
        return self._approved(account_id, template)[1].variables

    def languages(self, account_id: str, template: str) -> tuple[str, ...]:
        """The languages of the approved version of a template. Raises Problem."""
        return tuple(self._approved(account_id, template)[1].texts)

    def speaks(self, account_id: str, template: str, language: str) -> bool:
        """Whether the approved version has a text that the readers of a language read. Raises Problem."""
        live = self._approved(account_id, template)[1]
        return chosen(language_of(language, "language"), live.texts, None) is not None

    def _approved(self, account_id: str, template: str) -> tuple[Template, Wording, int]:
        """A template, its approved version and the number of that. Raises Problem."""
        row = self._find(account_id, template)
        if row is None:
            raise Problem(
                "unknown_template", f"The account has no template `{template[:100]}`.", param="template"
            )
        if row.live is None or row.approved is None:
            raise Problem(
                "template_not_approved",
                f"No version of the template is approved; the newest one is `{row.state}`.",
                param="template",
            )
        return row, row.live, row.approved

    def _find(self, account_id: str, template: str) -> Template | None:
        key = template if is_id(TEMPLATE, template) else self._named.get((account_id, template), "")
        row = self._book.by_id.get(key)
        return row if row is not None and row.account_id == account_id else None

    def _filled(self) -> None:
        self._named = {(row.account_id, row.name): row.id for row in self._book.by_id.values()}


def found_language(wording: Wording, asked: str | None) -> str:
    """The language whose text is sent. Raises Problem for what is no language."""
    if asked is None:
        return wording.default_language
    return chosen(language_of(asked, "language"), wording.texts, None) or wording.default_language


def rendered_of(wording: Wording, language: str, values: Mapping[str, Value]) -> Rendered:
    """The text in one of the languages of a wording. Raises Problem."""
    pattern = read(wording.texts[language])
    rendered = render(pattern, language, values)
    check_last_line(rendered, values)
    if wording.max_segments is not None:
        _check_segments(rendered, wording.max_segments, pattern, wording.variables)
    return rendered


def registered(registrations: Sequence[Registration], language: str, number: int) -> tuple[Registered, ...]:
    """The registrations of a text: the more exactly one is for it, the later it comes."""
    fitting = [
        one for one in registrations if one.language in (None, language) and one.number in (None, number)
    ]
    fitting.sort(key=lambda one: (one.number is not None) + (one.language is not None))
    return tuple(Registered(country=one.country, carrier=one.carrier, ids=one.ids) for one in fitting)


def check_last_line(rendered: Rendered, values: Mapping[str, Value]) -> None:
    """Refuse a value that would make or begin a last line that phones take for the origin of a code."""
    start = rendered.text.rfind("\n") + 1
    if not rendered.text.startswith("@", start) and not (start and rendered.text.startswith("#", start)):
        return
    for span in rendered.spans:
        if span.start <= start < span.start + span.length and not isinstance(values[span.name], Code):
            param = f"variables.{span.name}"
            raise Problem(
                "invalid_field", f"`{param}` must not begin the last line with `@` or `#`.", param=param
            )


def _check_segments(
    rendered: Rendered, most: int, pattern: Pattern, variables: Mapping[str, Variable]
) -> None:
    try:
        segments = count(rendered.text).segments
    except TextError:
        segments = most + 1
    if segments <= most:
        return
    lengths: dict[str, int] = {}
    for span in rendered.spans:
        lengths[span.name] = lengths.get(span.name, 0) + span.length
    name = max(
        pattern.arguments,
        key=lambda one: (variables[one].type == "string", lengths.get(one, 0)),
        default=None,
    )
    detail = f"The message would have {segments} segments; the template allows {most}."
    if name is None:
        raise Problem("text_too_long", detail, param="template")
    raise Problem("text_too_long", f"{detail} Shorten `variables.{name}`.", param=f"variables.{name}")
