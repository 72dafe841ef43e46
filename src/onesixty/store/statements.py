"""The loader of `statements.sql`: each feature keeps its SQL beside its code, as statements with names.

-- name: message_cancel            (`-- name: message_cancel @postgresql` where the text has to differ)
-- about: one line of why
-- params: id text, version bigint (text, bigint, double precision; `ids text[]` for `IN (:ids...)`)
--   a comment line after a header continues it
-- slow: what may make this read take long (on SQLite, it then runs outside the event loop)
-- tells: which rows other nodes hold in memory (on PostgreSQL, the COMMIT of this write notifies them)
-- notes: a param whose values the transaction of a unit notes in one row (`change_note`), and which list of that row
--   has them: `id in changed`
UPDATE messages SET status = 'canceled' WHERE id = :id AND version = :version

A fragment holds SQL that several statements of a file share. Its name in braces stands for its text:

-- fragment: not_ended
-- about: as with statements
status IN ('scheduled', 'queued', 'held')

-- name: messages_open
SELECT id FROM messages WHERE account_id = :account_id AND {not_ended}

Rules kept here:
- a fragment belongs to its file and contains no other; a missing, doubled, empty or unused fragment stops the start;
- a name means one statement in the whole product; a missing, doubled or unparsable statement stops the start;
- a statement that units write declares its params with their types. It uses all of them, and a row holds them in
  the declared order. Reads and cold writes may leave the declaration out if PostgreSQL can infer the types;
- a write that finds its row by a key says the rest of its guard so that no partial index has it (`claim + 0 = 0`,
  `COALESCE(message_id, '') = ''`). Otherwise PostgreSQL reads that whole index as long as it believes it to be empty:
  at a first start, and when a backlog begins;
- a variant for one engine has the same params as the statement that it replaces;
- a feature's tables (`TABLES` in its `tables.py`) generate statements (`store.table`), after those of its file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec

from onesixty.store import dialects
from onesixty.store.dialects import Batch
from onesixty.store.table import Table

READ: Final = "read"
WRITE: Final = "write"
ENGINES: Final = ("sqlite", "postgresql")

_NAME: Final = re.compile(r"([a-z][a-z0-9_]*)(?:\s+@([a-z]+))?")
_COMMENT: Final = re.compile(r"--(.*)")
_HEADER: Final = re.compile(r"--\s*(name|fragment|about|params|slow|tells|notes)\s*:\s*(.*)")
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_PARAMS: Final = re.compile(r"([a-z_][a-z0-9_]*)\s+(text|bigint|double precision)(\[\])?")
#: The statement of the row in which a transaction notes what it changed: the time, and these lists as JSON.
NOTE: Final = "change_note"
NOTE_LISTS: Final = ("changed", "attempted")

_WRITES: Final = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\b", re.IGNORECASE)


class StatementError(Exception):
    """A file of statements is wrong, or a statement that is needed is missing."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One named statement in the forms that the engines run.

    `order` is its place among all loaded statements. `batch` is None for reads and for cold writes. `slow` marks
    reads that must not block the event loop, `tells` marks writes of rows that other nodes hold in memory. `notes`
    are the positions of the param that is noted, and of the list in `NOTE_LISTS`.
    """

    name: str
    about: str
    kind: str
    params: tuple[tuple[str, str], ...]
    order: int
    sqlite: str
    postgresql: str
    batch: Batch | None
    slow: bool
    tells: bool
    notes: tuple[int, int] | None
    origin: str

    def row(self, values: dict[str, object]) -> tuple[object, ...]:
        """Turn values by name into a row. Raises TypeError for a name that is missing or unknown."""
        try:
            row = tuple(values[name] for name, _ in self.params)
        except KeyError as error:
            raise TypeError(f"statement {self.name} needs the param {error}") from None
        if len(values) != len(row):
            unknown = sorted(set(values) - {name for name, _ in self.params})
            raise TypeError(f"statement {self.name} has no param {', '.join(unknown)}")
        return row


class Statements:
    """All statements of the product by name."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._by_name = {statement.name: statement for statement in statements}

    def __getitem__(self, name: str) -> Statement:
        try:
            return self._by_name[name]
        except KeyError:
            raise StatementError(f"unknown statement {name!r}") from None

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._by_name.values())

    @property
    def noted(self) -> dict[str, tuple[int, int]]:
        """The statements whose changes are noted: see `Statement.notes`."""
        return {each.name: each.notes for each in self if each.notes is not None}

    def __len__(self) -> int:
        return len(self._by_name)


def load(packages: Iterable[str]) -> Statements:
    """Load the statements from `statements.sql` and `tables.py` of each of these packages, for example
    `["onesixty.messages"]`."""
    return parse(texts(packages))


def texts(packages: Iterable[str]) -> list[tuple[str, str]]:
    """Return the SQL texts of these packages, each with the name of its source."""
    found = []
    for package in packages:
        file = _file(package, "statements.sql")
        tables = _tables_of(package)
        if file is not None:
            found.append((f"{package}/statements.sql", file.read_text(encoding="utf-8")))
        elif not tables:
            raise StatementError(f"{package} has neither statements.sql nor tables.py")
        found += [(f"{package}/tables.py {table.name}", table.text) for table in tables]
    return found


def _tables_of(package: str) -> Sequence[Table[Any]]:
    if _file(package, "tables.py") is None:
        return ()
    tables: Sequence[Table[Any]] = import_module(f"{package}.tables").TABLES
    return tables


def _file(package: str, name: str) -> Path | None:
    """Find a file of a package without importing it."""
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder, name)
        if file.is_file():
            return file
    return None


def parse(files: Iterable[tuple[str, str]]) -> Statements:
    """Parse the statements in texts, each given with the name of its source."""
    drafts: dict[str, dict[str, _Draft]] = {}
    for origin, text in files:
        for draft in _expanded(_drafts(origin, text)):
            variants = drafts.setdefault(draft.name, {})
            if draft.engine in variants:
                raise StatementError(
                    f"{draft.where}: {draft.name} is already defined in {variants[draft.engine].where}"
                )
            variants[draft.engine] = draft
    return Statements(_statement(order, variants) for order, variants in enumerate(drafts.values()))


class _Draft(msgspec.Struct):
    name: str
    engine: str  # "" if the text is for every engine
    where: str
    about: str = ""
    params: str | None = None
    slow: bool = False
    tells: bool = False
    notes: str | None = None
    fragment: bool = False
    lines: list[str] = msgspec.field(default_factory=list)

    @property
    def text(self) -> str:
        """The SQL of the statement or fragment."""
        return dialects.without_comments("\n".join(self.lines))

    def add(self, header: str, value: str) -> None:
        """Append a line to the value of a header."""
        if self.fragment and header != "about":
            raise StatementError(f"{self.where}: the fragment {self.name} has no `{header}`")
        if header == "about":
            self.about = f"{self.about} {value}".strip()
        elif header == "slow":
            self.slow = True
        elif header == "tells":
            self.tells = True
        elif header == "notes":
            self.notes = value
        elif self.params is None:
            self.params = value
        else:
            self.params = f"{self.params} {value}".strip()


def _drafts(origin: str, text: str) -> list[_Draft]:
    drafts: list[_Draft] = []
    header = ""  # the header that a following comment line continues
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{origin}:{number}"
        match = _HEADER.fullmatch(line.strip())
        comment = _COMMENT.fullmatch(line.strip())
        if match is not None:
            header, value = match[1], match[2].strip()
            if header in ("name", "fragment"):
                name = _NAME.fullmatch(value)
                if name is None or (name[2] is not None and (name[2] not in ENGINES or header == "fragment")):
                    raise StatementError(f"{where}: {value!r} is not a name, or a name with @engine")
                drafts.append(_Draft(name[1], name[2] or "", where, fragment=header == "fragment"))
            elif not drafts:
                raise StatementError(f"{where}: `{header}` before the first `-- name:`")
            else:
                drafts[-1].add(header, value)
        elif comment is not None and header in ("about", "params", "slow", "tells"):
            drafts[-1].add(header, comment[1].strip())
        elif comment is None:
            header = ""
            if drafts:
                drafts[-1].lines.append(line)
            elif line.strip():
                raise StatementError(f"{where}: text before the first `-- name:`")
    return drafts


def _expanded(drafts: list[_Draft]) -> list[_Draft]:
    """Return the statements of a file, with its fragments inserted."""
    fragments: dict[str, _Draft] = {}
    for draft in drafts:
        if not draft.fragment:
            continue
        if draft.name in fragments:
            raise StatementError(
                f"{draft.where}: the fragment {draft.name} is already defined in {fragments[draft.name].where}"
            )
        if not draft.text or _PLACE.search(dialects.masked(draft.text)):
            raise StatementError(f"{draft.where}: the fragment {draft.name} has no text, or holds a fragment")
        fragments[draft.name] = draft
    statements = [draft for draft in drafts if not draft.fragment]
    unused = set(fragments)
    for draft in statements:
        text = draft.text
        for place in reversed(list(_PLACE.finditer(dialects.masked(text)))):
            fragment = fragments.get(place[1])
            if fragment is None:
                raise StatementError(f"{draft.where}: {draft.name}: unknown fragment {place[1]!r}")
            unused.discard(fragment.name)
            text = text[: place.start()] + fragment.text + text[place.end() :]
        draft.lines = text.splitlines()
    if unused:
        name = min(unused)
        raise StatementError(f"{fragments[name].where}: no statement uses the fragment {name}")
    return statements


def _statement(order: int, variants: dict[str, _Draft]) -> Statement:
    main = variants.get("")
    if main is None:
        if set(variants) != set(ENGINES):
            only = next(iter(variants.values()))
            raise StatementError(f"{only.where}: {only.name} has text for @{only.engine} alone")
        main = variants["sqlite"]
    params = _params(main)
    for variant in variants.values():
        if variant.params is not None and _params(variant) != params:
            raise StatementError(f"{variant.where}: {variant.name} has other params than {main.where}")
    texts = {engine: _text(variants.get(engine, main), params) for engine in ENGINES}
    kinds = {_kind(text) for text in texts.values()}
    if len(kinds) > 1:
        raise StatementError(f"{main.where}: {main.name} reads on one engine and writes on the other")
    kind = kinds.pop()
    if kind == WRITE and main.slow:
        raise StatementError(f"{main.where}: {main.name} writes: only a read can be slow")
    tells = any(variant.tells for variant in variants.values())
    if kind == READ and tells:
        raise StatementError(f"{main.where}: {main.name} reads: only a write can tell")
    notes = _noted(main, kind, params)
    try:
        batch = dialects.batch_form(texts["postgresql"], params) if kind == WRITE else None
    except ValueError as error:
        raise StatementError(f"{main.where}: {main.name}: {error}") from None
    return Statement(
        name=main.name,
        about=main.about,
        kind=kind,
        params=params,
        order=order,
        sqlite=dialects.sqlite_form(texts["sqlite"], params),
        postgresql=dialects.postgresql_form(texts["postgresql"], params),
        batch=batch,
        slow=any(variant.slow for variant in variants.values()),
        tells=tells,
        notes=notes,
        origin=main.where,
    )


def _noted(draft: _Draft, kind: str, params: tuple[tuple[str, str], ...]) -> tuple[int, int] | None:
    if draft.notes is None:
        return None
    param, _, place = draft.notes.partition(" in ")
    names = [name for name, _ in params]
    if kind == READ or param not in names or place not in NOTE_LISTS:
        raise StatementError(f"{draft.where}: {draft.name} cannot note {draft.notes!r}")
    return names.index(param), NOTE_LISTS.index(place)


def _params(draft: _Draft) -> tuple[tuple[str, str], ...]:
    if draft.params is None:
        used = dialects.params_used(draft.text)
        return tuple(
            (name, dialects.INFERRED_LIST if listed else dialects.INFERRED) for name, listed in used.items()
        )
    declared = draft.params.strip().rstrip(",")
    params = []
    for part in declared.split(",") if declared else []:
        match = _PARAMS.fullmatch(part.strip())
        if match is None:
            raise StatementError(f"{draft.where}: {draft.name}: {part.strip()!r} is not a param with a type")
        params.append((match[1], match[2] + (match[3] or "")))
    if len({name for name, _ in params}) != len(params):
        raise StatementError(f"{draft.where}: {draft.name} declares a param twice")
    return tuple(params)


def _text(draft: _Draft, params: tuple[tuple[str, str], ...]) -> str:
    text = draft.text
    if not text:
        raise StatementError(f"{draft.where}: {draft.name} has no text")
    if ";" in dialects.masked(text):
        raise StatementError(f"{draft.where}: {draft.name} holds more than one statement")
    declared = {name: kind.endswith("[]") for name, kind in params}
    used = dialects.params_used(text)
    if used != declared:
        odd = sorted({*used.items()} ^ {*declared.items()})
        names = ", ".join(sorted({name for name, _ in odd}))
        raise StatementError(f"{draft.where}: {draft.name}: declared and used params differ: {names}")
    return text


def _kind(text: str) -> str:
    verb = text.split(None, 1)[0].upper()
    if verb in ("INSERT", "UPDATE", "DELETE"):
        return WRITE
    if verb == "WITH" and _WRITES.search(dialects.masked(text)):
        return WRITE
    if verb in ("SELECT", "WITH", "VALUES"):
        return READ
    raise StatementError(f"{verb} is not a statement that is run by name")
