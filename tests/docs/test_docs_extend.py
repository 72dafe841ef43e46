"""The rule that CONTRIBUTING.md shows, and the package of the how-to: both work as they stand there."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from onesixty.core.errors import Problem
from onesixty.extensions.feature import ExtensionsFeature
from onesixty.extensions.loading import load
from onesixty.messages import drafts
from onesixty.ops.settings import Settings
from tests.support.extensions import found_in, install
from tests.support.message_path import Node
from tests.support.path_fixtures import new_node, node
from tests.support.postgres import ROOT

__all__ = ["new_node", "node"]

NewNode = Callable[..., Awaitable[Node]]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
HOW_TO = (ROOT / "docs" / "how-to" / "extend-onesixty.md").read_text()


def parts() -> list[tuple[str, str, list[str]]]:
    """The diff in CONTRIBUTING.md, file by file: its old name, its new one, and its lines."""
    (diff,) = re.findall(r"^```diff\n(.*?)^```$", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    found = [part.splitlines() for part in re.split(r"^--- ", diff, flags=re.MULTILINE)[1:]]
    return [(lines[0], lines[1].removeprefix("+++ "), lines[2:]) for lines in found]


def module_of(name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module with this source, for the time of a test."""
    made = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, made)
    exec(compile(source, name, "exec"), vars(made))
    return made


async def test_the_rule_passes_the_test_that_stands_beside_it(
    new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {new: "\n".join(line[1:] for line in lines) for old, new, lines in parts() if old == "/dev/null"}
    assert list(files) == ["messages/no_shouting.py", "tests/messages/test_messages_no_shouting.py"]
    rule, test = files.values()
    module_of("onesixty.messages.no_shouting", rule, monkeypatch)
    shown = module_of("test_messages_no_shouting", test, monkeypatch)
    await shown.test_a_text_in_capitals_is_refused(new_node)


def test_what_the_diff_changes_stands_in_the_code() -> None:
    changed = [(old, lines) for old, _, lines in parts() if old != "/dev/null"]
    assert [file for file, _ in changed] == ["app/features.py"]
    for file, lines in changed:
        there = (ROOT / "src" / "onesixty" / file).read_text().splitlines()
        for line in lines:
            assert line.startswith("+") or line[1:] in there, line


async def test_the_package_of_the_how_to_works(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its module, its `pyproject.toml` and its settings."""
    (source,) = re.findall(r"^```python\n(# onesixty_no_shouting.py\n.*?)^```$", HOW_TO, re.M | re.S)
    project, *tables = (
        tomllib.loads(text) for text in re.findall(r"^```toml\n(.*?)^```$", HOW_TO, re.M | re.S)
    )
    points: dict[str, dict[str, str]] = project["project"]["entry-points"]
    install(
        tmp_path,
        {"onesixty_no_shouting.py": source},
        {f"steps:{name}": value for name, value in points["onesixty.steps"].items()},
        package=project["project"]["name"],
        version=project["project"]["version"],
    )  # fmt: skip
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("onesixty_no_shouting", None)
    settings: dict[str, Any] = tables[0]["extensions"]
    loaded = load(Settings(extensions=settings), found_in(tmp_path))
    assert [one.about for one in loaded.all] == ["extension no_shouting (onesixty-no-shouting 0.1.0)"]

    class Price(drafts.Step):
        name = "price"

        def judge(self, draft: drafts.Draft) -> None:
            """Pass."""

    steps = drafts.Steps(ExtensionsFeature(node.context, loaded).steps([Price()]))
    (loud, quiet) = await node.intake.judge([node.order("please ANSWER"), node.order("please reply")])
    await steps.judge([loud, quiet])
    assert isinstance(loud.refusal, Problem)
    assert loud.refusal.extra == {"rule": "no_shouting"}
    assert quiet.refusal is None
