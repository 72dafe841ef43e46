"""What validators find, as problems that name the field."""

from typing import Annotated, Any

import msgspec
import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from onesixty.core.errors import Problem
from onesixty.doors.v1.send_request import SendRequest
from onesixty.http.bodies import Body, has_nul
from onesixty.http.validation import decode, of_request_validation, path_of


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    port: int


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    inner: Inner
    many: list[Inner] = []


DECODE = msgspec.json.Decoder(Outer).decode

FAULTS = [
    (b"{}", "missing_field", "inner"),
    (b'{"inner": {}}', "missing_field", "inner.port"),
    (b'{"inner": {"port": "x"}}', "invalid_field", "inner.port"),
    (b'{"inner": {"port": 1, "x": 1}}', "unknown_field", "inner.x"),
    (b'{"inner": {"port": 1}, "many": [{"port": 1}, {}]}', "missing_field", "many[1].port"),
    (b'{"inner": {"port": 1}, "a`b": 1}', "unknown_field", "a`b"),
    (b'{"inner": {"port": 1}, "a\\nb": 1}', "unknown_field", "a\nb"),
    (b"[]", "invalid_field", None),
    (b"[", "bad_json", None),
]


@pytest.mark.parametrize(("body", "code", "param"), FAULTS)
def test_msgspecs_faults_name_their_field(body: bytes, code: str, param: str | None) -> None:
    with pytest.raises(Problem) as raised:
        decode(DECODE, body)
    assert (raised.value.code, raised.value.param) == (code, param)


def test_faults_of_a_part_of_a_body_name_its_place_in_the_body() -> None:
    numbers = msgspec.json.Decoder(list[str]).decode
    for body, param in ((b'["1", 2]', "to[1]"), (b"{}", "to"), (b"null", "to")):
        with pytest.raises(Problem) as raised:
            decode(numbers, body, at="to")
        assert (raised.value.code, raised.value.param) == ("invalid_field", param)
        assert raised.value.detail.startswith(f"`{param}` must be ")
    with pytest.raises(Problem) as raised:
        decode(DECODE, b'{"inner": {}}', at="many[0]")
    assert (raised.value.code, raised.value.param) == ("missing_field", "many[0].inner.port")


def test_a_hostile_name_is_not_echoed_at_length() -> None:
    with pytest.raises(Problem) as raised:
        decode(DECODE, b'{"inner": {"port": 1}, "' + b"x" * 10_000 + b'": 1}')
    assert len(raised.value.param or "") == 200


def test_paths_are_written_as_people_write_them() -> None:
    assert path_of(["tags", 1]) == "tags[1]"
    assert path_of(["a", "b", 0, "c"]) == "a.b[0].c"
    assert path_of([]) == ""


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    st.sampled_from(["from", "to", "text", *(f for f in SendRequest.__struct_encode_fields__)]) | st.text()
)


@given(st.binary(max_size=60) | st.dictionaries(NAMES, JSON, max_size=6).map(msgspec.json.encode))
def test_any_bytes_are_a_request_or_a_problem(body: bytes) -> None:
    decoder = msgspec.json.Decoder(SendRequest).decode
    result: SendRequest | Problem
    try:
        result = decode(decoder, body)
    except Problem as problem:
        result = problem
    known = {"bad_json", "missing_field", "unknown_field", "invalid_field"}
    assert isinstance(result, SendRequest) or result.code in known


@given(JSON)
def test_nul_is_found_wherever_it_stands(value: Any) -> None:
    assert has_nul(value) == ("\\u0000" in msgspec.json.encode(value).decode().replace("\\\\", ""))


SEND = {"from": "Acme", "to": "+15551234567", "text": "hello"}
DECODE_SEND = msgspec.json.Decoder(SendRequest).decode


class Model(Body):
    """A body with a default and a field that may be null."""

    name: str
    size: Annotated[int, Field(ge=1)] = 3
    note: str | None = "none"


@pytest.mark.parametrize(
    "field", ["from", "priority", "encoding", "transliterate", "flash", "class", "reference", "tags"]
)
def test_null_is_left_out(field: str) -> None:
    body = msgspec.json.encode(SEND | {field: None, "max_segments": None})
    without = {name: value for name, value in SEND.items() if name != field}
    assert decode(DECODE_SEND, body) == decode(DECODE_SEND, msgspec.json.encode(without))


def test_null_is_missing_where_it_is_needed() -> None:
    with pytest.raises(Problem) as raised:
        decode(DECODE_SEND, msgspec.json.encode(SEND | {"to": None, "priority": None}))
    assert (raised.value.code, raised.value.param) == ("missing_field", "to")


def test_null_in_a_list_stays_wrong() -> None:
    with pytest.raises(Problem) as raised:
        decode(DECODE_SEND, msgspec.json.encode(SEND | {"tags": [None]}))
    assert (raised.value.code, raised.value.param) == ("invalid_field", "tags[0]")


def test_null_is_left_out_of_models_too() -> None:
    assert Model.model_validate({"name": "a", "size": None}).size == 3
    assert Model.model_validate({"name": "a", "note": None}).note is None
    with pytest.raises(RequestValidationError) as raised:
        _as_fastapi({"name": None})
    assert of_request_validation(raised.value).code == "missing_field"


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        ("From", "from"),
        ("Body", "text"),
        ("message", "text"),
        ("recipient", "to"),
        ("scheduledAt", "scheduled_at"),
        ("StatusCallback", "status_callback"),
        ("refrence", "reference"),
        ("colour", None),
    ],
)
def test_an_unknown_field_names_the_one_that_was_meant(field: str, meant: str | None) -> None:
    with pytest.raises(Problem) as raised:
        decode(DECODE_SEND, msgspec.json.encode(SEND | {field: "x"}))
    assert (raised.value.code, raised.value.param) == ("unknown_field", field)
    assert raised.value.detail.endswith(f"Did you mean `{meant}`?" if meant else f"Unknown field `{field}`.")


def test_models_do_so_too() -> None:
    with pytest.raises(RequestValidationError) as raised:
        _as_fastapi({"name": "a", "Size": 1})
    problem = of_request_validation(raised.value)
    assert (problem.code, problem.param) == ("unknown_field", "Size")
    assert problem.detail == "Unknown field `Size`. Did you mean `size`?"


def _as_fastapi(body: dict[str, Any]) -> None:
    try:
        Model.model_validate(body)
    except ValidationError as error:
        raise RequestValidationError([e | {"loc": ("body", *e["loc"])} for e in error.errors()]) from None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"to": ["+1"]}, "`to` must be a string, not a list."),
        ({"text": 5}, "`text` must be a string, not an integer."),
        ({"priority": 10}, "`priority` must be an integer of at most 9."),
        ({"priority": "1"}, "`priority` must be an integer, not a string."),
        ({"reference": "x" * 256}, "`reference` must be a string of at most 255 characters."),
        ({"tags": ["x"] * 11}, "`tags` must be a list of at most 10 entries."),
        ({"flash": 1}, "`flash` must be true or false, not an integer."),
    ],
)
def test_details_speak_of_json_and_not_of_python(given: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem) as raised:
        decode(DECODE_SEND, msgspec.json.encode(SEND | given))
    assert raised.value.detail == said
