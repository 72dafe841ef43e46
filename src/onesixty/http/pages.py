"""HTML pages made from the OpenAPI document and the catalogue of errors: `/docs` and `/docs/errors`.

Each is one piece of HTML, without scripts and external resources, so that it works on a
machine without Internet access.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, Final

import msgspec

from onesixty.core.errors import CATALOGUE
from onesixty.http.examples import answer_example, example_of

#: What the pages may load: nothing but their own style.
CONTENT_SECURITY_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"

_STYLE: Final = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#2563eb}
@media(prefers-color-scheme:dark){:root{--link:#7aa7ff}}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem 1.25rem 4rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
code,pre{font:.875em ui-monospace,monospace}pre{background:var(--soft);padding:.75rem;overflow-x:auto}
a{color:var(--link)}details{border:1px solid var(--line);border-radius:.4rem;margin:.6rem 0}
summary{cursor:pointer;padding:.5rem .75rem;display:flex;gap:.75rem;align-items:baseline;flex-wrap:wrap}
details>div{padding:0 .75rem .75rem}.verb{font-weight:700;min-width:4.2rem}
.tag{font-size:.8em;border:1px solid var(--line);border-radius:1rem;padding:0 .5rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .5rem;
border-bottom:1px solid var(--line)}.wide{overflow-x:auto}td:first-child{white-space:nowrap}
nav a{margin-right:1rem}:target{background:var(--soft)}
"""


def api_page(document: dict[str, Any]) -> str:
    """The whole API on one page."""
    info = document["info"]
    sections: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            sections.setdefault(tag, []).append(_operation(document, path, method, operation))
    parts = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        "<nav><a href='/openapi.json'>openapi.json</a><a href='/docs/errors'>errors</a></nav>",
        _prose(info.get("description", "")),
    ]
    for tag, operations_ in sections.items():
        parts += [f"<h2 id='{escape(tag)}'>{escape(tag.capitalize())}</h2>", *operations_]
    parts.append("<h2>Schemas</h2>")
    for name, schema in document["components"]["schemas"].items():
        parts.append(
            f"<details id='schema-{escape(name)}'><summary><code>{escape(name)}</code></summary>"
            f"<div>{_fields(schema)}</div></details>"
        )
    return _page(f"{info['title']} API", "".join(parts))


def errors_page() -> str:
    """The catalogue of errors; each row is the target of its `doc_url`."""
    rows = "".join(
        f"<tr id='{kind.code}'><td><code>{kind.code}</code></td><td>{kind.status or '–'}</td>"
        f"<td>{escape(kind.title)}</td><td>{'yes' if kind.retryable else 'no'}</td><td>{kind.scope}</td></tr>"
        for kind in CATALOGUE.values()
    )
    return _page(
        "onesixty errors",
        "<h1>Errors</h1><nav><a href='/docs'>API</a></nav><p>Every refused request carries one of "
        "these codes. So does the <code>error</code> of a message that was not delivered (the codes "
        "without an HTTP status). <b>Retry</b> says whether the same request can succeed later; "
        "<b>scope</b> says what the error affects: the request, this message, its recipient, its "
        "sender, the carrier or the account.</p><div "
        "class='wide'><table><thead><tr><th>Code<th>Status<th>Meaning<th>Retry<th>Scope</tr></thead><tbody>"
        f"{rows}</tbody></table></div>",
    )


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    marks = ""
    if "x-scope" in operation:
        marks = (
            f"<span class='tag'>{escape(operation['x-audience'])}</span>"
            f"<span class='tag'><code>{escape(operation['x-scope'])}</code></span>"
        )
    parts = [_prose(operation.get("description", ""))]
    if operation.get("parameters"):
        rows = (
            (p["name"], p["in"], _type(p["schema"]), p.get("required", False), _about(p | p["schema"]))
            for p in operation["parameters"]
        )
        parts.append("<h4>Parameters</h4>" + _table(("Name", "In", "Type", "Required", ""), rows))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        parts.append(f"<h4>Body</h4>{_body(document, body['schema'])}")
        parts.append(_shown(example_of(document, body["schema"])))
    answers = (
        (status, response.get("description", ""), _answer_type(response))
        for status, response in operation["responses"].items()
    )
    parts.append("<h4>Answers</h4>" + _table(("Status", "", "Body"), answers))
    answer = answer_example(document, operation)
    if answer is not None:
        parts.append(_shown(answer))
    return (
        f"<details id='{escape(operation['operationId'])}'><summary><span class='verb'>{method.upper()}</span>"
        f"<code>{escape(path)}</code><span>{escape(operation.get('summary', ''))}</span>{marks}</summary>"
        f"<div>{''.join(parts)}</div></details>"
    )


def _body(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """The fields of a body. If the body has several forms, the fields of each."""
    resolved = _resolved(document, schema)
    forms = resolved.get("anyOf") or resolved.get("oneOf")
    if not forms:
        return _fields(resolved)
    parts = [_prose(resolved.get("description", ""))]
    for form in forms:
        named = _resolved(document, form)
        name = form["$ref"].rsplit("/", 1)[1] if "$ref" in form else named.get("title", "")
        parts.append(f"<h5><a href='#schema-{escape(name)}'>{escape(name)}</a></h5>{_fields(named)}")
    return "".join(parts)


def _shown(value: Any) -> str:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return f"<pre>{escape(text)}</pre>"


def _fields(schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = (
        (name, _type(field), name in required, _about(field))
        for name, field in schema.get("properties", {}).items()
    )
    return _prose(schema.get("description", "")) + _table(("Field", "Type", "Required", ""), rows)


def _table(head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    cells = "".join(f"<th>{name}" for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{_cell(cell)}" for cell in row) + "</tr>" for row in rows)
    return f"<div class='wide'><table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table></div>"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return value if isinstance(value, _Html) else escape(str(value))


class _Html(str):
    """Text that is already HTML."""

    __slots__ = ()


def _type(schema: dict[str, Any]) -> _Html:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return _Html(f"<a href='#schema-{name}'>{name}</a>")
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _Html(" or ".join(_type(option) for option in schema[several]))
    if "enum" in schema:
        return _Html(" | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"]))
    if "const" in schema:
        return _Html(f"<code>{escape(str(schema['const']))}</code>")
    kind = schema.get("type", "any")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    if kind == "array":
        return _Html(f"array of {_type(schema.get('items', {}))}")
    bounds = [
        f"{sign} {schema[name]}{unit}"
        for name, sign, unit in (
            ("minimum", "≥", ""),
            ("maximum", "≤", ""),
            ("minLength", "≥", " characters"),
            ("maxLength", "≤", " characters"),
        )
        if name in schema
    ]
    return _Html(escape(", ".join([schema.get("format", kind), *bounds])))


def _about(schema: dict[str, Any]) -> _Html:
    texts = [schema.get("description", "")]
    texts += [option.get("description", "") for option in schema.get("anyOf", ())]
    text = _inline(" ".join(filter(None, dict.fromkeys(texts))))
    if schema.get("default") is not None:
        default = msgspec.json.encode(schema["default"]).decode()
        text += f" Default: <code>{escape(default)}</code>."
    return _Html(text)


def _answer_type(response: dict[str, Any]) -> _Html:
    kinds = (_type(content.get("schema", {})) for content in response.get("content", {}).values())
    return _Html(", ".join(kinds))


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def _prose(text: str) -> str:
    paragraphs = (part.strip() for part in text.split("\n\n"))
    return "".join(f"<p>{_inline(part)}</p>" for part in paragraphs if part)


def _inline(text: str) -> str:
    """Text with `code` in backticks, the only mark-up in our descriptions."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))
