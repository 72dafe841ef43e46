"""docs/reference/console.md: the pages of the console, from their sources in `web/src` and from `console/pages.toml`.

Rules kept here:
- a page is a route of `routes.ts` in the folder of a feature. Pages whose paths begin alike have one entry;
- its calls are those in the files of its folder that it loads, and in files of other features that these name. What
  all pages share (search, views, the live feed) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from onesixty.console.pages import pages

ROOT: Final = Path(__file__).parents[2]
WEB: Final = ROOT / "web" / "src"
#: Folders that belong to no page alone: the frame around all of them, and what all of them share.
_SHARED: Final = frozenset({"app", "api", "shell", "i18n", "parts"})
#: What every page calls.
_EVERYWHERE: Final = {"GET /v1/me", "GET /v1/events"}
#: What carriers and identity providers call.
_OF_OTHERS: Final = {
    "GET /v1/oidc/callback", "POST /v1/carriers/{id}/inbound", "POST /v1/carriers/{id}/receipts",
}  # fmt: skip

_METHOD: Final = r"\b(GET|POST|PUT|PATCH|DELETE)"
_PATH: Final = r"(/v1/[\w/{}-]*\w\}?)"
_ROUTE: Final = re.compile(
    r"=> (shellRoute|rootRoute),\s*path: '([^']+)',(.*?)import\('(\./\w+)'\)", re.DOTALL
)
_READS: Final = re.compile(r"reads: '([^']+)'")
_IMPORT: Final = re.compile(
    r"^import (?!type )[^'\n]*?from '(\.[^']+)'|\bimport\('(\.[^']+)'\)", re.MULTILINE
)
_CONSTANT: Final = re.compile(rf"\bconst ([A-Z_]+) = '{_PATH}'")
#: `api.GET('/v1/keys'`, `'GET /v1/keys'`, and the same with the name of a constant.
_CALL: Final = re.compile(rf"{_METHOD}(?:\(\s*'| |\(\s*| \$\{{)(?:{_PATH}|([A-Z_]+)\b)")
_LIST: Final = re.compile(rf"\buseList\(\s*(?:'{_PATH}|([A-Z_]+)\b)")
_EXPORT: Final = re.compile(rf'<Export path="{_PATH}"')

_INTRODUCTION: Final = """# The console, page by page

What each page of the [console](../how-to/open-the-console.md) answers, who uses it, which right it needs, and which \
calls of the API it makes. In the console, *About this page* in your menu leads to the same list, which every server \
has at `/docs/console`. This page is generated from the sources of the console by \
`python -m scripts.docs_reference`.

Whoever lacks the right of a page does not see it in the navigation, and is told why at its address. The console \
uses the public API alone. A button whose call you may not make is disabled and says why; \
[Who may use what](access.md) has the rights of every call.

Every page also reads who you are (`GET /v1/me`) and the live feed (`GET /v1/events`). The search box uses \
`GET /v1/search`; views and what you choose are kept by `/v1/saved-views` and `/v1/me/preferences`. \
The names of users, keys, accounts, carriers and routes that a page mentions are read by `GET /v1/users/{id}` and \
the like, if you may.
"""


_WITHOUT: Final = """## What has no page

No page makes these calls: {}. [Commands](cli.md) make nearly all of them, and *Try the API* makes any. Carriers are \
paused and drained by `POST /v1/pauses`.
"""


class Route(NamedTuple):
    """A route: its path, the operation that it reads first (None: none is needed), and the file of its page. `inside`
    says that one has to be signed in."""

    path: str
    reads: str | None
    file: Path
    inside: bool

    @property
    def entry(self) -> str:
        """The name of its entry in `pages.toml`. The ways in have one together."""
        return (self.path.strip("/").partition("/")[0] or "home") if self.inside else "sign-in"

    @property
    def address(self) -> str:
        """Where it is: `/console/keys/{id}`."""
        return "/console/" + re.sub(r"\$(\w+)", r"{\1}", self.path.strip("/"))


def routes() -> list[Route]:
    """All routes of the console."""
    found = []
    for file in sorted(WEB.glob("*/routes.ts")):
        for parent, path, rest, component in _ROUTE.findall(file.read_text()):
            reads = _READS.search(rest)
            page = _file(file.parent / component)
            found.append(Route(path, reads[1] if reads else None, page, parent == "shellRoute"))
    return found


def calls(page: Path) -> set[str]:
    """The operations (`GET /v1/keys`) that a page may call."""
    return {call for file in _loaded(page, set()) for call in _calls(file)} - _EVERYWHERE


def page() -> str:
    """Return the whole page. Raises KeyError if an entry has no route."""
    by_entry: dict[str, list[Route]] = {}
    for route in routes():
        by_entry.setdefault(route.entry, []).append(route)
    parts = [_INTRODUCTION]
    for name, entry in pages().items():
        own = by_entry[name]
        paths = ", ".join(f"`{route.address}`" for route in own)
        made = sorted({call for route in own for call in calls(route.file)}, key=_by_path)
        guides = ", ".join(f"[{_title(guide)}](../{guide})" for guide in entry.guides)
        parts.append(
            f"## {entry.title}\n\n{entry.answers}\n\n"
            f"- Address: {paths}\n- For: {entry.who}\n- Right: {entry.right}\n"
            f"- Calls: {entry.calls or ', '.join(f'`{call}`' for call in made)}\n- Guides: {guides}\n"
        )
    parts.append(_WITHOUT.format(", ".join(f"`{call}`" for call in sorted(without_page(), key=_by_path))))
    return "\n".join(parts)


def operations() -> dict[str, str]:
    """The scope of each operation of the API, as the console knows it (`null`: none)."""
    return dict(re.findall(r"'(\w+ /v1/[^']+)': '?([\w:]+)'?,", (WEB / "api" / "scopes.ts").read_text()))


def without_page() -> set[str]:
    """The operations that no file of the console calls, apart from reading one thing of a list that it reads."""
    files = (file for file in WEB.rglob("*.ts*") if file.parent.name != "api" and ".test." not in file.name)
    called = {call for file in files for call in _calls(file)}
    of_list = {
        call for call in operations() if call.startswith("GET ") and call.rpartition("/{")[0] in called
    }
    return set(operations()) - called - of_list - _EVERYWHERE - _OF_OTHERS


def _by_path(call: str) -> list[str]:
    return call.split()[::-1]


def _title(guide: str) -> str:
    return (ROOT / "docs" / guide).read_text().partition("\n")[0].removeprefix("# ")


def _file(module: Path) -> Path:
    return next(
        module.with_name(module.name + end) for end in (".tsx", ".ts") if Path(f"{module}{end}").exists()
    )


def _loaded(file: Path, seen: set[Path]) -> set[Path]:
    """The file and those that it imports: of its own folder with their imports, of others without."""
    seen.add(file)
    for module in _imports(file):
        if module.parent == file.parent and module not in seen:
            _loaded(module, seen)
        elif module.parent.name not in _SHARED:
            seen.add(module)
    return seen


def _imports(file: Path) -> Iterator[Path]:
    for names in _IMPORT.findall(file.read_text()):
        module = (file.parent / next(filter(None, names))).resolve()
        if Path(f"{module}.tsx").exists() or Path(f"{module}.ts").exists():
            yield _file(module)


def _calls(file: Path) -> Iterator[str]:
    text = file.read_text()
    constants = dict(_CONSTANT.findall(text))
    for module in _imports(file):
        constants = dict(_CONSTANT.findall(module.read_text())) | constants
    for method, path, name in _CALL.findall(text):
        if path or name in constants:
            yield f"{method} {path or constants[name]}"
    for path, name in _LIST.findall(text):
        if path or name in constants:
            yield f"GET {path or constants[name]}"
    for path in _EXPORT.findall(text):
        yield f"GET {path}"
