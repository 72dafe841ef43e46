"""A client of S3-compatible stores: put, get, delete and list objects of one bucket, and nothing else.

Rules kept here:
- the bucket stands in the path (path style), which AWS and the stores that follow it understand;
- every call may be repeated, so one that fails for a moment (no connection, 5xx, 429) is tried again, `TRIES` times;
- answers are bounded in size and time; redirects are not followed, and proxies of the environment are not used;
- an error says the status and the code of the store, and never a key or a header.
"""

from __future__ import annotations

import asyncio
import errno
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from html import unescape
from typing import Final

import aiohttp
from yarl import URL

from onesixty.core.clock import Clock
from onesixty.profiles.s3.config import Place
from onesixty.profiles.s3.signature import path_of, query_of, signed

SECONDS: Final = 30.0
TRIES: Final = 3
PAUSE: Final = 0.3
#: Above the largest document that the settings allow.
MOST_BYTES: Final = 110_000_000

#: The answer to a list is simple enough to read without a parser of XML, which would have to be kept from expanding
#: what a stranger wrote. Keys that are not ours are passed over by whoever reads them.
_KEYS: Final = re.compile(r"<Contents>.*?<Key>([^<]*)</Key>.*?</Contents>", re.DOTALL)
_NEXT: Final = re.compile(r"<NextContinuationToken>([^<]+)</NextContinuationToken>")
_CODE: Final = re.compile(r"<Code>([A-Za-z0-9.]{1,80})</Code>")


class S3Error(OSError):
    """The store refused a call, or did not answer."""

    def __init__(self, text: str) -> None:
        super().__init__(errno.EIO, text)


class S3Client:
    """The objects of one place. `close` ends its connections."""

    def __init__(
        self, place: Place, clock: Clock, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._place = place
        self._clock = clock
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None

    async def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        """Write an object. Raises OSError."""
        await self._call("PUT", key, body=content, headers={"Content-Type": content_type})

    async def get(self, key: str) -> bytes:
        """Read an object. Raises FileNotFoundError, or another OSError."""
        return await self._call("GET", key)

    async def delete(self, key: str) -> None:
        """Remove an object, if it is there. Raises OSError."""
        try:
            await self._call("DELETE", key)
        except FileNotFoundError:
            return

    async def every_key(self) -> AsyncIterator[str]:
        """The keys of all objects of the place, without its prefix. Raises OSError."""
        prefix = f"{self._place.prefix}/" if self._place.prefix else ""
        after = ""
        while True:
            query = [("list-type", "2"), ("max-keys", "1000")]
            query += [("prefix", prefix)] if prefix else []
            query += [("continuation-token", after)] if after else []
            page = (await self._call("GET", "", query=query)).decode("utf-8", "replace")
            for found in _KEYS.findall(page):
                yield unescape(found).removeprefix(prefix)
            more = _NEXT.search(page)
            if more is None:
                return
            after = unescape(more[1])

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    # ------------------------------------------------------------ requests

    async def _call(
        self,
        method: str,
        key: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> bytes:
        place = self._place
        path = path_of(place.bucket, place.prefix, key) if key else path_of(place.bucket)
        encoded = query_of(query)
        for tried in range(1, TRIES + 1):
            given = {"Host": place.host, **(headers or {})}
            made = signed(place.key, method, path, encoded, given, body, self._clock.now_ms())
            last = tried == TRIES
            try:
                status, content = await self._once(method, path, encoded, made, body)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if isinstance(error, S3Error) or last:
                    raise S3Error(f"{place.host}: {type(error).__name__}") from None
            else:
                if status < 300:
                    return content
                if status == 404 and key:
                    raise FileNotFoundError(errno.ENOENT, "there is no such object")
                code = _CODE.search(content[:10_000].decode("utf-8", "replace"))
                if last or (status < 500 and status != 429):
                    raise S3Error(f"{place.host} answered {status} {code[1] if code else ''}".rstrip())
            await self._sleep(PAUSE * tried)
        raise AssertionError("unreachable")

    async def _once(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False, auto_decompress=False)
        target = f"{self._place.scheme}://{self._place.host}{path}"
        url = URL(f"{target}?{query}" if query else target, encoded=True)
        async with self._session.request(
            method, url, data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            content = await answer.content.read(MOST_BYTES + 1)
            while not answer.content.at_eof() and len(content) <= MOST_BYTES:
                content += await answer.content.read(MOST_BYTES + 1 - len(content))
            if len(content) > MOST_BYTES:
                raise S3Error(f"{self._place.host}: the answer is too large")
            return answer.status, content
