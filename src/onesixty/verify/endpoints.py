"""`/v1/verifications` and their figures: the routes. The rules are in `starting`, `checking` and `control`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty.http import moments, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import repeated
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.exports import PAGE, Asked, Table, View, columns_of, documented, export
from onesixty.http.noting import noted
from onesixty.http.openapi import Router
from onesixty.http.paging import page_answer
from onesixty.http.problems import response_of
from onesixty.http.scopes import Principal
from onesixty.http.structs import read
from onesixty.kit.context import Context
from onesixty.verify import bodies, queries, views
from onesixty.verify import verification as v
from onesixty.verify.control import Control
from onesixty.verify.door import PATH, SCOPE, VerifyDoor
from onesixty.verify.figures import DAY_MS, Figures
from onesixty.verify.listing import Listing

FIGURES_PATH: Final = "/v1/reports/verifications"
#: The parameters that may be repeated, by path.
REPEATED: Final = dict.fromkeys((PATH, f"{PATH}/export"), repeated(queries.VerificationFilters))

TABLE: Final = Table("verifications", columns_of(bodies.VerificationView))

Actor = Annotated[Principal, Depends(Requires(SCOPE))]
Reader = Annotated[Principal, Depends(Requires("verify:read"))]
Manager = Annotated[Principal, Depends(Requires("verify:manage"))]


def verification_routes(
    node: Context, *, door: VerifyDoor, control: Control, listing: Listing, figures: Figures
) -> Router:
    """The routes of verifications and of their figures."""
    router = Router("verify")
    router.describe(
        lambda: openapi.of_struct(
            *(bodies.StartVerification, bodies.StartedVerification, bodies.ResendVerification),
            bodies.ReportVerification,
            *(bodies.CheckVerification, bodies.CheckByAddress, bodies.CheckedVerification),
            *(bodies.VerificationDetail, bodies.CanceledVerification, bodies.VerifyReport),
            *(bodies.VerificationView, bodies.VerificationTold),
            pages=[bodies.VerificationView],
        )
    )
    decode_report = msgspec.json.Decoder(bodies.ReportVerification).decode
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
        return response_of(await door.start(request.scope[SCOPE_KEY]))

    @router.get(PATH, responses=openapi.answers(200, "VerificationViewList", "A page of verifications."))
    async def list_verifications(
        caller: Reader, query: Annotated[queries.VerificationQuery, Query()]
    ) -> Response:
        """List verifications, newest first. They are kept for 30 days after their end.

        A filter that few of very many pass may give a page with few or none, and a `next` to go on.
        """
        found, next_ = await listing.page(caller.tenant, query.filters(), query.limit, query.after)
        return json_answer(page_answer([views.shown(one) for one in found], next_))

    @router.get(f"{PATH}/export", **documented(TABLE, "VerificationView"))
    async def export_verifications(
        request: Request, caller: Reader, query: Annotated[queries.VerificationExport, Query()]
    ) -> Response:
        """Export verifications, newest first, as one stream of any length."""
        filters = query.filters()

        async def page(after: str | None) -> tuple[Sequence[View], str | None]:
            found, next_ = await listing.page(caller.tenant, filters, PAGE, after)
            return [views.shown(one) for one in found], next_

        return await export(Asked(request, caller, query, caller.account_id), node.notes, TABLE, page)

    @router.post(f"{PATH}/check", responses=outcome, openapi_extra=openapi.json_body("CheckByAddress"))
    async def check_verification_of(request: Request, caller: Actor) -> Response:
        """Check a code by who is verified: the newest verification of an address, a profile and `bind_to`.

        Each check counts. An `Idempotency-Key` makes a repeated request count once.
        """
        return response_of(await door.check_by_address(request.scope[SCOPE_KEY]))

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
        return response_of(await door.check(request.scope[SCOPE_KEY], id))

    @router.post(
        f"{PATH}/{{id}}/resend",
        responses=openapi.answers(200, "StartedVerification", "The verification, with one more send."),
        openapi_extra=openapi.json_body("ResendVerification", required=False),
    )
    async def resend_verification(request: Request, caller: Actor, id: str) -> Response:  # noqa: A002
        """Send a code once more: the same one while it is young, else a new one.

        Before `next_send_at` it answers 429 `verification_later`. Wrong codes that were typed stay counted.
        """
        return response_of(await door.resend(request.scope[SCOPE_KEY], id))

    @router.post(
        f"{PATH}/{{id}}/cancel",
        responses=openapi.answers(200, "CanceledVerification", "The canceled verification."),
    )
    async def cancel_verification(caller: Actor, id: str) -> Response:  # noqa: A002
        """Cancel a verification: its code is void, nothing more is sent, and waiting messages are stopped."""
        return json_answer(views.canceled(await control.cancel(caller.tenant, id)))

    @router.post(
        f"{PATH}/{{id}}/report", responses=shown, openapi_extra=openapi.json_body("ReportVerification")
    )
    async def report_verification(request: Request, caller: Actor, id: str) -> Response:  # noqa: A002
        """Report what came of a code of your own that you checked yourself.

        It ends the verification: `approved`, or `expired` with the reason `reported`. The guards and the figures
        count it as if the code had been checked here. A second report of the same is fine.
        """
        call: Call = request.scope[SCOPE_KEY]
        asked = read(decode_report, call.body)
        one = await control.report(caller.tenant, id, approved=asked.outcome == v.APPROVED)
        return json_answer(views.shown(one))

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
        caller: Reader, query: Annotated[queries.FiguresQuery, Query()]
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
