"""`/v1/carriers/{id}/receipts` and `/inbound`: providers report by calling these URLs.

Rules kept here:
- there are no API keys: the carrier authenticates its provider by a signature or by the token at the end of the
  path (`core.contracts.Callbacks`), and refuses all other calls;
- reports are stored before they are answered (promise 4); if they cannot be stored the answer is 503, and providers
  call again;
- signatures are verified over the public URL, whatever host and scheme a proxy used;
- a carrier is named by id or name. A disabled carrier answers 503, so that nothing is lost.
"""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.contracts import CallbackRequest
from onesixty.core.errors import Problem
from onesixty.http import problems
from onesixty.http.call import SCOPE_KEY, Answer, Call, OpenRoute
from onesixty.http.openapi import Router
from onesixty.network.running import RunningCarriers

_PATH: Final = re.compile(r"/v1/carriers/([^/]{1,128})/(receipts|inbound)(?:/([A-Za-z0-9._~-]{1,128}))?")
_METHODS: Final = frozenset({"GET", "POST"})
_ABOUT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "All reports are stored durably.", "content": {"text/plain": {}}}
}


class CallbackDoor:
    """Hands a provider's call to its carrier. Returns an `Answer` or raises `Problem`."""

    def __init__(self, running: RunningCarriers, public_url: str) -> None:
        self._running = running
        self._public_url = public_url

    def open_route(self, method: str, path: str) -> OpenRoute | None:
        """Find the route of a call without an API key: the front's `FindOpen`."""
        found = _PATH.fullmatch(path)
        if found is None or method not in _METHODS:
            return None
        token = "/{token}" if found[3] else ""
        return f"/v1/carriers/{{id}}/{found[2]}{token}", self

    async def __call__(self, call: Call) -> Answer:
        target = call.target.decode("latin-1")
        found = _PATH.fullmatch(call.path)
        carrier = self._running.called(found[1]) if found is not None else None
        if found is None or carrier is None:
            raise Problem("not_found", "Carrier not found, or it does not accept callbacks.")
        answer = await carrier.called(
            CallbackRequest(
                kind=found[2],
                method=call.method,
                url=self._public_url + target,
                query=target.partition("?")[2],
                headers=call.headers(),
                body=call.body,
                token=found[3] or "",
            )
        )
        return Answer(answer.status, answer.body, answer.content_type)


def callback_routes(door: CallbackDoor) -> Router:
    """The same routes for the document. The front answers these paths itself, because they need no key."""
    router = Router("callbacks", "/v1/carriers/{id}")

    async def answer(request: Request) -> Response:
        return problems.response_of(await door(request.scope[SCOPE_KEY]))

    @router.post("/receipts", responses=_ABOUT, operation_id="take_carrier_receipts")
    async def take_carrier_receipts(request: Request, id: str) -> Response:  # noqa: A002
        """Receive delivery reports from a provider.

        Providers call it by POST or GET, with or without a token as the last part of the path; the carrier
        authenticates the caller. The answer is sent once everything is stored durably.
        """
        return await answer(request)

    @router.post("/inbound", responses=_ABOUT, operation_id="take_carrier_inbound")
    async def take_carrier_inbound(request: Request, id: str) -> Response:  # noqa: A002
        """Receive incoming messages from a provider.

        As for delivery reports.
        """
        return await answer(request)

    return router
