"""`/v1/oidc`: begin at the identity provider, and come back."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec
from fastapi import APIRouter
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.errors import Problem
from onesixty.http import openapi, problems, structs
from onesixty.http.call import SCOPE_KEY, Answer, Call, OpenRoute
from onesixty.http.strictness import check_json
from onesixty.people import csrf
from onesixty.people.cookies import PROVIDER_SECONDS
from onesixty.people.oidc.config import CALLBACK, LINK, SIGN_IN
from onesixty.people.people import People

if TYPE_CHECKING:
    from onesixty.people.oidc.flow import Flow

START: Final = "/v1/oidc/start"
_LONGEST_QUERY: Final = 8192


class OidcStartBody(structs.Body):
    """What to do at the identity provider."""

    purpose: Annotated[
        Literal["sign_in", "link", "step_up"],
        Meta(
            description="`sign_in`; `link` adds the identity to the user who is signed in; `step_up` proves again "
            "who one is."
        ),
    ] = "sign_in"
    return_to: Annotated[
        str,
        Meta(
            max_length=500,
            description="A path of this site, where the browser goes afterwards.",
            examples=["/"],
        ),
    ] = "/"
    invitation: (
        Annotated[
            str, Meta(max_length=128, description="The token of an invitation that a new user accepts.")
        ]
        | None
    ) = None


class OidcStarted(structs.Answer):
    """Where to go now."""

    url: Annotated[
        str, Meta(description="The page of the provider.", examples=["https://id.example.com/authorize?..."])
    ]


class OidcEndpoints:
    """The handlers; without a flow, there is no provider."""

    def __init__(self, people: People, flow: Flow | None) -> None:
        self._people = people
        self._flow = flow

    def open_route(self, method: str, path: str) -> OpenRoute | None:
        """The front's `FindOpen`."""
        handler = {("POST", START): self.start, ("GET", CALLBACK): self.callback}.get((method, path))
        return None if handler is None else (path, handler)

    async def start(self, call: Call) -> Answer:
        """Begin. The answer sets a cookie, which the way back needs."""
        flow, people = self._on(), self._people
        csrf.check_open(call, people.cookies.site)
        if call.body:
            check_json(call.body)
        body = structs.read(_decoder().decode, call.body or b"{}")
        people.cookies.check(call)
        _check_path(body.return_to)
        found = None
        if body.purpose != SIGN_IN:
            found = await people.callers.session(call)
            if found is None:
                raise Problem("session_needed")
        if body.purpose == LINK and found is not None and people.clock.now_ms() >= found.fresh_until():
            raise Problem("reauthenticate")
        people.slow_down.right(people.slow_down.begin(call.client))
        way = await flow.begin(body.purpose, body.return_to, found, body.invitation)
        cookie = people.cookies.set(people.cookies.provider, way.browser, PROVIDER_SECONDS)
        return Answer(200, msgspec.json.encode(OidcStarted(url=way.url)), headers=(cookie,))

    async def callback(self, call: Call) -> Answer:
        """Come back, and go on to where one wanted to go."""
        flow, people = self._on(), self._people
        raw = call.target.partition(b"?")[2][:_LONGEST_QUERY].decode("latin-1")
        query = {name: values[0] for name, values in parse_qs(raw).items()}
        attempt = people.slow_down.begin(call.client)
        browser = people.cookies.read(call, people.cookies.provider)
        back = await flow.finish(query, browser, people.visit(call))
        people.slow_down.right(attempt)
        headers = [(b"location", f"{people.options.effective_url}{back.return_to}".encode("latin-1"))]
        headers.append(people.cookies.removed(people.cookies.provider))
        if back.signed is not None:
            headers += people.signed_in(back.signed)
        if back.renewed is not None:
            headers += people.renewed(back.renewed)
        return Answer(303, b"{}", headers=tuple(headers))

    def _on(self) -> Flow:
        if self._flow is None:
            raise Problem("oidc_off")
        return self._flow

    def routes(self) -> openapi.Router:
        """The same routes for the document. The front answers these paths itself, because they need no key."""
        router = openapi.Router("sign-in", "/v1")
        router.describe(lambda: openapi.of_struct(OidcStartBody, OidcStarted))
        self._add(router)
        return router

    def _add(self, router: APIRouter) -> None:
        async def start(request: Request) -> Response:
            return problems.response_of(await self.start(request.scope[SCOPE_KEY]))

        async def callback(request: Request) -> Response:
            return problems.response_of(await self.callback(request.scope[SCOPE_KEY]))

        router.add_api_route(
            "/oidc/start",
            start,
            methods=["POST"],
            name="start_oidc",
            description="Begin to sign in at the identity provider.\n\nSend the browser to `url`. Linking an "
            "identity and proving again who one is need a session. Needs no key.",
            responses=openapi.answers(200, "OidcStarted", "Where to go now."),
            openapi_extra=openapi.json_body("OidcStartBody", required=False),
            response_model=None,
        )
        router.add_api_route(
            "/oidc/callback",
            callback,
            methods=["GET"],
            status_code=303,
            name="finish_oidc",
            description="Come back from the identity provider.\n\nThe browser comes here with `code` and `state`. It "
            "gets the cookie of a session, and goes on to `return_to`. Needs no key.",
            response_model=None,
        )


def _check_path(path: str) -> None:
    """Raise Problem unless this is a path of this site: an open redirect would lend its name to others."""
    parts = urlsplit(path)
    plain = path.isascii() and path.isprintable() and "\\" not in path and " " not in path
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//") or not plain:
        raise Problem("invalid_field", "`return_to` must be a path of this site.", param="return_to")


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(OidcStartBody)
