"""`GET /v1/limits`: the limits of the caller's account and key, what is used of them, and when they begin anew.

Rules kept here:
- a caller sees the limits of the account in which it acts, and those of its key. Limits of accounts above are not
  shown;
- with several nodes, a day's or month's use may be off by what other nodes have taken ahead.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from msgspec import Meta
from starlette.responses import Response

from onesixty.core import statuses, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time, one_of
from onesixty.limits.filling import Filling
from onesixty.limits.hold import LimitHold
from onesixty.limits.meter import Meter
from onesixty.limits.storage import StorageLimits
from onesixty.store.units import StoreError

Reader = Annotated[Principal, Depends(Requires("account:read"))]

NAMES = (
    "requests_per_second",
    "segments_per_second",
    "messages_per_day",
    "messages_per_month",
    "waiting_messages",
    "scheduled_messages",
    "storage_bytes",
)
_STOCKS = {statuses.QUEUED: "waiting_messages", statuses.SCHEDULED: "scheduled_messages"}


class LimitUse(Answer):
    """One limit, and what is used of it."""

    subject: Annotated[
        str, Meta(description="The id of the account, with all accounts below it, or of the key.")
    ]
    name: Annotated[str, one_of(NAMES)]
    limit: int
    used: int
    remaining: int
    begins_at: Annotated[Time | None, Meta(description="When the day or month began.")]
    resets_at: Annotated[
        Time | None, Meta(description="When the next day or month begins, and nothing of it is used.")
    ]


def limit_routes(hold: LimitHold, filling: Filling, storage: StorageLimits, clock: Clock) -> openapi.Router:
    """The route."""
    router = openapi.Router("accounts", "/v1")
    router.describe(lambda: openapi.of_struct(pages=[LimitUse]))

    @router.get("/limits", responses=openapi.answers(200, "LimitUseList", "The limits."))
    async def list_limits(caller: Reader) -> Response:
        """List your limits, what is used of them, and when they begin anew.

        Those of the account count the messages of its sub-accounts too. Test messages count only for the limits of
        a key.
        """
        meters = []
        if (own := hold.meter_of(caller.account_id)) is not None:
            meters.append(own)
        if caller.grant is not None and (key := hold.of_grant(caller.grant, caller.account_id)) is not None:
            meters.append(key)
        try:
            found = [use for meter in meters for use in await _uses(meter, filling, clock)]
            if (kept := storage.limit_of(caller.account_id)) is not None:
                used = await storage.used(caller.account_id)
                found.append(_use(caller.account_id, "storage_bytes", kept, used))
        except StoreError:
            raise Problem("unavailable", retry_after=1) from None
        return json_answer({"data": found, "next": None})

    return router


async def _uses(meter: Meter, filling: Filling, clock: Clock) -> list[LimitUse]:
    """The limits of one meter. Raises StoreError."""
    now, found = clock.monotonic(), []

    def add(name: str, limit: int, used: int, begins: int | None = None, ends: int | None = None) -> None:
        found.append(_use(meter.subject, name, limit, used, begins, ends))

    for name, rate in (("requests_per_second", meter.requests), ("segments_per_second", meter.segments)):
        if rate is not None:
            add(name, rate.limit, max(0, int(rate.share - rate.left(now))))
    for count in meter.counts:
        used = await filling.used(meter, count)
        add(f"messages_per_{count.kind}", count.limit, used, count.period.begins, count.period.ends)
    for status, stock in meter.stocks.items():
        add(_STOCKS[status], stock.limit, await filling.counted(meter, status))
    return found


def _use(
    subject: str, name: str, limit: int, used: int, begins: int | None = None, ends: int | None = None
) -> LimitUse:
    return LimitUse(
        subject=subject,
        name=name,
        limit=limit,
        used=used,
        remaining=max(0, limit - used),
        begins_at=times.text_or_none(begins),
        resets_at=times.text_or_none(ends),
    )
