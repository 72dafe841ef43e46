"""Starts, checks and resends over HTTP: a call in, an answer out. The front calls the busiest ones without FastAPI.

Rules kept here:
- what is kept for an `Idempotency-Key` is an answer without a code, and its body is compared by a keyed digest: who
  reads the database cannot try codes against it;
- a repeated request gets the first answer. A check that is repeated is counted once;
- a check never answers 404: an unknown verification is an outcome like any other, and takes as long (`verify.even`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from onesixty.core.contracts import Consequences
from onesixty.core.errors import Problem
from onesixty.http import structs
from onesixty.http.call import Answer, Call, HotRoute
from onesixty.http.door import Together
from onesixty.http.hot import ITEM
from onesixty.http.idempotency import HEADER, Idempotency, KeyedRequest
from onesixty.http.reading import JsonBodies
from onesixty.http.scopes import Principal
from onesixty.store.rows import Book, Lost
from onesixty.verify import bodies, checking, even, profiles, views
from onesixty.verify.at_once import AtOnce
from onesixty.verify.binding import BindTo, checked
from onesixty.verify.checking import Check, Checking, Result
from onesixty.verify.control import Control
from onesixty.verify.profile_endpoints import named_profile
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.records import ROUNDS
from onesixty.verify.secrets import Secrets
from onesixty.verify.starting import Start, Started, Starting, own_code

PATH: Final = "/v1/verifications"
SCOPE: Final = "verify"

_START: Final = msgspec.json.Decoder(bodies.StartVerification).decode
_CHECK: Final = msgspec.json.Decoder(bodies.CheckVerification).decode
_CHECK_BY: Final = msgspec.json.Decoder(bodies.CheckByAddress).decode
_RESEND: Final = msgspec.json.Decoder(bodies.ResendVerification).decode
_NOTHING: Final = Consequences()

_Body = TypeVar("_Body", bound=msgspec.Struct)

#: Makes an answer. Raises Lost if another request took the key or changed the verification meanwhile.
Make = Callable[[KeyedRequest | None], Awaitable[Answer]]


class VerifyDoor:
    """Answers calls. Each method returns an `Answer` or raises `Problem`."""

    def __init__(
        self,
        *,
        starting: Starting,
        checks: Checking,
        control: Control,
        secrets: Secrets,
        book: Book[VerifyProfile],
        idempotency: Idempotency,
    ) -> None:
        self._starting = starting
        self._checks = checks
        self._control = control
        self._secrets = secrets
        self._book = book
        self._idempotency = idempotency

    @property
    def hot(self) -> Mapping[tuple[str, str], HotRoute]:
        """The routes that the front calls itself: it leaves the body for them to check."""
        return {
            ("POST", PATH): _strict(self.start),
            ("POST", f"{PATH}/check"): _strict(self.check_by_address),
            ("POST", f"{PATH}/{ITEM}/check"): _strict(lambda call: self.check(call, call.item)),
        }

    @property
    def together(self) -> Mapping[tuple[str, str], Together]:
        """Those of them that answer several calls in one go."""
        return {
            ("POST", f"{PATH}/{ITEM}/check"): AtOnce(
                lambda call: _asked(*_read(call, _CHECK), call.item), self._checked_all
            )
        }

    async def start(self, call: Call) -> Answer:
        """`POST /v1/verifications`."""
        caller = call.caller(SCOPE)
        body = structs.read(_START, call.body)
        asked = self._asked(body, caller)

        async def make(key: KeyedRequest | None) -> Answer:
            def beside(found: Started) -> Consequences:
                return _NOTHING if key is None else _kept(key, _started(found), found.one.id)

            return _started(await self._starting.start(asked, None if key is None else beside))

        return await self._once(call, caller, body, make)

    async def check_by_address(self, call: Call) -> Answer:
        """`POST /v1/verifications/check`."""
        caller = call.caller(SCOPE)
        body = structs.read(_CHECK_BY, call.body)
        profile = named_profile(self._book, caller.tenant, body.profile)
        bound = _bound(body.bind_to)
        recipient, _ = profiles.address_of(body.to, "to")
        subject = self._secrets.subject(caller.tenant, profile.id, recipient, bound)
        return await self._checked(
            call,
            caller,
            body,
            Check(caller.tenant, body.code, bound, recipient=recipient, subject=subject),
        )

    async def check(self, call: Call, verification_id: str) -> Answer:
        """`POST /v1/verifications/{id}/check`."""
        caller = call.caller(SCOPE)
        body = structs.read(_CHECK, call.body)
        return await self._checked(call, caller, body, _asked(body, caller, verification_id))

    async def resend(self, call: Call, verification_id: str) -> Answer:
        """`POST /v1/verifications/{id}/resend`."""
        caller = call.caller(SCOPE)
        body = structs.read(_RESEND, call.body or b"{}")

        async def make(key: KeyedRequest | None) -> Answer:
            def beside(found: Started) -> Consequences:
                return _NOTHING if key is None else _kept(key, _started(found, 200), found.one.id)

            found = await self._control.resend(
                caller.tenant, verification_id, body.channel, caller.grant, None if key is None else beside
            )
            return _started(found, 200)

        return await self._once(call, caller, body, make)

    async def _checked(self, call: Call, caller: Principal, body: msgspec.Struct, asked: Check) -> Answer:
        async def make(key: KeyedRequest | None) -> Answer:
            def beside(found: Result) -> Consequences:
                if key is None or found.outcome == checking.ALREADY:
                    return _NOTHING
                return _kept(key, _outcome(found), found.one.id if found.one is not None else "")

            came = even.now()
            found = await self._checks.check(asked, None if key is None else beside)
            answer = _answered(found)
            await even.wait(came, (found,))
            return answer

        return await self._once(call, caller, body, make)

    async def _checked_all(self, asked: Sequence[Check]) -> Sequence[Answer | Exception]:
        came = even.now()
        results = await self._checks.check_all(asked)
        answers = [_told(found) for found in results]
        await even.wait(came, results)
        return answers

    async def _once(self, call: Call, caller: Principal, body: msgspec.Struct, make: Make) -> Answer:
        """The first answer of the call's key, or what `make` answers."""
        keyed = None
        if call.header(HEADER) is not None:
            said = self._secrets.body(msgspec.json.encode(body))
            keyed = self._idempotency.of(call, caller.tenant, f"{call.method} {call.path}", said)
        for _ in range(ROUNDS):
            first = None if keyed is None else await keyed.replay()
            if first is not None:
                return first
            try:
                return await make(keyed)
            except Lost:
                continue
        raise Lost

    def _asked(self, body: bodies.StartVerification, caller: Principal) -> Start:
        return Start(
            tenant=caller.tenant,
            profile=named_profile(self._book, caller.tenant, body.profile),
            to=body.to,
            fallback_to=body.fallback_to,
            channel=body.channel,
            language=body.language,
            code=own_code(body.code),
            reference=body.reference,
            bound=_bound(body.bind_to),
            user_ip=_address(body.user_ip),
            device=body.device,
            app_hash=body.app_hash,
            grant=caller.grant,
        )


def _read(call: Call, decode: Callable[[bytes], _Body]) -> tuple[_Body, Principal]:
    """The body of a call and its caller. Raises Problem."""
    JsonBodies.check(call.body)
    caller = call.caller(SCOPE)
    return structs.read(decode, call.body), caller


def _strict(route: HotRoute) -> HotRoute:
    """A route that checks its body as the front does for others."""

    async def checked_first(call: Call) -> Answer:
        JsonBodies.check(call.body)
        return await route(call)

    return checked_first


def _kept(keyed: KeyedRequest, answer: Answer, reference: str) -> Consequences:
    """What keeps an answer for its key."""
    return Consequences(guards=(keyed.keeps(answer, reference),), keys=(keyed.lock,))


def _asked(body: bodies.CheckVerification, caller: Principal, verification_id: str) -> Check:
    return Check(caller.tenant, body.code, _bound(body.bind_to), id=verification_id)


def _bound(asked: BindTo | None) -> BindTo | None:
    return None if asked is None else checked(asked)


def _address(written: str | None) -> str | None:
    """The address of an end user in canonical form. Raises Problem."""
    if written is None:
        return None
    try:
        return str(ipaddress.ip_address(written.strip()))
    except ValueError:
        raise Problem("invalid_field", "`user_ip` is not an IP address.", param="user_ip") from None


def _started(found: Started, status: int | None = None) -> Answer:
    status = (200 if found.reused else 201) if status is None else status
    return Answer(status, bodies.encoded(views.started(found)))


def _answered(found: Result) -> Answer:
    """The answer to a check. Raises Problem if it came after the approval."""
    if found.outcome == checking.ALREADY:
        assert found.one is not None
        raise Problem("verification_approved", extra={"id": found.one.id})
    return _outcome(found)


def _told(found: Result | Exception) -> Answer | Exception:
    """The answer to a check, or why there is none."""
    if isinstance(found, Exception):
        return found
    try:
        return _answered(found)
    except Problem as problem:
        return problem


def _outcome(found: Result) -> Answer:
    return Answer(200, bodies.encoded(views.checked(found)))
