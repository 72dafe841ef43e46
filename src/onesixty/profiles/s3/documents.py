"""Documents as objects of a bucket: `prefix/account/document`, named by their ids, as in a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

from onesixty.core.clock import Clock
from onesixty.core.ids import ACCOUNT, DOCUMENT, is_id
from onesixty.profiles.s3.client import S3Client
from onesixty.profiles.s3.config import Place


class Bucket:
    """The documents of one place (`profiles.stores.Stored`)."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self._client = S3Client(place, clock)

    async def put(self, account_id: str, document_id: str, content: bytes) -> None:
        """See Stored."""
        await self._client.put(_key(account_id, document_id), content)

    async def get(self, account_id: str, document_id: str) -> bytes:
        """See Stored."""
        return await self._client.get(_key(account_id, document_id))

    async def remove(self, account_id: str, document_id: str) -> None:
        """See Stored."""
        await self._client.delete(_key(account_id, document_id))

    async def all(self) -> AsyncIterator[tuple[str, str]]:
        """See Stored."""
        async for key in self._client.every_key():
            account_id, _, document_id = key.partition("/")
            if is_id(ACCOUNT, account_id) and is_id(DOCUMENT, document_id):
                yield account_id, document_id

    async def close(self) -> None:
        """See Stored."""
        await self._client.close()


def _key(account_id: str, document_id: str) -> str:
    if not (is_id(ACCOUNT, account_id) and is_id(DOCUMENT, document_id)):
        raise ValueError("not the ids of an account and a document")
    return f"{account_id}/{document_id}"
