"""Where the build of the console is, and what is served of it. A newer build is taken in while the node runs.

Rules kept here:
- a request looks for a newer build at most once a second, and reads it in a thread. Requests of that time wait for
  it;
- what is served changes as a whole. A build that cannot be used leaves the former one in place, and is logged once;
- a folder that goes away changes nothing: what is in memory is served on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from onesixty.console import build as builds
from onesixty.console.build import Build, BuildError, Changing, File
from onesixty.console.kept import Kept
from onesixty.console.page import Page
from onesixty.core.clock import Clock

#: Seconds between two looks for a newer build.
LOOK_SECONDS: Final = 1.0


class Served(NamedTuple):
    """A build with its pages, by their names. `former` are files of builds before it."""

    build: Build
    pages: Mapping[str, Page]
    former: Mapping[str, File]


class Place:
    """The folder of the build."""

    def __init__(self, folder: Path, kept: Kept, clock: Clock, page: Callable[[str, str], Page]) -> None:
        """`page` makes a page of its name and text."""
        self._folder = folder
        self._kept = kept
        self._clock = clock
        self._page = page
        self._served: Served | None = None
        self._looked = -LOOK_SECONDS
        self._task: asyncio.Task[None] | None = None
        #: The stamp of a build that could not be used.
        self._refused: str | None = None
        self._log = structlog.get_logger("onesixty.console")

    async def look(self) -> Served | None:
        """What is served now, after a look for a newer build if the last one is a second ago."""
        if self._task is None and self._clock.monotonic() - self._looked >= LOOK_SECONDS:
            self._task = asyncio.create_task(self._take_in())
        if self._task is not None:
            await asyncio.shield(self._task)
        return self._served

    async def _take_in(self) -> None:
        try:
            found = await asyncio.to_thread(self._newer)
        finally:
            self._looked = self._clock.monotonic()
            self._task = None
        if found is not None:
            self._served = found
            self._log.info("console_loaded", files=len(found.build.files), former=len(found.former))

    def _newer(self) -> Served | None:
        """The build of the folder, if it is another one than before."""
        stamp = builds.stamp_of(self._folder)
        served = self._served
        if stamp is None or stamp == self._refused or (served is not None and served.build.stamp == stamp):
            return None
        try:
            build = builds.read(self._folder)
        except Changing:
            return None
        except BuildError as error:
            self._refused = stamp
            self._log.warning("console_refused", reason=str(error))
            return None
        pages = {name: self._page(name, text) for name, text in build.pages.items()}
        return Served(build, pages, self._kept.turn(build))
