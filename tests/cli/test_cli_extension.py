"""`onesixty extension`: the packages that it writes work at once, and what is installed is listed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onesixty.cli.commands import application
from onesixty.cli.extension import installer, write
from onesixty.extensions.loading import load
from onesixty.ops.settings import Settings
from tests.support.extensions import found_in, install_source

KINDS = ("step", "connector", "sink")


def onesixty(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(application(), list(arguments))
    return result.exit_code, result.output


def python(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.deadline(240)  # three interpreters, each of which imports onesixty
def test_each_package_passes_its_own_tests_and_checks(tmp_path: Path) -> None:
    ruff = ("-m", "ruff", "--isolated")
    for kind in KINDS:
        folder = tmp_path / kind
        write(folder, f"my_{kind}", kind)
        checks = (
            (*ruff, "check", "--select=E,F,I,UP,B", "--line-length=110", "."),
            (*ruff, "format", "--line-length=110", "--check", "."),
            (
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:schemathesis",
                "-p",
                "no:asyncio",
                "tests",
            ),
        )
        for check in checks:
            checked = python(*check, folder=folder)
            assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_the_packages_are_typed(tmp_path: Path) -> None:
    for kind in KINDS:
        write(tmp_path, f"my_{kind}", kind)
    modules = [f"onesixty_my_{kind}.py" for kind in KINDS]
    checked = python("-m", "mypy", "--strict", "--cache-dir", "cache", *modules, folder=tmp_path)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
@pytest.mark.deadline(120)
def test_a_package_is_installed_and_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator does it."""
    write(tmp_path / "source", "no_shouting", "step")
    install_source(tmp_path / "source", tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    sys.modules.pop("onesixty_no_shouting", None)
    given = Settings(extensions={"no_shouting": {"words": ["bad"]}})
    (one,) = load(given, found_in(tmp_path / "site")).all
    assert (one.name, one.package, one.version) == ("no_shouting", "onesixty-no-shouting", "0.1.0")
    assert one.settings.words == ("bad",)
    status, shown = onesixty("extension", "list", "--json")
    assert status == 0
    assert json.loads(shown) == [
        {
            "name": "no_shouting",
            "kind": "step",
            "package": "onesixty-no-shouting",
            "version": "0.1.0",
            "api": 1,
        }
    ]


def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert onesixty("extension", "new", "No-Shouting")[0] == 2
    assert onesixty("extension", "new", "no_shouting", "--kind", "door")[0] == 2
    status, said = onesixty("extension", "new", "no_shouting")
    assert (status, said.split(":")[0]) == (0, "wrote onesixty-no-shouting")
    assert f" {tmp_path / 'onesixty-no-shouting'}`" in said, "a bare name would be a package of the index"
    before = (tmp_path / "onesixty-no-shouting" / "pyproject.toml").read_text()
    status, said = onesixty("extension", "new", "no_shouting")
    assert status == 1
    assert "already exists and is not empty" in said
    assert (tmp_path / "onesixty-no-shouting" / "pyproject.toml").read_text() == before


def test_the_command_to_install_is_that_of_this_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = str(tmp_path / "python")
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert installer() == ("uv", "pip", "install", "--python", python)
    (tmp_path / "uv").touch()
    assert installer() == (str(tmp_path / "uv"), "pip", "install", "--python", python)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert installer() == (python, "-m", "pip", "install")


def test_an_extension_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONESIXTY_EXTENSIONS_ALLOWED", "missing")
    status, said = onesixty("extension", "list")
    assert status == 2
    assert "no extension missing is installed" in said
