"""What a preview remarks has a code and values, and words in each language of the console."""

from __future__ import annotations

import json
import re

import pytest

from onesixty.templates.checks import SENTENCES, read, remarks
from tests.support.postgres import ROOT

TEXTS = ROOT / "web" / "src" / "templates" / "texts"


def test_a_branch_that_a_language_does_not_use_is_told() -> None:
    pattern = read("{days, plural, one {#} few {#} other {#}}")
    (found,) = remarks(pattern, "en", {})
    assert (found.code, found.values) == (
        "branch_unused",
        {"variable": "days", "branch": "few", "language": "en"},
    )
    assert found.text == "The plural of `days` has a branch `few`, which en never uses."


@pytest.mark.parametrize("language", ["en", "es", "pt-BR", "fr", "ru", "ar"])
def test_the_console_has_words_for_every_remark_and_no_others(language: str) -> None:
    prefix = "templates.found."
    texts = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    said = {name.removeprefix(prefix): text for name, text in texts.items() if name.startswith(prefix)}
    assert {code: names_in(text) for code, text in said.items()} == {
        code: names_in(text) for code, text in SENTENCES.items()
    }


def names_in(text: str) -> set[str]:
    """The values that a text has a place for."""
    return set(re.findall(r"\{(\w+)", text))
