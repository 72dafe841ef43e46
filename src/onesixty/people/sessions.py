"""Sessions: begun, found, renewed and ended.

Rules kept here:
- a session is found by the SHA-256 of its token; the token is in the cookie alone, and a new one is made at each
  sign-in and whenever the user proves anew who they are;
- it ends 12 hours after its last use, and 30 days after its beginning in any case;
- what a node knows of a session, and of the roles of its user, it reads again after `TTL` seconds. What this process
  changes counts at once (`forget`), also for a look-up in progress;
- the last use is written at most once a minute, and nothing waits for that write.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.http.auth import CAPACITY, TTL, TTL_UNKNOWN
from onesixty.people import acts
from onesixty.people.committing import commit
from onesixty.people.tables import SESSIONS, Session, User
from onesixty.people.tokens import Entropy, hash_of, new_token
from onesixty.store.contract import Store
from onesixty.store.notes import Notes
from onesixty.store.rows import CHANGES, By, Lost, Rows
from onesixty.store.units import Unit

IDLE_MS: Final = 12 * 3_600_000
ABSOLUTE_MS: Final = 30 * 86_400_000
#: For so long after a password or passkey, a session may do what needs a fresh proof.
FRESH_MS: Final = 15 * 60_000
SEEN_EVERY_MS: Final = 60_000
_LONGEST_AGENT: Final = 200
_COLUMNS: Final = len(Session.__struct_fields__)


class Open(msgspec.Struct, frozen=True):
    """An open session, as found: its row, who its user is, and the roles of the user by account, oldest first."""

    session: Session
    email: str
    name: str
    roles: dict[str, str]

    def fresh_until(self) -> int:
        """Until when it may do what needs a fresh proof, in epoch ms."""
        return self.session.authenticated_at + FRESH_MS


class Begun(msgspec.Struct, frozen=True):
    """A session with its token, which nobody sees again."""

    session: Session
    token: str


class Sessions:
    """The sessions of one node."""

    def __init__(
        self, rows: Rows[Session], store: Store, clock: Clock, entropy: Entropy, notes: Notes
    ) -> None:
        self.rows = rows
        self._notes = notes
        self._store = store
        self._clock = clock
        self._entropy = entropy
        #: What was found, by the hash of the token, and until when by the monotonic clock.
        self._known: OrderedDict[str, tuple[Open | None, float]] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Open | None]] = {}
        self._hashes: dict[str, set[str]] = {}
        rows.on_written(self._written)

    # ------------------------------------------------------------ found

    def peek(self, token_hash: str) -> Open | None:
        """The session, if it is in memory and open. None means that the caller has to use `get`."""
        entry = self._known.get(token_hash)
        if entry is None or entry[0] is None or self._clock.monotonic() >= entry[1]:
            return None
        return entry[0] if self._is_open(entry[0].session) else None

    async def get(self, token_hash: str) -> Open:
        """The session of a token. Raises Problem `session_ended`, also for an unknown token."""
        entry = self._known.get(token_hash)
        if entry is None or self._clock.monotonic() >= entry[1]:
            found = await self._load(token_hash)
        else:
            found = entry[0]
        if found is None or not self._is_open(found.session):
            raise Problem("session_ended")
        return found

    def _is_open(self, session: Session) -> bool:
        now = self._clock.now_ms()
        return session.ended_at is None and now < session.expires_at and now < session.seen_at + IDLE_MS

    async def _load(self, token_hash: str) -> Open | None:
        task = self._loading.get(token_hash)
        if task is None:
            task = self._loading[token_hash] = asyncio.ensure_future(self._look_up(token_hash))
        # Behind a shield, because a caller who hangs up must not end the look-up for the others.
        return await asyncio.shield(task)

    async def _look_up(self, token_hash: str) -> Open | None:
        task = asyncio.current_task()
        try:
            found = await self._find(token_hash)
        finally:
            current = self._loading.get(token_hash) is task
            if current:
                del self._loading[token_hash]
        if current:
            self._keep(token_hash, found)
        return found

    async def _find(self, token_hash: str) -> Open | None:
        rows = await self._store.fetch("session_find", hash=token_hash)
        if not rows:
            return None
        session = SESSIONS.read(rows[0][:_COLUMNS])
        email, name = rows[0][_COLUMNS], rows[0][_COLUMNS + 1]
        roles = {row[_COLUMNS + 2]: row[_COLUMNS + 3] for row in rows if row[_COLUMNS + 2] is not None}
        if self._is_open(session):
            session = self._note_use(session)
        return Open(session, email, name, roles)

    def _note_use(self, session: Session) -> Session:
        now = self._clock.now_ms()
        if now - session.seen_at < SEEN_EVERY_MS:
            return session
        self._store.commit([Unit(keys=(session.id,), writes=(("session_seen", (session.id, now)),))])
        return msgspec.structs.replace(session, seen_at=now)

    def _keep(self, token_hash: str, found: Open | None) -> None:
        ttl = TTL if found is not None else TTL_UNKNOWN
        self._known[token_hash] = (found, self._clock.monotonic() + ttl)
        self._known.move_to_end(token_hash)
        if found is not None:
            self._hashes.setdefault(found.session.user_id, set()).add(token_hash)
        while len(self._known) > CAPACITY:
            oldest, (gone, _) = self._known.popitem(last=False)
            if gone is not None:
                self._drop_hash(gone.session.user_id, oldest)

    def _drop_hash(self, user_id: str, token_hash: str) -> None:
        hashes = self._hashes.get(user_id)
        if hashes is not None:
            hashes.discard(token_hash)
            if not hashes:
                del self._hashes[user_id]

    def forget(self, user_id: str) -> None:
        """Drop what is known of a user's sessions, whose roles or rights have changed."""
        for token_hash in self._hashes.pop(user_id, ()):
            self._known.pop(token_hash, None)
        self._loading.clear()  # one of them may be about this user: what they find is not kept

    async def _written(self, before: Session | None, after: Session | None) -> None:
        for row in (before, after):
            if row is not None:
                self.forget(row.user_id)

    # ------------------------------------------------------------ begun and ended

    def new(
        self, user: User, account_id: str, method: str, address: str, agent: str, *, fresh: bool = True
    ) -> Begun:
        """A new session, not yet written. `fresh` is False if the user was not asked for a proof just now."""
        token, now = new_token(self._entropy), self._clock.now_ms()
        session = Session(
            id=self.rows.new_id(),
            user_id=user.id,
            account_id=account_id,
            hash=hash_of(token),
            method=method,
            address=address,
            agent=agent[:_LONGEST_AGENT],
            authenticated_at=now if fresh else 0,
            seen_at=now,
            expires_at=now + ABSOLUTE_MS,
            created_at=now,
        )
        return Begun(session, token)

    def beginning(self, begun: Begun, user: User, by: By) -> list[Write]:
        """The writes that begin a session, for the unit of what it follows from."""
        session = begun.session
        return [
            *self.rows.inserting(session, by=by),
            ("user_signed_in", (session.user_id, session.created_at)),
            *self._notes.writes(acts.signed_in(by, user, session)),
        ]

    async def renew(self, session: Session, method: str, by: By) -> Begun:
        """Give a session a new token after its user proved anew who they are. The token before ends at once. Raises
        Problem, or Lost if the session was changed meanwhile."""
        token = new_token(self._entropy)
        after = msgspec.structs.replace(session, hash=hash_of(token), authenticated_at=self._clock.now_ms())
        note = self._notes.writes(acts.stepped_up(by, session, method))
        return Begun(await self.rows.change(session, after, by=by, writes=note), token)

    async def of_user(self, user_id: str) -> list[Session]:
        """The open sessions of a user, newest first."""
        now = self._clock.now_ms()
        rows = await self._store.fetch("user_sessions", user_id=user_id, now=now, seen=now - IDLE_MS)
        return [SESSIONS.read(row) for row in rows]

    async def end(self, session: Session, by: By) -> None:
        """End a session. Repeating the call is fine. Raises Problem, or Lost if others keep changing it."""
        for _ in range(CHANGES):
            if session.ended_at is not None:
                return
            after = msgspec.structs.replace(session, ended_at=self._clock.now_ms())
            note = self._notes.writes(acts.signed_out(by, session))
            try:
                await self.rows.change(session, after, by=by, writes=note)
                return
            except Lost:
                session = await self.rows.get(session.id)
        raise Lost

    async def end_all(self, user_id: str, email: str, by: By) -> None:
        """End the sessions of a user. Raises Problem."""
        ended = await self.of_user(user_id)
        note = self._notes.writes(acts.signed_out_everywhere(by, user_id, email, len(ended)))
        await commit(self._store, Unit(keys=(user_id,), writes=(self.ending(user_id), *note)))
        self.forget(user_id)

    def ending(self, user_id: str, *, but: str = "") -> Write:
        """The write that ends the sessions of a user, except the one with the id `but`, for the unit of why they end.
        Call `forget` once it is committed."""
        return "sessions_end", (user_id, but, self._clock.now_ms())
