"""`onesixty backup` and `restore`: what they refuse, what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from onesixty.ops.settings import Settings
from tests.support.commands import invoke

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in a working directory of its own."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, **variables: str) -> Result:
        environment = {f"ONESIXTY_{name.upper()}": value for name, value in variables.items()}
        return invoke(*arguments, env=environment)

    return command


@pytest.fixture
def database(run: Any) -> Path:
    """A database, and the settings file beside it."""
    assert run("init").exit_code == 0
    return Settings().data_dir / "onesixty.db"


def test_there_and_back(run: Any, database: Path) -> None:
    made = run("backup", "b", "--json")
    assert made.exit_code == 0, made.output
    manifest = json.loads(made.stdout)
    assert manifest["settings"]["name"] == "onesixty.toml"
    assert json.loads(Path("b/manifest.json").read_text())["database"] == manifest["database"]
    again = run("backup", "b")
    assert (again.exit_code, "never overwrites" in again.stderr) == (1, True)
    assert run("backup", "bare", "--without-settings").exit_code == 0
    assert not Path("bare/onesixty.toml").exists()

    before = database.read_bytes()
    there = run("restore", "b")
    assert (there.exit_code, "--replace" in there.stderr) == (1, True)
    assert database.read_bytes() == before
    keys = run("key", "list", "--local").stdout
    assert run("key", "create", "--local", "--name", "later").exit_code == 0
    done = run("restore", "b", "--replace", "--json")
    assert done.exit_code == 0, done.output
    restored = json.loads(done.stdout)
    assert (restored["messages_held"], restored["backup_taken_at"]) == (0, manifest["taken_at"])
    assert (Path(restored["kept"]) / "onesixty.db").exists()
    assert run("key", "list", "--local").stdout == keys
    assert run("audit").exit_code == 0
    assert database.stat().st_mode & 0o077 == 0


def test_a_restore_into_an_empty_folder(run: Any, database: Path) -> None:
    run("backup", "b")
    keys = run("key", "list", "--local").stdout
    for path in database.parent.iterdir():
        path.unlink()
    done = run("restore", "b")
    assert done.exit_code == 0, done.output
    assert "held, because they may already have been sent" in done.stdout
    assert run("key", "list", "--local").stdout == keys


def test_a_restore_that_breaks_off_leaves_no_new_installation(
    run: Any, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two names, the folder refuses; the same command again brings it to its end."""
    run("backup", "b")
    assert (
        run("serve", processes="1", http_listen="127.0.0.1:99999").exit_code == 2
    )  # nothing was started by it
    renames: list[str] = []
    rename = Path.rename

    def breaks(self: Path, target: Path) -> Path:
        renames.append(self.name)
        if self.name.endswith(".restoring"):
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as breaking:
        breaking.setattr(Path, "rename", breaks)
        assert run("restore", "b", "--replace").exit_code != 0
    assert renames[-1] == "onesixty.db.restoring"
    refused = run("migrate")
    assert (refused.exit_code, "is missing" in refused.stderr) == (3, True)
    assert not database.exists()
    done = run("restore", "b", "--replace")
    assert done.exit_code == 0, done.output
    assert run("audit").exit_code == 0


def test_a_restore_that_fails_leaves_nothing_beside(
    run: Any, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", "b")

    def fails(beside: Path) -> None:
        for end in ("-wal", "-shm"):
            beside.with_name(f"{beside.name}{end}").touch()
        raise OSError("no space left")

    monkeypatch.setattr("onesixty.restore.replacing._renewed", fails)
    assert run("restore", "b", "--replace").exit_code != 0
    assert database.exists()
    assert [path.name for path in database.parent.iterdir() if "restoring" in path.name] == []


def test_a_check_of_a_backup(run: Any, database: Path) -> None:
    run("backup", "b")
    whole = run("restore", "b", "--check")
    assert (whole.exit_code, "b is intact" in whole.stdout) == (0, True)
    with Path("b/onesixty.db").open("r+b") as file:
        file.seek(100)
        file.write(b"!")
    for arguments in (("--check",), ("--replace",)):
        broken = run("restore", "b", *arguments)
        assert (broken.exit_code, "differs from the backup" in broken.stderr) == (1, True)
    assert run("audit").exit_code == 0


def test_a_damaged_database_ends_commands_with_3_until_it_is_accepted(run: Any, database: Path) -> None:
    served = {"processes": "1", "http_listen": "127.0.0.1:0", "smpp_listen": ""}
    run("backup", "b")
    run("restore", "b", "--replace")  # the record is there from now on
    older = database.read_bytes()
    assert run("restore", "--in-place").exit_code == 0
    database.write_bytes(older)
    for arguments in (("serve",), ("audit",), ("migrate",), ("backup", "c"), ("key", "list", "--local")):
        ended = run(*arguments, **served)
        assert (ended.exit_code, "is not the database that was last used here" in ended.stderr) == (
            3,
            True,
        ), (
            arguments,
            ended.output,
        )
    assert run("restore", "--in-place").exit_code == 0
    assert run("audit").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("restore",), "name a backup, or use --in-place"),
        (("restore", "b", "--in-place"), "name a backup, or use --in-place"),
        (("restore", "--in-place", "--replace"), "name a backup, or use --in-place"),
    ],
)
def test_what_makes_no_sense(run: Any, arguments: tuple[str, ...], said: str) -> None:
    refused = run(*arguments)
    assert (refused.exit_code, said in refused.stderr) == (2, True)


def test_what_is_not_there(run: Any) -> None:
    assert "not found" in run("backup", "b").stderr
    assert "not found" in run("restore", "--in-place").stderr
    assert "is not a backup" in run("restore", "nowhere").stderr


def test_postgresql_has_its_own_tools(run: Any) -> None:
    url = "postgresql://user:hush@127.0.0.1:1/none"
    for arguments in (("backup", "b"), ("restore", "b")):
        refused = run(*arguments, database_url=url)
        assert (refused.exit_code, "PostgreSQL" in refused.stderr) == (2, True)
        assert "hush" not in refused.output
