"""The OpenAPI document, the page of errors, and that they say what is so."""

import base64
import gzip
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import ValidationError
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from onesixty.channels.sms.view import sms_view
from onesixty.core import events
from onesixty.core.errors import CATALOGUE
from onesixty.core.message import Message
from onesixty.doors.v1.schemas import SCHEMAS
from onesixty.doors.v1.send_request import SendRequest
from onesixty.doors.v1.sent import sent_body
from onesixty.doors.v1.texts import RENAMED
from onesixty.http.openapi_polish import NAMED
from onesixty.http.scopes import SCOPES
from onesixty.ops import patterns
from onesixty.ops.settings import Settings
from tests.doors.office import Office
from tests.doors.test_doors_messages import Behind
from tests.http.asgi import Client

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    yield made
    await made.close()


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(m.upper(), path, o) for path, item in document["paths"].items() for m, o in item.items()]


def _is_for_keys(path: str, operation: Any) -> bool:
    """Whether callers need a key or a session: providers that report have none, nor who is about to sign in."""
    return path.startswith("/v1/") and operation["tags"] not in (["callbacks"], ["sign-in"])


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_operation_is_marked_operator_or_tenant(document: Any) -> None:
    for _, path, operation in operations(document):
        if _is_for_keys(path, operation):
            if "x-scope" in operation:
                assert operation["x-audience"] == SCOPES[operation["x-scope"]].audience
                assert operation["security"] == [{"key": []}, {"session": []}]
                told = f"For {'operators only' if operation['x-audience'] == 'operator' else 'every account'}, with"
                assert told in operation["description"]
            else:
                assert operation["x-audience"] == "tenant"
                assert {"session": []} in operation["security"]
            assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert operation["summary"]
        assert "422" not in operation["responses"]


def test_operations_name_the_headers_that_say_where_their_caller_acts(document: Any) -> None:
    headers = {name: one["name"] for name, one in document["components"]["parameters"].items()}
    assert headers == {"Account": "Onesixty-Account", "Mode": "Onesixty-Mode", "Reason": "Onesixty-Reason"}
    taken = {}
    for method, path, operation in operations(document):
        named = [one["$ref"].rpartition("/")[2] for one in operation.get("parameters", ()) if "$ref" in one]
        taken[f"{method} {path}"] = [headers[name].removeprefix("Onesixty-") for name in named]
        if "x-scope" in operation:
            live_only = SCOPES[operation["x-scope"]].live_only
            assert ("Mode" in named) is not live_only, path
            assert ("Reason" in named) is (method != "GET"), path
            assert "Account" in named, path
    assert taken["GET /v1/messages"] == ["Account", "Mode"]
    assert taken["POST /v1/carriers"] == ["Account", "Reason"]
    assert taken["GET /v1/me"] == ["Account", "Mode"]
    assert taken["POST /v1/sessions"] == taken["GET /readyz"] == []


async def test_every_operation_refuses_callers_without_a_key(office: Office, document: Any) -> None:
    for method, path, operation in operations(document):
        if _is_for_keys(path, operation):
            reply = await Client(office.front, address=path).request(method, path.replace("{id}", "x"))
            assert reply.status == 401, path


def test_the_body_of_send_is_the_struct(document: Any) -> None:
    schema = document["components"]["schemas"]["SendRequest"]
    assert set(schema["properties"]) == set(SendRequest.__struct_encode_fields__)
    assert schema["required"] == ["to"]
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
    assert list(SCHEMAS["Message"]["properties"]) == [*sms_view(message), "account_id", "cost"]
    assert "cost" not in SCHEMAS["Message"]["required"], "for operators only"
    assert set(SCHEMAS["SentMessage"]["properties"]) == set(
        msgspec.json.decode(sent_body(message, changes=True))
    )


async def test_the_page_of_errors_needs_nothing_from_elsewhere(office: Office) -> None:
    page = await Client(office.front).get("/docs/errors")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    text, policy = page.body.decode(), page.headers["content-security-policy"]
    assert not re.search(r"<(script|link|img|iframe)|@import|url\(|(src|href)=.(https?:/)?/", text)
    style = re.findall(r"<style>(.*)</style>", text)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "unsafe" not in policy


async def test_every_doc_url_leads_to_its_error(office: Office) -> None:
    page = (await Client(office.front).get("/docs/errors")).body.decode()
    for code in CATALOGUE:
        assert f"id='{code}'" in page


@pytest.mark.parametrize("path", ["/openapi.json", "/docs/openapi.json"])
async def test_the_documents_are_sent_compressed_and_only_once(office: Office, path: str) -> None:
    client = Client(office.front)
    plain = await client.get(path)
    assert "content-encoding" not in plain.headers
    packed = await client.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) * 5 < len(plain.body)
    for form, asked in ((plain, "gzip;q=0"), (packed, "gzip")):
        assert (form.headers["vary"], form.headers["cache-control"]) == ("accept-encoding", "no-cache")
        known = {"Accept-Encoding": asked, "If-None-Match": form.headers["etag"]}
        again = await client.get(path, headers=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", form.headers["etag"])
    other = {"Accept-Encoding": "gzip", "If-None-Match": plain.headers["etag"]}
    assert (await client.get(path, headers=other)).status == 200, "each form has a tag of its own"


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


def test_the_reference_has_every_operation(document: Any) -> None:
    text = (REFERENCE / "api.md").read_text()
    for method, path, operation in operations(document):
        row = re.search(rf"^\| `{method} {re.escape(path)}` \|(.*)\|$", text, re.MULTILINE)
        assert row, f"{method} {path} is missing"
        assert f"`{operation['x-scope']}`" in row[1] if "x-scope" in operation else "–" in row[1]
    for field in SendRequest.__struct_encode_fields__:
        assert re.search(rf"^\| `{field}` \|", text, re.MULTILINE), field


def test_the_reference_has_every_scope() -> None:
    text = (REFERENCE / "authentication.md").read_text()
    for scope in SCOPES.values():
        test = "no" if scope.live_only else "yes"
        assert f"| `{scope.name}` | {scope.audience} | {test} | {scope.about} |" in text


# ------------------------------------------------------------ what generators of clients need of the document

#: Objects whose fields are not ours to name, with the reason.
FREE: dict[str, str] = {
    "AuditEntry.before": "the fields of any object",
    "AuditEntry.after": "the fields of any object",
    "AuditEntry.details": "what the kind of entry has",
    "AuditEntry.internal": "what the kind of entry has",
    "StepUpBody.passkey": "WebAuthn's",
    "SignInBody.passkey": "WebAuthn's",
    "PasskeyBody.credential": "WebAuthn's",
    "PasskeyOptions.options": "WebAuthn's",
    "CheckResult.values": "each finding has its own",
    "Carrier.settings": "each type of carriers has its own",
    "NewCarrierBody.settings": "each type of carriers has its own",
    "CarrierChangeBody.settings": "each type of carriers has its own",
    "CarrierCheckBody.settings": "each type of carriers has its own",
    "CarrierType.settings": "a JSON Schema",
    **{
        f"{schema}.variables": "each template has its own"
        for schema in (
            "SendRequest",
            "BroadcastRequest",
            "ReplyRequest",
            "ChangeRequest",
            "TemplatePreviewBody",
        )
    },
}
#: Fields with one of these names hold a closed set of values, apart from those below.
CLOSED = {
    "code",
    "error",
    "encoding",
    "scope",
    "scopes",
    "status",
    "class",
    "events",
    "role",
    "type",
    "direction",
}
#: Fields that are open in spite of their name, with the reason.
OPEN: dict[str, str] = {
    "Notice.code": "rules of extensions have their own",
    "NoticeInBrief.code": "rules of extensions have their own",
    "HistoryNotice.code": "rules of extensions have their own",
    "Problem.type": "a URI",
    "CapturedPdu.status": "carriers have their own",
    "DecodedPdu.status": "carriers have their own",
    "PreviewRefusal.type": "a URI",
    "TotpBody.code": "six digits",
    "SignInBody.code": "six digits",
    **{
        f"{schema}.code": "what somebody typed, or will"
        for schema in ("CheckByAddress", "CheckVerification", "StartVerification", "TestNumber")
    },
    "Carrier.type": "extensions add types",
    "NewCarrierBody.type": "extensions add types",
    "CarrierType.type": "extensions add types",
    "CarrierCheck.type": "extensions add types",
    "CarrierCheckBody.type": "extensions add types",
    "LiveCarrier.type": "extensions add types",
    "DeliveryDetail.error": "a sentence",
    "DeliveryAttempt.error": "a sentence",
    "DeliveryView.error": "a sentence",
    "WebhookTestResult.error": "a sentence",
    "ReportRun.error": "a sentence",
    **{
        f"{schema}.{name}": "a later version may count more"
        for schema in ("MessageReportRow", "PendingReportRow", "SavedQuery")
        for name in ("class", "error", "status")
    },
}
#: Schemas of one short word that say enough.
WORDS = {"Me", "Job", "Cost", "Event", "Pause", "Batch", "Route", "Scope"}


def parts(schema: Any) -> Any:
    """A schema and all schemas in it, apart from those it refers to."""
    yield schema
    for keyword in ("properties", "$defs"):
        for inner in schema.get(keyword, {}).values():
            yield from parts(inner)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from parts(schema[keyword])
    for keyword in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(keyword, ()):
            yield from parts(inner)


def fields(document: Any) -> list[tuple[str, str, Any]]:
    """Schema, field, and the field's schema."""
    return [
        (name, field, said)
        for name, schema in document["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
    ]


def test_no_object_is_free_but_those_that_are_not_ours(document: Any) -> None:
    found = {
        f"{name}.{field}"
        for name, field, said in fields(document)
        for part in parts(said)
        if part.get("type") in ("object", ["object", "null"])
        and not part.get("properties")
        and not isinstance(part.get("additionalProperties"), dict)
    }
    assert found <= set(FREE), f"give these objects a schema: {sorted(found - set(FREE))}"


def expressions(value: Any) -> Iterator[str]:
    """The regular expressions of all schemas in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for inner in value.values():
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


async def test_what_every_expression_allows_has_its_words(office: Office, document: Any) -> None:
    """Of fields of the API, settings of the program and settings of carriers."""
    types = (await office.client().get("/v1/carrier-types")).json
    assert types["data"]
    said = {*expressions(document), *expressions(types), *expressions(Settings.model_json_schema())}
    assert said == patterns.WORDS.keys()


def test_closed_sets_name_their_values(document: Any) -> None:
    missing = set()
    for name, field, said in fields(document):
        strings = [part for part in parts(said) if part.get("type") in ("string", ["string", "null"])]
        if field in CLOSED and any("enum" not in part and "const" not in part for part in strings):
            missing.add(f"{name}.{field}")
    assert missing <= set(OPEN), f"name the values of {sorted(missing - set(OPEN))}, or the reason why not"


def test_parameters_are_of_one_type_and_described_once(document: Any) -> None:
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if "$ref" in parameter:
                continue
            schema = parameter["schema"]
            assert {"type": "null"} not in schema.get("anyOf", ()), (method, path, parameter["name"])
            assert not isinstance(schema.get("type"), list), (method, path, parameter["name"])
            assert "description" not in schema, (method, path, parameter["name"])


def test_nothing_has_a_generated_title(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert not [part for part in parts(schema) if isinstance(part.get("title"), str)], name


def test_every_group_of_operations_has_a_text_and_its_place(office: Office, document: Any) -> None:
    used = list(dict.fromkeys(operation["tags"][0] for _, _, operation in operations(document)))
    assert [tag["name"] for tag in document["tags"]] == used
    assert all(tag["description"].endswith(".") for tag in document["tags"])
    assert document["servers"] == [{"url": office.node.settings.effective_public_url}]


def test_every_answer_with_content_has_a_schema(document: Any) -> None:
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                assert content.get("schema"), (method, path, status, kind)


def test_names_of_schemas_say_what_they_are_of(document: Any) -> None:
    names = set(document["components"]["schemas"])
    assert {name for name in names if len(name) < 6} <= WORDS
    assert not names & set(RENAMED), "the document has these under other names"
    assert set(RENAMED.values()) <= names, "names that the document no longer has"


def test_every_reference_leads_somewhere(document: Any) -> None:
    names = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    text = msgspec.json.encode(document).decode()
    assert set(re.findall(r"#/components/schemas/\w+", text)) <= names
    assert NAMED not in text


def test_events_are_a_union_by_type(document: Any) -> None:
    event = document["components"]["schemas"]["Event"]
    assert set(event["discriminator"]["mapping"]) == set(events.TYPES)
    stream = document["paths"]["/v1/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert stream["schema"] == {"$ref": "#/components/schemas/Event"}
    message = sms_view(Behind().message)
    told = {"id": "evt_1", "type": "message.sent", "created_at": "2026-11-28T12:00:00.000Z", "sequence": 1}
    validator = OAS31Validator({**event, "components": document["components"]})
    validator.validate({**told, "data": message})
    with pytest.raises(ValidationError):
        validator.validate({**told, "data": {"id": "msg_1"}})
    tested = {"webhook_id": "whk_1", "url": "https://example.com"}
    validator.validate({**told, "type": "webhook.test", "data": tested})
