"""From a table to commands: each resource of the API is a group, and each of its verbs is a command made here.

`resource_tables.py` reads the tables. An entry names the operation and the output; everything else is the same
for every command: `--url` and `--key`, tables or JSON, the texts of refusals, the exit status by their kind.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import typer

from onesixty.cli.client import ApiKey, Client, Url, Why, asking, path_part
from onesixty.cli.console import MISUSED, fail, say
from onesixty.cli.export import After, Format, FormatOption, Output, export
from onesixty.cli.output import AsJson, Column, show_json, show_list, show_object, wants_json

_PAGE: Final = 200
#: What an option says that may be repeated. The document says the same of most parameters that may be.
_AGAIN: Final = " Repeat it for several."
_ARGUMENT: Final = re.compile(r"{\w+}")

TEXT, INT, NUMBER, FLAG, TEXTS, MAP = "text", "int", "number", "flag", "texts", "map"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the body or of the query, and the option that sets it. `name` is the API's.

    Kinds: text, int, number, flag (true or false), texts (repeatable), map (NAME=VALUE, repeatable; only in a
    body). A required field of the body may be given in the body's file instead.
    """

    name: str
    about: str
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    required: bool = False
    #: The object of the body that contains the field, such as "filter".
    inside: str | None = None
    #: The option's name, if it differs from the field's.
    option: str = ""

    @property
    def flag(self) -> str:
        """The option as the user types it."""
        return "--" + (self.option or self.name).replace("_", "-")


@dataclass(frozen=True, slots=True)
class Verb:
    """One command. `path` may hold {id} or {name}, the argument of the command. `columns` make it a list."""

    name: str
    about: str
    method: str
    path: str
    fields: tuple[Field, ...] = ()
    columns: tuple[Column, ...] = ()
    #: Fields of the answer beside its list that are shown in every row.
    shared: tuple[str, ...] = ()
    #: Whether columns are left out that no row has anything in.
    sparse: bool = False
    #: Whether the list comes in pages.
    paged: bool = False
    #: Whether the answer is an export: a stream of lines.
    streamed: bool = False
    #: The help text of the argument.
    id_help: str = ""
    #: What a terminal shows after a verb without an answer.
    done: str = ""

    @property
    def body_file(self) -> bool:
        """Whether the body can come from a file."""
        return self.method != "GET" and bool(self.fields)

    @property
    def clearable(self) -> bool:
        """Whether fields can be cleared."""
        return self.method == "PATCH"

    @property
    def says_why(self) -> bool:
        """Whether `--reason` is a reason for the audit log: not where the body has a reason of its own."""
        return self.method != "GET" and all(field.flag != "--reason" for field in self.fields)

    @property
    def needs(self) -> tuple[str, ...]:
        """The objects of the body that must not be empty: at least one of their options has to be given."""
        return tuple(dict.fromkeys(field.inside for field in self.fields if field.inside))


@dataclass(frozen=True, slots=True)
class Resource:
    """A group of commands."""

    name: str
    about: str
    verbs: tuple[Verb, ...]


def add(group: typer.Typer, resource: Resource) -> typer.Typer:
    """Add a command for each verb to the group, and return it."""
    for verb in resource.verbs:
        group.command(verb.name)(_command(verb))
    return group


def _command(verb: Verb) -> Callable[..., None]:
    def command(**given: Any) -> None:
        as_json, url, key = given.pop("as_json", False), given.pop("url"), given.pop("key")
        why = given.pop("why", None)
        path = verb.path
        if "id_" in given:
            path = _ARGUMENT.sub(path_part(given.pop("id_")), path)
        limit = given.pop("limit", None)
        lines = {name: given.pop(name) for name in ("format_", "output", "after") if verb.streamed}
        body, query = _asked(verb, given)
        with asking(url, key, why) as client:
            if verb.streamed:
                export(client, path, query, **lines)
                return
            if verb.columns:
                rows = (
                    pages(client, path, query, limit) if verb.paged else _one_page(client, verb, path, query)
                )
                show_list(rows, verb.columns, as_json, sparse=verb.sparse)
                return
            suffix = f"?{urlencode(query)}" if query else ""
            answer = client.call(verb.method, path + suffix, body)
        _show(verb, answer, path, as_json)

    command.__doc__ = "\n\n".join([verb.about, *needed(verb)])
    command.__name__ = verb.name.replace("-", "_")
    parameters = _parameters(verb)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _show(verb: Verb, answer: Any, path: str, as_json: bool) -> None:
    if isinstance(answer, dict):
        show_object(answer, as_json)
    elif answer is not None:
        show_json(answer)
    elif verb.done and not wants_json(as_json):
        say(f"{path.rsplit('/', 1)[-1]}  {verb.done}")


def _parameters(verb: Verb) -> list[inspect.Parameter]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    made = []
    if _ARGUMENT.search(verb.path):
        annotation: Any = Annotated[str, typer.Argument(metavar="ID", help=verb.id_help)]
        made.append(inspect.Parameter("id_", keyword, annotation=annotation))
    for field in verb.fields:
        default: Any = inspect.Parameter.empty if field.required and not verb.body_file else None
        made.append(
            inspect.Parameter(_name(field), keyword, default=default, annotation=_annotation(field, default))
        )
    if verb.body_file:
        annotation = Annotated[
            Path | None,
            typer.Option(
                "--file",
                help="A JSON file (- for standard input) with the body; options override its fields.",
            ),
        ]
        made.append(inspect.Parameter("file", keyword, default=None, annotation=annotation))
    if verb.clearable:
        annotation = Annotated[
            list[str] | None,
            typer.Option("--clear", help="A field to clear (null); repeat for more."),
        ]
        made.append(inspect.Parameter("clear", keyword, default=None, annotation=annotation))
    if verb.paged:
        annotation = Annotated[
            int, typer.Option("--limit", min=1, help="The maximum number of items to show.")
        ]
        made.append(inspect.Parameter("limit", keyword, default=100, annotation=annotation))
    if verb.says_why:
        made.append(inspect.Parameter("why", keyword, default=None, annotation=Why))
    if verb.streamed:
        made.append(inspect.Parameter("format_", keyword, default=Format.csv, annotation=FormatOption))
        made.append(inspect.Parameter("output", keyword, default=None, annotation=Output))
        made.append(inspect.Parameter("after", keyword, default=None, annotation=After))
    else:
        made.append(inspect.Parameter("as_json", keyword, default=False, annotation=AsJson))
    made.append(inspect.Parameter("url", keyword, default=None, annotation=Url))
    made.append(inspect.Parameter("key", keyword, default=None, annotation=ApiKey))
    return made


def needed(verb: Verb) -> list[str]:
    """Return a sentence for each object of the body that must not be empty, with the options that fill it."""
    return [
        f"At least one of {', '.join(one.flag for one in verb.fields if one.inside == name)} is required."
        for name in verb.needs
    ]


def _name(field: Field) -> str:
    return f"f_{field.option or field.name}"


def _annotation(field: Field, default: Any) -> Any:
    kind: Any = {TEXT: str, INT: int, NUMBER: float, FLAG: str, TEXTS: list[str], MAP: list[str]}[field.kind]
    choices = ("true", "false") if field.kind == FLAG else field.choices
    if choices and field.kind != TEXTS:  # typer has no lists of choices
        kind = Literal[choices]
    more: dict[str, Any] = {"metavar": "NAME=VALUE"} if field.kind == MAP else {}
    about = field.about
    if field.kind in (TEXTS, MAP):
        about += f" One of {', '.join(choices)}." if choices else ""
        about = f"{about.replace(_AGAIN, '')}{_AGAIN}"
    if field.required and default is None:
        about += " Required, here or in the file."
    option = typer.Option(field.flag, help=about, show_default=False, **more)
    return Annotated[kind if default is inspect.Parameter.empty else kind | None, option]


def _asked(verb: Verb, given: dict[str, Any]) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """Make the body and the query from the given options."""
    values = {
        field: _value(field, given[_name(field)])
        for field in verb.fields
        if given[_name(field)] not in (None, [])
    }
    if verb.method == "GET":
        return None, [pair for field, value in values.items() for pair in _query(field, value)]
    body: dict[str, Any] = _from_file(given.get("file"))
    for field, value in values.items():
        target = body if field.inside is None else body.setdefault(field.inside, {})
        if field.kind == MAP and isinstance(target.get(field.name), dict):
            target[field.name] |= value
        else:
            target[field.name] = value
    for name in given.get("clear") or ():
        body[name] = None
    if verb.clearable and not body:
        fail("nothing to change: give at least one option", MISUSED)
    missing = [field.flag for field in verb.fields if field.required and field.name not in body]
    if missing:
        fail(f"missing, here or in the file: {', '.join(missing)}", MISUSED)
    for name, sentence in zip(verb.needs, needed(verb), strict=True):
        if not body.get(name):
            fail(sentence, MISUSED)
    return (body if body or verb.fields else None), []


def _query(field: Field, value: Any) -> list[tuple[str, str]]:
    """Return the query pairs for a value: a list repeats the name for each entry."""
    if field.kind == FLAG:
        return [(field.name, "true" if value else "false")]
    return [(field.name, str(one)) for one in (value if field.kind == TEXTS else [value])]


def _value(field: Field, given: Any) -> Any:
    if field.kind == FLAG:
        return given == "true"
    if field.kind == MAP:
        return dict(_pair(field, one) for one in given)
    return given


def _pair(field: Field, text: str) -> tuple[str, Any]:
    """Parse NAME=VALUE. A value that parses as JSON is JSON (2775, true, ["a"], "12345678"); any other is text."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        fail(f"{field.flag}: {text!r} is not NAME=VALUE", MISUSED)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        body = json.loads(text)
    except OSError as error:
        fail(f"{path}: {error.strerror}", MISUSED)
    except ValueError as error:
        fail(f"{path} is not JSON: {error}", MISUSED)
    if not isinstance(body, dict):
        fail(f"{path} must contain a JSON object", MISUSED)
    return body


def _one_page(
    client: Client, verb: Verb, path: str, query: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    answer = client.call("GET", path + (f"?{urlencode(query)}" if query else ""))
    shared = {name: answer[name] for name in verb.shared if name in answer}
    return [{**row, **shared} for row in answer["data"]]


def pages(client: Client, path: str, query: Sequence[tuple[str, str]], limit: int) -> list[dict[str, Any]]:
    """Return the first `limit` rows, fetched page by page."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = [
            ("limit", str(min(_PAGE, limit - len(found)))),
            *query,
            *([("after", after)] if after else ()),
        ]
        answer = client.call("GET", f"{path}?{urlencode(page)}")
        found += answer["data"]
        after = answer["next"]
        if after is None or len(found) >= limit:
            return found[:limit]
