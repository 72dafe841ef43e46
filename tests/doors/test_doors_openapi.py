"""The OpenAPI document, the pages made of it, and that they say what is so."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from onesixty.channels.sms.orders import SendOrder
from onesixty.channels.sms.view import sms_view
from onesixty.core.errors import CATALOGUE
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.doors.v1.schemas import SCHEMAS
from onesixty.doors.v1.send_request import SendRequest
from onesixty.doors.v1.sent import sent_body
from onesixty.http.scopes import SCOPES
from tests.doors.office import Office
from tests.doors.test_doors_messages import Behind
from tests.http.asgi import Client

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    yield made
    await made.close()


async def document(office: Office) -> Any:
    return (await Client(office.front).get("/openapi.json")).json


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(m.upper(), path, o) for path, item in document["paths"].items() for m, o in item.items()]


def _is_for_keys(path: str, operation: Any) -> bool:
    """Whether callers need a key: providers that report have none."""
    return path.startswith("/v1/") and operation["tags"] != ["callbacks"]


async def test_the_document_is_valid_openapi_3_1(office: Office) -> None:
    found = await document(office)
    assert found["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(found).iter_errors()) == []


async def test_every_operation_is_marked_operator_or_tenant(office: Office) -> None:
    for _, path, operation in operations(await document(office)):
        if _is_for_keys(path, operation):
            assert operation["x-audience"] == SCOPES[operation["x-scope"]].audience
            assert operation["security"] == [{"key": []}]
            assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert operation["summary"]
        assert "422" not in operation["responses"]


async def test_every_operation_refuses_callers_without_a_key(office: Office) -> None:
    for method, path, operation in operations(await document(office)):
        if _is_for_keys(path, operation):
            reply = await Client(office.front, address=path).request(method, path.replace("{id}", "x"))
            assert reply.status == 401, path


async def test_the_body_of_send_is_the_struct(office: Office) -> None:
    schema = (await document(office))["components"]["schemas"]["SendRequest"]
    assert set(schema["properties"]) == set(SendRequest.__struct_encode_fields__)
    assert schema["required"] == ["from", "to"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["priority"] == {
        "type": "integer",
        "minimum": 0,
        "maximum": 9,
        "default": 0,
        "description": "Higher priorities are sent first, among messages of the same account and class.",
    }


def test_the_schema_of_messages_is_what_is_answered() -> None:
    message: Message = Behind().message
    assert list(SCHEMAS["Message"]["properties"]) == [*sms_view(message), "cost"]
    assert "cost" not in SCHEMAS["Message"]["required"], "for operators only"
    order = SendOrder(
        tenant=Tenant("acc_1", False),
        sender="Brand",
        recipient="+15551234567",
        text="hi",
        transliterate=True,
    )
    assert set(SCHEMAS["SentMessage"]["properties"]) == set(msgspec.json.decode(sent_body(message, order)))


async def test_the_pages_need_nothing_from_elsewhere(office: Office) -> None:
    client = Client(office.front)
    for path in ("/docs", "/docs/errors"):
        page = await client.get(path)
        assert page.status == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        text = page.body.decode()
        assert not re.search(r"<(script|link|img|iframe)|@import|url\(|(src|href)=.https?://", text)
    for _, path, operation in operations(await document(office)):
        assert path in (await client.get("/docs")).body.decode()
        assert operation["summary"]


async def test_every_doc_url_leads_to_its_error(office: Office) -> None:
    page = (await Client(office.front).get("/docs/errors")).body.decode()
    for code in CATALOGUE:
        assert f"id='{code}'" in page


async def test_the_operations_endpoints_need_no_key(office: Office) -> None:
    client = Client(office.front)
    assert (await client.get("/healthz")).json == {"status": "ok"}
    assert (await client.get("/readyz")).json == {"status": "ready"}
    assert (await client.get("/metrics")).headers[
        "content-type"
    ] == "text/plain; version=0.0.4; charset=utf-8"
    await office.store.close()
    reply = await client.get("/readyz")
    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "unavailable", "1")
    assert (await client.get("/healthz")).status == 200


def test_the_reference_has_every_error() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \|(.*)\|$", (REFERENCE / "errors.md").read_text(), re.MULTILINE))
    assert list(rows) == list(CATALOGUE)
    for code, row in rows.items():
        kind = CATALOGUE[code]
        status, title, retry, scope, advice = (cell.strip() for cell in row.split("|"))
        assert status == (str(kind.status) if kind.status else "–")
        assert (title, retry, scope) == (kind.title, "yes" if kind.retryable else "no", kind.scope)
        assert advice.endswith("."), code


async def test_the_reference_has_every_operation(office: Office) -> None:
    text = (REFERENCE / "api.md").read_text()
    for method, path, operation in operations(await document(office)):
        row = re.search(rf"^\| `{method} {re.escape(path)}` \|(.*)\|$", text, re.MULTILINE)
        assert row, f"{method} {path} is missing"
        assert f"`{operation['x-scope']}`" in row[1] if "x-scope" in operation else "–" in row[1]
    for field in SendRequest.__struct_encode_fields__:
        assert re.search(rf"^\| `{field}` \|", text, re.MULTILINE), field


def test_the_reference_has_every_scope() -> None:
    text = (REFERENCE / "authentication.md").read_text()
    for scope in SCOPES.values():
        assert f"| `{scope.name}` | {scope.audience} | {scope.about} |" in text
