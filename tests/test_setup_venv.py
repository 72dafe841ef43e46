"""Which Python `scripts/setup-venv` takes for a new environment, among several on the path."""

import os
import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = (Path(__file__).parents[1] / "scripts" / "setup-venv").read_text()
#: What the script measures with, and the function that chooses.
CHOICE = re.search(r"^measure='\n.*?^find_python\(\) \{\n.*?^\}\n", SCRIPT, re.MULTILINE | re.DOTALL)


def chosen(place: Path, pythons: dict[str, tuple[int, bool]], *, name: str = "python3.11") -> list[str]:
    """What `find_python` prints. `pythons` have for each folder of the path the microseconds that the Python there
    takes, and whether it can make environments."""
    folders = []
    for folder, (took, complete) in pythons.items():
        program = place / folder / name
        program.parent.mkdir()
        program.write_text(
            "#!/bin/bash\n"
            f'case $2 in *process_time*) echo {took} ;; *) echo "$0" ;; esac\n'
            f"case $2 in *ensurepip*) {'true' if complete else 'exit 1'} ;; esac\n"
        )
        program.chmod(0o755)
        folders.append(str(program.parent))
    assert CHOICE is not None
    found = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", f"{CHOICE[0]}\nfind_python"],
        cwd=place,
        env=os.environ | {"PATH": ":".join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not found.stderr or found.returncode, found.stderr
    return [line.replace(f"{place}/", "") for line in found.stdout.splitlines()]


@pytest.mark.parametrize(
    ("pythons", "wanted"),
    [
        ({"a": (900, True)}, ["a/python3.11"]),
        ({"a": (900, True), "b": (800, True)}, ["a/python3.11"]),
        (
            {"a": (900, True), "b": (700, True), "c": (600, True)},
            ["c/python3.11", "it takes 600 us for what takes a/python3.11 900 us"],
        ),
        ({"a": (900, True), "b": (600, False)}, ["a/python3.11"]),
        ({"a": (900, False)}, ["a/python3.11"]),
    ],
    ids=["only one", "not clearly faster", "the fastest", "cannot make environments", "the first needs not"],
)
def test_the_python_of_a_new_environment(
    tmp_path: Path, pythons: dict[str, tuple[int, bool]], wanted: list[str]
) -> None:
    assert chosen(tmp_path, pythons) == wanted


def test_another_version_is_taken_only_without_the_first(tmp_path: Path) -> None:
    assert chosen(tmp_path, {"a": (900, True)}, name="python3.12") == ["a/python3.12"]
    assert chosen(tmp_path, {"b": (1000, True)}) == ["b/python3.11"]


def test_nothing_is_taken_without_python(tmp_path: Path) -> None:
    assert chosen(tmp_path, {}) == []


def test_an_environment_keeps_its_python(tmp_path: Path) -> None:
    own = tmp_path / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/bash\necho /its/python3.12\n")
    own.chmod(0o755)
    assert chosen(tmp_path, {"a": (900, True)}) == ["/its/python3.12"]
