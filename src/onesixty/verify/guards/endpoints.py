"""`/v1/verify-guards`, `/v1/verify-blocks` and `/v1/trusted-numbers`.

Rules kept here:
- every block and hold can be released. What the guards remember of its subject from before counts no more, so that
  the next start is not stopped by the same facts;
- releasing what has ended or was released changes nothing;
- trusted numbers are of one account and mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.errors import Problem
from onesixty.http import openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.etags import IfMatch
from onesixty.http.idempotency import Idempotency
from onesixty.http.noting import Notes, author
from onesixty.http.openapi import Router
from onesixty.http.resource import GET, LIST, ByVerb, Made, Resource
from onesixty.http.resource_exports import add_export
from onesixty.http.resource_routes import check_version, routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Body
from onesixty.store.rows import By, Rows, again
from onesixty.verify.guards.bodies import (
    BLOCKS,
    GuardList,
    GuardView,
    NewTrustedNumber,
    ThresholdView,
    TrustedNumberFields,
    TrustedNumberQuery,
    TrustedNumberView,
    VerifyBlockExport,
    VerifyBlockQuery,
    VerifyBlockView,
    finding_of,
)
from onesixty.verify.guards.catalogue import GUARDS
from onesixty.verify.guards.facts import DAY, Stop
from onesixty.verify.guards.tables import TrustedNumber

READS = "verify:read"
MANAGES = "verify:manage"
Reader = Annotated[Principal, Depends(Requires(READS))]
Manager = Annotated[Principal, Depends(Requires(MANAGES))]

#: Trusted numbers of one account and mode.
MOST_TRUSTED = 10_000


class Stops:
    """The records of stops: found, listed, released."""

    def __init__(self, rows: Rows[Stop]) -> None:
        self.rows = rows

    async def release(self, row: Stop, by: By) -> Stop:
        """Release a stop and all others of its key. Raises Problem."""

        async def change() -> Stop:
            before = await self.rows.get(row.id)
            now = self.rows.now()
            if before.released_at is not None or before.ends_at <= now:
                return before
            return await self.rows.change(
                before,
                replace(before, released_at=now),
                by=by,
                writes=[
                    ("verify_blocks_release", (before.key, now)),
                    ("verify_trace_released", (before.key, now, now + DAY)),
                ],
            )

        return await again(change)


class VerifyBlocks(Resource[Stop, Body, Body, VerifyBlockView]):
    """`/v1/verify-blocks`."""

    path, tag, one, many, scope = "/v1/verify-blocks", "verify", "verify_block", "verify_blocks", READS
    verbs = (LIST, GET)
    new, fields, shown, query = Body, Body, VerifyBlockView, VerifyBlockQuery
    list_name = "VerifyBlockList"
    about = ByVerb(
        list="List what guards have blocked and held, newest first.\n\nA record is kept for 30 days after its end.",
        get="Get a block or hold.",
    )

    def view(self, row: Stop, caller: Principal) -> VerifyBlockView:
        return VerifyBlockView(**structs.shown_fields(VerifyBlockView, row), finding=finding_of(row.reason))

    async def page(self, caller: Principal, query: VerifyBlockQuery) -> tuple[Sequence[Stop], str | None]:
        return await self.rows.page(
            query.limit,
            query.after,
            self.reach(caller),
            profile_id=query.profile_id,
            guard=query.guard,
            action=query.action,
            standing_at=self.rows.now() if query.standing else None,
        )


class TrustedNumbers(Resource[TrustedNumber, NewTrustedNumber, TrustedNumberFields, TrustedNumberView]):
    """`/v1/trusted-numbers`."""

    path, tag, one, many, scope, reads = (
        "/v1/trusted-numbers", "verify", "trusted_number", "trusted_numbers", MANAGES, READS
    )  # fmt: skip
    new, fields, shown, query = NewTrustedNumber, TrustedNumberFields, TrustedNumberView, TrustedNumberQuery
    list_name, change_name = "TrustedNumberList", "TrustedNumberChange"
    about = ByVerb(
        make="Trust a number, or all numbers that begin so.\n\nNo guard stops verifications of it: use it for the "
        "phones of a fleet, or of people who test.",
        list="List trusted numbers, newest first.",
        get="Get a trusted number.",
        change="Change the note of a trusted number.",
        remove="Trust a number no longer.",
    )

    async def made(self, body: NewTrustedNumber, caller: Principal) -> Made:
        page, next_ = await self.rows.page(MOST_TRUSTED, None, self.reach(caller))
        if next_ is not None or len(page) >= MOST_TRUSTED:
            raise Problem(
                "conflict",
                f"An account has at most {MOST_TRUSTED} trusted numbers. Use a beginning with `*`.",
            )
        return await super().made(body, caller)


def guard_routes(
    stops: Stops, trusted: Rows[TrustedNumber], idempotency: Idempotency, notes: Notes
) -> Sequence[Router]:
    """All routes of the guards."""
    resource = VerifyBlocks(stops.rows)
    router = add_export(resource, VerifyBlockExport, BLOCKS, notes, Router(resource.tag))
    routes(resource, idempotency, router)

    @router.get("/v1/verify-guards", responses=openapi.answers(200, "GuardList", "All guards."))
    async def list_verify_guards(_: Reader) -> Response:
        """List the guards of verifications, with their thresholds.

        A profile changes them in `guards`.
        """
        return json_answer(_guards())

    router.describe(lambda: openapi.of_struct(GuardList))

    @router.post(
        "/v1/verify-blocks/{id}/release",
        responses=openapi.answers(200, "VerifyBlockView", "The block or hold after the release."),
    )
    async def release_verify_block(
        request: Request,
        caller: Manager,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Release a block or hold before its end.

        Verifications of its subject pass again at once, and what was remembered of it from before counts no more.
        Those that are held are sent within seconds.
        """
        row = await resource.find(caller, id)
        check_version(resource, if_match, row)
        return json_answer(resource.view(await stops.release(row, author(request, caller)), caller))

    return [router, routes(TrustedNumbers(trusted), idempotency)]


def _guards() -> GuardList:
    return GuardList(
        data=[
            GuardView(
                name=guard.name,
                action=guard.action,
                about=guard.about,
                thresholds=[
                    ThresholdView(
                        name=f"{guard.name}.{name}",
                        value=each.value,
                        least=each.least,
                        most=each.most,
                        about=each.about,
                    )
                    for name, each in guard.thresholds.items()
                ],
            )
            for guard in GUARDS.values()
        ]
    )
