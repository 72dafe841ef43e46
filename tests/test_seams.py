"""What holds the code apart: no circle of files, and time, chance and the network come in as parameters.

Imports count wherever they stand, also under TYPE_CHECKING and in functions: a circle is one for the reader.

`core`, `messages` and `dispatch` may not reach for time, chance and the network, so that what decides the message
path can be simulated. The only exceptions are the files that hold the real implementations of those contracts.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.postgres import ROOT

SOURCE = ROOT / "src" / "onesixty"
PACKAGES = ("core", "messages", "dispatch")

# Whole modules that give time, chance or I/O, and what to use instead.
MODULES = {
    "time": "the Clock that is handed in",
    "random": "the Random that is handed in",
    "secrets": "the Random that is handed in",
    "uuid": "the IdSource that is handed in",
    "socket": "the Net that is handed in",
    "select": "the Net that is handed in",
    "selectors": "the Net that is handed in",
    "subprocess": "nothing: the path starts no processes",
    "threading": "nothing: the path runs in one loop",
    "sqlite3": "the store",
    "asyncpg": "the store",
    "aiohttp": "the Net that is handed in",
}

# Single names of modules that are harmless otherwise.
NAMES = {
    "os.urandom": "the Random that is handed in",
    "os.getrandom": "the Random that is handed in",
    "datetime.now": "the Clock that is handed in",
    "datetime.utcnow": "the Clock that is handed in",
    "datetime.today": "the Clock that is handed in",
    "date.today": "the Clock that is handed in",
    "asyncio.open_connection": "the Net that is handed in",
    "asyncio.open_unix_connection": "the Net that is handed in",
    "asyncio.start_server": "the Net that is handed in",
    "asyncio.start_unix_server": "the Net that is handed in",
    "asyncio.to_thread": "nothing: the path runs in one loop",
}

# Any object's method of this name.
METHODS = {
    "create_connection": "the Net that is handed in",
    "create_unix_connection": "the Net that is handed in",
    "create_server": "the Net that is handed in",
    "run_in_executor": "nothing: the path runs in one loop",
}

# The real implementations, each with the contract that it stands behind.
IMPLEMENTATIONS = {Path("core/clock.py")}


def offences(source: str) -> Iterator[tuple[int, str]]:
    """Line and complaint for each place in `source` that reaches past the seams."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    top = alias.name.partition(".")[0]
                    if top in MODULES:
                        yield node.lineno, f"imports {alias.name}; use {MODULES[top]}"
            case ast.ImportFrom(module=str(module), names=names, level=0):
                top = module.partition(".")[0]
                for alias in names:
                    full = f"{module}.{alias.name}"
                    if top in MODULES:
                        yield node.lineno, f"imports {full}; use {MODULES[top]}"
                    elif full in NAMES:
                        yield node.lineno, f"imports {full}; use {NAMES[full]}"
            case ast.Attribute(attr=attr, value=value):
                owner = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
                if f"{owner}.{attr}" in NAMES:
                    yield node.lineno, f"uses {owner}.{attr}; use {NAMES[f'{owner}.{attr}']}"
                elif attr in METHODS:
                    yield node.lineno, f"uses .{attr}; use {METHODS[attr]}"


def test_the_message_path_uses_only_its_seams() -> None:
    found = []
    for package in PACKAGES:
        for path in sorted((SOURCE / package).rglob("*.py")):
            if path.relative_to(SOURCE) not in IMPLEMENTATIONS:
                found += [
                    f"{path.relative_to(ROOT)}:{line}: {complaint}"
                    for line, complaint in offences(path.read_text())
                ]
    assert not found, "time, chance and I/O must come in as parameters:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import random as r",
        "from time import monotonic",
        "from uuid import uuid4",
        "import os\nos.urandom(8)",
        "from os import urandom",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime as d, date\ndate.today()",
        "import asyncio\nasyncio.open_connection('h', 1)",
        "loop.create_connection(p)",
        "def late():\n    import socket",
    ],
)
def test_the_lint_finds(source: str) -> None:
    assert list(offences(source))


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nasyncio.create_task(x)",
        "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)",
        "clock.now()",
        "from onesixty.core import times",
        "from .random import x",
    ],
)
def test_the_lint_leaves_alone(source: str) -> None:
    assert not list(offences(source))


# ------------------------------------------------------------ circles


def modules() -> dict[str, Path]:
    """Every module of the product, by its name."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        parts = ("onesixty", *path.relative_to(SOURCE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, source: str, package: bool, known: Collection[str]) -> set[str]:
    """What of `known` the module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found.update(alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                if level:
                    above = name.split(".")[: len(name.split(".")) - level + package]
                    module = ".".join([*above, *([module] if module else [])])
                for alias in names:
                    full = f"{module}.{alias.name}"
                    found.add(full if full in known else str(module))
    return {each for each in found if each in known and each != name}


def circles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of modules that reach each other (Tarjan 1972), without those of one."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in imports[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in imports:
        if name not in index:
            visit(name)
    return found


def test_no_circle_of_files() -> None:
    known = modules()
    imports = {
        name: imported(name, path.read_text(), path.name == "__init__.py", known)
        for name, path in known.items()
    }
    assert len(imports) > 400
    assert not circles(imports)


def test_the_search_finds_circles_wherever_an_import_stands() -> None:
    sources = {
        "p": "",
        "p.a": "from p import b",
        "p.b": "if TYPE_CHECKING:\n    from p.c import C",
        "p.c": "def late():\n    from . import a",
        "p.d": "import p.a",
    }
    imports = {name: imported(name, source, name == "p", sources) for name, source in sources.items()}
    assert circles(imports) == [["p.a", "p.b", "p.c"]]
