"""The pattern of a template, read strictly into a tree: literal text, `{name}`, formats, plurals and selects.

The grammar is a part of ICU MessageFormat (apostrophes as in its mode DOUBLE_OPTIONAL):

    {name}   {name, number}   {name, number, integer}   {name, number, ::percent}   {day, date, long}
    {n, plural, offset:1 =0 {none} one {# minute} other {# minutes}}   {n, selectordinal, ...}
    {kind, select, home {...} other {...}}

Rules kept here:
- what this parser accepts means the same to ICU. What ICU would guess at is refused: an unclosed quote, a stray
  brace, a missing `other`, a `#` that would be printed as it is;
- an error says what is wrong, where, and in which variable;
- literal text has no character that a reader cannot see and that changes how the rest is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

LONGEST: Final = 2000
DEEPEST: Final = 3
#: In one pattern. A text that needs more is no short message.
MOST_ARGUMENTS: Final = 50

#: What a text stands in. `#` is a number in a plural only, also for ICU.
Inside = Literal["", "plural", "select", "select in plural"]
#: How an argument is used: which types of variables fit follows from it.
Use = Literal["text", "number", "date", "time", "plural", "select"]
CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
STYLES: Final[dict[str, tuple[str, ...]]] = {
    "number": ("", "integer", "percent"),
    "date": ("", "short", "medium", "long", "full"),
    "time": ("", "short", "medium"),
}

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_WORD: Final = re.compile(r"[A-Za-z]+")
_SPACES: Final = re.compile(r"[ \n\t]*")
_INTEGER: Final = re.compile(r"[0-9]{1,9}")
_SELECTOR: Final = re.compile(r"=([0-9]{1,9})|([A-Za-z]+)")
_SKELETON: Final = {
    "number": re.compile(r"::[ ]*[A-Za-z0-9#.+/*%-]+(?:[ ]+[A-Za-z0-9#.+/*%-]+){0,7}[ ]*"),
    "date": re.compile(r"::[GyMLQwdEec]{1,16}"),
    "time": re.compile(r"::[hHkKjmsaBb]{1,12}"),
}
#: Marks that turn the reading order of what follows. U+200E and U+200F are none of them.
_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED: Final = {
    "Cc": "a control character",
    "Cs": "half of a character",
    "Co": "a private character",
    "Cn": "an unassigned character",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}


class PatternError(ValueError):
    """What is wrong with a pattern. `at` is a position in code points from 0; `name` is the variable, if one is
    known."""

    def __init__(self, problem: str, at: int, name: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at
        self.name = name


class Words(NamedTuple):
    """Literal text."""

    text: str


class Insert(NamedTuple):
    """`{name}`, or with a format: `use` is `text`, `number`, `date` or `time`."""

    name: str
    use: Use
    style: str
    at: int


class Count(NamedTuple):
    """`#` in a plural: its number less its offset."""

    at: int


class Plural(NamedTuple):
    """A plural; `exact` has the branches `=n`, `branches` those of the categories."""

    name: str
    ordinal: bool
    offset: int
    exact: dict[int, Nodes]
    branches: dict[str, Nodes]
    at: int


class Select(NamedTuple):
    """A choice by a word."""

    name: str
    branches: dict[str, Nodes]
    at: int


Node = Words | Insert | Count | Plural | Select
Nodes = tuple[Node, ...]


class Pattern(NamedTuple):
    """A pattern that was read. `arguments` has each variable, and how it is used."""

    source: str
    nodes: Nodes
    arguments: dict[str, frozenset[Use]]


def parse(pattern: str) -> Pattern:
    """Read a pattern. Raises PatternError."""
    if len(pattern) > LONGEST:
        raise PatternError(f"A text has at most {LONGEST} characters.", LONGEST)
    nodes = _Reader(pattern).read()
    uses: dict[str, set[Use]] = {}
    count = 0
    for node in walk(nodes):
        use = _use(node)
        if use is not None:
            count += 1
            uses.setdefault(use[0], set()).add(use[1])
    if count > MOST_ARGUMENTS:
        raise PatternError(f"A text uses variables at most {MOST_ARGUMENTS} times.", 0)
    return Pattern(pattern, nodes, {name: frozenset(of) for name, of in uses.items()})


def quoted(text: str) -> str:
    """Return a pattern that renders `text` exactly, to stand outside of plurals."""
    brace = re.search(r"[{}]", text)
    if brace is None:
        return text.replace("'", "''")
    before, rest = text[: brace.start()], text[brace.start() :]
    return before.replace("'", "''") + "'" + rest.replace("'", "''") + "'"


def walk(nodes: Nodes) -> Iterator[Node]:
    """Every node, also those inside of branches."""
    for node in nodes:
        yield node
        for branch in branches_of(node):
            yield from walk(branch)


def branches_of(node: Node) -> Iterator[Nodes]:
    """The branches of a plural or a select; none of others."""
    if isinstance(node, Plural):
        yield from node.exact.values()
    if isinstance(node, Plural | Select):
        yield from node.branches.values()


def unwelcome(text: str) -> tuple[int, str] | None:
    """The first character that no text of a template may have: its position, and what it is."""
    for at, mark in enumerate(text):
        if mark in _TURNS:
            return at, "a mark that turns the reading order"
        if mark != "\n" and (what := _REFUSED.get(unicodedata.category(mark))) is not None:
            return at, what
    return None


def _use(node: Node) -> tuple[str, Use] | None:
    if isinstance(node, Insert):
        return node.name, node.use
    if isinstance(node, Plural):
        return node.name, "plural"
    return (node.name, "select") if isinstance(node, Select) else None


class _Reader:
    """One pass over a pattern."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def read(self) -> Nodes:
        """The whole pattern."""
        found = unwelcome(self._source)
        if found is not None:
            at, what = found
            raise PatternError(f"The text has {what} (U+{ord(self._source[at]):04X}).", at)
        nodes = self._message(0, "", None)
        if self._at < len(self._source):
            raise PatternError("A `}` has no `{` before it. Write '}' to print it.", self._at)
        return nodes

    def _message(self, depth: int, inside: Inside, name: str | None) -> Nodes:
        """Text and arguments, up to the end or to a `}` of the branch that this is."""
        nodes: list[Node] = []
        words: list[str] = []

        def close() -> None:
            if words:
                nodes.append(Words("".join(words)))
                words.clear()

        source = self._source
        while self._at < len(source) and source[self._at] != "}":
            mark = source[self._at]
            if mark == "'":
                words.append(self._quote(inside, name))
            elif mark == "{":
                close()
                nodes.append(self._argument(depth, inside))
            elif mark == "#" and inside == "plural":
                close()
                nodes.append(Count(self._at))
                self._at += 1
            elif mark == "#" and inside == "select in plural":
                raise PatternError(
                    "In a select, `#` is not the number of the plural around it. Put the plural into the select.",
                    self._at,
                    name,
                )
            else:
                words.append(mark)
                self._at += 1
        close()
        return tuple(nodes)

    def _quote(self, inside: Inside, name: str | None) -> str:
        """An apostrophe: itself, a doubled one, or the beginning of quoted text."""
        source, start = self._source, self._at
        following = source[start + 1 : start + 2]
        if following == "'":
            self._at += 2
            return "'"
        if following not in ("{", "}") and not (following == "#" and inside == "plural"):
            self._at += 1
            return "'"
        text: list[str] = []
        self._at += 1
        while self._at < len(source):
            mark = source[self._at]
            self._at += 1
            if mark != "'":
                text.append(mark)
            elif source[self._at : self._at + 1] == "'":
                text.append("'")
                self._at += 1
            else:
                return "".join(text)
        raise PatternError("A quote begins here and never ends. Close it with an apostrophe.", start, name)

    def _argument(self, depth: int, inside: Inside) -> Node:
        start = self._at
        self._at += 1
        name = self._match(
            _NAME, "The name of a variable has a to z, 0 to 9 and _, and begins with a letter.", None
        )
        if self._taken("}"):
            return Insert(name, "text", "", start)
        self._expect(",", "After the name comes `}` or a comma.", name)
        kind = self._match(_WORD, "After the comma comes a format: number, date, time, plural, ...", name)
        if kind in ("plural", "selectordinal", "select"):
            if depth >= DEEPEST:
                raise PatternError(
                    f"Plurals and selects stand in each other at most {DEEPEST} deep.", start, name
                )
            self._expect(",", f"After `{kind}` comes a comma, and then its branches.", name)
            return self._branched(name, kind, depth, inside, start)
        if kind not in STYLES:
            raise PatternError(
                f"There is no format `{kind}`. Formats are number, date, time, plural, selectordinal and select.",
                self._at - len(kind),
                name,
            )
        use: Use = "number" if kind == "number" else "date" if kind == "date" else "time"
        if self._taken("}"):
            return Insert(name, use, "", start)
        self._expect(",", f"After `{kind}` comes `}}` or a comma.", name)
        return Insert(name, use, self._style(kind, name), start)

    def _style(self, kind: str, name: str) -> str:
        self._skip()
        start = self._at
        end = self._source.find("}", start)
        style = self._source[start : end if end != -1 else None].rstrip(" \n\t")
        fits = _SKELETON[kind].fullmatch(style) if style.startswith("::") else style in STYLES[kind] and style
        if not fits:
            raise PatternError(
                f"`{kind}` has the styles {', '.join(STYLES[kind][1:])}, or a skeleton after `::`.",
                start,
                name,
            )
        self._at = start + len(style)
        self._expect("}", "After the style comes `}`.", name)
        return style

    def _branched(self, name: str, kind: str, depth: int, inside: Inside, start: int) -> Node:
        within: Inside = (
            "plural" if kind != "select" else "select in plural" if "plural" in inside else "select"
        )
        offset = self._offset(name) if kind == "plural" else 0
        exact: dict[int, Nodes] = {}
        branches: dict[str, Nodes] = {}
        while not self._taken("}"):
            at = self._at
            if kind == "select":
                number, key = None, self._match(_KEY, "A branch of a select begins with a word.", name)
            else:
                number, key = self._selector(name)
            if key in branches or number in exact:
                raise PatternError("This branch stands here twice.", at, name)
            self._expect("{", "After the name of a branch comes its text in braces.", name)
            branch = self._message(depth + 1, within, name)
            if self._at >= len(self._source):
                raise PatternError("A `{` has no `}` after it.", start, name)
            self._at += 1
            if number is not None:
                exact[number] = branch
            else:
                branches[key] = branch
        if "other" not in branches:
            raise PatternError(f"The {kind} has no branch `other`.", start, name)
        if kind == "select":
            return Select(name, branches, start)
        return Plural(name, kind == "selectordinal", offset, exact, branches, start)

    def _offset(self, name: str) -> int:
        self._skip()
        if not self._source.startswith("offset:", self._at):
            return 0
        self._at += len("offset:")
        return int(self._match(_INTEGER, "After `offset:` comes a whole number.", name))

    def _selector(self, name: str) -> tuple[int | None, str]:
        self._skip()
        found = _SELECTOR.match(self._source, self._at)
        if found is None or (found[2] is not None and found[2] not in CATEGORIES):
            raise PatternError(
                f"A branch of a plural begins with =0, =1, ... or one of {', '.join(CATEGORIES)}.",
                self._at,
                name,
            )
        self._at = found.end()
        return None if found[1] is None else int(found[1]), found[2] or ""

    def _skip(self) -> None:
        found = _SPACES.match(self._source, self._at)
        assert found is not None
        self._at = found.end()

    def _taken(self, mark: str) -> bool:
        self._skip()
        if not self._source.startswith(mark, self._at):
            return False
        self._at += 1
        return True

    def _expect(self, mark: str, problem: str, name: str) -> None:
        if not self._taken(mark):
            raise PatternError(problem, self._at, name)

    def _match(self, what: re.Pattern[str], problem: str, name: str | None) -> str:
        self._skip()
        found = what.match(self._source, self._at)
        if found is None:
            raise PatternError(problem, self._at, name)
        self._at = found.end()
        return found[0]
