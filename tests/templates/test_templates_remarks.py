"""What a preview remarks has a code and values, and words in each language of the console."""

from __future__ import annotations

import pytest

from onesixty.templates.checks import SENTENCES, read, remarks
from tests.support.sentences import LANGUAGES, values_by_code, values_in


def test_a_branch_that_a_language_does_not_use_is_told() -> None:
    pattern = read("{days, plural, one {#} few {#} other {#}}")
    (found,) = remarks(pattern, "en", {})
    assert (found.code, found.values) == (
        "branch_unused",
        {"variable": "days", "branch": "few", "language": "en"},
    )
    assert found.text == "The plural of `days` has a branch `few`, which en never uses."


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_has_words_for_every_remark_and_no_others(language: str) -> None:
    assert values_by_code("templates", "templates.found.", language) == {
        code: values_in(text) for code, text in SENTENCES.items()
    }
