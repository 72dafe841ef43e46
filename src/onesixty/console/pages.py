"""The pages of the console as a help page, `/docs/console`: what each answers, who uses it, and which right it needs.

`pages.toml` has the words, and names the scope of each page; `http.scopes` knows which roles have it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path

import msgspec

from onesixty.http.pages import document
from onesixty.http.scopes import OPERATOR, ROLES, SCOPES


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of `pages.toml`. No `scope`: everybody sees the page. `calls` are its calls in words, if its sources
    do not name them; `guides` are pages of the documentation."""

    title: str
    answers: str
    who: str
    scope: str | None = None
    calls: str = ""
    guides: tuple[str, ...] = ()

    @property
    def right(self) -> str:
        """The scope that it needs, and the roles that have it."""
        if self.scope is None:
            return "none"
        roles = ", ".join(role.name for role in ROLES.values() if self.scope in role.scopes)
        where = " (in the operator's account)" if SCOPES[self.scope].audience == OPERATOR else ""
        return f"`{self.scope}`: {roles}{where}"


def pages() -> dict[str, Page]:
    """The pages by the first part of their paths, in the order of the navigation."""
    said = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))
    return msgspec.convert(said, dict[str, Page])


@cache
def help_page() -> str:
    """The page; each entry is a target that the console links to."""
    rows = "".join(
        f"<tr id='{name}'><td><a href='../console/{'' if name == 'home' else name}'>{escape(page.title)}</a></td>"
        f"<td>{escape(page.answers)}</td><td>{escape(page.who)}</td>"
        f"<td>{escape(page.right).replace('`', '')}</td></tr>"
        for name, page in pages().items()
    )
    return document(
        "The console, page by page",
        "<p>Whoever lacks the right of a page does not see it in the navigation, and is told why at its address.</p>"
        "<div class='wide'><table><thead><tr><th>Page<th>What it answers<th>Who uses it<th>Right: roles</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>",
    )
