"""Lists by cursor: `limit` and `after` asked, `data` and `next` answered.

Lists are newest first. The cursor is the id of the last row shown; clients are told only that it is opaque. What is
no cursor of a list is refused, rather than answered with an empty page that looks like the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final, TypeVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from onesixty.core import ids
from onesixty.http.bodies import Query

MOST: Final = 200
DEFAULT: Final = 50

_Row = TypeVar("_Row")


class PageQuery(Query):
    """`?limit=50&after=...`. Filters of a list inherit from this; `kind` is the prefix of the ids of its rows."""

    kind: ClassVar[str] = ""

    limit: Annotated[int, Field(ge=1, le=MOST, description="How many to show at most.")] = DEFAULT
    after: Annotated[
        str | None,
        Field(max_length=100, description="`next` of the page before.", pattern=r"^[A-Za-z0-9_\-]+$"),
    ] = None

    @field_validator("after")
    @classmethod
    def _a_cursor(cls, value: str | None) -> str | None:
        if value is not None and cls.kind and not ids.is_id(cls.kind, value):
            raise PydanticCustomError("cursor", "not a cursor of this list: take `next` of the page before")
        return value


def cut(rows: Sequence[_Row], limit: int, id_of: Callable[[_Row], str]) -> tuple[list[_Row], str | None]:
    """A page of `limit` rows and its cursor, from up to `limit + 1` rows."""
    page = list(rows[:limit])
    return page, id_of(page[-1]) if len(rows) > limit else None


def page_answer(data: Sequence[Any], next_: str | None) -> dict[str, Any]:
    """The body of a list."""
    return {"data": list(data), "next": next_}
