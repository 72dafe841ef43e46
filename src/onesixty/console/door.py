"""The routes of the console: its page, its files, and the way there from `/`; and those of the API reference.

Rules kept here:
- every path under `/console/` without the suffix of a file is the page, so that a deep link can be opened. The
  console reads the path itself;
- a file that is missing is 404 and never the page: a script that gets a page fails without a word;
- what is in `assets/` has the hash of its content in its name, and is kept for a year. All else is asked for anew;
- the pages to which links with a token lead are there without a build, too: plain ones, because people come in by
  them;
- the API reference has its files under its own path, so that a proxy can publish `/docs` without `/console/`, and it
  stays where a setting turns the console off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from onesixty.console import absent
from onesixty.console.build import ASSETS, REFERENCE, File, type_of
from onesixty.console.build import PAGE as INDEX
from onesixty.console.checkout import progress, root_of
from onesixty.console.kept import Kept
from onesixty.console.page import NO_CACHE, NO_STORE, SAFE, Page
from onesixty.console.place import Place, Served
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http import problems
from onesixty.http.call import Answer, AsgiApp, Call, HotRoute, OpenRoute
from onesixty.http.door import Door
from onesixty.http.negotiation import matches, wanted
from onesixty.http.reading import JsonBodies
from onesixty.ops.settings import CONSOLE_OFF, CONSOLE_ON

PATH: Final = "/console/"
DOCS: Final = "/docs"
#: The build in the package, as the wheel carries it.
BUILT: Final = Path(__file__).with_name("dist")
#: Under the data directory: the files of earlier builds.
KEPT: Final = "console"

_A_YEAR: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_VARY: Final = (b"vary", b"accept-encoding")
_METHODS: Final = ("GET", "HEAD")
#: The most bytes of a body, which nothing here reads.
_MAX_BODY: Final = 1024

#: The page to which a link with a token leads.
PlainPage = Callable[[], Answer]


class Console:
    """The console of one node."""

    def __init__(
        self,
        setting: str,
        *,
        data_dir: Path,
        prefix: str,
        clock: Clock,
        entropy: Callable[[int], bytes],
        plain: Mapping[str, PlainPage],
    ) -> None:
        """`setting` is `ONESIXTY_CONSOLE`; `prefix` is the path of the public URL, without a slash at its end;
        `plain` are the pages of links by their paths."""
        self._prefix = prefix
        self._plain = {path.removeprefix(PATH): page for path, page in plain.items()}
        self._off = setting == CONSOLE_OFF
        own = setting in (CONSOLE_ON, CONSOLE_OFF)
        self._root = root_of(Path(__file__).parents[1]) if own else None
        bases = {INDEX: prefix + PATH, REFERENCE: f"{prefix}{DOCS}/"}

        def page(name: str, text: str) -> Page:
            return Page(text, bases[name], entropy)

        self._place = Place(BUILT if own else Path(setting), Kept(data_dir / KEPT, clock), clock, page)

    async def load(self) -> None:
        """Read the build, if there is one. Without the console, the first reader of the reference waits for it."""
        if not self._off:
            await self._place.look()

    def open_route(self, method: str, path: str) -> OpenRoute:
        """The route of any path under `/console/`."""
        name = path.removeprefix(PATH)
        if name.startswith(ASSETS):
            return f"{PATH}{ASSETS}{{name}}", _read_only(method, lambda call: self._asset(call, name))
        if type_of(name) is not None and name != INDEX:
            return f"{PATH}{{file}}", _read_only(method, lambda call: self._file(call, name))
        return f"{PATH}{{page}}", _read_only(method, lambda call: self._page(call, name))

    def way_there(self, method: str, path: str) -> OpenRoute | None:
        """The routes outside `/console/` that lead there: `/` and `/console`."""
        if path == "/":
            return path, _read_only(method, self._root_page)
        if path == PATH.rstrip("/"):
            return path, _read_only(method, lambda _: self._to(PATH))
        return self._reference_route(method, path)

    def _reference_route(self, method: str, path: str) -> OpenRoute | None:
        """`/docs` and its files. What else is under `/docs/` is made by the API itself (`doors.v1.operations`)."""
        if path == DOCS:
            return path, _read_only(method, self._reference)
        if path == f"{DOCS}/":
            return path, _read_only(method, lambda _: self._to(DOCS, 308))
        name = path.removeprefix(f"{DOCS}/")
        if name != path and name.startswith(ASSETS):
            return f"{DOCS}/{ASSETS}{{name}}", _read_only(method, lambda call: self._file_of(call, name))
        return None

    async def _look(self) -> Served | None:
        """What is served of the console."""
        return None if self._off else await self._place.look()

    async def _page(self, call: Call, name: str) -> Answer:
        served = await self._look()
        if served is not None:
            return served.pages[INDEX].answer(call.header(b"if-none-match"))
        plain = self._plain.get(name)
        return self._absent() if plain is None else plain()

    def _absent(self) -> Answer:
        if self._off:
            return absent.turned_off(self._prefix)
        return absent.answer(progress(self._root), self._prefix)

    async def _reference(self, call: Call) -> Answer:
        served = await self._place.look()
        page = None if served is None else served.pages.get(REFERENCE)
        if page is None:
            return absent.answer(progress(self._root), self._prefix, "API reference")
        return page.answer(call.header(b"if-none-match"))

    async def _asset(self, call: Call, name: str) -> Answer:
        return _missing() if self._off else await self._file_of(call, name)

    async def _file_of(self, call: Call, name: str) -> Answer:
        """A file with a hashed name, of this build or one before it."""
        served = await self._place.look()
        file = None if served is None else served.build.files.get(name) or served.former.get(name)
        return _missing() if file is None else _form(call, file, _A_YEAR)

    async def _file(self, call: Call, name: str) -> Answer:
        served = await self._look()
        file = None if served is None else served.build.files.get(name)
        return _missing() if file is None else _form(call, file, NO_CACHE)

    async def _root_page(self, call: Call) -> Answer:
        """A browser is led to the console, everybody else to the documentation of the API."""
        accepts = (call.header(b"accept") or b"").lower()
        wants_page = not self._off and b"text/html" in accepts
        return await self._to(PATH if wants_page else DOCS)

    async def _to(self, path: str, status: int = 302) -> Answer:
        location = (self._prefix + path).encode("ascii")
        return Answer(status, b"", b"text/plain", ((b"location", location), (b"vary", b"accept"), NO_CACHE))


def console_door(console: Console, api: Any, public_url: str) -> Door:
    """`/console/` as a door of the front. All its routes are open: what they answer is the same for everybody."""
    return Door(
        name="console",
        prefix=PATH,
        app=cast("AsgiApp", api),
        refuse=problems.documents(public_url),
        bodies=JsonBodies(),
        max_body=_MAX_BODY,
        find_open=console.open_route,
    )


def _read_only(method: str, route: HotRoute) -> HotRoute:
    if method in _METHODS:
        return route

    async def refuse(call: Call) -> Answer:
        raise Problem("method_not_allowed", extra={"allow": ", ".join(_METHODS)})

    return refuse


def _form(call: Call, file: File, kept: tuple[bytes, bytes]) -> Answer:
    """The smallest form of a file that the client takes, or 304 if it has that."""
    coding = next(each for each in wanted(call.header(b"accept-encoding")) if each in file.forms)
    tag = f'"{file.tag}"' if coding == "identity" else f'"{file.tag}-{coding}"'
    headers = [(b"etag", tag.encode()), kept]
    if len(file.forms) > 1:
        headers.append(_VARY)
    if matches(call.header(b"if-none-match"), tag.encode()):
        return Answer(304, b"", file.type, tuple(headers))
    if coding != "identity":
        headers.append((b"content-encoding", coding.encode()))
    return Answer(200, file.forms[coding], file.type, (*headers, *SAFE))


def _missing() -> Answer:
    return Answer(404, b"There is no such file.\n", b"text/plain; charset=utf-8", (NO_STORE, *SAFE))
