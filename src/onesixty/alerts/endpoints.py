"""`/v1/alerts` and `/v1/alert-rules`, for operators."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from onesixty.alerts.service import Alerts
from onesixty.alerts.watch import view
from onesixty.core import ids, times
from onesixty.core.errors import Problem
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.paging import PageQuery, page_answer
from onesixty.http.scopes import Principal

Operator = Annotated[Principal, Depends(Requires("alerts"))]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class AlertQuery(PageQuery):
    """`?status=firing`."""

    kind = ids.ALERT

    status: Annotated[Literal["firing"] | None, Field(description="Only those that are still firing.")] = None


class AlertView(BaseModel):
    """An alert."""

    id: str
    rule: str
    status: Literal["firing", "resolved"]
    severity: Literal["critical", "warning"]
    subject: Annotated[
        str, Field(description="What it is about: a carrier, a carrier and a network, a webhook.")
    ]
    value: str
    summary: str
    action: Annotated[str, Field(description="What to do first.")]
    started_at: Time
    resolved_at: Time | None
    acknowledged_at: Time | None
    acknowledged_by: Annotated[str | None, Field(description="The id of a key.")]


class AlertList(BaseModel):
    """A page of alerts."""

    data: list[AlertView]
    next: Annotated[str | None, Field(description="`after` of the next page; null at the end.")]


class RuleView(BaseModel):
    """A rule of alerts."""

    name: str
    severity: Literal["critical", "warning"]
    about: str
    action: str
    enabled: bool
    breached: Annotated[Literal["above", "below"], Field(description="On which side of the threshold.")]
    threshold: float
    unit: str
    for_seconds: Annotated[int, Field(description="How long it has to last.")]
    muted_until: Time | None


class RuleList(BaseModel):
    """All rules."""

    data: list[RuleView]
    next: None


class RuleChange(Body):
    """What to change of a rule. What is absent stays; null puts it back to what ships."""

    enabled: bool | None = None
    threshold: Annotated[float | None, Field(ge=0, le=1e12)] = None
    for_seconds: Annotated[int | None, Field(ge=0, le=604_800)] = None
    muted_until: Annotated[
        str | None, Field(max_length=40, description="RFC 3339: raise nothing until then.")
    ] = None


def alert_routes(alerts: Alerts) -> APIRouter:
    """The routes, for keys with the scope `alerts`."""
    router = APIRouter(prefix="/v1", tags=["alerts"])

    @router.get("/alerts", response_model=AlertList)
    async def list_alerts(_: Operator, query: Annotated[AlertQuery, Query()]) -> Response:
        """List alerts, newest first."""
        found, next_ = await alerts.list(query.status == "firing", query.limit, query.after)
        return json_answer(page_answer([view(alert) for alert in found], next_))

    @router.get("/alerts/{id}", response_model=AlertView)
    async def get_alert(_: Operator, id: str) -> Response:  # noqa: A002
        """Read an alert."""
        return json_answer(view(await alerts.get(id)))

    @router.post("/alerts/{id}/acknowledge", response_model=AlertView)
    async def acknowledge_alert(caller: Operator, id: str) -> Response:  # noqa: A002
        """Say that somebody looks after an alert.

        Who said so first stays.
        """
        return json_answer(view(await alerts.acknowledge(id, caller.key_id)))

    @router.get("/alert-rules", response_model=RuleList)
    async def list_alert_rules(_: Operator) -> Response:
        """List the rules of alerts."""
        return json_answer(page_answer(await alerts.rules(), None))

    @router.patch("/alert-rules/{name}", response_model=RuleView)
    async def change_alert_rule(_: Operator, name: str, body: RuleChange) -> Response:
        """Change a rule: its threshold, how long it has to last, mute it, switch it off.

        It counts at the next look, within 15 seconds, on every node.
        """
        given = {field: getattr(body, field) for field in body.model_fields_set}
        if given.get("enabled", True) is None:
            given["enabled"] = True
        if given.get("muted_until") is not None:
            given["muted_until"] = _moment(given["muted_until"])
        return json_answer(await alerts.change(name, given))

    return router


def _moment(text: str) -> int:
    try:
        return times.from_text(text)
    except (ValueError, OverflowError):
        raise Problem(
            "invalid_field", "It is not a time like 2026-01-31T12:00:00Z.", param="muted_until"
        ) from None
