"""`/v1/webhooks`: the routes. They translate; the rules stand in `endpoints` and `deliveries`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.paging import cut, page_answer
from onesixty.http.scopes import Principal
from onesixty.webhooks import deliveries as made
from onesixty.webhooks import schemas
from onesixty.webhooks import service as rules
from onesixty.webhooks.deliveries import Deliveries
from onesixty.webhooks.service import Webhooks

Caller = Annotated[Principal, Depends(Requires("webhooks"))]
Page = Annotated[schemas.WebhookQuery, Query()]
DeliveryPage = Annotated[schemas.DeliveryQuery, Query()]


def webhook_routes(webhooks: Webhooks, deliveries: Deliveries) -> APIRouter:
    """The routes of `/v1/webhooks`, for keys with the scope `webhooks`."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

    @router.post("", status_code=201, response_model=schemas.WebhookMade)
    async def create_webhook(caller: Caller, body: schemas.NewWebhook) -> Response:
        """Make a webhook.

        The answer has its signing `secret`, which is shown this once.
        """
        webhook, secret = await webhooks.create(
            caller.account_id, caller.test, body.url, body.events, body.description
        )
        return json_answer(rules.view(webhook, secret), 201)

    @router.get("", response_model=schemas.WebhookList)
    async def list_webhooks(caller: Caller, page: Page) -> Response:
        """List webhooks, newest first."""
        rows = await webhooks.page(caller.account_id, caller.test, page.limit + 1, page.after)
        shown, next_ = cut(rows, page.limit, lambda row: row.id)
        return json_answer(page_answer([rules.view(row) for row in shown], next_))

    @router.get("/callback-secret", response_model=schemas.CallbackSecret)
    async def get_callback_secret(caller: Caller) -> Response:
        """Read the secret of status callbacks.

        It signs the requests to the URLs that messages name in `status_callback`. Each mode has its own.
        """
        return json_answer({"secret": await webhooks.callback_secret(caller.account_id, caller.test)})

    @router.post("/callback-secret/rotate", response_model=schemas.CallbackSecret)
    async def rotate_callback_secret(caller: Caller) -> Response:
        """Change the secret of status callbacks.

        The old one signs beside it for another 24 hours.
        """
        return json_answer({"secret": await webhooks.rotate_callback_secret(caller.account_id, caller.test)})

    @router.get("/{id}", response_model=schemas.WebhookView)
    async def get_webhook(caller: Caller, id: str) -> Response:  # noqa: A002
        """Read a webhook."""
        return json_answer(rules.view(await webhooks.get(caller.account_id, caller.test, id)))

    @router.patch("/{id}", response_model=schemas.WebhookView)
    async def change_webhook(caller: Caller, id: str, body: schemas.WebhookChange) -> Response:  # noqa: A002
        """Change a webhook.

        Enabling it, or giving it another URL, also ends a pause.
        """
        webhook = await webhooks.change(
            caller.account_id,
            caller.test,
            id,
            url=body.url,
            types=body.events,
            description=body.description,
            enabled=body.enabled,
        )
        return json_answer(rules.view(webhook))

    @router.delete("/{id}", status_code=204)
    async def delete_webhook(caller: Caller, id: str) -> Response:  # noqa: A002
        """Remove a webhook.

        What still waited for it ends as failed.
        """
        await webhooks.delete(caller.account_id, caller.test, id)
        return empty_answer()

    @router.post("/{id}/rotate", response_model=schemas.WebhookMade)
    async def rotate_webhook_secret(caller: Caller, id: str) -> Response:  # noqa: A002
        """Change the secret of a webhook.

        The new one is shown this once; the old one signs beside it for another 24 hours.
        """
        webhook, secret = await webhooks.rotate(caller.account_id, caller.test, id)
        return json_answer(rules.view(webhook, secret))

    @router.get("/{id}/deliveries", response_model=schemas.DeliveryList)
    async def list_webhook_deliveries(caller: Caller, id: str, query: DeliveryPage) -> Response:  # noqa: A002
        """List deliveries of a webhook, newest first."""
        webhook = await webhooks.get(caller.account_id, caller.test, id)
        rows = await deliveries.page(webhook, query.limit + 1, query.after, query.status)
        shown, next_ = cut(rows, query.limit, lambda row: row.id)
        return json_answer(page_answer([made.view(row) for row in shown], next_))

    @router.post("/{id}/replay", status_code=202, response_model=schemas.Replayed)
    async def replay_webhook(caller: Caller, id: str, body: schemas.Replay) -> Response:  # noqa: A002
        """Deliver events again.

        Name `event_ids`, or a range of time (`since`, `until`), or `failed_only`, or a range with `failed_only`.
        At most 1,000 at a time, oldest first: when there are more, `next_since` says where to go on.
        """
        webhook = await webhooks.get(caller.account_id, caller.test, id)
        count, next_since = await deliveries.replay(
            webhook,
            event_ids=body.event_ids,
            since=_moment(body.since, "since"),
            until=_moment(body.until, "until"),
            failed_only=body.failed_only,
        )
        shown = None if next_since is None else times.to_text(next_since)
        return json_answer({"replayed": count, "next_since": shown}, 202)

    @router.post("/{id}/test", response_model=schemas.TestResult)
    async def test_webhook(caller: Caller, id: str) -> Response:  # noqa: A002
        """Send a test.

        A `webhook.test` event goes out at once and once; the answer tells what the receiver said.
        """
        webhook = await webhooks.get(caller.account_id, caller.test, id)
        return json_answer(await deliveries.test(webhook))

    return router


def _moment(text: str | None, param: str) -> int | None:
    if text is None:
        return None
    try:
        moment = times.from_text(text)
    except (ValueError, OverflowError):
        moment = -1
    if moment < 0:
        raise Problem("invalid_field", "It is not a time like 2026-01-31T12:00:00Z.", param=param)
    return moment
