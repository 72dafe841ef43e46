"""Responses of FastAPI routes: JSON encoded by msgspec, and the empty response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response with `content` (dicts, lists, msgspec structs) as JSON."""
    return Response(msgspec.json.encode(content), status, headers, "application/json")


def empty_answer() -> Response:
    """A response without a body: 204."""
    return Response(status_code=204)
