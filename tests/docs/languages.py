"""How each language's examples are built and run; what is not installed skips its tests, with the reason.

Each language is built once. All take the same arguments and read ONESIXTY_URL, ONESIXTY_KEY, WEBHOOK_SECRET and PORT.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.peers import require_program
from tests.support.postgres import ROOT

EXAMPLES = ROOT / "examples"
NODE_MODULES = ROOT / "tests" / "docs" / "node" / "node_modules"

#: From the name of an example ("send") to the command that runs it.
Command = Callable[[str], list[str]]


@dataclass(frozen=True)
class Language:
    """`prepare(directory)` builds what has to be built in this directory and gives the command."""

    name: str
    prepare: Callable[[Path], Command]
    can_serve: bool = True


def _run(*command: str | Path, cwd: Path, **variables: str) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _curl(_: Path) -> Command:
    require_program("curl", "curl")
    require_program("openssl", "openssl")
    return lambda name: ["bash", str(EXAMPLES / "curl" / f"{name}.sh")]


def _python(_: Path) -> Command:
    return lambda name: [sys.executable, str(EXAMPLES / "python" / f"{name}.py")]


def tsc_options() -> tuple[str, ...]:
    """The TypeScript compiler finds Node's types, and does not check them: that takes longer than all the rest."""
    return "--typeRoots", str(NODE_MODULES / "@types"), "--skipLibCheck"


def _typescript(directory: Path) -> Command:
    node = require_program("node", "nodejs")
    compiler = NODE_MODULES / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        pytest.skip("the TypeScript compiler is not installed (scripts/setup-interop installs it)")
    shutil.copytree(
        EXAMPLES / "signup", directory / "signup"
    )  # the pages, beside the programs as in `examples`
    project = directory / "typescript"
    shutil.copytree(EXAMPLES / "typescript", project)
    _run(node, compiler, *tsc_options(), cwd=project)
    return lambda name: [node, str(project / "build" / f"{name}.js")]


def _php(_: Path) -> Command:
    php = require_program("php", "php-cli")

    def command(name: str) -> list[str]:
        if name == "receive":  # PHP's own server reads PORT from its command line
            script = EXAMPLES / "php" / "receive.php"
            return ["sh", "-c", f'exec {php} -S "127.0.0.1:$PORT" {script}']
        return [php, str(EXAMPLES / "php" / f"{name}.php")]

    return command


def _java(directory: Path) -> Command:
    javac = require_program("javac", "default-jdk-headless")
    sources = sorted((EXAMPLES / "java").glob("*.java"))
    _run(javac, "-Xlint:all,-serial", "-Werror", "-d", directory, *sources, cwd=directory)
    java = require_program("java", "default-jre-headless")
    return lambda name: [
        java,
        "-Xshare:auto",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        str(directory),
        name.capitalize(),
    ]


def _go(directory: Path) -> Command:
    go = require_program("go", "golang-go")
    offline = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOCACHE": str(directory / "cache")}
    _run(go, "build", "-o", f"{directory}/bin/", "./...", cwd=EXAMPLES / "go", **offline)
    return lambda name: [str(directory / "bin" / name)]


def _csharp(directory: Path) -> Command:
    mcs = require_program("mcs", "mono-mcs")
    mono = require_program("mono", "mono-runtime")
    if not Path("/usr/lib/mono/4.5/System.Net.Http.dll").exists():
        pytest.skip("System.Net.Http of Mono is not installed (package libmono-system-net-http4.0-cil)")
    program = directory / "examples.exe"
    sources = sorted((EXAMPLES / "csharp").glob("*.cs"))
    libraries = ("-r:System.Net.Http", "-r:System.Runtime.Serialization")
    _run(mcs, *libraries, f"-out:{program}", *sources, cwd=directory)
    return lambda name: [mono, str(program), name]


LANGUAGES = (
    Language("curl", _curl, can_serve=False),
    Language("python", _python),
    Language("typescript", _typescript),
    Language("php", _php),
    Language("java", _java),
    Language("go", _go),
    Language("csharp", _csharp),
)
