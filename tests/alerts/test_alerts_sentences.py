"""The console says what alerts say, and what to do about them, in each of its languages."""

import json
import re

import pytest

from onesixty.alerts.rules import RULES
from tests.support.postgres import ROOT

FOLDER = ROOT / "web" / "src" / "alerts" / "sentences"
#: What is filled in, and what is code.
KEPT = re.compile(r"\{\w+\}|`[^`]+`")
#: The console writes seconds as a duration with its unit: "6.6 min".
SECONDS = re.compile(r"\{value\} (?:s|seconds)\b")


@pytest.mark.parametrize("language", ["es", "pt-BR", "fr", "ru", "ar"])
def test_every_rule_is_translated(language: str) -> None:
    known = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    assert set(known) == {text for rule in RULES.values() for text in (rule.summary, rule.action, rule.about)}
    for english, text in known.items():
        assert sorted(KEPT.findall(text)) == sorted(KEPT.findall(SECONDS.sub("{duration}", english)))
