"""`GET /v1/limits`: the limits of an account and of a key, what is used of them, and when they begin anew.

Rules kept here:
- a caller sees the limits of the account in which it acts, and those of its key. Limits of accounts above are not
  shown;
- with the scope `keys`, it sees those of another key of the account; with the scope `accounts`, those of every
  account;
- with several nodes, a day's or month's use may be off by what other nodes have taken ahead.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.responses import Response

from onesixty.accounts import Accounts
from onesixty.accounts.reach import account_for
from onesixty.core import statuses, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.http import bodies, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.scopes import Principal, check_scope
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


class LimitsQuery(bodies.Query):
    """The query of `GET /v1/limits`."""

    account_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="The account; needs the scope `accounts`. Default: your own account.",
            examples=["acc_01h455vb4pex5vsknk084sn02q"],
        ),
    ] = None
    key_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="A key of the account, whose limits are shown beside those of the account; needs the scope "
            "`keys`. Default: the key that asks.",
            examples=["key_01h455vb4pex5vsknk084sn02q"],
        ),
    ] = None


def limit_routes(
    hold: LimitHold, filling: Filling, storage: StorageLimits, clock: Clock, accounts: Accounts
) -> openapi.Router:
    """The route."""
    router = openapi.Router("accounts", "/v1")
    router.describe(lambda: openapi.of_struct(pages=[LimitUse]))

    @router.get("/limits", responses=openapi.answers(200, "LimitUseList", "The limits."))
    async def list_limits(caller: Reader, query: Annotated[LimitsQuery, Query()]) -> Response:
        """List the limits of an account and of a key, what is used of them, and when they begin anew.

        Those of the account count the messages of its sub-accounts too. Test messages count only for the limits of
        a key.
        """
        account_id = account_for(caller, query.account_id, accounts.book, "invalid_parameter")
        meters = []
        if (own := hold.meter_of(account_id)) is not None:
            meters.append(own)
        try:
            grant = await grant_of(caller, account_id, query.key_id)
            if grant is not None and (key := hold.of_grant(grant, account_id)) is not None:
                meters.append(key)
            found = [use for meter in meters for use in await _uses(meter, filling, clock)]
            if (kept := storage.limit_of(account_id)) is not None:
                used = await storage.used(account_id)
                found.append(_use(account_id, "storage_bytes", kept, used))
        except StoreError:
            raise Problem("unavailable", retry_after=1) from None
        return json_answer({"data": found, "next": None})

    async def grant_of(caller: Principal, account_id: str, key_id: str | None) -> Grant | None:
        """What a key of the account may send; without an id, the key that asks. Raises Problem and StoreError."""
        if key_id is None or key_id == caller.key_id:
            return caller.grant if account_id == caller.account_id else None
        check_scope(caller, "keys")
        key = await accounts.keys.find(key_id, caller.tenant.setup._replace(account_id=account_id))
        if key is None:
            raise Problem("invalid_parameter", "Unknown key.", param="key_id")
        return key.grant

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
