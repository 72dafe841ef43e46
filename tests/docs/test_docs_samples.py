"""The programs of the API reference run: those of each language, against the running product."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from onesixty.doors.v1.samples import LANGUAGES, Sample
from tests.docs.languages import EXAMPLES, NODE_MODULES, tsc_options
from tests.support.peers import require_program
from tests.support.process import Product

TEXT = 'it\'s "quoted" `so`, C:\\temp, 🙂'


def calls(url: str) -> dict[str, Sample]:
    """One call of each form that needs no other one first."""
    body = {"from": "YourBrand", "to": "+15551234567", "text": TEXT, "tags": ["sample"], "flash": False}
    return {
        "send": Sample("POST", url, "/v1/sms/send", body=body),
        "list": Sample("GET", url, "/v1/messages?tag=sample&limit=5"),
        "export": Sample("GET", url, "/v1/messages/export?format=csv&tag=sample", saved="saved.csv"),
        "health": Sample("GET", url, "/healthz", caller=None),
    }


Runner = Callable[[Path, Path], list[str]]


def _bash(source: Path, _: Path) -> list[str]:
    require_program("curl", "curl")
    return ["bash", str(source)]


def _python(source: Path, _: Path) -> list[str]:
    return [require_program("python3", "python3"), str(source)]


def _typescript(source: Path, directory: Path) -> list[str]:
    node = require_program("node", "nodejs")
    compiler = NODE_MODULES / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        pytest.skip("the TypeScript compiler is not installed (scripts/setup-interop installs it)")
    project = directory.parent
    if not (project / "build").exists():
        # All at once: for each one alone the compiler would read Node's types again.
        shutil.copy(EXAMPLES / "typescript" / "tsconfig.json", project)
        shutil.copy(EXAMPLES / "typescript" / "package.json", project)
        settings = json.loads((project / "tsconfig.json").read_text())
        (project / "tsconfig.json").write_text(json.dumps({**settings, "include": ["*/*.ts"]}))
        _built(node, str(compiler), *tsc_options(), "--rootDir", ".", cwd=project)
    return [node, str(project / "build" / directory.name / f"{source.stem}.js")]


def _php(source: Path, _: Path) -> list[str]:
    return [require_program("php", "php-cli"), str(source)]


def _java(source: Path, _: Path) -> list[str]:
    require_program("javac", "default-jdk-headless")
    return [require_program("java", "default-jre-headless"), str(source)]


def _go(source: Path, directory: Path) -> list[str]:
    go = require_program("go", "golang-go")
    program = directory / source.stem
    _built(
        go, "build", "-o", str(program), str(source), cwd=directory, GOCACHE=str(directory.parent / "cache")
    )
    return [str(program)]


def _csharp(source: Path, directory: Path) -> list[str]:
    mcs = require_program("mcs", "mono-mcs")
    mono = require_program("mono", "mono-runtime")
    if not Path("/usr/lib/mono/4.5/System.Net.Http.dll").exists():
        pytest.skip("System.Net.Http of Mono is not installed (package libmono-system-net-http4.0-cil)")
    program = directory / f"{source.stem}.exe"
    _built(mcs, "-r:System.Net.Http", f"-out:{program}", str(source), cwd=directory)
    return [mono, str(program)]


def _built(*command: str, cwd: Path, **variables: str) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr


#: By the key of a language: how its files are named, and how they run.
RUNNERS: dict[str, tuple[str, Runner]] = {
    "shell": ("{}.sh", _bash),
    "python": ("{}.py", _python),
    "typescript": ("{}.ts", _typescript),
    "php": ("{}.php", _php),
    "java": ("{}.java", _java),
    "go": ("{}.go", _go),
    "csharp": ("{}.cs", _csharp),
}


@pytest.mark.deadline(240, "compilers start for each program")
@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.key)
def test_the_programs_of_a_language_run(shop: Product, tmp_path: Path, language: object) -> None:
    printed: dict[str, str] = {}
    name, runner = RUNNERS[language.key]  # type: ignore[attr-defined]
    sources: dict[str, Path] = {}
    for what, call in calls(shop.url).items():
        (tmp_path / what).mkdir()
        sources[what] = tmp_path / what / name.format("Example" if "java" in name else what)
        sources[what].write_text(language.write(call))  # type: ignore[attr-defined]
    variables = os.environ | {"ONESIXTY_KEY": shop.admin_key, "LC_ALL": "C.UTF-8"}
    for what, source in sources.items():
        directory = source.parent
        done = subprocess.run(
            runner(source, directory), cwd=directory, env=variables,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{source.read_text()}\n{done.stdout}{done.stderr}"
        printed[what] = done.stdout
    sent = json.loads(printed["send"])
    assert "text" in sent, printed["send"]
    assert (sent["status"], sent["text"]) == ("queued", TEXT)
    assert sent["id"] in {message["id"] for message in json.loads(printed["list"])["data"]}
    assert sent["id"] in (tmp_path / "export" / "saved.csv").read_text()
    assert json.loads(printed["health"]) == {"status": "ok"}
