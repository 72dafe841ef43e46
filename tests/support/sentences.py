"""The words that the console has for what the API tells as a code with values."""

from __future__ import annotations

import json
import re
from typing import Final

from tests.support.postgres import ROOT

LANGUAGES: Final = ("en", "es", "pt-BR", "fr", "ru", "ar")

#: Where a form of a plural or of a choice begins.
_FORM: Final = re.compile(r"(?:=\d+|zero|one|two|few|many|other|server|message) \{")


def values_by_code(feature: str, prefix: str, language: str) -> dict[str, set[str]]:
    """The codes for which a feature of the console has words in a language, with the values that these name."""
    file = ROOT / "web" / "src" / feature / "texts" / f"{language}.json"
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return {
        name.removeprefix(prefix): values_in(text) for name, text in texts.items() if name.startswith(prefix)
    }


def values_in(text: str) -> set[str]:
    """The values that a text has a place for: `{count}`, `{one_of:,}`, `{count, plural, ...}`."""
    return set(re.findall(r"\{([a-z_][a-z0-9_]*)(?=[}:,])", _FORM.sub("(", text)))
