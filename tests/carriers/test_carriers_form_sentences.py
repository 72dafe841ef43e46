"""The console has the words of carriers' forms in each of its languages."""

import json
import tomllib

import pytest

from tests.support.postgres import ROOT

FORMS = ROOT / "src" / "onesixty" / "carriers" / "forms.toml"
FOLDER = ROOT / "web" / "src" / "carriers" / "sentences"


@pytest.mark.parametrize("language", ["es", "pt-BR", "fr", "ru", "ar"])
def test_every_title_and_help_text_is_translated(language: str) -> None:
    fields = tomllib.loads(FORMS.read_text(encoding="utf-8"))["fields"]
    said = {text for table in fields.values() for _, *words in table.values() for text in words}
    known = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    assert set(known) == said
    for english, text in known.items():
        assert text.strip() == text != ""
        for name in ("{validity_seconds}", "docs/reference/http-carriers.md"):
            assert (name in text) == (name in english)
