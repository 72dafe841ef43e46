"""Finds the principal of a key: `Authorization: Bearer KEY` (RFC 6750), its sha256, and a look-up kept in memory.

Rules kept here:
- keys have high entropy, so their sha256 is stored and looked up, without a slow hash;
- a key is looked up again after `TTL` seconds, so a revocation made on another node takes effect within that time.
  One made in this process takes effect at once (`forget`), even on a look-up in progress;
- the number of keys kept in memory is bounded, and so is that of unknown keys;
- a key whose end comes is looked up again then, on every node;
- a key with a list of networks opens nothing for a client that is in none of them;
- many requests with one unknown key cause one look-up.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http import structs
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.networks import Networks
from onesixty.http.scopes import Principal, check_scope

TTL: Final = 5.0
TTL_UNKNOWN: Final = 1.0
CAPACITY: Final = 10_000
#: A longer value is not a key, and is not hashed.
LONGEST_KEY: Final = 512
#: A longer header has no key or much white space. It is not kept in memory (`hash_in`).
_LONGEST_HEADER: Final = len("Bearer ") + LONGEST_KEY


class KnownKey(msgspec.Struct, frozen=True, gc=False):
    """A key as stored. `refusal` is the code with which it is refused, None for a valid key. `until` is when that may
    change by itself, in epoch ms. `used` notes the address of a client that uses it."""

    principal: Principal
    refusal: str | None = None
    until: int | None = None
    networks: Networks | None = None
    used: Callable[[str], None] | None = None


#: Finds a key by the hex sha256 of its secret. None if it does not exist.
FindKey = Callable[[str], Awaitable[KnownKey | None]]


def hash_of(secret: str | bytes) -> str:
    """The hash that is stored of a key."""
    return sha256(secret if isinstance(secret, bytes) else secret.encode()).hexdigest()


def bearer(authorization: bytes | None) -> bytes:
    """The key in an Authorization header. Raises Problem `unauthorized` if there is none."""
    if authorization is None:
        raise Problem("unauthorized", "The header `Authorization: Bearer KEY` is missing.")
    scheme, _, secret = authorization.partition(b" ")
    secret = secret.strip()
    if scheme.lower() != b"bearer" or not secret or len(authorization) > _LONGEST_HEADER:
        raise Problem("unauthorized", "The header `Authorization` must have the form `Bearer KEY`.")
    return secret


@lru_cache(maxsize=1024)
def hash_in(authorization: bytes | None) -> str:
    """The hash of the key in an Authorization header. Raises Problem `unauthorized`."""
    return hash_of(bearer(authorization))


class KeyRing:
    """The keys in use, in memory."""

    def __init__(self, find: FindKey, clock: Clock, *, ttl: float = TTL, capacity: int = CAPACITY) -> None:
        self._find = find
        self._clock = clock
        self._ttl = ttl
        self._capacity = capacity
        self._known: OrderedDict[str, tuple[KnownKey | None, float]] = OrderedDict()
        self._loading: dict[str, asyncio.Task[KnownKey | None]] = {}

    def peek(self, key_hash: str, client: str = "") -> Principal | None:
        """The principal if it is in memory. None means that the caller has to use `get`. `client` is the address that
        the key is used from."""
        entry = self._known.get(key_hash)
        if entry is None or entry[0] is None or self._clock.monotonic() >= entry[1]:
            return None
        known = entry[0]
        if known.refusal is not None or (known.networks is not None and not known.networks.covers(client)):
            return None
        return known.principal

    async def get(self, key_hash: str, client: str = "") -> Principal:
        """The principal of a key. Raises Problem `unauthorized`, `key_revoked`, `key_expired`, `address_not_allowed`
        or `unavailable`."""
        entry = self._known.get(key_hash)
        if entry is None or self._clock.monotonic() >= entry[1]:
            known = await self._load(key_hash, client)
        else:
            known = entry[0]
        if known is None:
            raise Problem("unauthorized", "Unknown API key.")
        if known.refusal is not None:
            raise Problem(known.refusal)
        if known.networks is not None and not known.networks.covers(client):
            raise Problem("address_not_allowed", f"This key may not be used from {client or 'this address'}.")
        return known.principal

    def forget(self, key_hash: str) -> None:
        """Drop a key that was created, changed or revoked, so that the next request looks it up."""
        self._known.pop(key_hash, None)
        self._loading.pop(key_hash, None)

    async def _load(self, key_hash: str, client: str) -> KnownKey | None:
        task = self._loading.get(key_hash)
        if task is None:
            task = self._loading[key_hash] = asyncio.ensure_future(self._look_up(key_hash, client))
        # Behind a shield, because a caller who hangs up must not end the look-up for the others.
        return await asyncio.shield(task)

    async def _look_up(self, key_hash: str, client: str) -> KnownKey | None:
        task = asyncio.current_task()
        try:
            known = await self._find(key_hash)
        finally:
            current = self._loading.get(key_hash) is task
            if current:
                del self._loading[key_hash]
        if (
            known is not None
            and known.used is not None
            and known.refusal is None
            and (known.networks is None or known.networks.covers(client))
        ):
            known.used(client)
        if current:
            ttl = self._ttl if known is not None else TTL_UNKNOWN
            if known is not None and known.until is not None:
                ttl = min(ttl, max(0.0, (known.until - self._clock.now_ms()) / 1000))
            self._known[key_hash] = (known, self._clock.monotonic() + ttl)
            self._known.move_to_end(key_hash)
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return known


class BearerKeys:
    """Identifies the callers of a door by an API key (`http.callers.Way`)."""

    __slots__ = ("_ring",)

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def claims(self, call: Call) -> bool:
        """Whether the call has an Authorization header."""
        return call.header(b"authorization") is not None

    def peek(self, call: Call) -> Principal | None:
        """The caller, if the key was looked up recently. Raises Problem `unauthorized` if the header has no key."""
        return self._ring.peek(hash_in(call.header(b"authorization")), call.client)

    async def find(self, call: Call) -> Principal:
        """The caller, after a look-up. Raises Problem or StoreError."""
        return await self._ring.get(hash_in(call.header(b"authorization")), call.client)


#: Judges what a request asks for, as far as that has no effect. Raises Problem.
Judge = Callable[[Request, Principal], Awaitable[object]]


def reads(decode: Callable[[bytes], object], *, required: bool = True) -> Judge:
    """Judges the body alone. With `required` False there may be none."""

    async def judge(request: Request, _: Principal) -> None:
        body = request.scope[SCOPE_KEY].body
        if body or required:
            structs.read(decode, body)

    return judge


def takes(model: type[BaseModel], *, required: bool = True) -> Judge:
    """The same for a body that FastAPI reads (`http.bodies`)."""

    async def judge(request: Request, _: Principal) -> None:
        body = request.scope[SCOPE_KEY].body
        if body or required:
            try:
                model.model_validate(msgspec.json.decode(body))
            except ValidationError as error:
                faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
                raise RequestValidationError(faults) from None

    return judge


class Requires:
    """A FastAPI dependency that returns the caller if the key may use endpoints of `scope`.

    `Caller = Annotated[Principal, Depends(Requires("webhooks"))]`. The OpenAPI document reads its `scope`.

    `judge` is asked for a caller who has to prove first who they are (`http.step_up`): nobody types a password for a
    request that is refused anyway. Such a request never reaches its endpoint, whatever the judge says.
    """

    def __init__(self, scope: str, judge: Judge | None = None) -> None:
        self.scope = scope
        self._judge = judge

    async def __call__(self, request: Request) -> Principal:
        call: Call = request.scope[SCOPE_KEY]
        if self._judge is not None and call.principal is not None and call.is_stale:
            check_scope(call.principal, self.scope)
            await self._judge(request, call.principal)
        return call.caller(self.scope)


class Identified:
    """A FastAPI dependency that returns the caller, who needs no scope. `session` refuses keys: what is meant is a
    person. `judge` is that of `Requires`."""

    def __init__(self, *, session: bool = False, judge: Judge | None = None) -> None:
        self.session = session
        self._judge = judge

    async def __call__(self, request: Request) -> Principal:
        call: Call = request.scope[SCOPE_KEY]
        principal = call.principal
        if principal is None:
            raise Problem("unauthorized")
        if self.session and principal.session_id is None:
            raise Problem("session_needed")
        if self._judge is not None and call.is_stale:
            await self._judge(request, principal)
        call.check_fresh()
        return principal
