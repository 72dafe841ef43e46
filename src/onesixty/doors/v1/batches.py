"""`/v1/batches`: the results of the messages of one call, their cancellation, and batches as a file."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts.reach import AnyAccountQuery, ReachQuery, accounts_for
from onesixty.core import ids, money, statuses, times
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.http import moments, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Query as QueryModel
from onesixty.http.exports import PAGE, Asked, ExportQuery, Table, View, columns_of, documented, export
from onesixty.http.noting import Notes
from onesixty.http.paging import OrderedQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time, shown_fields
from onesixty.messages.batches import Batch as Row
from onesixty.messages.batches import Batches, BatchFilters, Count

Reader = Annotated[Principal, Depends(Requires("messages:read"))]
Changer = Annotated[Principal, Depends(Requires("messages:send"))]


class Batch(Answer):
    """A batch: the messages of one call."""

    id: Annotated[str, Meta(examples=["bat_01h455vb4pex5vsknk084sn02q"])]
    account_id: str
    size: Annotated[int, Meta(description="How many messages the request contained.")]
    accepted: int
    refused: int
    test: bool
    created_at: Time
    accepted_at: Annotated[
        Time | None,
        Meta(
            description="When all messages were accepted or refused; null while the batch is being processed."
        ),
    ]
    canceled_at: Time | None
    scheduled_at: Annotated[
        Time | None,
        Meta(
            description="When the first of its messages was to go, as the request said; null if it named no time."
        ),
    ]


class BatchProgress(Batch):
    """A batch and the results of its messages."""

    statuses: Annotated[dict[str, int], Meta(description="The number of its messages by status.")]
    segments: int
    price: Annotated[str, Meta(description="The price of all its messages: a decimal string.")]
    currency: str | None
    scheduled_at: Annotated[
        Time | None,
        Meta(
            description="When the first of its messages that wait for their time goes; null if none waits for it."
        ),
    ]
    ended_at: Annotated[
        Time | None, Meta(description="When the last of its messages reached a final status.")
    ]


class BatchCanceled(BatchProgress):
    """A batch, and how many of its messages this call canceled."""

    canceled_now: int


class BatchFilterQuery(QueryModel):
    """The filters of a list or an export."""

    state: Annotated[
        Literal["accepting", "accepted", "canceled"] | None,
        Field(
            description="`accepting`: not all messages are accepted or refused yet; `accepted`: all are; "
            "`canceled`: the batch was canceled."
        ),
    ] = None
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None

    def filters(self, *, oldest_first: bool = False) -> BatchFilters:
        """The filters for `messages.batches`. Raises Problem `invalid_parameter`."""
        return BatchFilters(
            state=self.state,
            created_after=moments.of_query(self.created_after, "created_after"),
            created_before=moments.of_query(self.created_before, "created_before"),
            oldest_first=oldest_first,
        )


class BatchQuery(BatchFilterQuery, AnyAccountQuery, OrderedQuery):
    """The query of `GET /v1/batches`."""

    kind = ids.BATCH


class BatchExport(ExportQuery, ReachQuery, BatchFilterQuery):
    """The query of an export."""

    kind = ids.BATCH


TABLE: Final = Table("batches", columns_of(Batch))


def batch_routes(batches: Batches, accounts: Container[str], notes: Notes) -> openapi.Router:
    """`/v1/batches`. Batches are created by `POST /v1/sms/batch`. `accounts` are all there are."""
    router = openapi.Router("batches", "/v1/batches")
    router.describe(lambda: openapi.of_struct(BatchProgress, BatchCanceled, pages=[Batch]))

    @router.get("", responses=openapi.answers(200, "BatchList", "A page of batches."))
    async def list_batches(caller: Reader, query: Annotated[BatchQuery, Query()]) -> Response:
        """List batches, newest first."""
        filters = query.filters(oldest_first=query.oldest_first)
        reach = Reach(accounts_for(caller, query.account_id, accounts), caller.test)
        found, next_ = await batches.find(reach, filters, query.limit, query.after)
        return json_answer(page_answer([batch_view(batch) for batch in found], next_))

    @router.get("/export", **documented(TABLE, "Batch"))
    async def export_batches(
        request: Request, caller: Reader, query: Annotated[BatchExport, Query()]
    ) -> Response:
        """Export batches, newest first, as one stream of any length."""
        account_id = accounts_for(caller, query.account_id, accounts)
        reach, filters = Reach(account_id, caller.test), query.filters()

        async def page(after: str | None) -> tuple[Sequence[View], str | None]:
            found, next_ = await batches.find(reach, filters, PAGE, after)
            return [batch_view(batch) for batch in found], next_

        return await export(Asked(request, caller, query, account_id), notes, TABLE, page)

    @router.get("/{id}", responses=openapi.answers(200, "BatchProgress", "The batch."))
    async def get_batch(caller: Reader, id: str) -> Response:  # noqa: A002
        """Get a batch, with the number of its messages by status.

        List its messages with `GET /v1/messages?batch_id=...`.
        """
        batch = await batches.get(caller.tenant, _known(id))
        return json_answer(BatchProgress(**_progress(batch, await batches.counts(batch.id))))

    @router.post(
        "/{id}/cancel",
        responses=openapi.answers(200, "BatchCanceled", "The batch, with the number of messages canceled."),
    )
    async def cancel_batch(caller: Changer, id: str) -> Response:  # noqa: A002
        """Cancel the messages of a batch that no carrier has taken yet.

        Messages being sent or in a final status are not changed. You can repeat the call.
        """
        batch, canceled = await batches.cancel(caller.tenant, _known(id))
        shown = _progress(batch, await batches.counts(batch.id))
        return json_answer(BatchCanceled(canceled_now=canceled, **shown))

    return router


def batch_view(batch: Row) -> Batch:
    """A batch in the form that lists show."""
    return Batch(accepted_at=times.text_or_none(batch.done_at), **shown_fields(Batch, batch))


def _progress(batch: Row, counts: list[Count]) -> dict[str, Any]:
    """The fields of a batch, with the results of its messages."""
    messages = sum(count.messages for count in counts)
    ended = messages > 0 and all(count.status in statuses.TERMINAL for count in counts)
    shown = msgspec.structs.asdict(batch_view(batch))
    if batch.done_at is None:  # in progress or cut off: its messages are those accepted
        shown["accepted"] = messages
    return {
        **shown,
        "statuses": {count.status: count.messages for count in counts},
        "segments": sum(count.segments for count in counts),
        "price": money.to_text(sum(count.price for count in counts)),
        "currency": counts[0].currency if counts else None,
        "scheduled_at": times.text_or_none(
            next((count.first_due_at for count in counts if count.status == "scheduled"), None)
        ),
        "ended_at": times.text_or_none(max(count.last_done_at or 0 for count in counts)) if ended else None,
    }


def _known(id_: str) -> str:
    if not ids.is_id(ids.BATCH, id_):
        raise Problem("not_found", "Batch not found.")
    return id_
