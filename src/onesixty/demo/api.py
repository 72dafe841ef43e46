"""Calls the API of a node in this process, through its front, as a client does over HTTP.

Rules kept here:
- a call carries a key or the cookie of a session, never both; what it may do follows from that alone;
- a refusal is raised (`Refused`), unless the caller expects it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from onesixty.http.call import AsgiMessage
from onesixty.http.front import Front

_ADDRESS: Final = "127.0.0.1"
JSON: Final = "application/json"


class Refused(Exception):
    """An answer with a status of 400 or more."""

    def __init__(self, status: int, method: str, path: str, body: Any) -> None:
        self.status = status
        self.body = body
        self.code = body.get("code", "") if isinstance(body, dict) else ""
        super().__init__(f"{method} {path}: {status} {body}")


class Api:
    """The API as one caller sees it. `key` is a secret; `cookie` a session's, for pages of the console."""

    def __init__(self, front: Front, host: str, *, key: str | None = None, cookie: str | None = None) -> None:
        self._front = front
        self._host = host
        self._key = key
        self._cookie = cookie

    def as_key(self, key: str) -> Api:
        """The same API for the holder of a key."""
        return Api(self._front, self._host, key=key)

    def as_session(self, cookie: str) -> Api:
        """The same API for a user who is signed in."""
        return Api(self._front, self._host, cookie=cookie)

    async def get(self, path: str) -> Any:
        """Read something."""
        return (await self.call("GET", path))[0]

    async def post(self, path: str, body: Any = None, *, account: str | None = None) -> Any:
        """Make or do something, also for an account below the caller's."""
        return (await self.call("POST", path, body, account=account))[0]

    async def patch(self, path: str, body: Any) -> Any:
        """Change something."""
        return (await self.call("PATCH", path, body))[0]

    async def delete(self, path: str) -> None:
        """Remove something."""
        await self.call("DELETE", path)

    async def upload(self, path: str, content: bytes, content_type: str) -> Any:
        """Upload a file."""
        return (await self.call("POST", path, content, content_type=content_type))[0]

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        account: str | None = None,
        content_type: str = JSON,
    ) -> tuple[Any, Sequence[tuple[str, str]]]:
        """Make a call. Returns the decoded body of the answer, and its headers. Raises Refused."""
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        status, headers, answer = await self._ask(
            method, path, content, self._headers(content, content_type, account)
        )
        decoded = msgspec.json.decode(answer) if answer[:1] in (b"{", b"[") else answer
        if status >= 400:
            raise Refused(status, method, path, decoded)
        return decoded, headers

    def _headers(self, content: bytes, content_type: str, account: str | None) -> list[tuple[bytes, bytes]]:
        found = {
            "host": self._host,
            "content-type": content_type,
            "content-length": str(len(content)),
            "user-agent": "onesixty-demo",
        }
        if self._key is not None:
            found["authorization"] = f"Bearer {self._key}"
        if self._cookie is not None:
            found |= {
                "cookie": self._cookie,
                "x-onesixty-console": "1",
                "origin": f"http://{self._host}",
                "sec-fetch-site": "same-origin",
            }
        if account is not None:
            found["onesixty-account"] = account
        return [(name.encode(), value.encode()) for name, value in found.items()]

    async def _ask(
        self, method: str, path: str, content: bytes, headers: list[tuple[bytes, bytes]]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        where, _, query = path.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(where),
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": (_ADDRESS, 50_000),
            "server": (_ADDRESS, 8160),
        }
        status, found, parts = 0, list[tuple[str, str]](), list[bytes]()

        async def receive() -> AsgiMessage:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: AsgiMessage) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                found.extend((name.decode(), value.decode()) for name, value in message["headers"])
            else:
                parts.append(message.get("body", b""))

        await self._front(scope, receive, send)
        return status, found, b"".join(parts)
