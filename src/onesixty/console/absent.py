"""The pages while there is no build: why the console or the API reference is not there, and what to do. They have no
script.

Rules kept here:
- a page names no path and no address of the machine, because everybody may read it;
- while the console is being built, the page asks again by itself, and its status says that this is for a time;
- what can be read without a build has its links.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from html import escape
from typing import Final, Literal, NamedTuple

from onesixty.console.checkout import Progress
from onesixty.console.page import HTML, NO_STORE, PAGE, SAFE
from onesixty.http.call import Answer

#: What a page stands for. The reference is built and installed with the console.
Thing = Literal["console", "API reference"]

#: Seconds after which the page of a build in progress asks again.
AGAIN: Final = 3

_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto 0;"
    "padding:0 1rem}h1{font-size:1.5rem}code{font:0.95em ui-monospace,monospace}"
)
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
).encode()
_API: Final = (
    'The API works meanwhile: see its <a href="{prefix}/openapi.json">OpenAPI document</a> and its '
    '<a href="{prefix}/docs/errors">errors</a>.'
)


class _Words(NamedTuple):
    """`{thing}` is what the page stands for."""

    status: int
    title: str
    paragraphs: tuple[str, ...]


_TEXTS: Final = {
    Progress.BUILDING: _Words(
        503,
        "The {thing} is being built",
        ("It takes one to two minutes the first time. This page loads the {thing} as soon as it is there.",),
    ),
    Progress.FAILED: _Words(
        503,
        "The {thing} could not be built",
        (
            "The reason is at the end of <code>build/console.log</code>. "
            "To try again, run <code>make console</code> in the repository: onesixty takes in a finished build "
            "without a restart.",
            "On a machine without a package registry, install onesixty from the wheel of a release. It contains the "
            "{thing}.",
        ),
    ),
    Progress.NONE: _Words(
        404,
        "The {thing} is not built",
        (
            "Run <code>make console</code> in the repository. onesixty takes in a finished build without a restart.",
        ),
    ),
    Progress.NO_CHECKOUT: _Words(
        404,
        "The {thing} is not installed",
        (
            "This installation was made without the built {thing}. Install onesixty from the wheel of a release, "
            "which contains it, or name the folder of a build by <code>ONESIXTY_CONSOLE</code>.",
        ),
    ),
}
_OFF: Final = _Words(
    404,
    "The console is turned off",
    ("<code>ONESIXTY_CONSOLE=off</code> turns it off. Without this setting, onesixty serves it.",),
)


def answer(progress: Progress, prefix: str, thing: Thing = "console") -> Answer:
    """The page while there is no build. `prefix` is the path of the public URL, without a slash at its end."""
    return _answer(_TEXTS[progress], prefix, thing, again=progress is Progress.BUILDING)


def turned_off(prefix: str) -> Answer:
    """The page if a setting turns the console off."""
    return _answer(_OFF, prefix, "console", again=False)


def _answer(words: _Words, prefix: str, thing: Thing, *, again: bool) -> Answer:
    refresh = f'<meta http-equiv="refresh" content="{AGAIN}">' if again else ""
    title = words.title.format(thing=thing)
    text = "".join(f"<p>{paragraph.format(thing=thing)}</p>" for paragraph in words.paragraphs)
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{title} · onesixty</title><style>{_STYLE}</style></head>"
        f'<body><main><h1>{title}</h1><div role="status">{text}</div>'
        f"<p>{_API.format(prefix=escape(prefix))}</p></main></body></html>"
    )
    headers = [NO_STORE, (b"content-security-policy", _POLICY), *SAFE, *PAGE]
    if again:
        headers.append((b"retry-after", b"%d" % AGAIN))
    return Answer(words.status, body.encode(), HTML, tuple(headers))
