"""The console has the doctor's advice in each of its languages."""

import ast
import json
import re
from collections.abc import Iterator

import pytest

from tests.support.postgres import ROOT

SOURCES = ROOT / "src" / "onesixty" / "doctor"
FOLDER = ROOT / "web" / "src" / "doctor" / "sentences"
#: As `web/src/i18n/sentences.ts` divides them.
BETWEEN = re.compile(r"(?<=[.?!])\s+(?=[A-Z`])")
#: What a remedy names in a text that is put together.
NAMED = {"name": ("fsync", "synchronous_commit")}


def advice() -> Iterator[str]:
    """Every remedy in the code."""
    for path in SOURCES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "remedy":
                yield from texts_of(node.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding":
                yield from (text for one in node.args[3:4] for text in texts_of(one))


def texts_of(node: ast.expr) -> Iterator[str]:
    """The texts that an expression makes. Of a remedy with more behind it, what is behind it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"  # type: ignore[attr-defined]
                 for part in node.values]  # fmt: skip
        text = "".join(map(str, parts)).removeprefix("{remedy} ")
        for value in NAMED["name"] if "{name}" in text else ("",):
            yield text.replace("{name}", value)


@pytest.mark.parametrize("language", ["es", "pt-BR", "fr", "ru", "ar"])
def test_every_remedy_is_translated(language: str) -> None:
    said = {sentence for text in advice() for sentence in BETWEEN.split(text)}
    said.discard("chmod 600 {path}")  # a command in any language
    known = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    assert set(known) == said
    for english, text in known.items():
        assert re.findall(r"`[^`]+`|docs/\S+\.md", text) == re.findall(r"`[^`]+`|docs/\S+\.md", english)
