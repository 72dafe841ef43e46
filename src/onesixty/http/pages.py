"""Pages of the documentation that a running server has below `/docs`, among them that of errors: `/docs/errors`.

Each is one piece of HTML, without scripts and external resources, so that it is there before the console is built,
and on a machine without Internet access. Links are relative: they work behind every path prefix.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from html import escape
from typing import Final

from onesixty.core.errors import CATALOGUE

_STYLE: Final = (
    ":root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#12699a}"
    "@media(prefers-color-scheme:dark){:root{--link:#7cc0e8}}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem 1.25rem 4rem}"
    "h1{font-size:1.6rem}code{font:.875em ui-monospace,monospace}a{color:var(--link)}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .5rem;border-bottom:1px solid var(--line)}"
    ".wide{overflow-x:auto}td:first-child{white-space:nowrap}:target{background:var(--soft)}"
)
#: What the page may load: nothing but its own style.
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; "
        f"style-src 'sha256-{base64.b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


def document(title: str, body: str) -> str:
    """A page of HTML with a heading and the way to the reference."""
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{title} · onesixty</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<nav><a href='../docs'>API reference</a></nav>{body}</body></html>"
    )


def errors_page() -> str:
    """The catalogue of errors; each row is the target of its `doc_url`."""
    rows = "".join(
        f"<tr id='{kind.code}'><td><code>{kind.code}</code></td><td>{kind.status or '–'}</td>"
        f"<td>{escape(kind.title)}</td><td>{'yes' if kind.retryable else 'no'}</td><td>{kind.scope}</td></tr>"
        for kind in CATALOGUE.values()
    )
    return document(
        "Errors",
        "<p>Every refused request carries one of "
        "these codes. So does the <code>error</code> of a message that was not delivered (the codes "
        "without an HTTP status). <b>Retry</b> says whether the same request can succeed later; "
        "<b>scope</b> says what the error affects: the request, this message, its recipient, its "
        "sender, the carrier or the account.</p><div class='wide'><table><thead><tr>"
        "<th>Code<th>Status<th>Meaning<th>Retry<th>Scope</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>",
    )
