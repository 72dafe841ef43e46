"""A retry does not send twice (promise 6): `Idempotency-Key`, kept for 24 hours.

Rules kept here:
- a key belongs to a tenant and an endpoint. Its row is a guard in the unit of what the request creates (a message, a
  batch or a resource), so that neither exists without the other;
- the row holds status and bytes of the answer, and this module knows nothing else of it. A later request with the
  same body gets exactly those bytes. One with another body gets 409 `idempotency_mismatch`;
- bodies are compared after they were decoded, because clients may reorder their fields;
- a second request that arrives while the first is in progress waits for it in the store: units with one lock never
  share a group, so the second loses its guard and reads the first one's row. This holds across nodes as well;
- refusals that a retry cannot change (4xx) are kept too. Retryable ones (429, 5xx and others) are not. A request that
  could not be decoded (wrong JSON, wrong fields) is not kept either, because it gets the same refusal again;
- an answer may hold text and number, so the row names the message that it is about, and redaction empties
  it (`idempotency_redact`);
- a request that takes many transactions (a batch) opens its row first, without an answer, and names in it what it
  creates. A repeated request resumes exactly that while the row is open (`look`, `open`, `close`).

A request that takes one transaction asks `of` for its `KeyedRequest`. It puts `lock` among the keys of its unit and
`keeps(answer, made)` among the guards, and answers with `replay()` if the guard lost. A refusal goes through `keep`.

The draft: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final, NamedTuple, cast

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http.call import JSON, PROBLEM_JSON, Answer, Call
from onesixty.store.contract import Store
from onesixty.store.unanswered import one_in_time
from onesixty.store.units import Unit

KEEP_MS: Final = 24 * 3_600_000
HEADER: Final = b"idempotency-key"

_KEY: Final = re.compile(rb"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")


#: The status of a row whose request is still in progress, or was cut off.
_UNDER_WAY: Final = 0


class UnderWay(NamedTuple):
    """A request with this key has begun and has no answer yet; `reference` is the id of what it creates."""

    reference: str


class _PrimaryKey(NamedTuple):
    """What identifies the row of a key: the columns in their order."""

    account_id: str
    test: int
    endpoint: str
    key: str


class Idempotency:
    """Makes the guards of a door's requests. `answer` and `refusal` are the content types of its answers."""

    def __init__(
        self, store: Store, clock: Clock, *, answer: bytes = JSON, refusal: bytes = PROBLEM_JSON
    ) -> None:
        self._store = store
        self._clock = clock
        self._types = (answer, refusal)

    def of(self, call: Call, tenant: Tenant, endpoint: str, body: bytes) -> KeyedRequest | None:
        """The keyed request of a call, or None if the call has no key.

        `body` is the canonical form of the request. Raises Problem `invalid_parameter` for a malformed key.
        """
        key = call.header(HEADER)
        if key is None:
            return None
        if not _KEY.fullmatch(key):
            raise Problem(
                "invalid_parameter",
                "`Idempotency-Key` must have 1 to 255 printable ASCII characters.",
                param="Idempotency-Key",
            )
        return KeyedRequest(
            self._store,
            self._clock,
            _PrimaryKey(**tenant.params, endpoint=endpoint, key=key.decode("ascii")),
            sha256(body).hexdigest(),
            self._types,
        )


class KeyedRequest:
    """One request with a key: the guard of what it creates, and the stored answer."""

    __slots__ = ("_body_hash", "_clock", "_key", "_store", "_types")

    def __init__(
        self,
        store: Store,
        clock: Clock,
        key: _PrimaryKey,
        body_hash: str,
        types: tuple[bytes, bytes],
    ) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self._body_hash = body_hash
        self._types = types

    @property
    def lock(self) -> str:
        """The lock that two requests with the same key share; units with one lock never share a group."""
        return f"idempotency:{':'.join(map(str, self._key))}"

    def keeps(self, answer: Answer, reference: str) -> Write:
        """The conditional insert that stores an answer, with the id of what was created. It
        loses if the key is taken."""
        return self._insert(answer.status, answer.body, reference)

    async def replay(self) -> Answer | None:
        """The first answer, if there was one. Raises Problem `idempotency_mismatch`."""
        found = await self.look()
        return found if isinstance(found, Answer) else None

    async def look(self) -> Answer | UnderWay | None:
        """The state of the key: its answer, a request in progress, or None. Raises Problem `idempotency_mismatch`."""
        rows = await self._store.fetch("idempotency_find", **self._key._asdict(), now=self._clock.now_ms())
        if not rows:
            return None
        body_hash, status, response, made = cast("tuple[str, int, str, str]", rows[0])
        if body_hash != self._body_hash:
            raise Problem("idempotency_mismatch", param="Idempotency-Key")
        if status == _UNDER_WAY:
            return UnderWay(made)
        if not response:
            raise Problem("not_found", "The message of this Idempotency-Key was redacted.")
        content_type = self._types[status >= 400]
        return Answer(status, response.encode(), content_type, ((b"idempotency-replayed", b"true"),))

    def open(self, reference: str) -> Write:
        """The guard that claims the key for a request that creates `reference` in many transactions."""
        return self._insert(_UNDER_WAY, b"", reference)

    def close(self, reference: str, answer: Answer) -> Write:
        """The write that stores the answer of an open request."""
        return "idempotency_answer", (*self._key, reference, answer.status, answer.body.decode())

    async def keep(self, refusal: Answer) -> Answer:
        """Store a refusal that a retry cannot change. Returns it, or the stored answer of another request."""
        write = self._insert(refusal.status, refusal.body, None)
        kept = await one_in_time(self._store.commit([Unit(keys=(self.lock,), guards=(write,))]))
        if kept is False:
            return await self.replay() or refusal
        # If it cannot be stored now, the refusal still stands: nothing was sent.
        return refusal

    def _insert(self, status: int, body: bytes, made: str | None) -> Write:
        now = self._clock.now_ms()
        row = (*self._key, self._body_hash, status, body.decode(), made, now, now + KEEP_MS)
        return "idempotency_insert", row
