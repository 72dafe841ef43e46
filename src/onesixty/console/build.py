"""A build of the console, in memory: its pages, and every other file with its compressed forms.

A build is a folder: `index.html` (the console), `docs.html` (the API reference), `assets/` with hashed names, perhaps
more files beside the pages, and `stamp`, which is written last. `name.gz` and `name.br` are the compressed forms of
`name`.

Rules kept here:
- all files are read at once, and requests find them in a table, so that no path of a request reaches the disk;
- a folder that is no build, or that changes while it is read, is refused as a whole;
- what is read is bounded, because the folder may be named by a setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from onesixty.http.negotiation import Coding

PAGE: Final = "index.html"
REFERENCE: Final = "docs.html"
#: The pages, which are filled for each answer. A build of an earlier version has no reference.
PAGES: Final = (PAGE, REFERENCE)
STAMP: Final = "stamp"
ASSETS: Final = "assets/"

MOST_FILES: Final = 4_000
MOST_BYTES: Final = 67_108_864
LONGEST_STAMP: Final = 200

#: What the name of each form ends with.
SUFFIXES: Final[Mapping[Coding, str]] = {"identity": "", "gzip": ".gz", "br": ".br"}

#: The types that are served. What the machine knows of types does not matter, because machines differ.
TYPES: Final[Mapping[str, bytes]] = {
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "mjs": b"text/javascript; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "json": b"application/json",
    "map": b"application/json",
    "webmanifest": b"application/manifest+json",
    "txt": b"text/plain; charset=utf-8",
    "svg": b"image/svg+xml",
    "png": b"image/png",
    "ico": b"image/x-icon",
    "webp": b"image/webp",
    "avif": b"image/avif",
    "woff": b"font/woff",
    "woff2": b"font/woff2",
    "wasm": b"application/wasm",
}


class BuildError(Exception):
    """A folder that cannot be served. The message says why."""


class Changing(BuildError):
    """A folder that another process writes just now."""


class File(NamedTuple):
    """A file in the forms that there are of it. `tag` is the middle of its entity tags."""

    type: bytes
    tag: str
    forms: Mapping[Coding, bytes]


class Build(NamedTuple):
    """A build. `pages` are texts by their names, `files` are by path under the console, without the pages."""

    stamp: str
    pages: Mapping[str, str]
    files: Mapping[str, File]


def type_of(path: str) -> bytes | None:
    """The content type of a file by its name; None if such a file is not served."""
    name, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return TYPES.get(suffix.lower()) if dot and name else None


def stamp_of(folder: Path) -> str | None:
    """The stamp of a finished build in a folder; None if there is none."""
    try:
        with (folder / STAMP).open(encoding="utf-8") as file:
            return file.read(LONGEST_STAMP).strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def read(folder: Path) -> Build:
    """Read a finished build. Raises BuildError."""
    stamp = stamp_of(folder)
    if stamp is None:
        raise BuildError(f"there is no finished build in {folder}")
    try:
        contents = contents_of(folder)
        pages = {name: contents.pop(name).decode() for name in PAGES if contents.get(name)}
    except UnicodeDecodeError:
        raise BuildError("a page is not UTF-8") from None
    except OSError as error:
        raise BuildError(f"cannot be read: {error.strerror or error}") from None
    if PAGE not in pages:
        raise BuildError(f"{PAGE} is missing")
    if stamp_of(folder) != stamp:
        raise Changing("it changed while it was read")
    return Build(stamp, pages, files_of(contents))


def files_of(contents: Mapping[str, bytes]) -> dict[str, File]:
    """The files that are served, by path, from the contents of all files."""
    found: dict[str, File] = {}
    for path, body in contents.items():
        kind = type_of(path)
        if kind is None:
            continue
        forms: dict[Coding, bytes] = {}
        for coding, suffix in SUFFIXES.items():
            form = contents.get(path + suffix)
            if form is not None and (coding == "identity" or len(form) < len(body)):
                forms[coding] = form
        found[path] = File(kind, sha256(body).hexdigest()[:32], forms)
    return found


def contents_of(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by path with slashes. Raises BuildError or OSError."""
    found: dict[str, bytes] = {}
    size = 0
    for path in _paths(folder):
        size += path.stat().st_size
        if len(found) >= MOST_FILES or size > MOST_BYTES:
            raise BuildError(f"{folder} holds more than a console: {MOST_FILES} files or {MOST_BYTES} bytes")
        found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _paths(folder: Path) -> Iterator[Path]:
    """The regular files under a folder, without what is hidden or leads elsewhere."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _paths(path)
        elif path.is_file() and path.name != STAMP:
            yield path
