"""Chromium without a window, driven over the DevTools protocol: a page, scripts in it, a virtual authenticator."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.waiting import wait_until_async

#: What the authenticator of a laptop does: discoverable keys, and it checks its user.
LAPTOP = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Page:
    """A page. `run` evaluates an async function in it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._socket = socket
        self._session = session
        self._numbers = itertools.count(1)

    async def call(self, method: str, **params: Any) -> Any:
        """A call of the protocol, in this page."""
        return await call(self._socket, next(self._numbers), method, params, self._session)

    async def go(self, url: str) -> None:
        """Open an address, and wait until it is there."""
        await self.call("Page.navigate", url=url)

        async def there() -> bool:
            return bool(
                await self.run("return document.readyState === 'complete' && location.href !== 'about:blank'")
            )

        await wait_until_async(there, 20, url)

    async def run(self, body: str) -> Any:
        """Run the body of an async function. Returns what it returns."""
        found = await self.call(
            "Runtime.evaluate",
            expression=f"(async () => {{ {body} }})()",
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def authenticator(self, **options: Any) -> str:
        """Plug in a virtual authenticator."""
        await self.call("WebAuthn.enable")
        made = await self.call("WebAuthn.addVirtualAuthenticator", options=LAPTOP | options)
        return str(made["authenticatorId"])


async def call(
    socket: aiohttp.ClientWebSocketResponse,
    number: int,
    method: str,
    params: dict[str, Any],
    session: str = "",
) -> Any:
    """Make one call, and wait for its answer."""
    message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
    await socket.send_str(json.dumps(message))
    async with asyncio.timeout(30):
        async for received in socket:
            answer = json.loads(received.data)
            if answer.get("id") == number and answer.get("sessionId", "") == session:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
    raise AssertionError(f"Chromium has ended during {method}")


def require_chromium() -> str:
    """The path of Chromium: the build without a window if there is one, which needs a third less of the processor.
    Skips the test if there is none."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (scripts/setup-interop installs it)")
    return program


@contextlib.asynccontextmanager
async def chromium(directory: Path) -> AsyncIterator[Page]:
    """A Chromium with one empty page. Skips the test if there is none."""
    process = subprocess.Popen(  # noqa: ASYNC220  (it starts once, and is only waited for)
        [
            require_chromium(),
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
            f"--user-data-dir={directory}", "about:blank",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    port_file = directory / "DevToolsActivePort"

    async def listening() -> bool:
        assert process.poll() is None, "Chromium has ended"
        return port_file.exists() and port_file.read_text().count("\n") >= 1

    try:
        await wait_until_async(listening, 30, "Chromium")
        port, path = port_file.read_text().splitlines()[:2]
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0) as socket,
        ):
            target = await call(socket, 1, "Target.createTarget", {"url": "about:blank"})
            attached = await call(
                socket, 2, "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
            )
            yield Page(socket, attached["sessionId"])
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
