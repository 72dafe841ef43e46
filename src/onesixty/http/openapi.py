"""The OpenAPI 3.1 document: what FastAPI generates, and what it cannot know.

Added here: the security scheme; the scope and audience of each operation (`x-scope`, `x-audience`), whether it is for
the live mode alone (`x-live-only`), and the sentence about them; the headers that say where its caller acts, its
problem document, and the headers that every answer has; the bodies of hot routes from their structs; the schemas that
several features share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from threading import Lock
from typing import Any, Final, NamedTuple

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from onesixty.core.errors import CATALOGUE
from onesixty.http.acting import PARAMETERS, parameters_of
from onesixty.http.auth import Identified, Requires
from onesixty.http.late_route import LateRoute
from onesixty.http.openapi_polish import polish
from onesixty.http.resource import Resource
from onesixty.http.scopes import OPERATOR, SCOPES, TENANT

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
        "code": {"$ref": REF.format(name="ErrorCode")},
        "param": {"type": ["string", "null"], "description": "The field at fault, for example `tags[1]`."},
        "retryable": {"type": "boolean", "description": "Whether the same request can succeed later."},
        "doc_url": {"type": "string", "format": "uri"},
        "request_id": {"type": "string"},
    },
}  # fmt: skip

_ERROR_CODE: Final[dict[str, Any]] = {
    "type": "string",
    "description": "A code of the error catalogue. Codes are stable; a later version may add some.",
    "enum": list(CATALOGUE),
}

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
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key: `Authorization: Bearer os_live_...`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "onesixty",
        "description": "The session of a user who signed in; over HTTPS the name is `__Host-onesixty`. Requests that "
        "change something also need `Content-Type: application/json`, `X-Onesixty-Console: 1` and `Origin`.",
    },
}

Schema = dict[str, Any]


class Router(APIRouter):
    """The routes of a feature, with the schemas of its bodies and answers. Routes are built when they are first used
    (`http.late_route`). The schemas are made only when the document is read, because most processes never need it."""

    def __init__(self, tag: str, prefix: str = "") -> None:
        super().__init__(
            prefix=prefix,
            tags=[tag],
            route_class=LateRoute,
            generate_unique_id_function=lambda route: route.name,
        )
        self._schemas: list[Callable[[], Mapping[str, Schema]]] = []
        #: The resources that have their routes here (`http.resource_routes`).
        self.resources: list[Resource[Any, Any, Any, Any]] = []

    def describe(self, schemas: Callable[[], Mapping[str, Schema]]) -> None:
        """Add the schemas that `schemas` returns to the document."""
        self._schemas.append(schemas)

    def schemas(self) -> dict[str, Schema]:
        """All schemas, by name."""
        return {name: schema for made in self._schemas for name, schema in made().items()}


class Texts(NamedTuple):
    """What the document has beside operations. `tags` with their sentences, in order; `renamed` the names of schemas
    that would be too short in one name space; `webhooks` the requests that onesixty makes, by their name."""

    description: str
    server: str
    tags: Mapping[str, str] = {}
    renamed: Mapping[str, str] = {}
    webhooks: Mapping[str, Schema] = {}


def install(
    app: FastAPI,
    routers: Sequence[APIRouter],
    schemas: Callable[[], Mapping[str, Schema]],
    texts: Texts,
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
                description=texts.description,
                servers=[{"url": texts.server}],
                tags=[{"name": name, "description": about} for name, about in texts.tags.items()],
                routes=app.routes,
            )
            if texts.webhooks:
                made["webhooks"] = dict(texts.webhooks)
            own = [router.schemas() for router in routers if isinstance(router, Router)]
            every = {**schemas(), **{name: schema for found in own for name, schema in found.items()}}
            app.openapi_schema = _complete(made, list(_api_routes(routers)), every)
            polish(made, texts.renamed)
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


def _identified_of(route: APIRoute) -> Identified | None:
    """How a route without a scope identifies its caller, if it does."""
    found = (dependency.call for dependency in route.dependant.dependencies)
    return next((one for one in found if isinstance(one, Identified)), None)


def _complete(
    document: dict[str, Any], routes: list[APIRoute], schemas: Mapping[str, Schema]
) -> dict[str, Any]:
    scopes = {
        (route.path_format, method): _scope_of(route) for route in routes for method in route.methods or ()
    }
    identified = {
        (route.path_format, method): _identified_of(route)
        for route in routes
        for method in route.methods or ()
    }
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SECURITY
    found = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        found.pop(name, None)
    found.update(deepcopy(dict(schemas)))
    found["ErrorCode"] = dict(_ERROR_CODE)
    found["Scope"] = {
        "type": "string",
        "description": "What a key or a role may do. The page of authentication says what each allows.",
        "enum": list(SCOPES),
    }
    found["Problem"] = deepcopy(_PROBLEM)
    components["headers"] = _HEADERS
    components["parameters"] = PARAMETERS
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
            person = identified.get((path, method.upper()))
            if scope is not None:
                operation["security"] = [{"key": []}, {"session": []}]
                operation["x-scope"] = scope
                operation["x-audience"] = SCOPES[scope].audience
                if SCOPES[scope].live_only:
                    operation["x-live-only"] = True
                operation.setdefault("parameters", []).extend(parameters_of(scope, method))
            elif person is not None:
                operation["security"] = (
                    [{"session": []}] if person.session else [{"key": []}, {"session": []}]
                )
                operation["x-audience"] = TENANT
                if not person.session:
                    operation.setdefault("parameters", []).extend(parameters_of(None, method))
            if "x-audience" in operation:
                operation["description"] += "\n\n" + _audience(operation)
            if scope is not None or person is not None:
                responses["default"] = {
                    "description": "A problem.",
                    "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}},
                }
            for response in responses.values():
                response.setdefault("headers", {}).update(headers)
    return document


def _audience(operation: Mapping[str, Any]) -> str:
    """The sentence for people about who may use an operation."""
    scope = operation.get("x-scope")
    if scope is None:
        return "For every account." if {"key": []} in operation["security"] else "For the sessions of users."
    if operation["x-audience"] == OPERATOR:
        return f"For operators only, with the scope `{scope}`."
    return (
        f"For every account, with the scope `{scope}`; for an account below your own, name it in the header "
        "`Onesixty-Account`."
    )


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
