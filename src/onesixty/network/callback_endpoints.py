"""`/v1/carriers/{id}/receipts` and `/inbound`: where providers report by calling us.

Rules kept here:
- nobody has a key here: the carrier itself knows its provider, by a signature or the token at the end of the path
  (`core.contracts.Callbacks`), and lets nobody else in;
- what is reported is on disk before it is answered (promise 4); what could not be stored is answered 503, and
  providers call again;
- the URL that a signature is made over is the public one, whatever a proxy made of host and scheme;
- a carrier may be named by id or by name. One that is switched off is 503, so that nothing is lost meanwhile.
"""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.contracts import CallbackRequest
from onesixty.core.errors import Problem
from onesixty.http import problems
from onesixty.http.call import SCOPE_KEY, Answer, Call, OpenRoute
from onesixty.network.running import RunningCarriers

_PATH: Final = re.compile(r"/v1/carriers/([^/]{1,128})/(receipts|inbound)(?:/([A-Za-z0-9._~-]{1,128}))?")
_METHODS: Final = frozenset({"GET", "POST"})
_ABOUT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "All reports are stored durably.", "content": {"text/plain": {}}}
}


class CallbackDoor:
    """Hands a provider's call to its carrier. Gives an `Answer` or raises `Problem`."""

    def __init__(self, running: RunningCarriers, public_url: str) -> None:
        self._running = running
        self._public_url = public_url

    def open_route(self, method: str, path: str) -> OpenRoute | None:
        """The front's `FindOpen`."""
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


def callback_routes(door: CallbackDoor) -> APIRouter:
    """The same for the document. The front answers these paths itself, since they need no key."""
    router = APIRouter(prefix="/v1/carriers/{id}", tags=["callbacks"])

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
