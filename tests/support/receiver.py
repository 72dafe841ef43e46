"""A webhook receiver for tests: keeps every request and answers as it is told.

receiver.answer(500, times=2)          # the next two requests, then 204 again
receiver.answer(200, delay=3)          # one slow answer
await receiver.refuse()                # connections are refused until `await receiver.listen()`
first, second = await receiver.wait_for(2)
"""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.support.waiting import free_port, wait_until_async


@dataclass(frozen=True)
class Received:
    """One request as it came, and the status it was answered with."""

    method: str
    path: str
    query: str  # what followed the question mark, as it came
    headers: dict[str, str]  # names in lower case
    body: bytes
    at: float  # time.monotonic()
    answered: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The webhook-id of Standard Webhooks, the same for each attempt at one event."""
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Answer:
    """What a request gets: a status after a delay in seconds."""

    status: int = 204
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Receiver:
    """An HTTP server on loopback; `url` is its address without a path, and any path is served."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[Received] = []
        self.default = Answer()
        self._answers: dict[str | None, deque[Answer]] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    async def listen(self) -> None:
        """Accept connections, on the same port as before."""
        application = web.Application(client_max_size=2**24)
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def refuse(self) -> None:
        """Close what is open and refuse connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def answer(
        self, status: int, *, times: int = 1, path: str | None = None, delay: float = 0.0,
        headers: dict[str, str] | None = None, body: bytes = b"",
    ) -> None:  # fmt: skip
        """Answer the next `times` requests (to `path`, or to any) like this; calls queue up."""
        answers = self._answers.setdefault(path, deque())
        answers.extend([Answer(status, delay, headers or {}, body)] * times)

    def at_path(self, path: str) -> list[Received]:
        """The requests that came to one path."""
        return [request for request in self.requests if request.path == path]

    async def wait_for(self, count: int, timeout: float = 10.0, path: str | None = None) -> list[Received]:
        """The requests so far (to `path`, or all), as soon as there are at least `count`."""

        def enough() -> list[Received] | None:
            found = self.requests if path is None else self.at_path(path)
            return list(found) if len(found) >= count else None

        found = await wait_until_async(enough, timeout, f"{count} requests at the receiver")
        assert found is not None
        return found

    async def _serve(self, request: web.Request) -> web.Response:
        arrived = time.monotonic()
        body = await request.read()
        answer = self._next_answer(request.path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(
            Received(
                request.method,
                request.path,
                request.rel_url.raw_query_string,
                headers,
                body,
                arrived,
                answer.status,
            )
        )
        if answer.delay:
            await asyncio.sleep(answer.delay)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    def _next_answer(self, path: str) -> Answer:
        for key in (path, None):
            if self._answers.get(key):
                return self._answers[key].popleft()
        return self.default
