"""`GET /v1/messages/export`: all messages that pass the filters, as a stream."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from onesixty.core.channel import Channels
from onesixty.core.message import Message
from onesixty.doors.v1.filters import CURSOR, OPERATOR, PERSONAL, FilterQuery
from onesixty.http.auth import Requires
from onesixty.http.negotiation import header, prefers_gzip
from onesixty.http.noting import Notes, noted
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal
from onesixty.messages import export
from onesixty.messages.queries import Queries
from onesixty.network.configs import Configs

TYPES: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}

#: With this value zlib writes the header and trailer of gzip (31: a window of 32 KiB, and 16).
_GZIP: Final = 31


class ExportQuery(FilterQuery):
    """The query of an export."""

    format: Annotated[
        Literal["csv", "jsonl"], Field(description="CSV with a header line, or JSON Lines.")
    ] = "jsonl"
    after: Annotated[
        str | None,
        Field(
            max_length=100,
            pattern=CURSOR,
            description="The id of the last message that you have: the export continues after it, without a "
            "header line.",
        ),
    ] = None


def export_routes(queries: Queries, configs: Configs, channels: Channels, notes: Notes) -> Router:
    """The route of exports. It must come before `/v1/messages/{id}`. `configs` has names for operators."""
    router = Router("messages")
    content = {
        "text/csv": {"schema": {"type": "string"}},
        "application/x-ndjson": {"schema": {"type": "string", "description": "One `Message` per line."}},
    }

    @router.get(
        "/v1/messages/export",
        response_class=StreamingResponse,
        responses={200: {"description": "The messages.", "content": content}},
    )
    async def export_messages(
        request: Request,
        caller: Annotated[Principal, Depends(Requires("messages:read"))],
        query: Annotated[ExportQuery, Query()],
    ) -> Response:
        """Export messages, newest first, as one stream of any length.

        A stream that ends without its terminating chunk was interrupted: continue with `after`, the id of the last
        complete line. `Accept-Encoding: gzip` compresses it. For operators, each message names its carrier and
        route, and its cost.
        """
        pages = export.pages(queries, caller.tenant, await query.filters(caller, configs), query.after)
        try:
            first = await anext(pages)  # an error here is still answered as a problem
        except StopAsyncIteration:
            first = ()
        said = query.model_dump(exclude_none=True, by_alias=True)
        personal: dict[str, object] = {name: said.pop(name) for name in PERSONAL if name in said}
        note = noted(
            request, caller, "exported", "messages", details=said, personal=personal, test=caller.test
        )
        await notes.record(note)
        known = await configs.names() if OPERATOR in caller.scopes else None
        lines = _lines(query, first, pages, queries, known, channels)
        headers = {
            "content-disposition": f'attachment; filename="messages.{query.format}"',
            "cache-control": "no-store",
            "vary": "accept-encoding",
        }
        if prefers_gzip(header(request, "accept-encoding")):
            headers["content-encoding"] = "gzip"
            lines = _gzip(lines)
        return StreamingResponse(lines, headers=headers, media_type=TYPES[query.format])

    return router


async def _lines(
    query: ExportQuery,
    first: Sequence[Message],
    pages: AsyncIterator[Sequence[Message]],
    queries: Queries,
    names: Mapping[str, str] | None,
    channels: Channels,
) -> AsyncIterator[bytes]:
    async def write(page: Sequence[Message]) -> bytes:
        costs = None if names is None else await queries.costs(page)
        shown = export.views(page, names, channels, costs)
        return export.csv_lines(shown).encode() if query.format == "csv" else export.json_lines(shown)

    if query.format == "csv" and query.after is None:
        yield export.csv_head(names is not None).encode()
    if first:
        yield await write(first)
    async for page in pages:
        yield await write(page)


async def _gzip(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    async for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
