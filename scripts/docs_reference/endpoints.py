"""docs/reference/endpoints.md from the OpenAPI document: every operation with parameters, body, answers, errors and
a call, and every schema.

`doors/v1/examples.toml` has what the document lacks: an example's body or query, and the errors of an operation
beyond those that follow from its form (see `errors_of`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from onesixty.doors.v1.illustrated import OWN, filled
from onesixty.http.examples import answer_example
from scripts.docs_reference.options import resolved

INTRODUCTION = """# Every endpoint

This page lists each call with its parameters, body, responses, errors and an example. It is generated from the \
OpenAPI document of the running product by `python -m scripts.docs_reference`, and a test checks that it is up \
to date. A running server shows the same at `/docs`. [The HTTP API](api.md) describes the conventions of all \
calls, and the most important calls in detail.

The examples use the address `127.0.0.1:8160` and the key in `$KEY`. **Bold** fields are required. A field that \
is null counts as left out. Each call lists its own errors; any call can also fail with `bad_request`, \
`method_not_allowed`, `unavailable` and `internal_error`. The values in the responses are examples.

A user who is signed in may make every call with the cookie of the session in place of a key; `cookies.txt` is \
where the examples keep it. [Such a request](authentication.md#sessions) can also fail with `session_ended`, \
`csrf` and `reauthenticate`.

Calls with a scope also take the headers `Onesixty-Account` (the account to act in), `Onesixty-Mode` (`live` or \
`test`, for sessions, with scopes that a test key can have) and, if they change something, `Onesixty-Reason` (why, \
for the audit log).
"""

#: What a request by a session sends, so that its cookie counts for a change.
SESSION = '''  -b cookies.txt -c cookies.txt -H "Origin: http://127.0.0.1:8160" -H "X-Onesixty-Console: 1"'''


def page(document: dict[str, Any]) -> str:
    """Return the whole page."""
    sections: dict[str, list[str]] = {}
    for path, method, operation in operations(document):
        sections.setdefault(operation["tags"][0], []).append(_operation(document, path, method, operation))
    parts = [INTRODUCTION]
    for tag, found in sections.items():
        parts += [f"## {'SMPP' if tag == 'smpp' else tag.capitalize()}\n", *found]
    parts.append("## Schemas\n")
    for name, schema in sorted(document["components"]["schemas"].items()):
        parts.append(f"### {name}\n\n{_schema(document, schema)}")
    return "\n".join(parts)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method in capitals, and operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def errors_of(path: str, operation: dict[str, Any]) -> list[str]:
    """Return the codes that this operation may answer: those that follow from its form, and its own."""
    found: list[str] = []
    if "x-scope" in operation:
        found += ["unauthorized", "key_revoked", "forbidden", "rate_limited"]
        if operation["x-audience"] == "operator":
            found.append("wrong_mode")
    elif "security" in operation:
        found += ["unauthorized", "key_revoked", "rate_limited"]
        found += [] if _takes_key(operation) else ["session_needed"]
    if "requestBody" in operation:
        found += ["bad_json", "unsupported_media_type", "body_too_large", "request_timeout"]
        found += ["missing_field", "unknown_field", "invalid_field"]
    parameters = _own_parameters(operation)
    if any(parameter["in"] == "query" for parameter in parameters):
        found.append("invalid_parameter")
    if "{" in path:
        found.append("not_found")
    headers = {p["name"].lower() for p in parameters if p["in"] == "header"}
    if "idempotency-key" in headers:
        found += ["invalid_parameter", "idempotency_mismatch"]
    if "if-match" in headers:
        found += ["invalid_parameter", "conflict", "precondition_failed"]
    found += OWN.get(operation["operationId"], {}).get("errors", [])
    return list(dict.fromkeys(found))


def example_of(path: str, method: str, operation: dict[str, Any]) -> str:
    """Return the call as a shell command."""
    own = OWN.get(operation["operationId"], {})
    url = "http://127.0.0.1:8160" + filled(path) + own.get("query", "")
    words = ["curl" if method == "GET" else f"curl -X {method}"]
    quoted = f'"{url}"' if "?" in url else url
    lines = [" ".join([*words, own.get("options", ""), quoted]).replace("  ", " ")]
    if _takes_key(operation):
        lines.append('  -H "Authorization: Bearer $KEY"')
    elif "security" in operation:
        lines.append("  -b cookies.txt" if method == "GET" else SESSION)
    if "body" in own or ("security" in operation and not _takes_key(operation) and method != "GET"):
        lines[-1] += ' -H "Content-Type: application/json"'
    if "body" in own:
        lines.append(f"  -d '{own['body']}'")
    return " \\\n".join(lines)


def _own_parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters without those that nearly all operations share, which the page explains once."""
    return [parameter for parameter in operation.get("parameters", ()) if "$ref" not in parameter]


def _takes_key(operation: dict[str, Any]) -> bool:
    """Whether a key may make the call."""
    return {"key": []} in operation.get("security", ())


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    parts = [f"### {method} {path}\n", f"{operation['summary']}.\n"]
    description = operation.get("description", "").strip()
    first, _, rest = description.partition("\n\n")
    if first.rstrip(".") == operation["summary"]:
        description = rest
    if description:
        parts.append(description + "\n")
    if "security" not in operation:
        parts.append("No key needed.\n")
    if parameters := _own_parameters(operation):
        rows = (
            (_name(p["name"], p.get("required", False)), p["in"], _type(p["schema"]), _about(p["schema"] | p))
            for p in parameters
        )
        parts.append(_table(("Parameter", "In", "Type", "Description"), rows))
    bodies = operation.get("requestBody", {}).get("content", {})
    if bodies:  # one schema, in any of these types
        schema = next(iter(bodies.values()))["schema"]
        parts.append(f"The body ({' or '.join(bodies)}) is {_type(schema)}:\n")
        parts.append(_schema(document, resolved(document, schema)))
    answers = (
        (status, response.get("description", ""), _contents(response))
        for status, response in operation["responses"].items()
        if status != "default"
    )
    parts.append(_table(("Response", "Meaning", "Body"), answers))
    codes = errors_of(path, operation)
    if codes:
        parts.append("[Errors](errors.md): " + ", ".join(f"`{code}`" for code in codes) + ".\n")
    parts.append(f"```\n{example_of(path, method, operation)}\n```\n")
    answer = answer_example(document, operation)
    if answer is not None:
        parts.append(f"```json\n{json.dumps(answer, indent=2, ensure_ascii=False)}\n```\n")
    return "\n".join(parts)


def _contents(response: dict[str, Any]) -> str:
    return ", ".join(
        _type(content["schema"]) if content.get("schema") else f"`{kind}`"
        for kind, content in response.get("content", {}).items()
    )


def _schema(document: dict[str, Any], schema: dict[str, Any]) -> str:
    parts = [f"{_inline(schema['description'])}\n"] if schema.get("description") else []
    if "properties" in schema:
        required = set(schema.get("required", ()))
        rows = (
            (_name(name, name in required), _type(field), _about(field))
            for name, field in schema["properties"].items()
        )
        parts.append(_table(("Field", "Type", "Description"), rows))
    else:
        parts.append(f"Type: {_type(schema)}.\n")
    return "\n".join(parts)


def _name(name: str, required: bool) -> str:
    return f"**`{name}`**" if required else f"`{name}`"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return (
                " or ".join(_type(option) for option in schema[several] if option.get("type") != "null")
                or "null"
            )
    if "enum" in schema:
        return ", ".join(f"`{value}`" if value else "empty" for value in schema["enum"] if value is not None)
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    kind = " or ".join(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}{_bounds(schema)}"
    return str(schema.get("format", kind)) + _bounds(schema)


def _bounds(schema: dict[str, Any]) -> str:
    texts = []
    for low, high, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", ""),
    ):
        if low in schema and high in schema:
            texts.append(f"{schema[low]} to {schema[high]}{unit}")
        elif high in schema:
            texts.append(f"up to {schema[high]}{unit}")
        elif low in schema:
            texts.append(f"from {schema[low]}{unit}")
    return f" ({', '.join(texts)})" if texts else ""


def _about(schema: dict[str, Any]) -> str:
    texts = [schema.get("description", "")]
    texts += [option.get("description", "") for option in schema.get("anyOf", ())]
    said = " ".join(filter(None, dict.fromkeys(texts)))
    default = schema.get("default")
    if default is not None and "Default:" not in said:
        said += f" Default: `{json.dumps(default)}`."
    return _inline(said).strip()


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *lines]) + "\n"
