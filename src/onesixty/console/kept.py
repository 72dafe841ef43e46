"""The files of earlier builds, on disk: a tab that was opened before an upgrade still asks for them.

A page loads parts of the console only when they are needed. After an upgrade, the parts of the former build would be
missing in its tabs. So each node copies the files with hashed names of every build that it serves into its data
directory, and serves those of the builds before as well.

Rules kept here:
- at most `MOST` builds are kept, for at most `DAYS` days; the build that is served is one of them;
- a copy counts once it is complete: it is written under another name first;
- a disk that takes no copy is no reason not to serve.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from onesixty.console.build import ASSETS, SUFFIXES, Build, BuildError, File, contents_of, files_of
from onesixty.core.clock import Clock

MOST: Final = 3
DAYS: Final = 30
_UNFINISHED: Final = ".new"
_DAY_SECONDS: Final = 86_400


class Kept:
    """The copies in one folder."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._log = structlog.get_logger("onesixty.console")

    def turn(self, build: Build) -> dict[str, File]:
        """Keep the files of the build that is served from now on. Returns those of the builds before it."""
        try:
            self._copy(build)
            self._remove()
        except OSError as error:
            self._log.info("console_not_kept", reason=error.strerror or str(error))
        return self._others(build)

    def _copy(self, build: Build) -> None:
        place = self._place(build)
        now = self._clock.now_ms() / 1000
        if not place.is_dir():
            unfinished = place.with_name(f"{place.name}.{os.getpid()}{_UNFINISHED}")
            shutil.rmtree(unfinished, ignore_errors=True)
            for path, file in _hashed(build.files).items():
                target = unfinished / path
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                for coding, body in file.forms.items():
                    target.with_name(target.name + SUFFIXES[coding]).write_bytes(body)
            if not unfinished.is_dir():
                return  # a build without such files
            unfinished.rename(place)
        os.utime(place, (now, now))

    def _remove(self) -> None:
        """Remove what is beyond the number and the age, and copies that were never completed."""
        kept = self._builds()
        oldest = self._clock.now_ms() / 1000 - DAYS * _DAY_SECONDS
        for place, (since, folder) in enumerate(kept):
            if place >= MOST or (place and since < oldest):
                shutil.rmtree(folder, ignore_errors=True)
        for path in self._folder.glob(f"*{_UNFINISHED}"):
            if path.stat().st_mtime < self._clock.now_ms() / 1000 - _DAY_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def _others(self, build: Build) -> dict[str, File]:
        """The files of other builds, those of the newest first. A file of the build itself is not among them."""
        found: dict[str, File] = {}
        for _, folder in self._builds():
            if folder == self._place(build):
                continue
            with contextlib.suppress(
                OSError, BuildError
            ):  # removed meanwhile, or damaged: as if it were not kept
                for path, file in _hashed(files_of(contents_of(folder))).items():
                    if path not in build.files:
                        found.setdefault(path, file)
        return found

    def _builds(self) -> list[tuple[float, Path]]:
        """The complete copies with the times from which they were served, the newest first."""
        found: list[tuple[float, Path]] = []
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.is_dir() and not path.name.endswith(_UNFINISHED):
                    found.append((path.stat().st_mtime, path))
        return sorted(found, reverse=True)

    def _place(self, build: Build) -> Path:
        return self._folder / sha256(build.stamp.encode()).hexdigest()[:16]


def _hashed(files: Mapping[str, File]) -> dict[str, File]:
    return {path: file for path, file in files.items() if path.startswith(ASSETS)}
