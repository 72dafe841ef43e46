"""The document with examples: every operation has an example request and answer that fits, and seven programs."""

from __future__ import annotations

import ast
import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from onesixty.doors.v1 import samples
from onesixty.doors.v1.samples import LANGUAGES, SESSION, Sample
from tests.doors.office import Office


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The plain document, and the one with examples."""

    async def read() -> tuple[Any, Any]:
        office = await Office.open(public_url="https://sms.example", data_dir=tmp_path_factory.mktemp("data"))
        client = office.client()
        found = (await client.get("/openapi.json")).json, (await client.get("/docs/openapi.json")).json
        await office.close()
        return found

    return asyncio.run(read())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def without_examples(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: without_examples(item)
            for name, item in value.items()
            if name not in ("example", "x-codeSamples")
        }
    return [without_examples(item) for item in value] if isinstance(value, list) else value


def test_only_examples_are_added(documents: tuple[Any, Any]) -> None:
    plain, shown = documents
    assert without_examples(shown) == without_examples(plain)


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Why a value does not fit a schema of the document."""
    whole = {**schema, "components": document["components"]}
    checker = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker(["date-time"]))
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in checker.iter_errors(value)
    ]


def test_every_operation_has_an_example_request_that_fits(documents: tuple[Any, Any]) -> None:
    _, document = documents
    wrong: list[str] = []
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter.get("in") == "path" or "example" in parameter:
                wrong += [
                    f"{name}: {why}" for why in fits(document, parameter["schema"], parameter["example"])
                ]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content and operation["tags"] != ["callbacks"]:
            wrong += [f"{name}: {why}" for why in fits(document, content["schema"], content["example"])]
    assert not wrong, "\n".join(wrong)


def test_every_operation_has_an_example_answer_that_fits(documents: tuple[Any, Any]) -> None:
    _, document = documents
    wrong: list[str] = []
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json")
            if status.startswith("2") and content and content.get("schema"):
                wrong += [f"{name}: {why}" for why in fits(document, content["schema"], content["example"])]
                if re.search(r'"\.\.\.["_]', json.dumps(content["example"])):
                    wrong.append(f"{name}: a value is left out: {json.dumps(content['example'])[:300]}")
    assert not wrong, "\n".join(wrong)


def test_every_answer_that_is_text_has_an_example(documents: tuple[Any, Any]) -> None:
    """Of another type than JSON, only files have none."""
    _, document = documents
    missing, seen = [], {}
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                if status.startswith("2") and (kind.startswith("text/") or kind == "application/x-ndjson"):
                    if not content.get("example"):
                        missing.append(f"{name}: {kind}")
                    seen[f"{operation['operationId']} {kind}"] = content.get("example", "")
    assert not missing

    def schema(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    (line,) = seen["export_messages application/x-ndjson"].splitlines()
    assert not fits(document, schema("Message"), json.loads(line))
    entry, head = map(json.loads, seen["export_audit application/x-ndjson"].splitlines())
    assert not fits(document, schema("AuditEntry"), entry)
    assert not fits(document, schema("AuditHead"), head["head"])
    data = re.search(r"^data: (.*)$", seen["follow_events text/event-stream"], re.MULTILINE)
    assert data
    assert not fits(document, schema("Event"), json.loads(data[1]))
    for one, rows in (("export_messages", 2), ("export_audit", 3)):
        table = list(csv.reader(io.StringIO(seen[f"{one} text/csv"])))
        assert len(table) == rows
        assert {len(row) for row in table} == {len(table[0])}


def test_every_operation_is_a_program_in_seven_languages(documents: tuple[Any, Any]) -> None:
    _, document = documents
    for name, operation in operations(document):
        programs = {one["label"]: one["source"] for one in operation["x-codeSamples"]}
        assert list(programs) == ["curl", "Python", "TypeScript", "PHP", "Java", "Go", "C#"], name
        for source in programs.values():
            assert "https://sms.example/" in source, name
            assert ("ONESIXTY_KEY" in source) == ({"key": []} in operation.get("security", ())), name
        ast.parse(programs["Python"])


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.key)
def test_texts_stand_in_a_program_as_they_are(language: samples.Language) -> None:
    text = 'it\'s "quoted" `so`, C:\\temp, 🙂'
    call = Sample(
        "POST", "http://x", "/v1/sms/send", SESSION, {"text": text, "tags": [], "test": False, "none": None}
    )
    source = language.write(call)
    assert "🙂" in source
    assert "X-Onesixty-Console" in source
    if language.key == "python":
        (data,) = [
            node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Dict) and len(node.keys) == 4
        ][1:]
        assert ast.literal_eval(data) == call.body
