"""Turns the text of a statement, which is written once, into what each engine runs.

Rules kept here:
- named params (`:id`) become numbered ones: `?1` on SQLite, `$1::type` on PostgreSQL;
- a list param is written `IN (:ids...)` or `NOT IN (:ids...)`;
- `JSON_HAS(column, :param)` says whether a JSON list of strings, in a column of text, holds one of them, and
  `JSON_HAS_ANY(column, :params...)` whether it holds any of several; without a list it holds none;
- `SERVER_TIME(:now)` is a time that all nodes agree on: the server's on PostgreSQL, the node's own on SQLite,
  where there is one node;
- on PostgreSQL a write also gets a batch form, which takes many rows at once: each param is an array, a row of
  the batch is `batch_`, and its place in the batch is `batch_.place_`. For a guard, the batch form returns which
  rows won;
- a write that has no batch form (it has RETURNING, a list, no params or undeclared ones) is cold: it runs alone.
"""

from __future__ import annotations

import itertools
import re
from typing import Final, NamedTuple

#: The types that `-- params:` may name.
TYPES: Final = frozenset({"text", "bigint", "double precision"})

#: Stands for the type of a param that was not declared: PostgreSQL infers it.
INFERRED: Final = "?"
INFERRED_LIST: Final = "?[]"

_OPAQUE: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_COMMENT: Final = re.compile(rf"({_OPAQUE.pattern})|--[^\n]*|/\*.*?\*/", re.DOTALL)
_PARAM: Final = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)(\.\.\.)?")
_LIST: Final = re.compile(r"\b(NOT\s+)?IN\s*\(\s*:([a-z_][a-z0-9_]*)\.\.\.\s*\)", re.IGNORECASE)
_JSON_HAS: Final = re.compile(r"\bJSON_HAS\(\s*([a-z_.]+)\s*,\s*(:[a-z_][a-z0-9_]*)\s*\)")
_JSON_HAS_ANY: Final = re.compile(r"\bJSON_HAS_ANY\(\s*([a-z_.]+)\s*,\s*(:[a-z_][a-z0-9_]*)\.\.\.\s*\)")
_SERVER_TIME: Final = re.compile(r"\bSERVER_TIME\(\s*(:[a-z_][a-z0-9_]*)\s*\)")
_WORDS: Final = re.compile(
    r"[()]|\bDISTINCT\s+FROM\b|\bON\s+CONFLICT\b|\b(?:WHERE|FROM|RETURNING|OR)\b", re.IGNORECASE
)
_INSERT: Final = re.compile(r"INSERT\s+INTO\s+(\w+)\s*\(([^()]*)\)\s*(VALUES\s*\(|SELECT\b)", re.IGNORECASE)
_CONFLICT: Final = re.compile(r"ON\s+CONFLICT\s*\(([^()]*)\)\s*DO\s+(NOTHING|UPDATE)", re.IGNORECASE)
_EQUALS: Final = re.compile(r"[\w.]+\s*=\s*:([a-z_][a-z0-9_]*)(?=\s*(?:$|\)|AND\b))", re.IGNORECASE)


class Batch(NamedTuple):
    """The batch form of a write on PostgreSQL.

    `sql` takes one array for each param. `guard` is the same statement, but returns the rows that won: either
    the place of each winner, or, if winners are identified by their key, the values of the params at the
    positions `returned`. `identity` gives the positions of the params that name the table's row. Rows of one
    batch with equal values there must run one after the other. If `identity` is empty, all rows may run
    together. If it is None, nothing is known about the rows: each runs alone, and a guard has won if the
    statement returns anything.
    """

    sql: str
    guard: str
    returned: tuple[int, ...] | None
    identity: tuple[int, ...] | None


def masked(sql: str) -> str:
    """Return the text with literals and quoted names blanked out, at the same offsets."""
    return _OPAQUE.sub(lambda match: " " * len(match[0]), sql)


def without_comments(sql: str) -> str:
    """Return the text without its comments and blank lines."""
    sql = _COMMENT.sub(lambda match: match[1] or " ", sql)
    return "\n".join(line.rstrip() for line in sql.splitlines() if line.strip()).rstrip("; \n")


def params_used(sql: str) -> dict[str, bool]:
    """Return the names of the params in the text; the value says whether the param is a list."""
    return {match[1]: match[2] is not None for match in _PARAM.finditer(masked(sql))}


def _substitute(sql: str, values: dict[str, str]) -> str:
    for match in reversed(list(_PARAM.finditer(masked(sql)))):
        sql = sql[: match.start()] + values[match[1]] + sql[match.end() :]
    return sql


def sqlite_form(sql: str, params: tuple[tuple[str, str], ...]) -> str:
    """Return the text for SQLite; a list is bound as JSON."""
    places = {name: f"?{index}" for index, (name, _) in enumerate(params, 1)}
    sql = _JSON_HAS_ANY.sub(r"EXISTS (SELECT 1 FROM json_each(\1) WHERE value IN (\2...))", sql)
    sql = _LIST.sub(
        lambda match: f"{match[1] or ''}IN (SELECT value FROM json_each({places[match[2]]}))", sql
    )
    sql = _JSON_HAS.sub(r"EXISTS (SELECT 1 FROM json_each(\1) WHERE value = \2)", sql)
    sql = _SERVER_TIME.sub(r"\1", sql)
    return _substitute(sql, places)


def postgresql_form(sql: str, params: tuple[tuple[str, str], ...]) -> str:
    """Return the text for PostgreSQL, for one row or one read at a time; a list is bound as an array."""
    places = {
        name: f"${index}::{kind}" if kind.strip("[]") in TYPES else f"${index}"
        for index, (name, kind) in enumerate(params, 1)
    }
    sql = _LIST.sub(
        lambda match: f"{'<> ALL' if match[1] else '= ANY'}({places[match[2]]})",
        sql,
    )
    sql = _JSON_HAS_ANY.sub(r"COALESCE(jsonb_exists_any(\1::jsonb, \2), FALSE)", sql)
    sql = _JSON_HAS.sub(r"jsonb_exists(\1::jsonb, \2)", sql)
    # PostgreSQL never needs the param's value, but its type is inferred only if the param occurs in the text.
    sql = _SERVER_TIME.sub(r"COALESCE((EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint, \1)", sql)
    return _substitute(sql, places)


def batch_form(sql: str, params: tuple[tuple[str, str], ...]) -> Batch | None:
    """Return the batch form of a write on PostgreSQL, or None if it has none."""
    plain = masked(sql)
    words = _outer_words(plain)
    if not params or "RETURNING" in words or any(kind not in TYPES for _, kind in params):
        return None
    names = [name for name, _ in params]
    arrays = ", ".join(f"${index}::{kind}[]" for index, (_, kind) in enumerate(params, 1))
    source = f"unnest({arrays}) WITH ORDINALITY AS batch_({', '.join(f'p_{name}' for name in names)}, place_)"
    values = {name: f"batch_.p_{name}" for name in names}
    verb = plain.split(None, 1)[0].upper()
    if verb == "INSERT":
        return _insert_batch(sql, names, source, values)
    if verb not in ("UPDATE", "DELETE") or "WHERE" not in words:
        return None
    where = words["WHERE"]
    if verb == "DELETE":
        joined = f"{sql[:where]}USING {source}\n{sql[where:]}"
    elif words.get("FROM", where) < where:
        start = words["FROM"] + len("FROM")
        joined = f"{sql[:start]} {source}, {sql[start:].lstrip()}"
    else:
        joined = f"{sql[:where]}FROM {source}\n{sql[where:]}"
    batch = _substitute(joined, values)
    return Batch(batch, f"{batch}\nRETURNING batch_.place_", None, _identity(plain[where:], names, words))


def _insert_batch(sql: str, names: list[str], source: str, values: dict[str, str]) -> Batch | None:
    parts = _insert_parts(sql)
    if parts is None or params_used(parts.conflict):
        return None  # in ON CONFLICT DO UPDATE, a batch can only use `excluded.x`, not `:x`
    selected = _substitute(", ".join(parts.expressions), values)
    condition = _substitute(parts.condition, values)
    origin = f"FROM {source}{', ' + parts.origin if parts.origin else ''}\n{condition}".rstrip()
    into = f"INSERT INTO {parts.table} ({', '.join(parts.columns)})"
    batch = f"{into}\nSELECT {selected}\n{origin}\n{parts.conflict}".rstrip()
    if not parts.conflict:
        aliases = ", ".join(f"c{index}" for index in range(len(parts.columns)))
        guard = (
            f"WITH chosen_({aliases}, place_) AS MATERIALIZED (SELECT {selected}, batch_.place_\n{origin}),\n"
            f"inserted_ AS ({into} SELECT {aliases} FROM chosen_)\nSELECT place_ FROM chosen_"
        )
        return Batch(batch, guard, None, ())
    conflict = _CONFLICT.match(masked(parts.conflict))
    by_column = dict(zip(parts.columns, parts.expressions, strict=True))
    target = [column.strip() for column in conflict[1].split(",")] if conflict else [""]
    sources = [by_column.get(column, "") for column in target]
    if conflict is None or not all(_PARAM.fullmatch(expression) for expression in sources):
        return Batch(batch, f"{batch}\nRETURNING 1", None, None)
    key = tuple(names.index(expression[1:]) for expression in sources)
    table = parts.table
    guard = f"{batch}\nRETURNING {', '.join(f'{table}.{column}' for column in target)}"
    return Batch(batch, guard, key, key if conflict[2].upper() == "UPDATE" else ())


class _Insert(NamedTuple):
    """The clauses of INSERT INTO table (columns) SELECT expressions FROM origin WHERE .. ON CONFLICT .."""

    table: str
    columns: list[str]
    expressions: list[str]
    origin: str
    condition: str
    conflict: str


def _insert_parts(sql: str) -> _Insert | None:
    plain = masked(sql)
    head = _INSERT.match(plain)
    if head is None:
        return None
    columns = [column.strip() for column in head[2].split(",")]
    start = head.end()
    if head[3].upper() == "SELECT":
        words = {word: start + at for word, at in _outer_words(plain[start:]).items()}
        end = words.get("ON CONFLICT", len(sql))
        where = words.get("WHERE", end)
        origin = words.get("FROM", where)
        parts = sql[start:origin], sql[origin + len("FROM") : where], sql[where:end], sql[end:]
    else:
        closing = _closing(plain, start)
        parts = sql[start:closing], "", "", sql[closing + 1 :]
        if parts[3].strip().startswith(","):
            return None  # several rows in one statement
    listed, other, condition, conflict = (part.strip() for part in parts)
    expressions = _split(listed)
    if len(expressions) != len(columns):
        raise ValueError(f"{len(columns)} columns, but {len(expressions)} values")
    return _Insert(head[1], columns, expressions, other, condition, conflict)


def _identity(condition: str, names: list[str], words: dict[str, int]) -> tuple[int, ...] | None:
    """Return the positions of the params that the condition compares for equality, joined by AND at its outermost
    level."""
    if "OR" in words:
        return None
    outer = _outermost(condition)
    found = tuple(names.index(match[1]) for match in _EQUALS.finditer(outer))
    return found or None


def _outer_words(plain: str) -> dict[str, int]:
    """Return where the clauses of a statement begin: the first occurrence of each word outside of all parentheses."""
    depth = 0
    found: dict[str, int] = {}
    for match in _WORDS.finditer(plain):
        word = " ".join(match[0].upper().split())
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif depth == 0:
            found.setdefault(word, match.start())
    return found


def _outermost(text: str) -> str:
    """Return the text with everything inside parentheses blanked out."""
    depth = 0
    kept = []
    for character in text:
        depth -= character == ")"
        kept.append(character if depth == 0 else " ")
        depth += character == "("
    return "".join(kept)


def _closing(plain: str, start: int) -> int:
    """Return where the parenthesis that was open at `start` closes."""
    depth = 1
    for index in range(start, len(plain)):
        depth += (plain[index] == "(") - (plain[index] == ")")
        if depth == 0:
            return index
    raise ValueError("a parenthesis is not closed")


def _split(text: str) -> list[str]:
    """Split a list of expressions at its outermost commas."""
    outer = _outermost(masked(text))
    cuts = [-1, *(index for index, character in enumerate(outer) if character == ","), len(text)]
    return [text[a + 1 : b].strip() for a, b in itertools.pairwise(cuts)]
