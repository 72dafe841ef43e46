"""The tables of scopes and roles in docs/reference/authentication.md, from the tables of the code."""

from __future__ import annotations

import re

from onesixty.http.scopes import OPERATOR, ROLES, SCOPES

_BEGIN, _END = "<!-- made of the table of {} -->", "<!-- end of what is made -->"


def with_rights(page: str) -> str:
    """Return the page with its tables as the code is now."""
    for name, table in (("scopes", _scopes()), ("roles", _roles())):
        begin = _BEGIN.format(name)
        made = f"{begin}\n\n{table}\n\n{_END}"
        page = re.sub(rf"{begin}.*?{_END}", lambda _, made=made: made, page, flags=re.DOTALL)  # type: ignore[misc]
    return page


def _scopes() -> str:
    lines = ["| Scope | Audience | Test keys | It lets you |", "|---|---|---|---|"]
    for scope in SCOPES.values():
        test = "no" if scope.live_only else "yes"
        lines.append(f"| `{scope.name}` | {scope.audience} | {test} | {scope.about} |")
    return "\n".join(lines)


def _roles() -> str:
    lines = ["| Scope | " + " | ".join(ROLES) + " |", "|---|" + "---|" * len(ROLES)]
    for scope in SCOPES.values():
        mark = "operator" if scope.audience == OPERATOR else "yes"
        cells = [mark if scope.name in role.scopes else "" for role in ROLES.values()]
        lines.append(f"| `{scope.name}` | {' | '.join(cells)} |")
    about = [f"- **{role.name}**: {role.about}" for role in ROLES.values()]
    return "\n".join([*about, "", *lines])
