"""A door is a value: a second API beside the first, over real sockets, on its hot and on its ordinary routes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp
import pytest

from onesixty.core.actor import Actor
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.customers.origin import origin_of
from onesixty.doors.v1.door import pages_door, v1_door
from onesixty.http import problems
from onesixty.http.auth import KeyRing
from onesixty.http.call import Call
from onesixty.http.door import Door
from onesixty.http.front import Front
from onesixty.http.idempotency import Idempotency
from onesixty.http.reading import JsonBodies
from onesixty.http.scopes import Principal
from onesixty.http.server import serve_http
from onesixty.smpp import constants as c
from tests.doors.pager import FORM, MEMOS, BasicCallers, Pager
from tests.doors.smpp.esme import Node, message, running
from tests.support.waiting import wait_until_async

TO = "+15551234567"
SCOPES = frozenset({"messages:send", "messages:read"})


async def static_files(scope: Any, receive: Any, send: Any) -> None:
    """What a console's files would be served by."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"max-age=60")]})
    await send({"type": "http.response.body", "body": b"<html>" + scope["path"].encode()})


class Served:
    """A node with a second door and static files, served on a port of their own beside the first door."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.counted: list[tuple[str, int]] = []
        self.refused: list[tuple[str, str]] = []
        platform = node.platform
        tenant = Tenant(node.account_id, True)
        self.callers = BasicCallers(
            {
                "ann": ("secret", Principal(tenant, Actor("user", "usr_ann"), SCOPES, 1000)),
                "bob": ("secret", Principal(tenant, Actor("user", "usr_bob"), frozenset(), 2)),
            }
        )
        idempotency = Idempotency(platform.store, platform.clock, answer=FORM, refusal=FORM)
        path = platform.features.path
        pager = Pager(path.intake, path.queries, idempotency).door(self.callers, self._note_refusal)
        files = Door(
            name="console",
            prefix="/console/",
            app=static_files,
            refuse=problems.documents("http://x"),
            bodies=JsonBodies(),
        )
        ring = KeyRing(platform.features.accounts.find_key, platform.clock)
        v1 = v1_door(static_files, ring, "http://x", hot={})
        self.front = Front(
            (pages_door(static_files, "http://x"), pager, v1, files),
            clock=platform.clock,
            ids=platform.ids,
            count=lambda route, status, seconds: self.counted.append((route, status)),
        )
        self.port = 0

    def _note_refusal(self, call: Call, problem: Problem) -> None:
        assert call.request_id
        self.refused.append((call.path, problem.code))

    async def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, user: str = "ann", **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, the form that was answered (or the text), headers."""
        sent = {"Authorization": "Basic " + b64encode(f"{user}:secret".encode()).decode()}
        body = None if form is None else urlencode(form)
        if form is not None:
            sent["Content-Type"] = FORM.decode()
        url = f"http://127.0.0.1:{self.port}{path}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, data=body, headers=sent) as answer,
        ):
            text = await answer.text()
            told = (
                dict(parse_qsl(text, keep_blank_values=True))
                if answer.content_type == FORM.decode()
                else text
            )
            return answer.status, told, {name.lower(): value for name, value in answer.headers.items()}


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with running(tmp_path) as node:
        made = Served(node)
        server = await serve_http(made.front, "127.0.0.1", 0)
        made.port = server.port
        yield made
        await server.stop(1)


async def test_a_message_goes_through_a_second_door_to_its_end_and_the_door_knows_it_again(
    served: Served,
) -> None:
    """Its memo stays its own: recorder, receipts and the binds of SMPP customers pass it by."""
    await served.node.credential("acme")
    async with await served.node.esme("acme") as esme:
        page = {"to": TO, "text": "hello", "pager": "p-7", "urgent": "yes"}
        status, told, headers = await served.ask("POST", "/pager/pages", page)
        assert (status, list(told)) == (201, ["page"])
        assert headers["x-request-id"].startswith("req_")
        assert headers["cache-control"] == "no-store"
        assert headers["ratelimit-policy"] == '"default";q=1000;w=1'

        async def delivered() -> bool:
            return (await served.ask("GET", f"/pager/pages/{told['page']}"))[1]["status"] == "delivered"

        await wait_until_async(delivered, 20, "the end of the page")
        _, seen, _ = await served.ask("GET", f"/pager/pages/{told['page']}")
        assert seen == {"status": "delivered", "pager": "p-7", "urgent": "True"}
        (stored,) = await served.node.messages()
        assert origin_of(stored.origin) is None, "another door's memo is none of SMPP's"
        # What asks for messages of the account over SMPP meets it, and leaves it alone.
        fields = message()
        del fields["short_message"]
        canceled = await esme.ask(c.CANCEL_SM, **fields, message_id="")
        assert canceled.command_status == c.ESME_RCANCELFAIL
        own = await esme.submit(registered_delivery=1)
        assert own.command_status == c.ESME_ROK
        receipt = await esme.next()
        assert receipt is not None
        assert receipt.command_id == c.DELIVER_SM, "the customer's own message has its receipt"
    assert ("/pager/pages", 201) in served.counted
    assert ("/pager/pages/{id}", 200) in served.counted
    assert served.callers.looked_up == ["ann"], "known from then on without a look-up"


async def test_a_second_door_refuses_in_its_own_words(served: Served) -> None:
    page = {"to": TO, "text": "hello", "pager": "p-7"}
    for path in ("/pager/pages", "/pager/checks"):  # the hot one, and one of the app's
        status, told, headers = await served.ask("POST", path, page, user="eve", x_request_id="mine")
        assert (status, told) == (401, {"error": "unauthorized", "about": "", "request": "mine"})
        assert headers["www-authenticate"] == 'Basic realm="pager"'
        status, told, _ = await served.ask("POST", path, page, Content_Type="application/json")
        assert (status, told["error"]) == (415, "unsupported_media_type")
        status, told, _ = await served.ask("POST", path, page | {"text": "x" * 3000})
        assert (status, told["error"]) == (413, "body_too_large")
    assert (await served.ask("POST", "/pager/checks", page))[:2] == (200, page)
    status, told, _ = await served.ask("POST", "/pager/pages", page | {"to": "12"})
    assert (status, told["error"], told["about"]) == (422, "invalid_recipient", "to")
    assert (await served.ask("GET", "/pager/pages/msg_none"))[1]["error"] == "not_found"
    assert (await served.ask("GET", "/pager/nothing"))[1]["error"] == "not_found"
    assert (await served.ask("HEAD", "/pager/nothing"))[0] == 404
    assert served.refused == [
        ("/pager/pages", "unauthorized"),
        ("/pager/pages", "unsupported_media_type"),
        ("/pager/pages", "body_too_large"),
        ("/pager/pages", "invalid_recipient"),
    ], "refusals of hot routes are told"


async def test_the_rate_of_a_caller_holds_behind_each_door(served: Served) -> None:
    answers = [await served.ask("POST", "/pager/checks", {"a": "1"}, user="bob") for _ in range(5)]
    assert answers[0][0] == 200
    refused = [told for status, told, _ in answers if status == 429]
    assert refused
    assert refused[0]["error"] == "rate_limited"


async def test_a_retry_gets_the_bytes_of_the_first_answer(served: Served) -> None:
    """Idempotency knows only status and bytes: the answer is as the door wrote it."""
    page = {"to": TO, "text": "hello", "pager": "p-7"}
    first = await served.ask("POST", "/pager/pages", page, Idempotency_Key="k")
    again = await served.ask("POST", "/pager/pages", page, Idempotency_Key="k")
    assert (first[0], again[0]) == (201, 201)
    assert first[1] == again[1]
    assert again[2]["idempotency-replayed"] == "true"
    other = await served.ask("POST", "/pager/pages", page | {"text": "other"}, Idempotency_Key="k")
    assert (other[0], other[1]["error"]) == (409, "idempotency_mismatch")
    assert len(await served.node.messages()) == 1


async def test_doors_are_told_apart_by_their_prefix(served: Served) -> None:
    """A door without callers serves anybody, and leaves caching to its app; the first door still asks for its key."""
    status, text, headers = await served.ask("GET", "/console/index.html", user="nobody")
    assert (status, text) == (200, "<html>/console/index.html")
    assert headers["cache-control"] == "max-age=60"
    assert "x-request-id" in headers
    status, text, headers = await served.ask("GET", "/v1/messages")
    assert status == 401
    assert headers["content-type"] == "application/problem+json"
    assert '"unauthorized"' in text
    assert (await served.ask("GET", "/pager"))[:2] == (200, "<html>/pager"), (
        "no door's: the pages' door has it"
    )


def test_one_door_has_what_is_no_others() -> None:
    with pytest.raises(ValueError, match="prefix /"):
        Front((), clock=None, ids=None)  # type: ignore[arg-type]


def test_a_memo_is_read_by_its_own_door_alone() -> None:
    """Rows that are there already go on: the text of an SMPP memo is what it was."""
    smpp = '{"door":"smpp","credential_id":"smpp_1","registered_delivery":1}'
    found = origin_of(smpp)
    assert found is not None
    assert (found.credential_id, found.registered_delivery) == ("smpp_1", 1)
    assert MEMOS.read(smpp) is None
    assert origin_of('{"door":"smpp2","credential_id":"smpp_1"}') is None
    assert origin_of(None) is None
