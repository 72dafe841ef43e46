"""A browser at a page of the product: it keeps cookies, and sends what a page of this site sends."""

from __future__ import annotations

from typing import Any

from tests.http.asgi import Client, Reply

ORIGIN = "https://sms.example"


class Browser:
    """`await browser.post("/v1/sessions", {...})`. `extra` headers replace its own; None leaves one out."""

    def __init__(self, front: Any, address: str = "192.0.2.1", origin: str = ORIGIN) -> None:
        self.cookies: dict[str, str] = {}
        self.origin = origin
        self._client = Client(front, None, address)

    def on(self, front: Any) -> Browser:
        """The same browser at another node."""
        other = Browser(front, self._client.address, self.origin)
        other.cookies = dict(self.cookies)
        return other

    async def get(self, path: str, **extra: str | None) -> Reply:
        return await self.request("GET", path, None, extra)

    async def post(self, path: str, content: Any = None, **extra: str | None) -> Reply:
        return await self.request("POST", path, content, extra)

    async def patch(self, path: str, content: Any = None, **extra: str | None) -> Reply:
        return await self.request("PATCH", path, content, extra)

    async def delete(self, path: str, **extra: str | None) -> Reply:
        return await self.request("DELETE", path, None, extra)

    async def request(self, method: str, path: str, content: Any, extra: dict[str, str | None]) -> Reply:
        headers: dict[str, str | None] = {"user-agent": "Test/1.0"}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method != "GET":
            headers |= {
                "content-type": "application/json",
                "origin": self.origin,
                "x-onesixty-console": "1",
                "sec-fetch-site": "same-origin",
            }
        headers |= {name.replace("_", "-"): value for name, value in extra.items()}
        reply = await self._client.request(method, path, content, headers=headers)  # type: ignore[arg-type]
        for cookie in reply.cookies:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if "Max-Age=0" in rest or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return reply
