"""Turns the one text of a statement into what each engine runs.

Rules kept here:
- named params (`:id`) become numbered ones: `?1` on SQLite, `$1::type` on PostgreSQL;
- a list param is written `IN (:ids...)` or `NOT IN (:ids...)`;
- on PostgreSQL a write gets a second form that takes a whole batch, each param as one array; a row of the
  batch is `batch_` and its place in it `batch_.place_`. Which rows a guard won is told by `RETURNING`;
- a write that does not fit that form (INSERT .. SELECT, RETURNING, list params) is cold: it runs alone.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

#: What `-- params:` may name.
TYPES: Final = frozenset({"text", "bigint", "double precision"})

_OPAQUE: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_COMMENT: Final = re.compile(rf"({_OPAQUE.pattern})|--[^\n]*|/\*.*?\*/", re.DOTALL)
_PARAM: Final = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)(\.\.\.)?")
_LIST: Final = re.compile(r"\b(NOT\s+)?IN\s*\(\s*:([a-z_][a-z0-9_]*)\.\.\.\s*\)", re.IGNORECASE)
_WORDS: Final = re.compile(r"[()]|\bDISTINCT\s+FROM\b|\b(?:WHERE|FROM|SET|RETURNING|OR)\b", re.IGNORECASE)
_INSERT: Final = re.compile(r"INSERT\s+INTO\s+(\w+)\s*\(([^()]*)\)\s*VALUES\s*\(", re.IGNORECASE)
_CONFLICT: Final = re.compile(r"ON\s+CONFLICT\s*\(([^()]*)\)\s*DO\s+(NOTHING|UPDATE)", re.IGNORECASE)
_EQUALS: Final = re.compile(r"[\w.]+\s*=\s*:([a-z_][a-z0-9_]*)(?=\s*(?:$|\)|AND\b))", re.IGNORECASE)


class Batch(NamedTuple):
    """The batch form of a write on PostgreSQL.

    `sql` takes one array for each param. `guard` is the same with a RETURNING clause, or None where a guard
    makes no sense; it returns the place of each winner, or, for an INSERT, the values of the params at
    `returned`. `identity` are the positions of the params that name the row: two rows of one batch that agree
    in them have to run one after the other (None: nothing is known, each runs alone; empty: all may run
    together).
    """

    sql: str
    guard: str | None
    returned: tuple[int, ...] | None
    identity: tuple[int, ...] | None


def masked(sql: str) -> str:
    """The text with literals and quoted names blanked out, at the same offsets."""
    return _OPAQUE.sub(lambda match: " " * len(match[0]), sql)


def without_comments(sql: str) -> str:
    """The text without its comments and without blank lines."""
    sql = _COMMENT.sub(lambda match: match[1] or " ", sql)
    return "\n".join(line.rstrip() for line in sql.splitlines() if line.strip()).rstrip("; \n")


def params_used(sql: str) -> dict[str, bool]:
    """The names of the params in the text, each with whether it is a list."""
    return {match[1]: match[2] is not None for match in _PARAM.finditer(masked(sql))}


def _substitute(sql: str, values: dict[str, str]) -> str:
    for match in reversed(list(_PARAM.finditer(masked(sql)))):
        sql = sql[: match.start()] + values[match[1]] + sql[match.end() :]
    return sql


def sqlite_form(sql: str, params: tuple[tuple[str, str], ...]) -> str:
    """The text for SQLite; a list is bound as JSON."""
    places = {name: f"?{index}" for index, (name, _) in enumerate(params, 1)}
    sql = _LIST.sub(
        lambda match: f"{match[1] or ''}IN (SELECT value FROM json_each({places[match[2]]}))", sql
    )
    return _substitute(sql, places)


def postgresql_form(sql: str, params: tuple[tuple[str, str], ...]) -> str:
    """The text for PostgreSQL, one row or one read at a time; a list is bound as an array."""
    places = {name: f"${index}::{kind}" for index, (name, kind) in enumerate(params, 1)}
    sql = _LIST.sub(
        lambda match: f"{'<> ALL' if match[1] else '= ANY'}({places[match[2]]})",
        sql,
    )
    return _substitute(sql, places)


def batch_form(sql: str, params: tuple[tuple[str, str], ...]) -> Batch | None:
    """The batch form of a write on PostgreSQL, or None where it has none."""
    plain = masked(sql)
    words = _outer_words(plain)
    if not params or "RETURNING" in words or any(kind.endswith("[]") for _, kind in params):
        return None
    names = [name for name, _ in params]
    arrays = ", ".join(f"${index}::{kind}[]" for index, (_, kind) in enumerate(params, 1))
    source = f"unnest({arrays}) WITH ORDINALITY AS batch_({', '.join(f'p_{name}' for name in names)}, place_)"
    values = {name: f"batch_.p_{name}" for name in names}
    verb = plain.split(None, 1)[0].upper()
    if verb == "INSERT":
        return _insert_batch(sql, plain, names, source, values)
    if "WHERE" not in words:
        return None
    where = words["WHERE"]
    if verb == "UPDATE":
        if "FROM" in words and words["FROM"] < where:
            start = words["FROM"] + len("FROM")
            joined = f"{sql[:start]} {source}, {sql[start:].lstrip()}"
        else:
            joined = f"{sql[:where]}FROM {source}\n{sql[where:]}"
    else:
        joined = f"{sql[:where]}USING {source}\n{sql[where:]}"
    batch = _substitute(joined, values)
    return Batch(batch, f"{batch}\nRETURNING batch_.place_", None, _identity(plain[where:], names, words))


def _insert_batch(
    sql: str, plain: str, names: list[str], source: str, values: dict[str, str]
) -> Batch | None:
    head = _INSERT.match(plain)
    if head is None:
        return None
    end = _closing(plain, head.end())
    rest = sql[end + 1 :].strip()
    if rest.startswith(",") or params_used(rest):
        return None  # several rows in one statement, or ON CONFLICT .. SET x = :x, where excluded.x would do
    columns = [column.strip() for column in head[2].split(",")]
    expressions = _split(sql[head.end() : end])
    selected = _substitute(", ".join(expressions), values)
    batch = (
        f"INSERT INTO {head[1]} ({', '.join(columns)})\nSELECT {selected}\nFROM {source}\n{rest}".rstrip()
    )
    conflict = _CONFLICT.match(masked(rest))
    if conflict is None:
        return Batch(batch, None, None, ())
    by_column = dict(zip(columns, expressions, strict=True))
    target = [column.strip() for column in conflict[1].split(",")]
    sources = [by_column.get(column, "") for column in target]
    if not all(_PARAM.fullmatch(expression) for expression in sources):
        return Batch(batch, None, None, None)
    key = tuple(names.index(expression[1:]) for expression in sources)
    if conflict[2].upper() == "UPDATE":
        return Batch(batch, None, None, key)
    return Batch(batch, f"{batch}\nRETURNING {', '.join(target)}", key, ())


def _identity(condition: str, names: list[str], words: dict[str, int]) -> tuple[int, ...] | None:
    """The params that the condition compares for equality, joined by AND at its outermost level."""
    if "OR" in words:
        return None
    outer = _outermost(condition)
    found = tuple(names.index(match[1]) for match in _EQUALS.finditer(outer))
    return found or None


def _outer_words(plain: str) -> dict[str, int]:
    """Where the clauses of a statement begin: the first of each word outside of all parentheses."""
    depth = 0
    found: dict[str, int] = {}
    for match in _WORDS.finditer(plain):
        word = match[0].upper()
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif depth == 0:
            found.setdefault(word, match.start())
    return found


def _outermost(text: str) -> str:
    """The text with everything inside parentheses blanked out."""
    depth = 0
    kept = []
    for character in text:
        depth -= character == ")"
        kept.append(character if depth == 0 else " ")
        depth += character == "("
    return "".join(kept)


def _closing(plain: str, start: int) -> int:
    """Where the parenthesis that was open at `start` closes."""
    depth = 1
    for index in range(start, len(plain)):
        depth += (plain[index] == "(") - (plain[index] == ")")
        if depth == 0:
            return index
    raise ValueError("a parenthesis is not closed")


def _split(text: str) -> list[str]:
    """The expressions of a list, parted at its outermost commas."""
    outer = _outermost(masked(text))
    cuts = [-1, *(index for index, character in enumerate(outer) if character == ","), len(text)]
    return [text[a + 1 : b].strip() for a, b in zip(cuts, cuts[1:], strict=False)]
