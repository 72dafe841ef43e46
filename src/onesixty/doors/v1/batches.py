"""`/v1/batches`: what became of the messages of one call, and taking them back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from onesixty.core import ids, money, statuses, times
from onesixty.core.errors import Problem
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.paging import PageQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.messages.batches import Batch, Batches, Count

Reader = Annotated[Principal, Depends(Requires("messages:read"))]
Changer = Annotated[Principal, Depends(Requires("messages:send"))]


class BatchQuery(PageQuery):
    """The query of `GET /v1/batches`."""

    kind = ids.BATCH


def batch_routes(batches: Batches) -> APIRouter:
    """`/v1/batches`; they are made by `POST /v1/sms/batch`."""
    router = APIRouter(prefix="/v1/batches", tags=["batches"])

    @router.get("", responses=openapi.answers(200, "BatchList", "A page of batches."))
    async def list_batches(caller: Reader, query: Annotated[BatchQuery, Query()]) -> Response:
        """List batches, newest first."""
        found, next_ = await batches.find(caller.tenant, query.limit, query.after)
        return json_answer(page_answer([batch_view(batch) for batch in found], next_))

    @router.get("/{id}", responses=openapi.answers(200, "BatchProgress", "The batch."))
    async def get_batch(caller: Reader, id: str) -> Response:  # noqa: A002
        """Get a batch, with the number of its messages by status.

        List its messages with `GET /v1/messages?batch_id=...`.
        """
        batch = await batches.get(caller.tenant, _known(id))
        return json_answer(progress_view(batch, await batches.counts(batch.id)))

    @router.post(
        "/{id}/cancel",
        responses=openapi.answers(200, "BatchCanceled", "The batch, with the number of messages canceled."),
    )
    async def cancel_batch(caller: Changer, id: str) -> Response:  # noqa: A002
        """Cancel the messages of a batch that no carrier has taken yet.

        Messages being sent or in a final status are not changed. You can repeat the call.
        """
        batch, canceled = await batches.cancel(caller.tenant, _known(id))
        view = progress_view(batch, await batches.counts(batch.id))
        return json_answer({**view, "canceled_now": canceled})

    return router


def batch_view(batch: Batch) -> dict[str, Any]:
    """A batch as lists show it."""
    return {
        "id": batch.id,
        "size": batch.size,
        "accepted": batch.accepted,
        "refused": batch.refused,
        "test": batch.test,
        "created_at": times.to_text(batch.created_at),
        "accepted_at": times.text_or_none(batch.done_at),
        "canceled_at": times.text_or_none(batch.canceled_at),
    }


def progress_view(batch: Batch, counts: list[Count]) -> dict[str, Any]:
    """A batch with what became of its messages."""
    messages = sum(count.messages for count in counts)
    ended = messages > 0 and all(count.status in statuses.TERMINAL for count in counts)
    view = batch_view(batch)
    if batch.done_at is None:  # under way, or cut off: what is there is what was accepted
        view["accepted"] = messages
    return {
        **view,
        "statuses": {count.status: count.messages for count in counts},
        "segments": sum(count.segments for count in counts),
        "price": money.to_text(sum(count.price for count in counts)),
        "currency": counts[0].currency if counts else None,
        "ended_at": times.text_or_none(max(count.last_done_at or 0 for count in counts)) if ended else None,
    }


def _known(id_: str) -> str:
    if not ids.is_id(ids.BATCH, id_):
        raise Problem("not_found", "Batch not found.")
    return id_
