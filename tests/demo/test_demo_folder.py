"""The folder of a demonstration: what it may replace, and what of the user's settings counts in it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from onesixty.demo import building, cast
from onesixty.demo.cast import Cast
from onesixty.ops.settings import Settings
from tests.support.commands import invoke

GIVEN = Settings(
    database_url="postgresql://somewhere/else",
    http_listen="127.0.0.1:9999",
    carriers=[{"name": "real", "type": "smpp"}],
    mail_server="smtp://mail.example",  # type: ignore[arg-type]
)


def test_a_folder_with_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "onesixty.db").write_text("somebody's database")
    with pytest.raises(building.NotOurs, match="holds something else"):
        building.build(tmp_path, GIVEN)
    assert (tmp_path / "onesixty.db").read_text() == "somebody's database"


def test_a_demonstration_that_runs_is_not_replaced(tmp_path: Path) -> None:
    Cast(1).save(tmp_path)
    lock = os.open(tmp_path / "onesixty.db-owner", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(building.NotOurs, match="is running"):
        building.build(tmp_path, GIVEN)
    os.close(lock)
    assert cast.read(tmp_path) == Cast(1)


def test_only_where_to_listen_counts_of_the_settings(tmp_path: Path) -> None:
    settings = building.settings_of(tmp_path, GIVEN)
    assert settings.http_listen == "127.0.0.1:9999"
    assert settings.effective_database_url == f"sqlite:///{tmp_path}/onesixty.db"
    assert (settings.carriers, settings.mail_server, settings.admin_key) == ([], None, None)


def test_the_command_goes_on_only_with_a_whole_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    free = {"ONESIXTY_HTTP_LISTEN": "127.0.0.1:0", "ONESIXTY_SMPP_LISTEN": ""}
    result = invoke("demo", "--keep", "--folder", "nothing", env=free)
    assert result.exit_code == 2
    assert "holds no demonstration" in result.stderr
    Path("half").mkdir()
    Cast(1).save(Path("half"))
    result = invoke("demo", "--keep", "--folder", "half", env=free)
    assert (result.exit_code, "was not finished" in result.stderr) == (2, True)
    Path("other").mkdir()
    Path("other/file").touch()
    result = invoke("demo", "--build-only", "--folder", "other", env=free)
    assert (result.exit_code, "holds something else" in result.stderr) == (2, True)
