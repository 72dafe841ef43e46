"""The OpenAPI document with an example of everything: values of parameters, bodies, answers, and calls as programs
in seven languages (`x-codeSamples`).

Renderers of the reference read it. Programs that generate clients read `/openapi.json`, which is half as large.
What follows from no schema stands in `examples.toml`, by operationId: the body, the query and the options of an
example, and the errors that an operation adds to those of its form.

Rules kept here:
- every example fits its schema; a test checks each;
- the same examples make the programs here, the pages of the documentation, and `/docs`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from onesixty.doors.v1 import samples
from onesixty.doors.v1.samples import KEY, LANGUAGES, SESSION, Sample
from onesixty.doors.v1.text_answers import text_answer
from onesixty.http.examples import answer_of

OWN: Final[dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("examples.toml").read_text(encoding="utf-8")
)

#: The values of path parameters in an example.
_IN_PATHS: Final = {
    "message_id": "msg_01h455vb4pex5vsknk084sn02q",
    "number": "+15551234567",
    "name": "oldest_queued",
    "place": "3",
    "version": "1",
}
_PREFIXES: Final = {
    "messages": "msg", "batches": "bat", "webhooks": "whk", "alerts": "alr", "captures": "cap", "pauses": "pau",
    "jobs": "job", "numbers": "num", "smpp-credentials": "smpp", "smpp-binds": "bnd", "keys": "key",
    "accounts": "acc", "subaccounts": "acc", "users": "usr", "invitations": "inv", "sessions": "ses", "me": "crd",
    "documents": "doc", "deliveries": "dlv", "templates": "tpl",
}  # fmt: skip
_STREAM: Final = "text/event-stream"
_JSON: Final = "application/json"


def illustrated(document: dict[str, Any], url: str) -> dict[str, Any]:
    """The document with examples, for a server at `url`."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _illustrate(made, path, method.upper(), operation, url)
    return made


def filled(path: str, ending: str = "...") -> str:
    """A path with example values in place of its parameters."""
    for name in ("id", *_IN_PATHS):
        path = path.replace(f"{{{name}}}", _value(path, name, ending))
    return path


def _value(path: str, name: str, ending: str) -> str:
    if name != "id":
        return _IN_PATHS.get(name, "x")
    kind = path.split("/")[2] if path.startswith("/v1/") else ""
    return "acme" if kind in ("carriers", "routes") else f"{_PREFIXES.get(kind, 'x')}_{ending}"


def _illustrate(
    document: dict[str, Any], path: str, method: str, operation: dict[str, Any], url: str
) -> None:
    own = OWN.get(operation["operationId"], {})
    query = dict(parse_qsl(str(own.get("query", "")).removeprefix("?")))
    for parameter in operation.get("parameters", ()):
        if "$ref" in parameter:  # one that many operations share
            continue
        if parameter["in"] == "path":
            value = _value(path, parameter["name"], "01h455vb4pex5vsknk084sn02q")
            parameter["example"] = _typed(value, parameter["schema"])
        elif parameter["name"] in query:
            parameter["example"] = _typed(query[parameter["name"]], parameter["schema"])
    contents = operation.get("requestBody", {}).get("content", {})
    body = msgspec.json.decode(own["body"]) if "body" in own else None
    for kind, content in contents.items():
        if body is not None and kind.endswith("json"):
            content["example"] = body
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        for kind, content in response.get("content", {}).items():
            if kind == _JSON and content.get("schema"):
                content["example"] = answer_of(document, content["schema"])
            elif (text := text_answer(document, operation["operationId"], kind)) is not None:
                content["example"] = text
    sample = sample_of(path, method, operation, url)
    operation["x-codeSamples"] = [
        {"lang": language.key, "label": language.name, "source": language.write(sample)}
        for language in LANGUAGES
    ]


def _typed(value: str, schema: dict[str, Any]) -> Any:
    """The value of a query parameter as its schema has it."""
    kinds = {schema.get("type"), *(option.get("type") for option in schema.get("anyOf", ()))}
    if "array" in kinds:
        return [value]
    if kinds & {"integer", "number", "boolean"} and "string" not in kinds:
        return msgspec.json.decode(value)
    return value


def sample_of(path: str, method: str, operation: dict[str, Any], url: str) -> Sample:
    """The call of an operation's example."""
    own = OWN.get(operation["operationId"], {})
    security = operation.get("security", ())
    caller = KEY if {"key": []} in security else SESSION if security else None
    kinds = list(operation.get("requestBody", {}).get("content", {}))
    upload = None if not kinds or any(kind.endswith("json") for kind in kinds) else kinds[0]
    options = str(own.get("options", "")).split()
    answers = [kind for response in operation["responses"].values() for kind in response.get("content", {})]
    return samples.Sample(
        method,
        url,
        filled(path) + own.get("query", ""),
        caller,
        msgspec.json.decode(own["body"]) if "body" in own else None,
        upload or _JSON,
        upload="register.pdf" if upload else None,
        saved=options[options.index("-o") + 1] if "-o" in options else None,
        stream=_STREAM in answers,
    )
