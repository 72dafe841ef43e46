"""The OpenAPI 3.1 document: what FastAPI generates, and what it cannot know.

Added here: the security scheme; the scope and audience of each operation (`x-scope`, `x-audience`), its
problem document, and the headers that every answer has; hot routes' bodies from their msgspec structs; the
schemas that several features share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, Final

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from onesixty.http.auth import Requires
from onesixty.http.scopes import SCOPES

REF: Final = "#/components/schemas/{name}"
JSON: Final = "application/json"

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Problem details (RFC 9457). The page of errors lists all codes.",
    "required": [
        "type", "title", "status", "detail", "code", "param", "retryable", "doc_url", "request_id",
    ],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "code": {"type": "string", "description": "A stable code for programs."},
        "param": {"type": ["string", "null"], "description": "The field at fault, for example `tags[1]`."},
        "retryable": {"type": "boolean", "description": "Whether the same request can succeed later."},
        "doc_url": {"type": "string", "format": "uri"},
        "request_id": {"type": "string"},
    },
}  # fmt: skip

_HEADERS: Final[dict[str, Any]] = {
    "X-Request-Id": {
        "description": "The id of this request: yours if you sent one (up to 128 letters, digits, `.`, `_`, `-`).",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'The requests left and the seconds until the limit resets: `"default";r=99;t=1`.',
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": 'The limit: requests in a window of seconds: `"default";q=100;w=1`.',
        "schema": {"type": "string"},
    },
}

_SECURITY: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key: `Authorization: Bearer os_live_...`.",
}

Schema = dict[str, Any]


class Router(APIRouter):
    """The routes of a feature, with the schemas of its bodies and answers. The schemas are made only when the
    document is read, because most processes never need it."""

    def __init__(self, tag: str, prefix: str = "") -> None:
        super().__init__(prefix=prefix, tags=[tag])
        self._schemas: list[Callable[[], Mapping[str, Schema]]] = []

    def describe(self, schemas: Callable[[], Mapping[str, Schema]]) -> None:
        """Add the schemas that `schemas` returns to the document."""
        self._schemas.append(schemas)

    def schemas(self) -> dict[str, Schema]:
        """All schemas, by name."""
        return {name: schema for made in self._schemas for name, schema in made().items()}


def install(
    app: FastAPI,
    routers: Sequence[APIRouter],
    schemas: Callable[[], Mapping[str, Schema]],
    *,
    description: str,
) -> None:
    """Make `app`, which has these `routers`, answer with our document. It has FastAPI's schemas, those of the
    routers, and those that `schemas` returns at the first view."""

    lock = Lock()

    def document() -> dict[str, Any]:
        with lock:  # it is made in threads, when a page that shows it is first read
            return made_once()

    def made_once() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version="3.1.0",
                description=description,
                routes=app.routes,
            )
            own = [router.schemas() for router in routers if isinstance(router, Router)]
            every = {**schemas(), **{name: schema for found in own for name, schema in found.items()}}
            app.openapi_schema = _complete(made, list(_api_routes(routers)), every)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def of_struct(
    *structs: type[msgspec.Struct], pages: Sequence[type[msgspec.Struct]] = ()
) -> dict[str, Schema]:
    """The schemas of msgspec structs and of nested structs, by name; those of `pages` with `...List`."""
    _, components = msgspec.json.schema_components([*structs, *pages], ref_template=REF)
    found = {name: _polish(schema) for name, schema in components.items()}
    return found | {f"{one.__name__}List": list_of(one.__name__) for one in pages}


def json_body(name: str, *, required: bool = True, types: Sequence[str] = (JSON,)) -> dict[str, Any]:
    """`openapi_extra` for a route whose body is the schema `name`, in any of these content types."""
    content = {type_: {"schema": {"$ref": REF.format(name=name)}} for type_ in types}
    return {"requestBody": {"required": required, "content": content}}


def answers(status: int, name: str, description: str) -> dict[int | str, dict[str, Any]]:
    """`responses` for a route whose answer is the schema `name`."""
    content = {"application/json": {"schema": {"$ref": REF.format(name=name)}}}
    return {status: {"description": description, "content": content}}


def list_of(name: str) -> Schema:
    """The schema of a page of `name`."""
    return {
        "type": "object",
        "required": ["data", "next"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": REF.format(name=name)}},
            "next": {
                "type": ["string", "null"],
                "description": "The `after` of the next page; null on the last page.",
            },
        },
    }


def _api_routes(routers: Sequence[APIRouter]) -> Iterator[APIRoute]:
    for router in routers:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _scope_of(route: APIRoute) -> str | None:
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Requires):
            return dependency.call.scope
    return None


def _complete(
    document: dict[str, Any], routes: list[APIRoute], schemas: Mapping[str, Schema]
) -> dict[str, Any]:
    scopes = {
        (route.path_format, method): _scope_of(route) for route in routes for method in route.methods or ()
    }
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"key": _SECURITY}
    found = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        found.pop(name, None)
    found.update(schemas)
    found["Problem"] = _PROBLEM
    components["headers"] = _HEADERS
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            # The first line of a docstring is the title of the operation.
            title, _, text = operation.get("description", "").partition("\n")
            operation["summary"] = title.strip().rstrip(".")
            operation["description"] = text.strip() or title.strip()
            responses = operation["responses"]
            responses.pop("422", None)
            scope = scopes.get((path, method.upper()))
            if scope is not None:
                operation["security"] = [{"key": []}]
                operation["x-scope"] = scope
                operation["x-audience"] = SCOPES[scope].audience
                responses["default"] = {
                    "description": "A problem.",
                    "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}},
                }
            for response in responses.values():
                response.setdefault("headers", {}).update(headers)
    return document


def _polish(schema: Schema) -> Schema:
    """Improve msgspec's schemas: add the type to enums, and remove null defaults. Both are legal, but read badly."""
    polished = {name: _polish_value(value) for name, value in schema.items()}
    if "default" in polished and polished["default"] is None:
        del polished["default"]
    enum = polished.get("enum")
    if enum and "type" not in polished and all(isinstance(value, str) for value in enum):
        polished["type"] = "string"
    return polished


def _polish_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _polish(value)
    return [_polish_value(item) for item in value] if isinstance(value, list) else value


#: Makes an OpenAPI document, from which pages are rendered.
Document = Callable[[], dict[str, Any]]
