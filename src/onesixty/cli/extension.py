"""`onesixty extension ...`: begins the package of an extension, and lists what is installed.

The templates are in `extension_templates`. Each is a package that works at once, with its test.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from pathlib import Path
from string import Template
from typing import Annotated, Final, Literal, get_args

import typer

from onesixty.cli.console import FAILED, MISUSED, fail, read_settings, say
from onesixty.cli.output import AsJson, Column, show_list

Kind = Literal["step", "connector", "sink"]

TEMPLATES: Final = Path(__file__).with_name("extension_templates")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

#: What a package is for, by kind.
_ABOUT: Final[dict[str, str]] = {
    "step": "A rule for every message of onesixty.",
    "connector": "A type of carriers for onesixty.",
    "sink": "A receiver of events of onesixty.",
}
#: What its user writes into onesixty.toml.
_USAGE: Final[dict[str, str]] = {
    "step": 'In `onesixty.toml`:\n\n```toml\n[extensions.{name}]\nwords = ["forbidden"]\n```',
    "connector": (
        "In `onesixty.toml`:\n\n```toml\n[[carriers]]\n"
        'name = "{name}"\ntype = "{name}"\npath = "messages.jsonl"\n```'
    ),
    "sink": 'In `onesixty.toml`:\n\n```toml\n[extensions.{name}]\npath = "events.jsonl"\n```',
}


_COLUMNS: Final[tuple[Column, ...]] = (
    ("name", "name"),
    ("kind", "kind"),
    ("package", "package"),
    ("version", "version"),
    ("contract", "api"),
)


def new(
    name: Annotated[str, typer.Argument(help="Its name: lower-case letters, digits, single underscores.")],
    kind: Annotated[str, typer.Option("--kind", help="What it adds: step, connector or sink.")] = "step",
    directory: Annotated[
        str | None, typer.Option("--directory", help="Where to write it. Default: onesixty-NAME.")
    ] = None,
) -> None:
    """Write a package to start from: a step, a connector or a sink, with its test.

    Existing files are not changed.
    """
    if not _NAME.fullmatch(name) or len(name) > 40:
        fail("NAME must be lower-case letters, digits and single underscores, up to 40 characters", MISUSED)
    if kind not in get_args(Kind):
        fail(f"--kind must be one of {', '.join(get_args(Kind))}, not {kind}", MISUSED)
    package = f"onesixty-{name.replace('_', '-')}"
    folder = Path(directory or package)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} already exists and is not empty", FAILED)
    try:
        write(folder, name, kind)
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}", FAILED)
    # absolute, because an installer takes a bare name for a package of the index
    command = shlex.join([*installer(), str(folder.absolute())])
    say(f"wrote {folder}: install it with `{command}`, and restart onesixty")


def write(folder: Path, name: str, kind: str) -> None:
    """Write the package of an extension into a folder. Raises OSError."""
    module = f"onesixty_{name}"
    values = {
        "name": name,
        "kind": kind,
        "module": module,
        "package": module.replace("_", "-"),
        "cls": "".join(word.capitalize() for word in name.split("_")),
        "about": _ABOUT[kind],
        "usage": _USAGE[kind].format(name=name),
    }
    files = {
        "pyproject.toml": "pyproject.toml.txt",
        "README.md": "README.md.txt",
        f"{module}.py": f"{kind}.py.txt",
        f"tests/test_{module}.py": f"test_{kind}.py.txt",
    }
    for file, template in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(values), encoding="utf-8")


def installer() -> tuple[str, ...]:
    """The command that installs packages into this environment. `make run` makes one with uv and without pip."""
    if importlib.util.find_spec("pip") is not None:
        return sys.executable, "-m", "pip", "install"
    uv = Path(sys.executable).with_name("uv")
    return str(uv) if uv.exists() else "uv", "pip", "install", "--python", sys.executable


def list_extensions(as_json: AsJson = False) -> None:
    """List the installed extensions that would run, in the order of their names.

    It loads them with the settings of this node, as a start does, and exits with status 2 if one cannot be used.
    """
    settings = read_settings()
    from onesixty.extensions.loading import ExtensionError, load

    try:
        extensions = load(settings)
    except ExtensionError as error:
        fail(str(error), MISUSED)
    rows = [
        {
            "name": one.name,
            "kind": one.kind,
            "package": one.package,
            "version": one.version,
            "api": one.declared.api,
        }
        for one in extensions.all
    ]
    show_list(rows, _COLUMNS, as_json)
