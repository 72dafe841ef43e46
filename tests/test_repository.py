"""Rules about the files of the repository itself."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgres import ROOT

# Put together from pieces, since this file is searched too.
REGISTRY_HOSTS = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org"]
MACHINE_PATH = re.compile(
    r"(?<![\w.~}-])/(" + "|".join(["wo" + "rk", "ro" + "ot", "fa" + "rm", "t" + "mp"]) + r")/"
)
LONGEST_SOURCE = 500  # lines

TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    if name and (ROOT / name).is_file()
]


def texts() -> list[tuple[Path, str]]:
    """Every tracked text file, with its content."""
    found = []
    for path in TRACKED:
        try:
            found.append((path.relative_to(ROOT), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a capture or an image
    return found


def test_no_registry_host_and_no_path_of_one_machine() -> None:
    found = []
    for path, text in texts():
        for number, line in enumerate(text.splitlines(), 1):
            if any(host in line for host in REGISTRY_HOSTS) or MACHINE_PATH.search(line):
                found.append(f"{path}:{number}: {line.strip()[:120]}")
    assert not found, "these belong to one machine or name a registry:\n" + "\n".join(found)


def test_documents_that_code_and_comments_name_exist() -> None:
    found = []
    for path, text in texts():
        if path.suffix in (".py", ".toml", ".sql"):
            named = {
                name for name in re.findall(r"\bdocs/[\w/-]+\.md\b", text) if not (ROOT / name).is_file()
            }
            found += [f"{path}: {name}" for name in sorted(named)]
    assert not found, "these documents do not exist:\n" + "\n".join(found)


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda path: path.name)
def test_python_locks_carry_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    pins = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9._\[\]-]+==\S+ ( ?;.* )?\\$", pin), f"not pinned with hashes: {pin}"


def test_npm_locks_carry_hashes_and_no_addresses() -> None:
    locks = [path for path in TRACKED if path.name == "package-lock.json"]
    assert locks
    for lock in locks:
        for name, package in json.loads(lock.read_text())["packages"].items():
            assert "resolved" not in package, f"{lock.relative_to(ROOT)}: {name} has a download address"
            assert not name or "integrity" in package, f"{lock.relative_to(ROOT)}: {name} has no hash"


def test_runtime_and_build_locks_agree_with_dev() -> None:
    """One version of a package everywhere: what is tested is what runs."""

    def pins(lock: str) -> set[str]:
        lines = (ROOT / "requirements" / lock).read_text().splitlines()
        return {line.split()[0] for line in lines if "==" in line and not line.startswith(" ")}

    assert pins("runtime.lock") | pins("build.lock") | pins("installer.lock") <= pins("dev.lock")


def test_source_files_stay_readable() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path, lines in lengths.items()
        if lines >= LONGEST_SOURCE
    ]
    assert not long, f"{LONGEST_SOURCE} lines and more, split by purpose:\n" + "\n".join(long)


#: A package with more modules than this has a map of them in the docstring of its `__init__.py`.
MOST_WITHOUT_MAP = 6
PACKAGES = sorted(path.parent for path in (ROOT / "src").rglob("__init__.py"))


def named_in_map(docstring: str) -> list[str]:
    """The names before a colon in the list of a docstring: "- `a`, `b`: words; `c`: more words"."""
    found: list[str] = []
    for item in re.findall(r"^- (?:.+\n)+?(?=- |$|\Z)", docstring + "\n", re.MULTILINE):
        for names in re.findall(r"((?:`\w+`, )*`\w+`):", item):
            found += re.findall(r"\w+", names)
    return found


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_package_names_its_modules(package: Path) -> None:
    modules = {path.stem for path in package.glob("*.py")} | {
        path.parent.name for path in package.glob("*/__init__.py")
    }
    modules -= {"__init__", "__main__", "versions"}
    named = named_in_map(ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or "")
    if named or len(modules) > MOST_WITHOUT_MAP:
        assert sorted(named) == sorted(modules)


def test_every_setting_is_documented() -> None:
    """Each ONESIXTY_* variable that the product reads has its entry, and each entry is read."""
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text()
    documented = set(re.findall(r"^#+ `(ONESIXTY_[A-Z0-9_]+)`$", reference, re.MULTILINE))
    sources = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r"\bONESIXTY_[A-Z0-9_]*[A-Z0-9]\b", sources)) | _fields()
    assert not read - documented, f"not in docs/reference/settings.md: {sorted(read - documented)}"
    if _fields():
        assert not documented - read, f"in docs/reference/settings.md only: {sorted(documented - read)}"


def _fields() -> set[str]:
    """The variables behind the fields of onesixty.ops.settings.Settings, where that exists already."""
    if not (ROOT / "src" / "onesixty" / "ops" / "settings.py").exists():
        return set()
    settings = importlib.import_module("onesixty.ops.settings").Settings
    return {f"ONESIXTY_{name.upper()}" for name in settings.model_fields}


def foreign_programs(*paths: str) -> set[str]:
    """The Debian packages that `make test` would install for these paths."""
    script = [str(ROOT / "scripts" / "setup-interop"), "--list", *paths]
    return set(subprocess.run(script, capture_output=True, text=True, check=True, timeout=30).stdout.split())


def test_only_what_the_chosen_tests_talk_to_is_installed() -> None:
    assert foreign_programs("tests/text", "-k", "gsm") == set()
    assert foreign_programs("tests/interop/test_interop_kannel.py::test_kannel") == {"kannel"}
    for name in ("node_smsc", "customer_node"):
        assert foreign_programs(f"tests/interop/test_interop_{name}.py") == {"nodejs", "npm"}
    assert foreign_programs("tests/interop/test_interop_customer_perl.py") == {"libnet-smpp-perl"}


@pytest.mark.slow
def test_every_program_that_a_test_file_requires_is_installed_for_it() -> None:
    everything = foreign_programs()
    assert {"kannel", "tshark", "nodejs", "prometheus", "php-cli", "rabbitmq-server"} <= everything
    for path in (ROOT / "tests").rglob("test_*.py"):
        if "venv" not in path.parts and path != Path(__file__):
            wanted = everything.intersection(
                re.findall(r'require_program\("[^"]+", "([^"]+)"\)', path.read_text())
            )
            assert not wanted or wanted <= foreign_programs(str(path.relative_to(ROOT))), path


def test_what_the_setup_compiles_before_a_first_start_exists() -> None:
    commands = re.findall(r"'import ([\w., ]+)'", (ROOT / "scripts" / "setup-venv").read_text())
    assert len(commands) == 2, "one of the node, one of the process that migrates its database"
    for module in ", ".join(commands).split(", "):
        assert importlib.util.find_spec(module) is not None, module


@pytest.mark.parametrize(
    ("loaded", "unused"),
    [
        ("onesixty.cli.serve, onesixty.app.server", {"aiohttp", "asyncpg", "sqlalchemy", "typer"}),
        ("onesixty.webhooks.writer", {"aiohttp", "asyncpg", "fastapi", "pydantic", "sqlalchemy", "typer"}),
    ],
    ids=["core", "store"],
)
def test_a_start_loads_nothing_that_a_node_does_not_use(loaded: str, unused: set[str]) -> None:
    code = f"import sys, {loaded}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not unused & set(said.split())
