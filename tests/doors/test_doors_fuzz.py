"""Requests made from the OpenAPI document's own words, right and wrong: never a 5xx, never an undocumented answer."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onesixty.core.errors import CATALOGUE
from tests.doors.office import Platform
from tests.doors.test_doors_messages import ID, Behind
from tests.http.asgi import Client
from tests.http.world import SEND


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def platform(runner: asyncio.Runner) -> Iterator[Platform]:
    made = runner.run(Platform().open("sqlite://", Behind().actions()))
    yield made
    runner.run(made.store.close())


def words(document: Any) -> list[str]:
    """Every name and value that the document knows."""
    found = set(document["components"]["schemas"]["SendRequest"]["properties"])

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value.get("properties", ()))
            found.update(value.get("enum", ()))
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)
    return sorted(found)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from([*SEND.values(), "2030-01-01T00:00:00Z", "smpp", "simulator", "live", "test", ID]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


@settings(max_examples=300)
@given(data=st.data())
def test_no_request_ends_badly(runner: asyncio.Runner, platform: Platform, data: st.DataObject) -> None:
    document = platform.api.openapi()
    names = st.sampled_from(words(document)) | st.text(max_size=10)
    method, path = data.draw(
        st.sampled_from([(m.upper(), p) for p, item in document["paths"].items() for m in item]), "operation"
    )
    ids = st.sampled_from([ID, "default", "acme", "key_01h455vb4pex5vsknk084sn02q"]) | st.text(
        "ab%/?#é\x00 ", max_size=9
    )
    path = path.replace("{id}", data.draw(ids, "id").replace("?", "%3f"))
    query = data.draw(st.dictionaries(names, st.text(max_size=10), max_size=2), "query")
    if query:
        path += "?" + "&".join(f"{_quoted(n)}={_quoted(v)}" for n, v in query.items())
    body = None
    if method in ("POST", "PATCH"):
        content = data.draw(st.dictionaries(names, VALUES, max_size=5), "body")
        if path.startswith("/v1/sms/send") and data.draw(st.booleans()):
            content = {**SEND, **content}
        body = msgspec.json.encode(data.draw(st.just(content) | VALUES))
    client = Client(platform.front, platform.live)
    platform.clock.turn(1)
    reply = runner.run(client.request(method, path, raw=body))
    assert reply.status < 500 or path.startswith("/readyz"), reply.body
    assert reply.headers["x-request-id"].startswith("req_")
    assert "ratelimit" in reply.headers
    if reply.status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert CATALOGUE[reply.json["code"]].status == reply.status
    elif reply.status != 204 and reply.headers["content-type"] == "application/json":
        reply.json  # noqa: B018


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "replace"))
