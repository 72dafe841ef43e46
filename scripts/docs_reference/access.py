"""docs/reference/access.md from the tables that the tests of access read (tests/doors/*.csv)."""

from __future__ import annotations

import csv
from pathlib import Path

TABLES = Path(__file__).parents[2] / "tests" / "doors"

_INTRODUCTION = """# Who may use what

The tables of this page are the input of a test. It asks every endpoint with a key of each kind of caller and with \
sessions of users in each role, so what stands here is so. The page is generated from the tables by \
`python -m scripts.docs_reference`. [Authentication](authentication.md) explains scopes, roles and accounts.

## Endpoints

`operator` is a key with every scope, or an owner, in the operator's account. The columns after it are roles there; \
those without `operator` are roles in a customer's account, where an owner may do what an admin may. `live`: refused \
to a test key (`wrong_mode`). An empty cell: refused (`forbidden`). An endpoint that is not listed needs no scope.
"""

_SIGHT = """## Objects of a customer

What the path of a customer's object answers to the keys of other accounts: of the account above it (`parent`), of \
one beside it (`sibling`), of one below it (`sub-account`), of another customer (`stranger`), and of the operator. \
`inside` means with the header `Onesixty-Account`. A 404 is the same as for an object that does not exist.
"""


def page() -> str:
    """Return the whole page."""
    access = [
        dict(row, operation=f"`{row['operation']}`", scope=f"`{row['scope']}`") for row in _read("access")
    ]
    for row in access:
        row.update({name: "" for name, cell in row.items() if cell == "no"})
    return "\n".join((_INTRODUCTION, _table(access), _SIGHT, _table(_read("sight"))))


def _read(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _table(rows: list[dict[str, str]]) -> str:
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    lines += ["| " + " | ".join(row[name] for name in names) + " |" for row in rows]
    return "\n".join(lines) + "\n"
