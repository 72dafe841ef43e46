"""`/v1/webhooks`: the routes. They translate; the rules stand in `endpoints` and `deliveries`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.paging import PageQuery, cut, page_answer
from onesixty.http.scopes import Principal
from onesixty.webhooks import deliveries as made
from onesixty.webhooks import endpoints as rules
from onesixty.webhooks.deliveries import Deliveries
from onesixty.webhooks.endpoints import Webhooks

Caller = Annotated[Principal, Depends(Requires("webhooks"))]
Page = Annotated[PageQuery, Query()]

Url = Annotated[str, Field(examples=["https://example.com/hooks/sms"])]
Events = Annotated[
    list[str],
    Field(max_length=50, description="Event types, or `*` for all.", examples=[["message.delivered"], ["*"]]),
]
Description = Annotated[str, Field(description="For your own use, up to 500 characters.")]


class NewWebhook(Body):
    url: Url
    events: Events
    description: Description = ""


class WebhookChange(Body):
    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: bool | None = None


class DeliveryQuery(PageQuery):
    status: Annotated[str | None, Field(description="`pending`, `delivered` or `failed`.")] = None


class Replay(Body):
    event_ids: Annotated[list[str] | None, Field(description="Events of your account, by id.")] = None
    since: Annotated[str | None, Field(description="RFC 3339; events from then on.")] = None
    until: Annotated[str | None, Field(description="RFC 3339; events before that.")] = None
    failed_only: Annotated[bool, Field(description="Only events that never reached this endpoint.")] = False


def webhook_routes(webhooks: Webhooks, deliveries: Deliveries) -> APIRouter:
    """The routes of `/v1/webhooks`, for accounts that may use the scope `webhooks`."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

    @router.post("", status_code=201)
    async def create(caller: Caller, body: NewWebhook) -> Response:
        """Make a webhook.

        The answer has its signing `secret`, which is shown this once."""
        webhook, secret = await webhooks.create(
            caller.account_id, caller.test, body.url, body.events, body.description
        )
        return json_answer(rules.view(webhook, secret), 201)

    @router.get("")
    async def list_(caller: Caller, page: Page) -> Response:
        """List webhooks, newest first."""
        rows = await webhooks.page(caller.account_id, caller.test, page.limit + 1, page.after)
        shown, next_ = cut(rows, page.limit, lambda row: row.id)
        return json_answer(page_answer([rules.view(row) for row in shown], next_))

    @router.get("/callback-secret")
    async def callback_secret(caller: Caller) -> Response:
        """The secret that signs the callbacks which messages name in `status_callback`."""
        return json_answer({"secret": await webhooks.callback_secret(caller.account_id)})

    @router.post("/callback-secret/rotate")
    async def rotate_callback_secret(caller: Caller) -> Response:
        """Change the secret that signs status callbacks.

        The old one signs beside it for another 24 hours."""
        return json_answer({"secret": await webhooks.rotate_callback_secret(caller.account_id)})

    @router.get("/{id}")
    async def get(caller: Caller, id: str) -> Response:  # noqa: A002
        """One webhook."""
        return json_answer(rules.view(await webhooks.get(caller.account_id, caller.test, id)))

    @router.patch("/{id}")
    async def change(caller: Caller, id: str, body: WebhookChange) -> Response:  # noqa: A002
        """Change a webhook.

        Setting `enabled` to true also ends a pause."""
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
    async def delete(caller: Caller, id: str) -> Response:  # noqa: A002
        """Remove a webhook."""
        await webhooks.delete(caller.account_id, caller.test, id)
        return empty_answer()

    @router.post("/{id}/rotate")
    async def rotate(caller: Caller, id: str) -> Response:  # noqa: A002
        """Change the signing secret.

        The new one is shown this once; the old one signs beside it for another 24 hours."""
        webhook, secret = await webhooks.rotate(caller.account_id, caller.test, id)
        return json_answer(rules.view(webhook, secret))

    @router.get("/{id}/deliveries")
    async def list_deliveries(
        caller: Caller,
        id: str,  # noqa: A002
        query: Annotated[DeliveryQuery, Query()],
    ) -> Response:
        """List what was delivered to a webhook, newest first."""
        webhook = await webhooks.get(caller.account_id, caller.test, id)
        rows = await deliveries.page(webhook, query.limit + 1, query.after, query.status)
        shown, next_ = cut(rows, query.limit, lambda row: row.id)
        return json_answer(page_answer([made.view(row) for row in shown], next_))

    @router.post("/{id}/replay", status_code=202)
    async def replay(caller: Caller, id: str, body: Replay) -> Response:  # noqa: A002
        """Deliver events again.

        Name `event_ids`, or a range of time, or `failed_only`, or a range with `failed_only`. At most
        1,000 at a time, oldest first: when there are more, `next_since` says where to go on."""
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

    @router.post("/{id}/test")
    async def test(caller: Caller, id: str) -> Response:  # noqa: A002
        """Send a `webhook.test` event at once and tell what the receiver answered."""
        webhook = await webhooks.get(caller.account_id, caller.test, id)
        return json_answer(await deliveries.test(webhook))

    return router


def _moment(text: str | None, param: str) -> int | None:
    if text is None:
        return None
    try:
        return times.from_text(text)
    except ValueError:
        raise Problem("invalid_field", "It is not a time like 2026-01-31T12:00:00Z.", param=param) from None
