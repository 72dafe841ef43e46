"""Drives an ASGI app in process: one request in, the whole answer out."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes
    cookies: tuple[str, ...] = ()  # the values of Set-Cookie

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """`await client.post("/v1/sms/send", {"from": ...})`. `key` goes into the Authorization header."""

    def __init__(self, app: Any, key: str | None = None, address: str = "192.0.2.1") -> None:
        self.app = app
        self.key = key
        self.address = address

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.request("GET", path, **options)

    async def post(self, path: str, content: Any = None, **options: Any) -> Reply:
        return await self.request("POST", path, content, **options)

    async def put(self, path: str, content: Any = None, **options: Any) -> Reply:
        return await self.request("PUT", path, content, **options)

    async def patch(self, path: str, content: Any = None, **options: Any) -> Reply:
        return await self.request("PATCH", path, content, **options)

    async def delete(self, path: str, **options: Any) -> Reply:
        return await self.request("DELETE", path, **options)

    async def request(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        chunks: Sequence[bytes] | None = None,
        then: str = "end",
    ) -> Reply:
        """`content` goes as JSON, `raw` as it is, `chunks` piece by piece; `then` "end", "hang" or "hang up"."""
        body = raw if raw is not None else b"" if content is None else json.dumps(content).encode()
        sent = {"host": "sms.example"}
        if body or chunks:
            sent["content-type"] = "application/json"
        if self.key is not None:
            sent["authorization"] = f"Bearer {self.key}"
        if chunks is None:
            sent["content-length"] = str(len(body))
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(n.encode(), v.encode("latin-1")) for n, v in sent.items() if v is not None],
            "client": (self.address, 4711),
            "server": ("127.0.0.1", 8160),
        }
        pieces = list(chunks) if chunks is not None else [body]
        answered = asyncio.Event()
        received: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if pieces:
                piece = pieces.pop(0)
                return {"type": "http.request", "body": piece, "more_body": bool(pieces) or then != "end"}
            if then == "hang up":
                return {"type": "http.disconnect"}
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            received.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

        await self.app(scope, receive, send)
        if not received:
            return Reply(0, {}, b"")
        start, *rest = received
        names = {n.decode().lower(): v.decode("latin-1") for n, v in start["headers"]}
        cookies = tuple(v.decode("latin-1") for n, v in start["headers"] if n.lower() == b"set-cookie")
        return Reply(start["status"], names, b"".join(part.get("body", b"") for part in rest), cookies)
