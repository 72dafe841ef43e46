"""Exports of lists: every row that passes the filters, as CSV or JSON Lines, in one stream of any length.

    SHELVES = Table("shelves", columns_of(ShelfView))

    @router.get("/v1/shelves/export", **documented(SHELVES, "ShelfView"))
    async def export_shelves(
        request: Request, caller: Reader, query: Annotated[ShelfExport, Query()]
    ) -> Response:
        return await export(Asked(request, caller, query, caller.account_id), notes, SHELVES, page)

An endpoint says who may read what and how a page is read; everything else is the same for every export.

Rules kept here:
- a page is read, written and forgotten: the memory that an export takes does not grow, and no transaction lasts
  longer than a page;
- lines are newest first, and what is added after an export began is not in it. One that broke off continues after
  the id of its last line (`after`), without a header line;
- what fails before the first line is answered as a problem. What fails later ends the stream without its terminating
  chunk, so that a file that was cut off is never taken for a whole one;
- each export is noted in the audit log with its filters; the values of those that name a person (`PERSONAL`) can be
  redacted there;
- the first column of a CSV file that can be continued is `id`, and no cell is a formula (`core.cells`).
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

import msgspec
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from onesixty.core import cells, ids
from onesixty.http.bodies import Query
from onesixty.http.negotiation import header, prefers_gzip
from onesixty.http.noting import Notes, noted
from onesixty.http.scopes import Principal

PAGE: Final = 200
CSV: Final = "csv"
TYPES: Final = {CSV: "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}

#: With this value zlib writes the header and trailer of gzip (31: a window of 32 KiB, and 16).
_GZIP: Final = 31

#: A row as the API shows it: an object or a struct of an answer.
View = Mapping[str, Any] | msgspec.Struct
#: Reads the rows behind an id, at most `PAGE`; and the id to go on from, None at the end.
ReadPage = Callable[[str | None], Awaitable[tuple[Sequence[View], str | None]]]

_encode: Final = msgspec.json.Encoder().encode


class Personal:
    """Marks a filter whose value names a person: `to: Annotated[str | None, Field(...), PERSONAL]`."""


PERSONAL: Final = Personal()

#: The parameter `format`.
Format = Annotated[Literal["csv", "jsonl"], Field(description="CSV with a header line, or JSON Lines.")]


class ExportQuery(Query):
    """The query of an export, beside the filters of its list. `kind` is the prefix of the ids of its rows."""

    kind: ClassVar[str]

    format: Format = "jsonl"
    after: Annotated[
        str | None,
        Field(
            max_length=100,
            pattern=r"^[a-z0-9_]+$",
            description="The `id` of the last line that you have: the export continues after it, without a header "
            "line.",
        ),
    ] = None

    @field_validator("after")
    @classmethod
    def _an_id(cls, value: str | None) -> str | None:
        if value is not None and not ids.is_id(cls.kind, value):
            raise PydanticCustomError("cursor", "must be the `id` of a line of this export")
        return value


def _unchanged(view: dict[str, Any]) -> dict[str, Any]:
    return view


class Table(NamedTuple):
    """What is exported. `name` names the file, and the thing in the audit log; `columns` are those of a CSV file.
    `flat` makes the columns that are not fields of the object; it may change the object that it gets."""

    name: str
    columns: Sequence[str]
    flat: Callable[[dict[str, Any]], dict[str, Any]] = _unchanged

    def head(self) -> str:
        """The first line of a CSV file (RFC 4180)."""
        return cells.lines([self.columns])

    def csv(self, views: Iterable[View]) -> str:
        """One line of CSV for each object."""
        return cells.lines(map(self._row, views))

    def _row(self, view: View) -> list[object]:
        flat = self.flat(dict(view) if isinstance(view, Mapping) else msgspec.to_builtins(view))
        return [_cell(flat.get(name)) for name in self.columns]


def columns_of(view: type[msgspec.Struct], *without: str) -> tuple[str, ...]:
    """The fields of an answer, as columns."""
    return tuple(name for name in view.__struct_encode_fields__ if name not in without)


def json_lines(views: Iterable[View]) -> bytes:
    """One line of JSON for each object."""
    return b"".join(_encode(view) + b"\n" for view in views)


class Asked(NamedTuple):
    """A request for an export. `account_id` is the account that it reads, if the caller may name one; None is all.
    `about_id` is the thing whose list it is, if it is a list of one thing."""

    request: Request
    caller: Principal
    query: ExportQuery
    account_id: str | None
    about_id: str = ""


async def export(asked: Asked, notes: Notes, table: Table, page: ReadPage) -> Response:
    """Answer with all pages, and note it. Raises Problem and StoreError if the first page or the note fails."""
    pages = _pages(page, asked.query.after)
    first = await anext(pages, None)
    details, personal = _filters(asked.query)
    note = noted(
        asked.request,
        asked.caller,
        "exported",
        table.name,
        asked.about_id,
        details=details,
        personal=personal,
        test=asked.caller.test,
        account_id=asked.account_id,
    )
    await notes.record(note)
    return streamed(
        asked.request, table.name, asked.query.format, _lines(asked.query, table, first or (), pages)
    )


def streamed(request: Request, name: str, format_: str, lines: AsyncIterator[bytes]) -> Response:
    """The answer with these lines as a file, compressed if the request prefers that."""
    headers = {
        "content-disposition": f'attachment; filename="{name.replace("_", "-")}.{format_}"',
        "cache-control": "no-store",
        "vary": "accept-encoding",
    }
    if prefers_gzip(header(request, "accept-encoding")):
        headers["content-encoding"] = "gzip"
        lines = _gzip(lines)
    return StreamingResponse(lines, headers=headers, media_type=TYPES[format_])


def documented(table: Table, schema: str) -> dict[str, Any]:
    """What the route of an export says of its answer: lines with the schema of this name."""
    columns = ", ".join(f"`{name}`" for name in table.columns)
    content = {
        "text/csv": {"schema": {"type": "string", "description": f"The columns: {columns}."}},
        "application/x-ndjson": {
            "schema": {"type": "string", "description": f"One `{schema}` per line."},
        },
    }
    description = (
        f"The {table.name.replace('_', ' ')}. A stream that ends without its terminating chunk was interrupted: "
        "continue with `after`, the `id` of the last complete line. `Accept-Encoding: gzip` compresses it."
    )
    return {
        "response_class": StreamingResponse,
        "responses": {200: {"description": description, "content": content}},
    }


def _filters(query: ExportQuery) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a query says, as the audit log shows it; and what of it names a person."""
    marked = {
        field.alias or name
        for name, field in type(query).model_fields.items()
        if any(isinstance(one, Personal) for one in field.metadata)
    }
    said = query.model_dump(exclude_none=True, by_alias=True)
    return {name: said[name] for name in said if name not in marked}, {
        name: said[name] for name in said if name in marked
    }


async def _pages(page: ReadPage, after: str | None) -> AsyncIterator[Sequence[View]]:
    while True:
        found, after = await page(after)
        if found:
            yield found
        if after is None:
            return


async def _lines(
    query: ExportQuery, table: Table, first: Sequence[View], pages: AsyncIterator[Sequence[View]]
) -> AsyncIterator[bytes]:
    as_csv = query.format == CSV

    def written(views: Sequence[View]) -> bytes:
        return table.csv(views).encode() if as_csv else json_lines(views)

    if as_csv and query.after is None:
        yield table.head().encode()
    if first:
        yield written(first)
    async for views in pages:
        yield written(views)


async def _gzip(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    async for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def _cell(value: Any) -> object:
    """A value of an object as a cell: plain values of a list are joined, and what has names inside is JSON."""
    if isinstance(value, list | tuple) and not any(isinstance(one, dict | list | tuple) for one in value):
        value = "; ".join(map(str, value))
    if isinstance(value, dict | list | tuple):
        value = _encode(value).decode()
    return cells.cell(value)
