"""What validators find, as problems that name the field."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.doors.v1.send import SendRequest
from onesixty.http.bodies import has_nul
from onesixty.http.validation import decode, path_of


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
