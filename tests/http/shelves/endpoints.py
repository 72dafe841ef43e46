"""`/v1/shelves`."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from onesixty.http.paging import PageQuery
from onesixty.http.resource import Resource
from onesixty.http.structs import Answer, Body, Time
from tests.http.shelves.tables import Shelf

Colour = Literal["white", "black", "oak"]


class ShelfBody(Body):
    """A shelf to make."""

    name: Annotated[str, Meta(min_length=1, max_length=20, description="What it is known by.")]
    colour: Annotated[Colour, Meta(description="Of the boards.")] = "white"
    labels: Annotated[list[str], Meta(max_length=5)] = msgspec.field(default_factory=list)
    size: dict[str, int] = msgspec.field(default_factory=dict)
    note: str | None = None
    lit: bool = False


class ShelfView(Answer):
    """A shelf."""

    id: str
    name: str
    colour: Colour
    labels: list[str]
    size: dict[str, int]
    note: str | None
    lit: bool
    version: int
    created_at: Time


class ShelfQuery(PageQuery):
    """The query of `GET /v1/shelves`."""

    kind = "shf"

    colour: Colour | None = None
    lit: bool | None = None
    labels: str | None = None


class Shelves(Resource[Shelf, ShelfBody, ShelfBody, ShelfView]):
    path, tag, one, many, scope = "/v1/shelves", "shelves", "shelf", "shelves", "webhooks"
    new, fields, shown, query = ShelfBody, ShelfBody, ShelfView, ShelfQuery
