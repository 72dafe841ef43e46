"""The connections to a provider: one pool, and how each request on it ended.

Rules kept here:
- aiohttp is the client, because answers must be read whole here, chunked or compressed, and a general client
  does that well; the small client of the webhooks drops bodies. The `net` seam is not used, so the simulation
  has no HTTP carriers;
- redirects, proxies and cookies are off; private addresses are allowed, because an operator wrote the URL;
- a request is never repeated automatically, not even a GET: by default, the client would repeat a GET on a fresh
  connection;
- a request counts as written from the moment it has a connection, so without an answer its outcome is unknown;
- of an answer over the size limit, only the status is used;
- the client sets TCP_NODELAY on every connection.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from onesixty import __version__
from onesixty.carriers.http.answers import Answer
from onesixty.carriers.http.requests import Request
from onesixty.carriers.http.settings import LinkSettings, tls_context
from onesixty.core.clock import Clock
from onesixty.core.retry_after import parse_retry_after

#: The most bytes of an answer that are read.
MAX_ANSWER: Final = 256 * 1024


class NotWritten(Exception):
    """Nothing of the request was written, so it can be sent again."""


class HeldBack(NotWritten):
    """The request got a connection, but `may_write` no longer allowed writing it."""

    def __init__(self) -> None:
        super().__init__("too late to write it")


class Unanswered(Exception):
    """The request may have arrived, but no complete answer came that could be understood. `lost`: the connection
    ended. If the exception has a cause, it was a bug of onesixty."""

    def __init__(self, reason: str, lost: bool) -> None:
        self.lost = lost
        super().__init__(reason)


class Link:
    """The connections to one provider. Made inside a running loop."""

    def __init__(self, settings: LinkSettings, url: str, clock: Clock) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        #: Without the final dot of a full name: SNI and certificates do not have it (RFC 6066, 3).
        self.tls_name = self.host.removesuffix(".")
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.tls = tls_context(settings) if parts.scheme == "https" else None
        self._clock = clock
        self._connect_timeout = settings.connect_timeout_s
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(_has_connection)
        trace.on_connection_reuseconn.append(_has_connection)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                # Two more for tokens and checks, so that they never wait behind submissions.
                limit=settings.window + 2,
                keepalive_timeout=settings.keep_alive_s,
                ssl=True if self.tls is None else self.tls,
            ),
            timeout=aiohttp.ClientTimeout(
                total=settings.connect_timeout_s + settings.response_timeout_s,
                connect=settings.connect_timeout_s,
                sock_read=settings.response_timeout_s,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"onesixty/{__version__}", "Accept": "application/json, */*;q=0.5"},
            trace_configs=[trace],
        )
        self.session._retry_connection = False

    async def reach(self) -> float:
        """Connect, including TLS, and disconnect. Returns the seconds it took. Raises OSError (TimeoutError,
        SSLError)."""
        began = self._clock.monotonic()
        async with asyncio.timeout(self._connect_timeout):
            _, writer = await asyncio.open_connection(
                self.host, self.port, ssl=self.tls, server_hostname=self.tls_name if self.tls else None
            )
        took = self._clock.monotonic() - began
        writer.transport.abort()
        return took

    async def send(self, request: Request, may_write: Callable[[], bool]) -> Answer:
        """Send a request and return its answer. Raises NotWritten or Unanswered, also when it is cancelled. Any
        other exception is a bug of onesixty, and then nothing was written. `may_write` is called when there is a
        connection, right before the request is written; if it returns False, raises HeldBack."""
        seen = SimpleNamespace(connected=False, may_write=may_write)
        try:
            async with self.session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
                trace_request_ctx=seen,
            ) as response:
                body = await _read(response)
                retry_after = response.headers.get("Retry-After")
                return Answer(
                    response.status,
                    body,
                    None if retry_after is None else parse_retry_after(retry_after, self._clock.now_ms()),
                )
        except asyncio.CancelledError:
            if seen.connected:
                raise Unanswered("shutting down", False) from None
            raise NotWritten("shutting down") from None
        except (OSError, aiohttp.ClientError) as error:  # TimeoutError is an OSError
            if seen.connected:
                raise Unanswered(reason_of(error), not isinstance(error, TimeoutError)) from None
            raise NotWritten(reason_of(error)) from None
        except Exception as error:
            if seen.connected:
                raise Unanswered(reason_of(error), False) from error
            raise

    async def close(self) -> None:
        await self.session.close()


def reason_of(error: BaseException) -> str:
    """Describe a failure in a few stable words, without names, addresses or anything that was sent."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        cause = cause.certificate_error
    match cause:
        case ssl.SSLCertVerificationError():
            return f"certificate not valid: {cause.verify_message}"
        case ssl.SSLError() | aiohttp.ClientSSLError():
            return "TLS failed"
        case socket.gaierror():
            return "name not found"
        case aiohttp.ConnectionTimeoutError():
            return "connect timeout"
        case TimeoutError():
            return "timeout"
        case ConnectionRefusedError():
            return "connection refused"
        case aiohttp.ServerDisconnectedError() | ConnectionError() | aiohttp.ClientPayloadError():
            return "connection closed"
        case aiohttp.ClientResponseError():
            return "not HTTP"
        case OSError():
            return "cannot connect"
        case _:
            return type(cause).__name__


async def _read(response: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_ANSWER:
            response.close()
            return b""
        chunks.append(chunk)
    return b"".join(chunks)


async def _has_connection(session: aiohttp.ClientSession, context: SimpleNamespace, params: Any) -> None:
    seen = context.trace_request_ctx
    if seen is not None:
        if not seen.may_write():
            # aiohttp drops this connection without closing it, and the peer closes it later. That is rare: the
            # carrier asks before it starts a request, so this happens only if something changed while the
            # connection was made.
            raise HeldBack
        seen.connected = True
