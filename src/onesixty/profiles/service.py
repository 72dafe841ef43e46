"""Profiles and documents in the store: moves between states, documents taken and given back.

Rules kept here:
- a document is taken only while the account may change its profile, and within its room. The profile's row counts
  documents and octets, so that two uploads at once cannot pass the limit together. The limits of accounts
  (`limits.storage`) add guards of their own;
- the same content is kept once for each account: a repeated upload gets the document of the first;
- every change says who made it (`By`), for the audit log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, Final

import structlog
from msgspec.structs import replace

from onesixty.core.contracts import Consequences, Write
from onesixty.core.errors import Problem
from onesixty.profiles import states
from onesixty.profiles.content import TYPES, type_of
from onesixty.profiles.stores import Stored
from onesixty.profiles.tables import NEEDED, Document, Profile
from onesixty.store.contract import Store
from onesixty.store.rows import By, Lost, Rows, write
from onesixty.store.units import Unit

#: How many documents an account may have, and their size together.
MOST: Final = 20
MOST_OCTETS: Final = 104_857_600

#: How often an upload is tried against others below the same limit.
TRIES: Final = 8

#: Gets an account and octets, and returns the guards and keys of a unit that stores them. Raises Problem.
RoomFor = Callable[[str, int], Awaitable[Consequences]]


class Profiles:
    """The profiles of all accounts, and their documents."""

    def __init__(
        self,
        store: Store,
        rows: Rows[Profile],
        documents: Rows[Document],
        files: Stored,
        room_for: RoomFor,
    ) -> None:
        self._store = store
        self._room_for = room_for
        self.rows = rows
        self.documents = documents
        self.files = files
        self._log = structlog.get_logger("onesixty.profiles")

    async def of(self, account_id: str) -> Profile:
        """The profile of an account; an empty one if it never had any."""
        return await self.rows.find(account_id) or Profile(account_id=account_id)

    async def save(self, before: Profile, after: Profile, by: By | None) -> Profile:
        """Write a profile that was read as `before`. Raises Problem, or Lost."""
        if before.version == 0:
            return await self.rows.add(replace(after, version=1), by=by)
        return await self.rows.change(before, after, by=by)

    async def move(self, profile: Profile, move: str, by: By | None, **fields: Any) -> Profile:
        """Move a profile to another state, and set further fields. Raises Problem."""
        state = states.after(move, profile.state)
        return await self.save(profile, replace(profile, state=state, **fields), by)

    async def submit(self, profile: Profile, by: By) -> Profile:
        """Hand a profile in for verification. Raises Problem."""
        states.after("submit", profile.state)
        for name in NEEDED:
            if not getattr(profile, name):
                raise Problem("missing_field", f"The profile has no `{name}` yet.", param=name)
        now = self.rows.now()
        return await self.move(profile, "submit", by, submitted_at=now, reasons=(), expires_at=None)

    # ------------------------------------------------------------ documents

    async def take(
        self, account_id: str, *, kind: str, name: str, said: str, content: bytes, by: By
    ) -> tuple[Document, bool]:
        """Keep a document, and whether it is a new one. `said` is its type as the caller said it. Raises Problem."""
        found = type_of(content)
        if found is None:
            raise Problem("document_refused", param="file")
        if said != found:
            raise Problem(
                "document_refused",
                f"The file is {found}, not {said}." if said in TYPES else f"Send it as `{found}`.",
                param="Content-Type",
            )
        digest = sha256(content).hexdigest()
        same = await self._same(account_id, digest)
        if same is not None:
            return same, False
        document = Document(
            id=self.documents.new_id(),
            account_id=account_id,
            kind=kind,
            name=name,
            content_type=found,
            size=len(content),
            digest=digest,
            created_at=self.documents.now(),
        )
        self._check_room(await self.of(account_id), len(content))
        await self._room_for(account_id, len(content))
        await self._store.execute("profiles_begin", account_id=account_id, state=states.UNVERIFIED)
        try:
            await self.files.put(account_id, document.id, content)
        except OSError as error:
            self._log.warning("document_not_kept", reason=error.strerror)
            raise Problem(
                "unavailable", "The document cannot be kept now. Retry later.", retry_after=30
            ) from None
        try:
            await self._add(document, by)
        except Problem as problem:
            if problem.kind.retryable:
                raise  # it may yet be written; a file without a row is removed later
            await self._drop_file(document)
            same = await self._same(account_id, digest) if problem.code == "conflict" else None
            if same is None:
                raise
            return same, False
        return document, True

    async def _add(self, document: Document, by: By) -> None:
        """Write the row of a document. Raises Problem."""
        account_id, size = document.account_id, document.size
        guard: Write = ("profiles_document_added", (account_id, size, MOST, MOST_OCTETS))
        for _ in range(TRIES):
            room = await self._room_for(account_id, size)
            try:
                await self.documents.add(
                    document, by=by, keys=(account_id, *room.keys), guards=[guard, *room.guards]
                )
                return
            except Lost:
                self._check_room(await self.of(account_id), size)
        raise Lost

    async def read(self, document: Document) -> bytes:
        """The content of a document. Raises Problem `document_unavailable`."""
        try:
            content = await self.files.get(document.account_id, document.id)
        except OSError as error:
            self._log.warning("document_not_read", document=document.id, reason=error.strerror)
            raise Problem("document_unavailable") from None
        if sha256(content).hexdigest() != document.digest:
            raise Problem("document_unavailable", "The file is not what was uploaded.")
        return content

    async def give_up(self, document: Document, by: By) -> None:
        """Remove a document. Raises Problem."""
        guard, writes = self.documents.removing(document, by=by)
        counted: Write = ("profiles_document_removed", (document.account_id, document.size))
        unit = Unit(
            keys=(document.id, document.account_id), guards=(guard, counted), writes=tuple(writes)
        )  # fmt: skip
        try:
            await write(self._store, unit)
        except Lost:
            if await self.documents.find(document.id) is None:
                raise self.documents.missing() from None
            self._check_open(await self.of(document.account_id))
            raise
        await self._drop_file(document)

    async def _same(self, account_id: str, digest: str) -> Document | None:
        rows = await self._store.fetch("documents_same", account_id=account_id, digest=digest)
        return await self.documents.find(str(rows[0][0])) if rows else None

    async def _drop_file(self, document: Document) -> None:
        try:
            await self.files.remove(document.account_id, document.id)
        except OSError:  # the keeper tries again
            return

    def _check_open(self, profile: Profile) -> None:
        if not profile.open:
            raise Problem(
                "verification_state",
                f"The profile is `{profile.state}`, so its documents stay as they are. Withdraw it first.",
                extra={"state": profile.state},
            )

    def _check_room(self, profile: Profile, size: int) -> None:
        self._check_open(profile)
        if profile.documents >= MOST:
            raise Problem("documents_full", f"An account has at most {MOST} documents.")
        if profile.octets + size > MOST_OCTETS:
            raise Problem("documents_full", f"The documents of an account have at most {MOST_OCTETS} bytes.")
