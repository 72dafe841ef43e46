"""Where the files of documents are: in the data directory, or in an S3-compatible store.

Rules kept here:
- a file is stored before its row is committed, and goes after its row, whichever store it is in;
- with an S3 store, what is not there is read from the data directory: documents from before are found until they are
  moved (`profiles.moving`);
- what has no row is removed in every store that this node reads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, Protocol

from onesixty.core.clock import Clock
from onesixty.ops.settings import Settings
from onesixty.profiles.files import Folder

FOLDER: Final = "folder"


class Stored(Protocol):
    """The files of documents. Each method raises OSError, and `get` FileNotFoundError if there is no such file."""

    async def put(self, account_id: str, document_id: str, content: bytes) -> None:
        """Write a file. When it returns, the file is durable."""

    async def get(self, account_id: str, document_id: str) -> bytes:
        """Read a file."""

    async def remove(self, account_id: str, document_id: str) -> None:
        """Remove a file, if it is there."""

    def all(self) -> AsyncIterator[tuple[str, str]]:
        """The account and the document of every file."""

    async def close(self) -> None:
        """End connections."""


class Moved:
    """A store, and the one that its files came from (`Stored`)."""

    def __init__(self, store: Stored, before: Stored) -> None:
        self._store = store
        self._before = before

    async def put(self, account_id: str, document_id: str, content: bytes) -> None:
        """See Stored."""
        await self._store.put(account_id, document_id, content)

    async def get(self, account_id: str, document_id: str) -> bytes:
        """See Stored."""
        try:
            return await self._store.get(account_id, document_id)
        except FileNotFoundError:
            return await self._before.get(account_id, document_id)

    async def remove(self, account_id: str, document_id: str) -> None:
        """See Stored."""
        await self._before.remove(account_id, document_id)
        await self._store.remove(account_id, document_id)

    async def all(self) -> AsyncIterator[tuple[str, str]]:
        """See Stored. A file in both is told twice."""
        for store in (self._store, self._before):
            async for found in store.all():
                yield found

    async def close(self) -> None:
        """See Stored."""
        await self._store.close()
        await self._before.close()


def store_of(settings: Settings, clock: Clock, named: str | None = None) -> Stored:
    """One store: that of the settings, or the one that is named (`folder` or `s3://bucket/prefix`). Raises
    ValueError."""
    wanted = named or settings.documents_store
    if wanted == FOLDER:
        return Folder(settings.data_dir)
    from onesixty.profiles.s3.config import place_of
    from onesixty.profiles.s3.documents import Bucket  # most installations never need it

    return Bucket(place_of(settings, wanted), clock)


def stores_of(settings: Settings, clock: Clock) -> Stored:
    """What a node reads and writes. Raises ValueError."""
    store = store_of(settings, clock)
    if settings.documents_store == FOLDER:
        return store
    return Moved(store, Folder(settings.data_dir))
