"""What cannot be understood is refused: JSON that could be read in two ways, queries that say nothing or twice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.http.strictness import MOST_DEPTH, check_json, check_members, check_query, header_fault

SOUND = [
    b'{"a":1,"b":2}',
    b'{"a":"x:y","b":"{"}',
    b' {"a" : [1,2], "b":{"a":1}, "c":[{"a":1},{"a":2}]}',
    b"[]",
    b"1",
    b"null",
    b'"a:b"',
    b"[" * MOST_DEPTH + b"]" * MOST_DEPTH,
    b"[" + b",".join([b'{"a":["[[[["]}'] * 200) + b"]",
]
DOUBLED = [
    b'{"a":1,"a":1}',
    b'{"a":1,"\\u0061":2}',
    b'{"a" : 1, "a" : 2}',
    b'{"to":"+1","text":"a:b","to":"+2"}',
    b'{"x":{"a":1,"a":2}}',
    b'[{"a":1,"b":{},"a":2}]',
]


@pytest.mark.parametrize("body", SOUND)
def test_sound_json_is_read(body: bytes) -> None:
    assert check_json(body) == json.loads(body)


@pytest.mark.parametrize("body", DOUBLED)
def test_a_name_stands_once_in_an_object(body: bytes) -> None:
    """RFC 8259, 4: readers differ in which of the two they take."""
    with pytest.raises(Problem) as refusal:
        check_json(body)
    assert refusal.value.code == "bad_json"
    assert "appears more than once" in refusal.value.detail


@pytest.mark.parametrize("deep", [MOST_DEPTH + 1, 500, 900, 5_000, 100_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_what_is_nested_too_deeply_is_refused(deep: int, brackets: tuple[bytes, bytes]) -> None:
    with pytest.raises(Problem) as refusal:
        check_json(brackets[0] * deep + b"1" + brackets[1] * deep)
    assert (refusal.value.code, "deeply" in refusal.value.detail) == ("bad_json", True)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        (b"tag=a&tag=b", "tag"),
        (b"tag=%ff", None),
        (b"tag=\xff", None),
    ],
)
def test_a_parameter_stands_once(query: bytes, param: str | None) -> None:
    with pytest.raises(Problem) as refusal:
        check_query(query)
    assert (refusal.value.code, refusal.value.param) == ("invalid_parameter", param)


@pytest.mark.parametrize("query", [b"", b"tag=", b"tag=a", b"tag=%20&to=+1", b"limit=1&after=x"])
def test_other_queries_pass(query: bytes) -> None:
    check_query(query)


@pytest.mark.parametrize("host", [b"", b"a", b"a.example:80", b"[::1]:8160", b"127.0.0.1", b"a_b.example"])
def test_hosts(host: bytes) -> None:
    assert header_fault([(b"host", host)]) is None


NAMES = st.sampled_from(["a", "b", "to", "é", '"', ":", " :", "\\"])
VALUES = st.one_of(NAMES, st.text('":\\ {}\n', max_size=8), st.integers(), st.lists(NAMES, max_size=2))


@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=5), st.sampled_from([(",", ":"), (", ", ": "), (" , ", " :")])
)
def test_flat_objects_are_judged_as_a_reader_would(
    members: list[tuple[str, object]], between: tuple[str, str]
) -> None:
    """The count that spares most bodies a second reading never lets a doubled name through."""
    comma, colon = between
    body = "{" + comma.join(f"{json.dumps(n)}{colon}{json.dumps(v)}" for n, v in members) + "}"
    if len({name for name, _ in members}) == len(members):
        check_members(body.encode())
    else:
        with pytest.raises(Problem):
            check_members(body.encode())
