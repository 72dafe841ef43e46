"""What FastAPI routes take: bodies and queries that refuse what they do not know, and types that are wrong.

The NUL character is refused everywhere: PostgreSQL cannot hold it in text, and both engines keep the same.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError


def has_nul(value: object) -> bool:
    """Whether a NUL character stands anywhere in a decoded JSON value."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(has_nul(key) or has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_nul, value))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        if has_nul(value):
            raise PydanticCustomError("nul", "the NUL character cannot be used")
        return value


class Body(_Strict):
    """The base of JSON bodies: unknown fields are refused, types are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(_Strict):
    """The base of query parameters: unknown ones are refused; values are text, so they are converted."""
