"""JSON Merge Patch (RFC 7396): the examples of its Appendix A, and what it means for the fields of a struct."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from onesixty.core.errors import Problem
from onesixty.http.merge_patch import MergePatch, cleared, merged, read


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_the_rfc(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


class Window(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    from_: Annotated[str, Meta(pattern=r"^\d\d:\d\d$")] = msgspec.field(name="from", default="00:00")
    to: str


class Fields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The fields of a thing."""

    name: Annotated[str, Meta(min_length=1, description="Its name.")]
    size: Annotated[int, Meta(ge=1, description="Its size.")] = 3
    window: Window | None = None
    tags: list[str] = msgspec.field(default_factory=list)


class InnerBody(msgspec.Struct):
    """A struct with a table."""

    name: str
    senders: dict[str, str] = msgspec.field(default_factory=dict)


class Tables(msgspec.Struct):
    """Tables at two depths."""

    senders: dict[str, str] = msgspec.field(default_factory=dict)
    inner: InnerBody | None = None


PATCH = MergePatch(Fields)
NOW = Fields(name="A", size=5, window=Window(from_="08:00", to="18:00"), tags=["x"])


def test_what_is_absent_stays_and_null_puts_back_the_default() -> None:
    assert PATCH.apply(NOW, {}) == NOW
    assert PATCH.apply(NOW, {"size": None, "tags": None}) == Fields(name="A", window=NOW.window)
    assert PATCH.apply(NOW, {"window": {"from": None}}).window == Window(to="18:00")
    assert PATCH.apply(NOW, {"window": {"to": "20:00"}}).window == Window(from_="08:00", to="20:00")
    assert PATCH.apply(NOW, {"window": None}).window is None


@pytest.mark.parametrize(
    ("patch", "code", "param"),
    [
        ({"name": None}, "invalid_field", "name"),
        ({"window": {"to": None}}, "invalid_field", "window.to"),
        ({"window": {"from": "noon"}}, "invalid_field", "window.from"),
        ({"window": {"until": None}}, "unknown_field", "window.until"),
        ({"window": {"until": "x"}}, "unknown_field", "window.until"),
        ({"shape": None}, "unknown_field", "shape"),
        ({"size": 0}, "invalid_field", "size"),
        ({"tags": ["x", None]}, "invalid_field", "tags[1]"),
    ],
)
def test_a_patch_is_judged_by_what_comes_of_it(patch: Any, code: str, param: str) -> None:
    with pytest.raises(Problem) as refused:
        PATCH.apply(NOW, patch)
    assert (refused.value.code, refused.value.param) == (code, param)


def test_a_window_that_was_not_there_needs_all_that_it_has_to_have() -> None:
    with pytest.raises(Problem) as refused:
        PATCH.apply(Fields(name="A"), {"window": {"from": "08:00"}})
    assert (refused.value.code, refused.value.param) == ("missing_field", "window.to")


def test_the_paths_of_what_is_cleared() -> None:
    assert list(cleared({"a": None, "b": {"c": None, "d": [None]}, "e": 1})) == ["a", "b.c"]


def test_the_body_is_an_object_without_nul() -> None:
    assert read(b'{"a": null}') == {"a": None}
    for body, code in (
        (b"[]", "invalid_field"),
        (b"{", "bad_json"),
        (b'{"a": {"b": "\\u0000"}}', "invalid_field"),
    ):
        with pytest.raises(Problem) as refused:
            read(body)
        assert refused.value.code == code


def test_the_schema_says_what_null_puts_back() -> None:
    schemas = PATCH.schemas("FieldsChange", "What to change.")
    assert set(schemas) == {"FieldsChange", "Window"}
    change = schemas["FieldsChange"]
    assert "required" not in change
    assert change["description"] == "What to change."
    assert change["properties"]["name"] == {"type": "string", "minLength": 1, "description": "Its name."}
    assert change["properties"]["size"] == {
        "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}],
        "description": "Its size. null restores the default, 3.",
    }
    assert {"type": "null"} in change["properties"]["window"]["anyOf"]


def test_the_schema_says_that_null_takes_an_entry_out_of_a_table() -> None:
    schemas = MergePatch(Tables).schemas("TablesChange", "What to change.")
    change = schemas["TablesChange"]["properties"]
    text = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert change["senders"]["anyOf"][0]["additionalProperties"] == text
    assert {"$ref": "#/components/schemas/InnerChangeBody"} in change["inner"]["anyOf"]
    inner = schemas["InnerChangeBody"]
    assert "required" not in inner
    assert inner["properties"]["senders"]["anyOf"][0]["additionalProperties"] == text
    # What is made anew has no entries to take out.
    assert schemas["InnerBody"]["properties"]["senders"]["additionalProperties"] == {"type": "string"}
