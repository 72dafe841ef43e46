"""A second door, of tests only: callers with a user and a password, bodies as forms, refusals in a form of its own.

It shows what a further API needs: one `Door`, its routes, and a memo of its own on its messages.
"""

from base64 import b64decode
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from onesixty.channels.sms.orders import SendOrder
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.memo import Memos
from onesixty.core.message import Message
from onesixty.http import problems
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.door import Door
from onesixty.http.idempotency import Idempotency, KeyedRequest
from onesixty.http.scopes import Principal
from onesixty.messages.intake import Intake
from onesixty.messages.queries import Queries

FORM = b"application/x-www-form-urlencoded"


class PagerMemo(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, tag="pager", tag_field="door"):
    """What this door has to know again of a message."""

    pager: str
    urgent: bool = False


MEMOS = Memos(PagerMemo)


class BasicCallers:
    """Users and their passwords: RFC 7617. One of them is known only after a look-up."""

    def __init__(self, users: dict[str, tuple[str, Principal]]) -> None:
        self._users = users
        self.looked_up: list[str] = []

    def peek(self, call: Call) -> Principal | None:
        name, password = self._said(call)
        if name not in self.looked_up:
            return None
        return self._checked(name, password)

    async def find(self, call: Call) -> Principal:
        name, password = self._said(call)
        principal = self._checked(name, password)
        self.looked_up.append(name)
        return principal

    def _checked(self, name: str, password: str) -> Principal:
        known = self._users.get(name)
        if known is None or known[0] != password:
            raise Problem("unauthorized", "The user or the password is wrong.")
        return known[1]

    def _said(self, call: Call) -> tuple[str, str]:
        scheme, _, token = (call.header(b"authorization") or b"").partition(b" ")
        if scheme != b"Basic":
            raise Problem("unauthorized", "Say `Authorization: Basic ...`.")
        name, _, password = b64decode(token).decode().partition(":")
        return name, password


class FormBodies:
    """`to=...&text=...`."""

    def check_type(self, content_type: bytes | None, method: str) -> None:
        if content_type != FORM:
            raise Problem("unsupported_media_type", "Send a form.")

    def check(self, body: bytes) -> object:
        try:
            return dict(parse_qsl(body.decode("ascii"), strict_parsing=True))
        except ValueError:
            raise Problem("bad_request", "This is no form.") from None


def refuse(problem: Problem, call: Call) -> Answer:
    """`error=CODE&about=PARAM&request=ID`."""
    told = {"error": problem.code, "about": problem.param or "", "request": call.request_id}
    headers = ((b"www-authenticate", b'Basic realm="pager"'),) if problem.kind.status == 401 else ()
    return Answer(problem.kind.status, urlencode(told).encode(), FORM, headers)


class KeyedPage:
    """The key of a page as intake takes it."""

    def __init__(self, keyed: KeyedRequest) -> None:
        self._keyed = keyed

    @property
    def lock(self) -> str:
        return self._keyed.lock

    def guard(self, message: Message) -> Write:
        return self._keyed.keeps(Answer(201, urlencode({"page": message.id}).encode()), message.id)


class Pager:
    """The routes: `POST /pager/pages` is hot, `/pager/pages/{id}` and `/pager/checks` are not."""

    def __init__(self, intake: Intake, queries: Queries, idempotency: Idempotency) -> None:
        self._intake = intake
        self._queries = queries
        self._idempotency = idempotency

    async def page(self, call: Call) -> Answer:
        """Send a page."""
        caller = call.caller("messages:send")
        form: Any = FormBodies().check(call.body)
        memo = MEMOS.write(PagerMemo(pager=form["pager"], urgent=form.get("urgent") == "yes"))
        order = SendOrder(
            tenant=caller.tenant, sender="Pager", recipient=form["to"], text=form["text"], origin=memo,
        )  # fmt: skip
        keyed = self._idempotency.of(call, caller.tenant, "pager", call.body)
        order.idempotency = None if keyed is None else KeyedPage(keyed)
        result = (await self._intake.accept((order,)))[0]
        if isinstance(result, Message):
            return Answer(201, urlencode({"page": result.id}).encode(), FORM)
        first = None if keyed is None else await keyed.replay()
        if first is None:
            assert isinstance(result, Problem)
            raise result
        return first

    def app(self) -> FastAPI:
        """The routes that are not hot."""
        app = FastAPI(openapi_url=None, exception_handlers=problems.handlers(refuse))

        @app.get("/pager/pages/{id}")
        async def read_page(request: Request, id: str) -> Response:  # noqa: A002
            caller = request.scope[SCOPE_KEY].caller("messages:read")
            message = await self._queries.get(caller.tenant, id)
            if message is None:
                raise Problem("not_found")
            memo = MEMOS.read(message.origin)
            assert memo is not None
            told = {"status": message.status, "pager": memo.pager, "urgent": memo.urgent}
            return problems.response_of(Answer(200, urlencode(told).encode(), FORM))

        @app.post("/pager/checks")
        async def check(request: Request) -> Response:
            return problems.response_of(Answer(200, request.scope[SCOPE_KEY].body, FORM))

        return app

    def door(self, callers: BasicCallers, refused: Any = None) -> Door:
        """The door."""
        return Door(
            name="pager",
            prefix="/pager/",
            app=self.app(),  # type: ignore[arg-type]
            refuse=refuse,
            bodies=FormBodies(),
            callers=callers,
            hot={("POST", "/pager/pages"): self.page},
            max_body=2000,
            refused=refused,
        )
