"""Responses of FastAPI routes: JSON encoded by msgspec, the empty response, and whether one may be compressed."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response


def json_answer(content: Any, status: int = 200) -> Response:
    """A response with `content` (dicts, lists, msgspec structs) as JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def empty_answer() -> Response:
    """A response without a body: 204."""
    return Response(status_code=204)


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding asks for gzip (RFC 9110, 12.5.3)."""
    for entry in header.lower().replace(" ", "").split(","):
        name, _, weight = entry.partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or not weight
    return False
