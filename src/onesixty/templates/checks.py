"""What is checked of a template before it is kept: names, variables, and every text in its language.

A refusal names the field, and in a text also the place: the position of the character at which reading ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from onesixty.core.errors import Problem
from onesixty.core.remarks import Remark, remark
from onesixty.templates import formats
from onesixty.templates.languages import canonical
from onesixty.templates.syntax import Insert, Pattern, PatternError, Plural, parse, walk
from onesixty.templates.tables import Wording
from onesixty.templates.variables import Variable, check_uses, check_variables

MOST_LANGUAGES: Final = 60

#: What a preview remarks, by its codes. They stay as they are; the console has words for each in its languages.
SENTENCES: Final[Mapping[str, str]] = {
    "branch_missing": "The plural of `{variable}` has no branch `{branch}`, which {language} uses. Its "
    "`other` stands in.",
    "branch_unused": "The plural of `{variable}` has a branch `{branch}`, which {language} never uses.",
    "variable_unused": "The text does not use the variable `{variable}`.",
    "longest_ucs2": "The longest text is UCS-2, because of characters that this one does not have: {characters}",
    "registered_elsewhere": "No registration in {country} is for this text.",
}

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?")

#: Patterns that are in use, read once.
read = lru_cache(maxsize=4096)(parse)


def check_name(name: str) -> None:
    """Check the name of a template, by which callers send it. Raises Problem."""
    if not _NAME.fullmatch(name) or name.startswith("tpl_"):
        raise Problem(
            "invalid_field",
            "`name` has 1 to 100 of a to z, 0 to 9 and . _ -, begins and ends with a letter or digit, and does not "
            "begin with `tpl_`.",
            param="name",
        )


def check_wording(wording: Wording) -> None:
    """Check what a version says. Raises Problem."""
    check_variables(wording.variables)
    if not 1 <= len(wording.texts) <= MOST_LANGUAGES:
        raise Problem(
            "invalid_field", f"A template has texts in 1 to {MOST_LANGUAGES} languages.", param="texts"
        )
    for language, text in wording.texts.items():
        language_of(language, f"texts.{language[:20]}", exactly=True)
        check_text(text, language, wording.variables, f"texts.{language}")
    if wording.default_language not in wording.texts:
        raise Problem(
            "invalid_field",
            "The template has no text in its default language.",
            param="default_language",
        )


def check_ready(wording: Wording) -> None:
    """Check what a version needs before it is submitted. Raises Problem."""
    if wording.purpose != "otp":
        return
    for language, text in wording.texts.items():
        used = read(text).arguments
        if not any(wording.variables[name].type == "code" for name in used):
            raise Problem(
                "invalid_field",
                "A template for one-time codes has a variable of type `code` in every text.",
                param=f"texts.{language}",
            )


def check_text(text: str, language: str, variables: dict[str, Variable], param: str) -> Pattern:
    """Return a text as a pattern. Raises Problem."""
    if not text.strip():
        raise Problem("invalid_field", "The text is empty.", param=param)
    try:
        pattern = read(text)
    except PatternError as error:
        about = "" if error.name is None else f" (variable `{error.name}`)"
        raise Problem(
            "invalid_field",
            f"{error.problem}{about} At character {error.at}.",
            param=param,
            extra={"position": error.at, "variable": error.name},
        ) from None
    check_uses(pattern, variables, param)
    for node in walk(pattern.nodes):
        if isinstance(node, Insert) and node.style and not _formats(node, variables[node.name], language):
            raise Problem(
                "invalid_field",
                f"`{node.name}` has a style that is not known: `{node.style}`. At character {node.at}.",
                param=param,
                extra={"position": node.at, "variable": node.name},
            )
    return pattern


def language_of(tag: str, param: str, *, exactly: bool = False) -> str:
    """Return a language as BCP 47 writes it. `exactly`: it has to be written so. Raises Problem."""
    try:
        written = canonical(tag)
    except ValueError as error:
        raise Problem("invalid_field", str(error), param=param) from None
    if exactly and written != tag:
        raise Problem("invalid_field", f"Write this language as `{written}`.", param=param)
    return written


def remarks(pattern: Pattern, language: str, variables: dict[str, Variable]) -> Iterator[Remark]:
    """What an author should know of a text that is not wrong."""
    for node in walk(pattern.nodes):
        if isinstance(node, Plural):
            used = formats.categories(language, node.ordinal)
            has = node.branches.keys()
            for category in sorted(used - has):
                yield remark(
                    SENTENCES, "branch_missing", variable=node.name, branch=category, language=language
                )
            for category in sorted(has - used - {"other"}):
                yield remark(
                    SENTENCES, "branch_unused", variable=node.name, branch=category, language=language
                )
    for name in variables:
        if name not in pattern.arguments:
            yield remark(SENTENCES, "variable_unused", variable=name)


def _formats(node: Insert, variable: Variable, language: str) -> bool:
    style = node.style
    if variable.type == "money":
        if not style.startswith("::"):
            return False
        style = f"::currency/EUR {style.removeprefix('::')}"
    return formats.usable(f"x, {node.use}, {style}", language)
