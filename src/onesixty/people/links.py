"""Links and challenges that count once: a password reset, the challenge of a passkey, the way to a provider and back.

Rules kept here:
- using one is a conditional write in the unit of what it allows, so that it counts once on all nodes;
- what its use needs is sealed; of its token only the hash is stored;
- a link that does not count says whether it was used or has ended only to who has its token.
"""

from __future__ import annotations

from typing import Final

from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.people.committing import commit
from onesixty.people.tables import Link
from onesixty.people.tokens import LONGEST, Entropy, hash_of, new_token
from onesixty.store.contract import Store
from onesixty.store.rows import Lost, Rows
from onesixty.store.units import Unit

RESET: Final = "reset"
RESET_MS: Final = 72 * 3_600_000
EMAIL: Final = "email"
EMAIL_MS: Final = 24 * 3_600_000
#: A challenge waits for somebody at a screen.
CHALLENGE_MS: Final = 10 * 60_000


class Links:
    """The links and challenges of a database."""

    def __init__(self, rows: Rows[Link], store: Store, entropy: Entropy) -> None:
        self._rows = rows
        self._store = store
        self._entropy = entropy

    def making(
        self, kind: str, life_ms: int, *, user_id: str | None = None, data: str = ""
    ) -> tuple[str, list[Write]]:
        """A new link: its token, and the writes that make it."""
        token, now = new_token(self._entropy), self._rows.now()
        link = Link(
            id=self._rows.new_id(),
            kind=kind,
            hash=hash_of(token),
            user_id=user_id,
            data=data,
            expires_at=now + life_ms,
            created_at=now,
        )
        return token, self._rows.inserting(link)

    async def make(self, kind: str, life_ms: int, *, user_id: str | None = None, data: str = "") -> str:
        """Make a link. Returns its token."""
        token, writes = self.making(kind, life_ms, user_id=user_id, data=data)
        await commit(self._store, Unit(keys=(hash_of(token),), writes=tuple(writes)))
        return token

    async def find(self, token: str, kind: str) -> Link:
        """The link of a token, which still counts. Raises Problem `link_gone` or `link_used`."""
        rows = await self._store.fetch("link_find", hash=hash_of(token[:LONGEST]))
        link = self._rows.opened(rows[0]) if rows else None
        if link is None or link.kind != kind:
            raise Problem("link_gone")
        if link.used_at is not None:
            raise Problem("link_used")
        if link.expires_at <= self._rows.now():
            raise Problem("link_gone", "The link has ended. Ask for a new one.")
        return link

    def using(self, link: Link) -> Write:
        """The guard that uses a link."""
        return "link_used", (link.hash, link.kind, self._rows.now())

    async def use(self, token: str, kind: str) -> Link:
        """Use a link that allows nothing that is written with it. Raises Problem."""
        link = await self.find(token, kind)
        try:
            await commit(self._store, Unit(keys=(link.hash,), guards=(self.using(link),)))
        except Lost:
            raise Problem("link_used") from None
        return link

    def ending(self, user_id: str, kind: str) -> Write:
        """The write that ends the links of a kind that a user still has."""
        return "links_of_user_used", (user_id, kind, self._rows.now())
