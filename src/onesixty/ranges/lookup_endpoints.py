"""`GET /v1/lookup/{number}`: what the numbering plans say about a number."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from onesixty import numbers
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal
from onesixty.numbers.errors import NUMBER_CODES
from onesixty.numbers.parsing import TYPES
from onesixty.ranges.networks import Networks

Reader = Annotated[Principal, Depends(Requires("messages:read"))]


class LookupView(BaseModel):
    """What the numbering plan says about a number. An impossible number has only `possible: false` and a `reason`."""

    number: Annotated[str | None, Field(description="E.164.", examples=["+4915112345678"])]
    possible: Annotated[bool, Field(description="Whether messages to the number are accepted.")]
    valid: Annotated[
        bool, Field(description="Whether the numbering plan has such a number; informative only.")
    ]
    reason: Annotated[
        str | None,
        Field(
            description="Why the number is impossible.",
            examples=["too_short"],
            json_schema_extra={"enum": [*NUMBER_CODES, None]},
        ),
    ]
    country: Annotated[str | None, Field(description="ISO 3166; `001` for country codes of no country.")]
    calling_code: Annotated[str | None, Field(examples=["+49"])]
    type: Annotated[
        str | None,
        Field(
            description="What kind of number it is, if the plan says so.",
            json_schema_extra={"enum": [*sorted(set(TYPES.values())), None]},
        ),
    ]
    national_format: str | None
    international_format: str | None
    network: Annotated[
        str | None,
        Field(
            description="MCC and MNC, if its range is known. Numbers can be ported between networks: "
            "informative only."
        ),
    ]


def lookup_routes(networks: Networks) -> Router:
    """The route, for keys with the scope `messages:read`."""
    router = Router("lookup")

    @router.get("/v1/lookup/{number:path}", response_model=LookupView)
    async def look_up_number(
        _: Reader,
        number: Annotated[str, Path(max_length=100, description="The number in any common notation.")],
        country: Annotated[
            str | None,
            Query(pattern="^[A-Za-z]{2}$", description="Read a national number as one of this country."),
        ] = None,
    ) -> Response:
        """Look up a number.

        The answer comes from numbering plans (libphonenumber). It does not say whether the number is in service.
        """
        found = numbers.look_up(number, country)
        network = None if found.number is None else networks.of(found.number)
        return json_answer({**msgspec.to_builtins(found), "network": network})

    return router
