"""The routes of `/v1/webhooks`. They translate; the rules are in `service` and `deliveries`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query
from starlette.responses import Response

from onesixty.core import times
from onesixty.http import moments, openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.paging import cut, page_answer
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.webhooks import deliveries as made
from onesixty.webhooks import schemas
from onesixty.webhooks.deliveries import Deliveries
from onesixty.webhooks.service import Webhooks, checked_types
from onesixty.webhooks.tables import Webhook

Caller = Annotated[Principal, Depends(Requires("webhooks"))]
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

    def __init__(self, webhooks: Webhooks) -> None:
        super().__init__(webhooks.rows)
        self._webhooks = webhooks

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
    webhooks: Webhooks, deliveries: Deliveries, idempotency: Idempotency | None = None
) -> Router:
    """The routes of `/v1/webhooks`, for keys with the scope `webhooks`."""
    router = Router("webhooks")
    secret_shown: Any = openapi.answers(200, "WebhookMade", "The webhook with its new secret.")

    @router.get("/v1/webhooks/callback-secret", response_model=schemas.CallbackSecret)
    async def get_callback_secret(caller: Caller) -> Response:
        """Get the secret of status callbacks.

        It signs requests to the URLs in `status_callback`. Live and test mode have separate secrets.
        """
        return json_answer({"secret": await webhooks.callback_secret(caller.tenant)})

    @router.post("/v1/webhooks/callback-secret/rotate", response_model=schemas.CallbackSecret)
    async def rotate_callback_secret(caller: Caller) -> Response:
        """Rotate the secret of status callbacks.

        Requests are also signed with the old secret for another 24 hours.
        """
        return json_answer({"secret": await webhooks.rotate_callback_secret(caller.tenant)})

    routes(WebhookResource(webhooks), idempotency, router)

    @router.post("/v1/webhooks/{id}/rotate", responses=secret_shown)
    async def rotate_webhook_secret(caller: Caller, id: str) -> Response:  # noqa: A002
        """Rotate the secret of a webhook.

        The new secret is returned only once. Requests are also signed with the old secret for another 24 hours.
        """
        webhook, secret = await webhooks.rotate(caller.tenant, id)
        shown = structs.shown_fields(schemas.WebhookMade, webhook)
        return json_answer(schemas.WebhookMade(**shown | {"secret": secret}))

    @router.get("/v1/webhooks/{id}/deliveries", response_model=schemas.DeliveryList)
    async def list_webhook_deliveries(caller: Caller, id: str, query: DeliveryPage) -> Response:  # noqa: A002
        """List deliveries of a webhook, newest first."""
        webhook = await webhooks.get(caller.tenant, id)
        rows = await deliveries.page(webhook, query.limit + 1, query.after, query.status)
        shown, next_ = cut(rows, query.limit, lambda row: row.id)
        return json_answer(page_answer([made.view(row) for row in shown], next_))

    @router.post("/v1/webhooks/{id}/replay", status_code=202, response_model=schemas.Replayed)
    async def replay_webhook(caller: Caller, id: str, body: schemas.Replay) -> Response:  # noqa: A002
        """Deliver events again.

        Name `event_ids`, or a time range (`since`, `until`), or `failed_only`, or a time range with `failed_only`.
        At most 1,000 events at a time, oldest first. If there are more, continue with `next_since` as `since`.
        """
        webhook = await webhooks.get(caller.tenant, id)
        count, next_since = await deliveries.replay(
            webhook,
            event_ids=body.event_ids,
            since=moments.of_body(body.since, "since"),
            until=moments.of_body(body.until, "until"),
            failed_only=body.failed_only,
        )
        return json_answer({"replayed": count, "next_since": times.text_or_none(next_since)}, 202)

    @router.post("/v1/webhooks/{id}/test", response_model=schemas.TestResult)
    async def test_webhook(caller: Caller, id: str) -> Response:  # noqa: A002
        """Send a test event.

        One `webhook.test` event is sent at once, without retries. The answer contains the receiver's response.
        """
        webhook = await webhooks.get(caller.tenant, id)
        return json_answer(await deliveries.test(webhook))

    return router
