"""What FastAPI routes give: JSON by msgspec, and nothing at all."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response


def json_answer(content: Any, status: int = 200) -> Response:
    """`content` (dicts, lists, msgspec structs) as JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def empty_answer() -> Response:
    """204: done, and there is nothing to say."""
    return Response(status_code=204)
