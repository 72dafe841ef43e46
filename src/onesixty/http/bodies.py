"""Base models for bodies and queries of FastAPI routes. They refuse unknown fields and wrong types.

Rules kept here:
- the NUL character is refused everywhere: PostgreSQL cannot hold it in text, and both engines store the same;
- a field that is null counts as absent, unless the field accepts null;
- an unknown field is refused, and the refusal suggests the field that may have been meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from onesixty.http import wording
from onesixty.http.openapi_polish import NAMED
from onesixty.http.validation import UNKNOWN, shorten


def has_nul(value: object) -> bool:
    """Whether a decoded JSON value contains a NUL character anywhere."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(has_nul(key) or has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_nul, value))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _fields_as_meant(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = _fields(cls)
        said: dict[str, Any] = {}
        for name, value in data.items():
            if name not in known:
                hint = wording.suggestion(name, tuple(known))
                raise PydanticCustomError(UNKNOWN, "unknown field", {"name": shorten(name), "hint": hint})
            if value is not None or known[name]:
                said[name] = value
        return said

    @field_validator("*", mode="before")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        if has_nul(value):
            raise PydanticCustomError("nul", "must not contain a NUL character")
        return value


@cache
def _fields(model: type[BaseModel]) -> dict[str, bool]:
    """The names of a model's fields in JSON, each with whether it accepts null."""
    return {
        field.alias or name: type(None) in _options(field.annotation)
        for name, field in model.model_fields.items()
    }


def _options(annotation: Any) -> Iterable[Any]:
    """The types in a union, one level deep, and in an annotated type."""
    yield annotation
    for option in get_args(annotation):
        yield option
        yield from get_args(option) if not isinstance(option, str) else ()


def named(name: str) -> dict[str, Any]:
    """`json_schema_extra` of a text that is of the closed set with this name in the document."""
    return {NAMED: name}


class Body(_Strict):
    """The base of JSON bodies: unknown fields are refused, types are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(_Strict):
    """The base of query parameters: unknown ones are refused; values are text, so they are converted."""


#: A filter for the country or network of a number. An empty value is for what has none.
CountryOrNone = Annotated[str, Field(pattern="^([A-Za-z]{2}|001)?$")]
NetworkOrNone = Annotated[str, Field(pattern="^([0-9]{5,6})?$")]

#: How many values a negated filter takes.
MOST_VALUES: Final = 50
#: How the description of a negated filter goes on if an empty value is for what has none.
OR_NONE: Final = ", or that have none; an empty value leaves these out, too"


def negated(what: str, more: str = "", *, repeat: bool = True) -> Any:
    """The `Field` of a filter that leaves out what has any of its values: a parameter that may be repeated, or, if
    not `repeat`, a list in a body, which cannot be empty."""
    again = " Repeat it for several." if repeat else ""
    return Field(
        min_length=None if repeat else 1,
        max_length=MOST_VALUES,
        description=f"Only {what} none of these{more}.{again}",
    )


def repeated(model: type[BaseModel]) -> frozenset[str]:
    """The parameters of a query that may be repeated: those that have lists of values."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if any(get_origin(option) is list for option in _options(field.annotation))
    )
