"""Reading a build, keeping the files of builds before it, and taking in a newer one."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from onesixty.console import build as builds
from onesixty.console.build import BuildError, read
from onesixty.console.checkout import NOTE, Progress, progress, root_of
from onesixty.console.kept import DAYS, Kept
from onesixty.console.page import Page
from onesixty.console.place import LOOK_SECONDS, Place
from tests.http.world import Clock
from tests.support.console import BROTLI, write_dist


def test_a_build_is_read_with_its_compressed_forms(tmp_path: Path) -> None:
    folder = write_dist(tmp_path / "dist")
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    (folder / "assets" / "secret.py").write_text("no file of a console")
    (folder / "assets" / "leads-away.js").symlink_to("/etc/hostname")
    found = read(folder)
    assert found.stamp == "one"
    assert set(found.files) == {
        "assets/index-one.js",
        "assets/docs-one.js",
        "assets/later-one.js",
        "assets/font-one.woff2",
        "favicon.svg",
    }
    assert set(found.pages) == {"index.html", "docs.html"}
    script = found.files["assets/index-one.js"]
    assert script.type == b"text/javascript; charset=utf-8"
    assert set(script.forms) == {"identity", "gzip", "br"}
    assert script.forms["br"] == BROTLI + b"index-one.js"
    assert set(found.files["favicon.svg"].forms) == {"identity"}


def test_a_form_that_is_not_smaller_is_left_out() -> None:
    found = builds.files_of({"a.js": b"abc", "a.js.gz": b"longer than it", "a.js.br": b"ab"})
    assert set(found["a.js"].forms) == {"identity", "br"}


@pytest.mark.parametrize("missing", ["stamp", "index.html"])
def test_a_folder_that_is_no_build_is_refused(tmp_path: Path, missing: str) -> None:
    folder = write_dist(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(BuildError):
        read(folder)


def test_a_build_of_an_earlier_version_has_no_reference(tmp_path: Path) -> None:
    folder = write_dist(tmp_path)
    (folder / "docs.html").unlink()
    assert set(read(folder).pages) == {"index.html"}


def test_what_is_read_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_dist(tmp_path)
    monkeypatch.setattr(builds, "MOST_FILES", 3)
    with pytest.raises(BuildError, match="more than a console"):
        read(folder)
    monkeypatch.undo()
    monkeypatch.setattr(builds, "MOST_BYTES", 3000)
    with pytest.raises(BuildError, match="more than a console"):
        read(folder)


def test_files_of_the_builds_before_are_kept_and_those_before_them_are_not(tmp_path: Path) -> None:
    clock = Clock()
    kept = Kept(tmp_path / "kept", clock)
    dist = tmp_path / "dist"
    former = {}
    for stamp in ("one", "two", "three", "four"):
        clock.turn(60)
        former = kept.turn(read(write_dist(dist, stamp)))
    assert set(former) == {
        f"assets/{name}"
        for stamp in ("two", "three")
        for name in (f"index-{stamp}.js", f"docs-{stamp}.js", f"later-{stamp}.js", f"font-{stamp}.woff2")
    }
    assert set(former["assets/later-two.js"].forms) == {"identity", "gzip", "br"}
    assert len(list((tmp_path / "kept").iterdir())) == 3
    clock.turn((DAYS + 1) * 86_400)
    assert kept.turn(read(dist)) == {}, "tabs of last month are gone"
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_file_that_is_still_there_is_no_former_one(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept", Clock())
    dist = write_dist(tmp_path / "dist")
    kept.turn(read(dist))
    (dist / "stamp").write_text("another")
    assert kept.turn(read(dist)) == {}


def test_a_disk_that_takes_no_copy_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    with capture_logs() as logs:
        assert Kept(tmp_path / "kept", Clock()).turn(read(write_dist(tmp_path / "dist"))) == {}
    assert [(line["event"], line["log_level"]) for line in logs] == [("console_not_kept", "info")]


def place_of(folder: Path, clock: Clock) -> Place:
    def page(_: str, text: str) -> Page:
        return Page(text, "/console/", os.urandom)

    return Place(folder, Kept(folder.parent / "kept", clock), clock, page)


async def test_a_newer_build_is_taken_in_as_a_whole(tmp_path: Path) -> None:
    clock, dist = Clock(), tmp_path / "dist"
    place = place_of(dist, clock)
    assert await place.look() is None
    write_dist(dist, "one")
    assert await place.look() is None, "one look a second"
    clock.turn(LOOK_SECONDS)
    first, same = await asyncio.gather(place.look(), place.look())
    assert first is not None
    assert first is same
    assert (first.build.stamp, dict(first.former)) == ("one", {})

    write_dist(dist, "two")
    clock.turn(LOOK_SECONDS)
    second = await place.look()
    assert second is not None
    assert second.build.stamp == "two"
    assert "assets/later-one.js" in second.former

    (dist / "stamp").unlink()  # a build that writes in place begins with this
    clock.turn(LOOK_SECONDS)
    assert await place.look() is second


async def test_a_build_that_cannot_be_used_leaves_the_former_one_and_is_logged_once(tmp_path: Path) -> None:
    clock, dist = Clock(), write_dist(tmp_path / "dist")
    place = place_of(dist, clock)
    served = await place.look()
    assert served is not None
    write_dist(dist, "two")
    (dist / "index.html").write_bytes(b"\xff")
    with capture_logs() as logs:
        for _ in range(3):
            clock.turn(LOOK_SECONDS)
            assert await place.look() is served
    assert [(line["event"], line["log_level"]) for line in logs] == [("console_refused", "warning")]
    write_dist(dist, "three")
    clock.turn(LOOK_SECONDS)
    again = await place.look()
    assert again is not None
    assert again.build.stamp == "three"


def test_what_becomes_of_a_build_in_the_repository(tmp_path: Path) -> None:
    package = tmp_path / "src" / "onesixty"
    package.mkdir(parents=True)
    assert root_of(package) is None, "an installed package"
    assert progress(None) is Progress.NO_CHECKOUT
    for name in ("Makefile", "pyproject.toml"):
        (tmp_path / name).touch()
    assert root_of(package) == tmp_path
    assert progress(tmp_path) is Progress.NONE
    note = tmp_path / NOTE
    note.parent.mkdir()
    for text, wanted in {
        f"building {os.getpid()}\n": Progress.BUILDING,
        "building 1\n": Progress.NONE,
        "building \n": Progress.NONE,
        "building -1": Progress.NONE,
        f"building {2**31 - 1}": Progress.NONE,
        "failed\n": Progress.FAILED,
        "": Progress.NONE,
        "\x00" * 2000: Progress.NONE,
    }.items():
        note.write_text(text)
        assert progress(tmp_path) is wanted, text[:40]
    note.write_bytes(b"\xff")
    assert progress(tmp_path) is Progress.NONE
