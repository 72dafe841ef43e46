"""Requests made from the OpenAPI document's own words, right and wrong: never a 5xx, never an undocumented answer."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

from onesixty.core.errors import CATALOGUE
from tests.doors.office import Office
from tests.doors.test_doors_messages import ID
from tests.http.world import SEND

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def document(runner: asyncio.Runner, office: Office) -> Any:
    """All but the stream of events, which has no end."""
    found = runner.run(office.client().get("/openapi.json")).json
    del found["paths"]["/v1/events"]
    return found


@pytest.fixture(scope="module")
def office(runner: asyncio.Runner) -> Iterator[Office]:
    made = runner.run(Office.open())
    runner.run(made.route())
    yield made
    runner.run(made.close())


def words(document: Any) -> list[str]:
    """Every name and value that the document knows."""
    found = set(document["components"]["schemas"]["SendRequest"]["properties"])

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value.get("properties", ()))
            found.update(one for one in value.get("enum", ()) if one is not None)
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
def test_no_request_ends_badly(
    runner: asyncio.Runner, office: Office, document: Any, data: st.DataObject
) -> None:
    names = st.sampled_from(words(document)) | st.text(max_size=10)
    operation = data.draw(
        st.sampled_from([(m.upper(), p) for p, item in document["paths"].items() for m in item]), "operation"
    )
    method, path = operation
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
        if path.startswith(("/v1/sms/send", "/v1/sms/preview")) and data.draw(st.booleans()):
            content = {**SEND, **content}
        body = msgspec.json.encode(data.draw(st.just(content) | VALUES))
    client = office.client()
    office.clock.turn(1)
    reply = runner.run(client.request(method, path, raw=body))
    assert reply.status < 500 or path.startswith("/readyz"), reply.body
    assert reply.headers["x-request-id"].startswith("req_")
    assert "ratelimit" in reply.headers
    if reply.status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert CATALOGUE[reply.json["code"]].status == reply.status
    elif reply.status == 204:
        assert reply.body == b""
    elif reply.headers["content-type"] == "application/json":
        _check_schema(document, operation[1], operation[0], reply)


def _check_schema(document: Any, path: str, method: str, reply: Any) -> None:
    """What is answered is what the document says."""
    response = document["paths"][path][method.lower()]["responses"][str(reply.status)]
    schema = response["content"]["application/json"]["schema"]
    OAS31Validator({**schema, "components": document["components"]}).validate(reply.json)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "replace"))


async def test_every_answer_is_what_the_document_says() -> None:
    office = await Office.open()
    await office.route()
    client = office.client()
    document = (await client.get("/openapi.json")).json
    sent = (await client.post("/v1/sms/send", SEND)).json["id"]
    asked = [
        ("POST", "/v1/sms/send", SEND, 202),
        ("GET", "/v1/messages", None, 200),
        ("POST", "/v1/sms/preview", SEND, 200),
        ("POST", "/v1/sms/preview", {**SEND, "to": "1"}, 200),
        ("POST", "/v1/sms/batch", {"messages": [SEND, {}]}, 202),
        ("POST", "/v1/sms/batch", {**SEND, "to": ["+15551234567", "1"]}, 202),
        ("GET", "/v1/batches", None, 200),
        ("GET", "/v1/messages/{id}", None, 200),
        ("PATCH", "/v1/messages/{id}", {"text": "new"}, 200),
        ("GET", "/v1/messages/{id}/history", None, 200),
        ("POST", "/v1/messages/{id}/cancel", None, 200),
        ("POST", "/v1/messages/{id}/redact", None, 200),
        ("POST", "/v1/keys", {"name": "x", "mode": "test"}, 201),
        ("GET", "/v1/keys", None, 200),
        ("GET", "/v1/account", None, 200),
        ("POST", "/v1/accounts", {"name": "x", "price_per_segment": "1"}, 201),
        ("GET", "/v1/accounts", None, 200),
        ("POST", "/v1/carriers", {"name": "beta", "type": "simulator"}, 201),
        ("GET", "/v1/carriers", None, 200),
        ("POST", "/v1/routes", {"name": "r", "carriers": ["acme"]}, 201),
        ("GET", "/v1/routes", None, 200),
    ]
    for method, path, body, status in asked:
        reply = await client.request(method, path.replace("{id}", sent), body)
        assert reply.status == status, reply.body
        _check_schema(document, path, method, reply)
    for path in ("/v1/carriers/{id}", "/v1/routes/{id}"):
        reply = await client.get(path.replace("{id}", "acme" if "carriers" in path else "r"))
        _check_schema(document, path, "GET", reply)
    await office.close()


def test_every_answer_has_a_schema(document: Any) -> None:
    for path, item in document["paths"].items():
        for operation in item.values():
            for status, response in operation["responses"].items():
                for type_, content in response.get("content", {}).items():
                    if type_ == "application/json" and "x-scope" in operation:
                        assert content["schema"], (path, status)
