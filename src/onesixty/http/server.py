"""uvicorn in our own event loop: uvloop and httptools, without access log and signal handlers, with a bounded stop.

Rules kept here:
- the port is bound before `serve_http` returns, so a port in use fails the start and port 0 can be asked for;
- stopping lets requests in progress end, for at most the seconds given.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final, cast

import uvicorn

from onesixty.http.call import AsgiApp
from onesixty.http.connection import Connection

BACKLOG: Final = 2048
KEEP_ALIVE_SECONDS: Final = 75
STOP_SECONDS: Final = 10.0


class Server(uvicorn.Server):
    """uvicorn's server without its signal handlers, because the code that started it also stops it.

    uvicorn looks ten times a second whether it should end. This one is told, so that a node at rest wakes rarely and
    stops at once.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # which sets the date of answers
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._ending.wait()

    def end(self) -> None:
        """Let `serve` stop."""
        self.should_exit = True
        self._ending.set()


class HttpServer:
    """A running server. `port` is the port that it is bound to."""

    def __init__(self, server: Server, sock: socket.socket) -> None:
        self._server = server
        self.port: int = sock.getsockname()[1]
        self._task = asyncio.ensure_future(server.serve(sockets=[sock]))

    async def started(self) -> None:
        """Return once requests are accepted, or raise the reason why the server failed."""
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the HTTP server ended before it had started")
            await asyncio.sleep(0.001)

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Accept no more connections, let requests in progress end for at most `seconds`, then cut them."""
        self._server.config.timeout_graceful_shutdown = max(1, round(seconds))
        self._server.end()
        await self._task


async def serve_http(
    app: AsgiApp, host: str, port: int, *, backlog: int = BACKLOG, keep_alive: float = KEEP_ALIVE_SECONDS
) -> HttpServer:
    """Serve `app` on `host`:`port` (0: any free one). Raises OSError if the address cannot be bound."""
    config = uvicorn.Config(
        cast("Any", app),
        http=Connection,
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=backlog,
        timeout_keep_alive=cast("int", keep_alive),
    )
    server = HttpServer(Server(config), _bind(host, port))
    await server.started()
    return server


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind((host, port))
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
