"""The routes of `/v1/webhooks`. They translate; the rules are in `service` and `deliveries`."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts.reach import accounts_for
from onesixty.core import events, times
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.http import moments, openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.exports import PAGE, Asked, Table, View, documented, export
from onesixty.http.idempotency import Idempotency
from onesixty.http.noting import noted
from onesixty.http.openapi import Router
from onesixty.http.paging import page_answer
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.store.notes import Notes
from onesixty.store.table import pattern_of
from onesixty.webhooks import schemas
from onesixty.webhooks.deliveries import Deliveries
from onesixty.webhooks.delivery_reading import DeliveryReading, Filters, view
from onesixty.webhooks.feed_endpoints import known_types
from onesixty.webhooks.service import Webhooks, checked_types
from onesixty.webhooks.tables import Webhook

Caller = Annotated[Principal, Depends(Requires("webhooks"))]
#: The columns are the fields of the list: what was sent and answered is in no export.
DELIVERIES: Final = Table("deliveries", tuple(schemas.DeliveryView.model_fields))

DeliveryPage = Annotated[schemas.DeliveryQuery, Query()]


class WebhookResource(Resource[Webhook, schemas.NewWebhook, schemas.WebhookFields, schemas.WebhookView]):
    """`/v1/webhooks`."""

    path, tag, one, many, scope = "/v1/webhooks", "webhooks", "webhook", "webhooks", "webhooks"
    new, fields, shown = schemas.NewWebhook, schemas.WebhookFields, schemas.WebhookView
    shown_once, query = schemas.WebhookMade, schemas.WebhookQuery
    list_name, change_name = "WebhookList", "WebhookChange"
    about = ByVerb(
        make="Create a webhook.\n\nThe answer contains the signing `secret`. It is returned only once.",
        change="Change a webhook.\n\nEnabling it, or changing its URL, also ends a pause.",
        remove="Delete a webhook.\n\nIts pending deliveries end as failed.",
    )

    def __init__(self, webhooks: Webhooks, accounts: Container[str]) -> None:
        super().__init__(webhooks.rows)
        self._webhooks = webhooks
        self._accounts = accounts

    async def page(
        self, caller: Principal, query: schemas.WebhookQuery
    ) -> tuple[Sequence[Webhook], str | None]:
        account_id = accounts_for(caller, query.account_id, self._accounts)
        if query.event is not None and query.event not in events.TYPES:
            raise Problem("invalid_parameter", f"Unknown event type `{query.event}`.", param="event")
        return await self.rows.page(
            query.limit,
            query.after,
            Reach(account_id, caller.test),
            enabled=query.enabled,
            url_part=pattern_of(query.url),
            event=query.event,
            paused=query.paused,
            failing=query.failing,
        )

    async def made(self, body: schemas.NewWebhook, caller: Principal) -> Made:
        webhook, secret = await self._webhooks.new(caller.tenant, body.url, body.events, body.description)
        return Made(webhook, {"secret": secret})

    async def changed(
        self, row: Webhook, fields: schemas.WebhookFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        after = msgspec.structs.replace(
            row,
            url=fields.url,
            events=checked_types(fields.events),
            description=fields.description,
            enabled=fields.enabled,
        )
        return Changed(*self._webhooks.checked(row, after, said))


def webhook_routes(
    webhooks: Webhooks,
    reading: DeliveryReading,
    deliveries: Deliveries,
    notes: Notes,
    idempotency: Idempotency | None = None,
    accounts: Container[str] = (),
) -> Router:
    """The routes of `/v1/webhooks`, for keys with the scope `webhooks`. `accounts` are all there are."""
    router = Router("webhooks")
    secret_shown: Any = openapi.answers(200, "WebhookMade", "The webhook with its new secret.")

    counted: Any = {200: {"model": schemas.Replayed, "description": "A dry run: how many there are."}}

    @router.get("/v1/webhooks/callback-secret", response_model=schemas.CallbackSecret)
    async def get_callback_secret(caller: Caller) -> Response:
        """Get the secret of status callbacks.

        It signs requests to the URLs in `status_callback`. Live and test mode have separate secrets.
        """
        return json_answer({"secret": await webhooks.callback_secret(caller.tenant)})

    @router.post("/v1/webhooks/callback-secret/rotate", response_model=schemas.CallbackSecret)
    async def rotate_callback_secret(request: Request, caller: Caller) -> Response:
        """Rotate the secret of status callbacks.

        Requests are also signed with the old secret for another 24 hours.
        """
        note = noted(request, caller, "rotated", "callback_secret", test=caller.test)
        secret = await webhooks.rotate_callback_secret(caller.tenant, notes.writes(note))
        return json_answer({"secret": secret})

    routes(WebhookResource(webhooks, accounts), idempotency, router)

    @router.post("/v1/webhooks/{id}/rotate", responses=secret_shown)
    async def rotate_webhook_secret(request: Request, caller: Caller, id: str) -> Response:  # noqa: A002
        """Rotate the secret of a webhook.

        The new secret is returned only once. Requests are also signed with the old secret for another 24 hours.
        """
        note = noted(request, caller, "rotated", "webhook", id, test=caller.test)
        webhook, secret = await webhooks.rotate(caller.tenant, id, notes.writes(note))
        shown = structs.shown_fields(schemas.WebhookMade, webhook)
        return json_answer(schemas.WebhookMade(**shown | {"secret": secret}))

    @router.get("/v1/webhooks/{id}/deliveries", response_model=schemas.DeliveryList)
    async def list_webhook_deliveries(caller: Caller, id: str, query: DeliveryPage) -> Response:  # noqa: A002
        """List deliveries of a webhook, newest first.

        A page may be shorter than `limit` although more follow, if few deliveries pass the filters.
        """
        webhook = await webhooks.get(caller.tenant, id)
        shown, next_ = await reading.page(webhook, _filters(query), query.limit, query.after)
        return json_answer(page_answer([view(row) for row in shown], next_))

    @router.get("/v1/webhooks/{id}/deliveries/export", **documented(DELIVERIES, "DeliveryView"))
    async def export_webhook_deliveries(
        request: Request,
        caller: Caller,
        id: str,  # noqa: A002
        query: Annotated[schemas.DeliveryExport, Query()],
    ) -> Response:
        """Export the deliveries of a webhook, newest first, as one stream of any length."""
        webhook, filters = await webhooks.get(caller.tenant, id), _filters(query)

        async def page(after: str | None) -> tuple[Sequence[View], str | None]:
            found, next_ = await reading.page(webhook, filters, PAGE, after)
            return [view(row) for row in found], next_

        asked = Asked(request, caller, query, caller.account_id, webhook.id)
        return await export(asked, notes, DELIVERIES, page)

    @router.get("/v1/webhooks/{id}/statistics", response_model=schemas.WebhookStatistics)
    async def get_webhook_statistics(
        caller: Caller,
        id: str,  # noqa: A002
        query: Annotated[schemas.StatisticsQuery, Query()],
    ) -> Response:
        """Get the figures of a webhook: how many attempts succeed, how fast it answers, and what waits.

        They are a few seconds old. Attempts are counted for 30 days.
        """
        webhook = await webhooks.get(caller.tenant, id)
        return json_answer(await reading.statistics(webhook, query.hours))

    @router.get("/v1/deliveries/{id}", response_model=schemas.DeliveryDetail)
    async def get_delivery(caller: Caller, id: str) -> Response:  # noqa: A002
        """Get a delivery with its attempts: what was sent, and what the receiver answered.

        Kept are the latest ten failed attempts of a delivery, and the last one of a webhook that succeeded, for 7
        days; of a receiver that fails all the time not every one. Bodies are cut at 4 KiB, and values of header
        fields that may be secret are covered. A redaction removes what was answered.
        """
        return json_answer(await reading.get(caller.tenant, id))

    @router.post(
        "/v1/webhooks/{id}/replay", status_code=202, response_model=schemas.Replayed, responses=counted
    )
    async def replay_webhook(
        request: Request,
        caller: Caller,
        id: str,  # noqa: A002
        body: schemas.Replay,
    ) -> Response:
        """Deliver events again.

        Name `event_ids`, or a `message_id`, or a time range (`since`, `until`), or `failed_only`; `types` narrows all
        but the first. At most 1,000 events at a time, oldest first. If there are more, continue with `next_since` as
        `since`. With `dry_run` they are only counted, up to 100,000 at a time.
        """
        webhook = await webhooks.get(caller.tenant, id)
        found = await deliveries.replay(
            webhook,
            event_ids=body.event_ids,
            since=moments.of_body(body.since, "since"),
            until=moments.of_body(body.until, "until"),
            failed_only=body.failed_only,
            types=checked_types(body.types, "types") if body.types is not None else (),
            message_id=body.message_id,
            dry_run=body.dry_run,
        )
        answer = {
            "replayed": 0 if body.dry_run else found.matching,
            "matching": found.matching,
            "sample": found.sample,
            "next_since": times.text_or_none(found.next_since),
        }
        if body.dry_run:
            return json_answer(answer)
        details = {"replayed": found.matching}
        await notes.record(
            noted(request, caller, "replayed", "webhook", id, details=details, test=caller.test)
        )
        return json_answer(answer, 202)

    @router.post("/v1/webhooks/{id}/test", response_model=schemas.TestResult)
    async def test_webhook(request: Request, caller: Caller, id: str) -> Response:  # noqa: A002
        """Send a test event.

        One `webhook.test` event is sent at once, without retries. The answer contains the receiver's response.
        """
        webhook = await webhooks.get(caller.tenant, id)
        await notes.record(noted(request, caller, "tested", "webhook", id, test=caller.test))
        return json_answer(await deliveries.test(webhook))

    return router


def _filters(query: schemas.DeliveryFilters) -> Filters:
    """The filters for `delivery_reading`. Raises Problem `invalid_parameter`."""
    return Filters(
        status=query.status,
        types=known_types(query.types),
        message_id=query.message_id,
        event_id=query.event_id,
        created_after=moments.of_query(query.created_after, "created_after"),
        created_before=moments.of_query(query.created_before, "created_before"),
    )
