"""Finds refusals, and redacts numbers in them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.message import INBOUND, Message
from onesixty.core.tenant import Reach, Tenant
from onesixty.refusals.refusal import Refusal, from_row
from onesixty.refusals.trace import Trace
from onesixty.store.contract import Store


class Filters(msgspec.Struct, kw_only=True, frozen=True):
    """The filters of a list; None where there is none. Times are epoch ms, the first inclusive."""

    code: str | None = None
    door: str | None = None
    recipient: str | None = None
    request_id: str | None = None
    created_after: int | None = None
    created_before: int | None = None
    oldest_first: bool = False


class Refusals:
    """The stored refusals."""

    def __init__(self, store: Store, clock: Clock, trace: Trace) -> None:
        self._store = store
        self._clock = clock
        self._trace = trace

    async def find(
        self, reach: Tenant | Reach, filters: Filters, limit: int, after: str | None
    ) -> tuple[list[Refusal], str | None]:
        """A page of one account's refusals or those of all accounts, in one mode, and the cursor of the next page
        (None on the last). Raises StoreError."""
        above, below = ids.span(
            ids.REFUSAL,
            filters.created_after,
            filters.created_before,
            after,
            oldest_first=filters.oldest_first,
        )
        every = reach.account_id is None
        rows = await self._store.fetch(
            f"refusals_list{'_all' if every else ''}{'_oldest' if filters.oldest_first else ''}",
            **({} if every else {"account_id": reach.account_id}),
            test=int(bool(reach.test)),
            below=below,
            above=above,
            code=filters.code,
            door=filters.door,
            recipient=filters.recipient,
            request_id=filters.request_id,
            most=limit + 1,
        )
        found = [from_row(row) for row in rows[:limit]]
        return found, found[-1].id if len(rows) > limit else None

    def redact(self, message: Message) -> Sequence[Write]:
        """The writes that redact the number of a message in its account's refusals."""
        number = message.sender if message.direction == INBOUND else message.recipient
        now = self._clock.now_ms()
        self._trace.forget(message.tenant, number, now)
        return (("refusals_redact", (message.account_id, int(message.test), number, now)),)
