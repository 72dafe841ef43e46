"""Moves the files of documents from one store to another, while nodes run.

Rules kept here:
- a file is removed where it was only after the other store has given it back as it was uploaded (SHA-256);
- a move that was stopped goes on when it is started again: what is there already is not copied;
- documents that nobody has any more are named, and nothing else is done about them.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import msgspec

from onesixty.profiles.stores import Stored
from onesixty.profiles.tables import DOCUMENTS, Document
from onesixty.store.contract import Store


class Moves(msgspec.Struct):
    """What became of the documents: copied now, already there, and in neither store as they were uploaded."""

    copied: int = 0
    there: int = 0
    lost: int = 0


async def move(
    store: Store, source: Stored, target: Stored, *, keep: bool, say: Callable[[str], None]
) -> Moves:
    """Move every document that has a row. `keep` leaves the files where they were. Raises OSError, StoreError."""
    done = Moves()
    for row in await store.fetch(f"{DOCUMENTS.statements}_all"):
        document = DOCUMENTS.read(row)
        if await _has(target, document):
            done.there += 1
        else:
            content = await _read(source, document)
            if content is None:
                done.lost += 1
                say(f"{document.id} of {document.account_id} is in neither store as it was uploaded")
                continue
            await target.put(document.account_id, document.id, content)
            if not await _has(target, document):
                raise OSError(5, f"{document.id} is not in the other store after it was written")
            done.copied += 1
        if not keep:
            await source.remove(document.account_id, document.id)
    return done


async def _has(stored: Stored, document: Document) -> bool:
    return await _read(stored, document) is not None


async def _read(stored: Stored, document: Document) -> bytes | None:
    """The content, if the store has it as it was uploaded."""
    try:
        content = await stored.get(document.account_id, document.id)
    except FileNotFoundError:
        return None
    return content if sha256(content).hexdigest() == document.digest else None
