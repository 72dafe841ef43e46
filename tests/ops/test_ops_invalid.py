"""The words of what is wrong with an invalid value: lengths, with their singular."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from pydantic import BaseModel, Field, ValidationError

from onesixty.ops.invalid import of_msgspec, of_pydantic


class Struct(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=3)] = "a"
    mark: Annotated[str, msgspec.Meta(max_length=1)] = "a"
    tags: Annotated[list[str], msgspec.Meta(min_length=1, max_length=1)] = msgspec.field(default_factory=list)
    headers: Annotated[dict[str, str], msgspec.Meta(min_length=2)] = msgspec.field(default_factory=dict)
    key: Annotated[str, msgspec.Meta(min_length=2)] | None = None


class Model(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=3)] = "a"
    mark: Annotated[str, Field(max_length=1)] = "a"
    tags: Annotated[list[str], Field(min_length=1, max_length=1)] = ["a"]


LENGTHS = [
    ({"name": ""}, "must not be empty"),
    ({"name": "abcd"}, "must be a string of at most 3 characters"),
    ({"mark": "ab"}, "must be a string of at most 1 character"),
    ({"tags": []}, "must not be empty"),
    ({"tags": ["a", "b"]}, "must be a list of at most 1 entry"),
]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        *LENGTHS,
        ({"headers": {"a": "b"}}, "must be an object of at least 2 fields"),
        ({"key": "a"}, "must be a string of at least 2 characters"),
    ],
)
def test_lengths_are_counted_in_their_own_number(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(given, Struct)
    assert of_msgspec(raised.value) == (next(iter(given)), fault)


@pytest.mark.parametrize(("given", "fault"), LENGTHS)
def test_models_say_the_same(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Model.model_validate(given)
    assert [of_pydantic(dict(error)) for error in raised.value.errors()] == [fault]


class Patterns(msgspec.Struct):
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "EUR"
    file: Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f/\\]+$")] = "a"
    quoted: Annotated[str, msgspec.Meta(pattern="^it's$")] = "it's"


class PatternModel(BaseModel):
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    file: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f/\\]+$")] = "a"
    quoted: Annotated[str, Field(pattern="^it's$")] = "it's"


PATTERNS = [
    ({"currency": "euro"}, "must be a currency of ISO 4217 in three capital letters, such as EUR"),
    ({"file": "a/b"}, "must have no `/`, no `\\` and no control characters"),
    ({"quoted": "its"}, "must match `^it's$`"),
]


@pytest.mark.parametrize(("given", "fault"), PATTERNS)
def test_what_an_expression_allows_is_said_in_words(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(given, Patterns)
    assert of_msgspec(raised.value) == (next(iter(given)), fault)
    with pytest.raises(ValidationError) as wrong:
        PatternModel.model_validate(given)
    assert [of_pydantic(dict(error)) for error in wrong.value.errors()] == [fault]
