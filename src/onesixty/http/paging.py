"""Cursor pagination: requests take `limit` and `after`; responses contain `data` and `next`.

Lists are newest first; some can also be read oldest first (`OrderedQuery`). The cursor is the id of the last row
returned, unless a list has cursors of its own (`is_cursor`); clients are told only that it is opaque. An invalid
cursor is refused: an empty page would look like the end of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from onesixty.core import ids
from onesixty.http.bodies import Query

MOST: Final = 200
DEFAULT: Final = 50

_Row = TypeVar("_Row")


class PageQuery(Query):
    """`?limit=50&after=...`. A list's filters inherit from this; `kind` is the prefix of the ids of its rows."""

    kind: ClassVar[str] = ""

    limit: Annotated[int, Field(ge=1, le=MOST, description="The maximum number of items to return.")] = (
        DEFAULT
    )
    after: Annotated[
        str | None,
        Field(max_length=100, description="The `next` of the previous page.", pattern=r"^[A-Za-z0-9_\-]+$"),
    ] = None

    @classmethod
    def is_cursor(cls, value: str) -> bool:
        """Whether a text can be a cursor of this list."""
        return not cls.kind or ids.is_id(cls.kind, value)

    @field_validator("after")
    @classmethod
    def _a_cursor(cls, value: str | None) -> str | None:
        if value is not None and not cls.is_cursor(value):
            raise PydanticCustomError("cursor", "must be the `next` of a previous page of this list")
        return value


class NumberedQuery(PageQuery):
    """The query of a list whose cursor is a number."""

    @classmethod
    def is_cursor(cls, value: str) -> bool:
        """See PageQuery. More digits than 18 are beyond what a database knows."""
        return value.isascii() and value.isdecimal() and len(value) <= 18


class OrderedQuery(PageQuery):
    """The query of a list that can be read from both ends."""

    order: Annotated[
        Literal["newest", "oldest"],
        Field(description="Which items come first. A cursor belongs to its order."),
    ] = "newest"

    @property
    def oldest_first(self) -> bool:
        """Whether the list begins with the oldest items."""
        return self.order == "oldest"


def cut(rows: Sequence[_Row], limit: int, id_of: Callable[[_Row], str]) -> tuple[list[_Row], str | None]:
    """A page of `limit` rows and its cursor, from up to `limit + 1` rows."""
    page = list(rows[:limit])
    return page, id_of(page[-1]) if len(rows) > limit else None


def page_answer(data: Sequence[Any], next_: str | None) -> dict[str, Any]:
    """The body of a response with a list."""
    return {"data": list(data), "next": next_}
