"""The files of documents, in the folder `documents` of the data directory: a folder for each account, a file for each
document, named by their ids.

Rules kept here:
- a file is on disk, fsynced and under its name, before its row is committed; it goes after its row. So a row without
  a file means that the file is on another node, or lost;
- only the user of the server may read the files (modes 0700 and 0600). No name comes from a caller;
- what has no row is left over from a crash, or from a removal at another node. It is removed when it is old enough
  that no upload can still be on its way.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from onesixty.core.ids import ACCOUNT, DOCUMENT, is_id
from onesixty.store.record import sync_folder


class Folder:
    """The files of one node, or of several that share the folder (`profiles.stores.Stored`)."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "documents"

    async def put(self, account_id: str, document_id: str, content: bytes) -> None:
        """See Stored."""
        await asyncio.to_thread(self._put, self._path(account_id, document_id), content)

    async def get(self, account_id: str, document_id: str) -> bytes:
        """See Stored."""
        return await asyncio.to_thread(self._path(account_id, document_id).read_bytes)

    async def remove(self, account_id: str, document_id: str) -> None:
        """See Stored. The folder of the account goes with its last file."""
        await asyncio.to_thread(self._remove, self._path(account_id, document_id))

    async def all(self) -> AsyncIterator[tuple[str, str]]:
        """See Stored. Tells also of those that were not written to their end."""
        for found in await asyncio.to_thread(self._all):
            yield found

    async def close(self) -> None:
        """See Stored."""

    def _put(self, path: Path, content: bytes) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chmod(self._root, 0o700)
            sync_folder(self._root.parent)
            sync_folder(self._root)
        beside = path.with_name(f"{path.name}.new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)

    def _remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.new").unlink(missing_ok=True)
        try:
            path.parent.rmdir()
        except OSError:  # not empty, or not there
            return

    def _all(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for folder in sorted(self._root.iterdir()) if self._root.is_dir() else ():
            if not is_id(ACCOUNT, folder.name):
                continue
            names = sorted({path.name.removesuffix(".new") for path in folder.iterdir()})
            found += [(folder.name, name) for name in names if is_id(DOCUMENT, name)]
        return found

    def _path(self, account_id: str, document_id: str) -> Path:
        if not (is_id(ACCOUNT, account_id) and is_id(DOCUMENT, document_id)):
            raise ValueError("not the ids of an account and a document")
        return self._root / account_id / document_id
