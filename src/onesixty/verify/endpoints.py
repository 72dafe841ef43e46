"""`/v1/verifications`. The routes translate; the rules are in `starting`, `checking` and `control`.

Rules kept here:
- what is kept for an `Idempotency-Key` is an answer without a code, and its body is compared by a keyed digest:
  nobody who reads the database can try codes against it;
- a repeated request gets the first answer. A check that is repeated is counted once;
- a check never answers 404: an unknown verification is an outcome like any other.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.contracts import Consequences
from onesixty.core.errors import Problem
from onesixty.http import moments, openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.idempotency import Idempotency, KeyedRequest
from onesixty.http.noting import noted
from onesixty.http.openapi import Router
from onesixty.http.paging import page_answer
from onesixty.http.problems import response_of
from onesixty.http.scopes import Principal
from onesixty.kit.context import Context
from onesixty.store.rows import Book, Lost
from onesixty.verify import bodies, checking, profiles, views
from onesixty.verify.binding import BindTo, checked
from onesixty.verify.checking import Check, Checking, Result
from onesixty.verify.control import Control
from onesixty.verify.figures import DAY_MS, Figures
from onesixty.verify.profile_endpoints import named_profile
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.records import ROUNDS, Records
from onesixty.verify.secrets import Secrets
from onesixty.verify.starting import Start, Started, Starting, own_code

PATH: Final = "/v1/verifications"
FIGURES_PATH: Final = "/v1/reports/verifications"

Actor = Annotated[Principal, Depends(Requires("verify"))]
Reader = Annotated[Principal, Depends(Requires("verify:read"))]
Manager = Annotated[Principal, Depends(Requires("verify:manage"))]

_START: Final = msgspec.json.Decoder(bodies.StartVerification).decode
_CHECK: Final = msgspec.json.Decoder(bodies.CheckVerification).decode
_CHECK_BY: Final = msgspec.json.Decoder(bodies.CheckByAddress).decode
_RESEND: Final = msgspec.json.Decoder(bodies.ResendVerification).decode
_NOTHING: Final = Consequences()


class Keyed:
    """Makes the answer of a request once, whatever competes with it."""

    def __init__(self, idempotency: Idempotency, secrets: Secrets) -> None:
        self._idempotency = idempotency
        self._secrets = secrets

    async def answer(
        self,
        request: Request,
        caller: Principal,
        body: msgspec.Struct,
        make: Callable[[KeyedRequest | None], Awaitable[Answer]],
    ) -> Response:
        """The first answer of this key, or what `make` answers. `make` raises Lost if another request took the key or
        changed the verification meanwhile; then it is asked again."""
        call: Call = request.scope[SCOPE_KEY]
        said = self._secrets.body(msgspec.json.encode(body))
        keyed = self._idempotency.of(call, caller.tenant, f"{call.method} {call.path}", said)
        for _ in range(ROUNDS):
            first = None if keyed is None else await keyed.replay()
            if first is not None:
                return response_of(first)
            try:
                return response_of(await make(keyed))
            except Lost:
                continue
        raise Lost


def kept(keyed: KeyedRequest, answer: Answer, reference: str) -> Consequences:
    """What keeps an answer for its key."""
    return Consequences(guards=(keyed.keeps(answer, reference),), keys=(keyed.lock,))


def verification_routes(
    node: Context,
    *,
    starting: Starting,
    checks: Checking,
    control: Control,
    records: Records,
    secrets: Secrets,
    book: Book[VerifyProfile],
    figures: Figures,
) -> Router:
    """The routes of verifications and of their figures."""
    router = Router("verify")
    router.describe(
        lambda: openapi.of_struct(
            *(bodies.StartVerification, bodies.StartedVerification, bodies.ResendVerification),
            *(bodies.CheckVerification, bodies.CheckByAddress, bodies.CheckedVerification),
            *(bodies.VerificationDetail, bodies.CanceledVerification, bodies.VerifyReport),
            *(bodies.VerificationView, bodies.VerificationTold),
            pages=[bodies.VerificationView],
        )
    )
    keyed = Keyed(node.idempotency, secrets)
    started = {
        **openapi.answers(201, "StartedVerification", "The verification was started."),
        **openapi.answers(200, "StartedVerification", "The open verification of the same subject."),
    }
    shown = openapi.answers(200, "VerificationView", "The verification.")
    outcome = openapi.answers(200, "CheckedVerification", "What the check says.")

    @router.post(
        PATH, status_code=201, responses=started, openapi_extra=openapi.json_body("StartVerification")
    )
    async def start_verification(request: Request, caller: Actor) -> Response:
        """Start a verification: send a code.

        If one is open for the same address, profile and `bind_to`, you get that one: `reused` is true, and nothing is
        sent before its `next_send_at`. After that, the same code is sent again while it is young, else a new one.
        """
        body = structs.read(_START, request.scope[SCOPE_KEY].body)
        asked = _start_of(body, caller, book)

        async def make(key: KeyedRequest | None) -> Answer:
            def beside(found: Started) -> Consequences:
                return _NOTHING if key is None else kept(key, _started(found), found.one.id)

            return _started(await starting.start(asked, None if key is None else beside))

        return await keyed.answer(request, caller, body, make)

    @router.get(PATH, responses=openapi.answers(200, "VerificationViewList", "A page of verifications."))
    async def list_verifications(
        caller: Reader, query: Annotated[bodies.VerificationQuery, Query()]
    ) -> Response:
        """List verifications, newest first. They are kept for 30 days after their end."""
        to = None if query.to is None else profiles.address_of(query.to, "to")[0]
        found, next_ = await records.page(
            caller.tenant, query.limit, query.after,
            to=to, status=query.status, profile_id=query.profile_id, reference=query.reference,
        )  # fmt: skip
        return json_answer(page_answer([views.shown(one) for one in found], next_))

    @router.post(f"{PATH}/check", responses=outcome, openapi_extra=openapi.json_body("CheckByAddress"))
    async def check_verification_of(request: Request, caller: Actor) -> Response:
        """Check a code by who is verified: the newest verification of an address, a profile and `bind_to`.

        Each check counts. An `Idempotency-Key` makes a repeated request count once.
        """
        body = structs.read(_CHECK_BY, request.scope[SCOPE_KEY].body)
        profile = named_profile(book, caller.tenant, body.profile)
        bound = _bound(body.bind_to)
        recipient, _ = profiles.address_of(body.to, "to")
        subject = secrets.subject(caller.tenant, profile.id, recipient, bound)
        asked = Check(caller.tenant, body.code, bound, subject=subject)
        return await _checked(request, caller, body, asked)

    @router.get(f"{PATH}/{{id}}", responses=openapi.answers(200, "VerificationDetail", "The verification."))
    async def get_verification(caller: Reader, id: str) -> Response:  # noqa: A002
        """Get a verification, with what became of each send and its history."""
        one = await control.get(caller.tenant, id)
        return json_answer(views.detail(one, await control.messages(one)))

    @router.post(
        f"{PATH}/{{id}}/check", responses=outcome, openapi_extra=openapi.json_body("CheckVerification")
    )
    async def check_verification(request: Request, caller: Actor, id: str) -> Response:  # noqa: A002
        """Check a code.

        Each check counts. An `Idempotency-Key` makes a repeated request count once. A second check after the approval
        answers 409 `verification_approved`.
        """
        body = structs.read(_CHECK, request.scope[SCOPE_KEY].body)
        asked = Check(caller.tenant, body.code, _bound(body.bind_to), id=id)
        return await _checked(request, caller, body, asked)

    async def _checked(request: Request, caller: Principal, body: msgspec.Struct, asked: Check) -> Response:
        async def make(key: KeyedRequest | None) -> Answer:
            def beside(found: Result) -> Consequences:
                if key is None or found.outcome == checking.ALREADY:
                    return _NOTHING
                return kept(key, _outcome(found), found.one.id if found.one is not None else "")

            found = await checks.check(asked, None if key is None else beside)
            if found.outcome == checking.ALREADY:
                assert found.one is not None
                raise Problem("verification_approved", extra={"id": found.one.id})
            return _outcome(found)

        return await keyed.answer(request, caller, body, make)

    @router.post(
        f"{PATH}/{{id}}/resend",
        responses=openapi.answers(200, "StartedVerification", "The verification, with one more send."),
        openapi_extra=openapi.json_body("ResendVerification", required=False),
    )
    async def resend_verification(request: Request, caller: Actor, id: str) -> Response:  # noqa: A002
        """Send a code once more: the same one while it is young, else a new one.

        Before `next_send_at` it answers 429 `verification_later`. Wrong codes that were typed stay counted.
        """
        body = structs.read(_RESEND, request.scope[SCOPE_KEY].body or b"{}")

        async def make(key: KeyedRequest | None) -> Answer:
            def beside(found: Started) -> Consequences:
                return _NOTHING if key is None else kept(key, _started(found, 200), found.one.id)

            found = await control.resend(
                caller.tenant, id, body.channel, caller.grant, None if key is None else beside
            )
            return _started(found, 200)

        return await keyed.answer(request, caller, body, make)

    @router.post(
        f"{PATH}/{{id}}/cancel",
        responses=openapi.answers(200, "CanceledVerification", "The canceled verification."),
    )
    async def cancel_verification(caller: Actor, id: str) -> Response:  # noqa: A002
        """Cancel a verification: its code is void, nothing more is sent, and waiting messages are stopped."""
        return json_answer(views.canceled(await control.cancel(caller.tenant, id)))

    @router.post(f"{PATH}/{{id}}/release", responses=shown)
    async def release_verification(request: Request, caller: Manager, id: str) -> Response:  # noqa: A002
        """Release a verification that a guard holds: its code is sent."""
        note = noted(request, caller, "released", "verification", id, test=caller.test)
        one = await control.release(caller.tenant, id, node.notes.writes(note))
        return json_answer(views.shown(one))

    @router.post(f"{PATH}/{{id}}/redact", responses=shown)
    async def redact_verification(request: Request, caller: Manager, id: str) -> Response:  # noqa: A002
        """Remove the addresses and the binding of a verification that has ended.

        The redaction of its messages removes them, too.
        """
        note = noted(request, caller, "redacted", "verification", id, test=caller.test)
        one = await control.redact(caller.tenant, id, node.notes.writes(note))
        return json_answer(views.shown(one))

    @router.get(FIGURES_PATH, responses=openapi.answers(200, "VerifyReport", "The figures."))
    async def report_verifications(
        caller: Reader, query: Annotated[bodies.FiguresQuery, Query()]
    ) -> Response:
        """Report verifications: how many were approved, by country, network, channel and more.

        A verification is counted once it has ended, in the hour in which it began.
        """
        now = node.clock.now_ms()
        end, start = moments.of_query(query.end, "end"), moments.of_query(query.start, "start")
        end = now + 1 if end is None else end
        start = end - 7 * DAY_MS if start is None else start
        operator = caller.operates("carriers")
        report = await figures.report(
            caller.tenant, query.by, start, end, query.profile_id, operator=operator
        )
        return json_answer(report)

    return router


def _start_of(body: bodies.StartVerification, caller: Principal, book: Book[VerifyProfile]) -> Start:
    return Start(
        tenant=caller.tenant,
        profile=named_profile(book, caller.tenant, body.profile),
        to=body.to,
        fallback_to=body.fallback_to,
        channel=body.channel,
        language=body.language,
        code=own_code(body.code),
        reference=body.reference,
        bound=_bound(body.bind_to),
        user_ip=_address(body.user_ip),
        device=body.device,
        grant=caller.grant,
    )


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


def _outcome(found: Result) -> Answer:
    return Answer(200, bodies.encoded(views.checked(found)))
