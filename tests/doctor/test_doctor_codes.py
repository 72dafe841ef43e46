"""What the doctor finds has a code and values, and the console has words for each code."""

import ast
from collections.abc import Iterator

import pytest

from onesixty.doctor.bodies import CheckResult
from onesixty.doctor.codes import CODES, ITEMS
from onesixty.http import openapi
from tests.support.postgres import ROOT
from tests.support.sentences import LANGUAGES, values_by_code

SOURCES = ROOT / "src" / "onesixty" / "doctor"


def codes() -> Iterator[str]:
    """The code of each finding in the sources."""
    for path in SOURCES.glob("*.py"):
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding":
                    code = node.args[1]
                    yield from [str(code.value)] if isinstance(code, ast.Constant) else assigned(scope, code)


def assigned(scope: ast.AST, name: ast.expr) -> Iterator[str]:
    """The texts that a name gets within a function: `code = "x"`, and `code, values = "x", ...`."""
    for node in ast.walk(scope):
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            target, value = target.elts[0], value.elts[0]
        if ast.unparse(target) == ast.unparse(name) and isinstance(value, ast.Constant):
            yield value.value


def test_every_code_is_found_somewhere_and_is_in_the_document() -> None:
    assert set(codes()) == set(CODES)
    schema = openapi.of_struct(CheckResult)["CheckResult"]["properties"]["code"]
    assert set(schema["enum"]) == set(CODES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_has_words_for_every_code_and_no_others(language: str) -> None:
    for prefix, known in (("doctor.found.", CODES), ("doctor.item.", ITEMS)):
        said = values_by_code("doctor", prefix, language)
        assert said.keys() == known.keys()
        assert all(said[code] <= set(names) for code, names in known.items())
        # What the English text tells, every language tells.
        assert said == values_by_code("doctor", prefix, "en")
