"""`/v1/alerts` and `/v1/alert-rules`, for operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Query
from msgspec import Meta
from msgspec.structs import replace
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.alerts.rules import CRITICAL, RULES, Subject, lasting
from onesixty.alerts.service import Alerts
from onesixty.alerts.tables import MICROS, Override
from onesixty.alerts.watch import view
from onesixty.core import ids, times
from onesixty.http import bodies, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.exports import PAGE, Asked, ExportQuery, Table, View, documented, export
from onesixty.http.noting import noted
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery, cut, page_answer
from onesixty.http.resource import CHANGE, GET, LIST, ByVerb, Changed, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Moment
from onesixty.store.notes import Notes
from onesixty.store.rows import By

Operator = Annotated[Principal, Depends(Requires("alerts"))]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class AlertFilters(bodies.Query):
    """The filters of a list or an export."""

    status: Annotated[Literal["firing"] | None, Field(description="Only alerts that are still firing.")] = (
        None
    )


class AlertQuery(AlertFilters, PageQuery):
    """`?status=firing`."""

    kind = ids.ALERT


class AlertExport(ExportQuery, AlertFilters):
    """The query of an export."""

    kind = ids.ALERT


class AlertView(BaseModel):
    """An alert."""

    id: str
    rule: str
    status: Literal["firing", "resolved"]
    severity: Literal["critical", "warning"]
    subject: Annotated[str, Field(description="What the alert is about, as `subject_kind` says.")]
    subject_kind: Annotated[
        Subject | None,
        Field(
            description="What kind of thing the subject is. `carrier`: the name of one; `carrier_network`: a "
            "carrier's name and a network or country; `webhook`, `account` and `verify_profile`: an id; "
            "`installation`: a part of onesixty itself. null for an alert of a rule that this version does not have."
        ),
    ]
    value: str
    summary: str
    action: Annotated[str, Field(description="The recommended first step.")]
    started_at: Time
    resolved_at: Time | None
    acknowledged_at: Time | None
    acknowledged_by: Annotated[
        str | None, Field(description="The id of the key or user that acknowledged the alert.")
    ]


#: What an export has.
TABLE: Final = Table("alerts", tuple(AlertView.model_fields))


class AlertList(BaseModel):
    """A page of alerts."""

    data: list[AlertView]
    next: Annotated[str | None, Field(description="The `after` of the next page; null on the last page.")]


class RuleFields(Body):
    """The fields of a rule that can be changed; null restores the default."""

    enabled: bool = True
    threshold: Annotated[float, Meta(ge=0, le=1e12)] | None = None
    for_seconds: Annotated[int, Meta(ge=0, le=604_800)] | None = None
    muted_until: Annotated[Moment | None, Meta(description="RFC 3339: no alerts until then.")] = None


class RuleView(Answer):
    """An alert rule."""

    name: str
    severity: Literal["critical", "warning"]
    about: str
    action: str
    enabled: bool
    breached: Annotated[
        Literal["above", "below"], Meta(description="Which side of the threshold breaks the rule.")
    ]
    threshold: float
    unit: str
    for_seconds: Annotated[
        int, Meta(description="How long the threshold must be exceeded before the alert fires.")
    ]
    muted_until: structs.Time | None
    version: Annotated[int, Meta(description="Increases with every change; 0 for an unchanged rule.")]


class RuleResource(Resource[Override, Body, RuleFields, RuleView]):
    """`/v1/alert-rules`: the rules are part of the code; the operator's changes to them are rows of a table."""

    path, tag, one, many, scope = "/v1/alert-rules", "alerts", "rule", "rules", "alerts"
    verbs, key = (LIST, GET, CHANGE), "name"
    new, fields, shown, list_name, change_name = Body, RuleFields, RuleView, "RuleList", "RuleChange"
    operations = ByVerb(list="list_alert_rules", get="get_alert_rule", change="change_alert_rule")
    about = ByVerb(
        list="List the alert rules.",
        get="Get an alert rule.",
        change="Change an alert rule: its threshold, its duration, mute it or switch it off.\n\nThe change "
        "takes effect at the next evaluation, within 15 seconds, on every node.",
    )

    async def find(self, caller: Principal, key: str) -> Override:
        if key not in RULES:
            raise self.rows.missing()
        return await self.rows.find(key) or Override(name=key)

    async def page(self, caller: Principal, query: PageQuery) -> tuple[Sequence[Override], str | None]:
        changed = {row.name: row for row in await self.rows.all()}
        names = list(RULES)
        start = names.index(query.after) + 1 if query.after in RULES else 0
        found = [changed.get(name) or Override(name=name) for name in names[start:]]
        return cut(found, query.limit, lambda row: row.name)

    def fields_of(self, row: Override) -> RuleFields:
        return RuleFields(
            enabled=row.enabled,
            threshold=row.threshold,
            for_seconds=row.for_seconds,
            muted_until=None if row.muted_until is None else times.moment(row.muted_until),
        )

    async def changed(
        self, row: Override, fields: RuleFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        threshold, muted = fields.threshold, fields.muted_until
        return Changed(
            Override(
                name=row.name,
                enabled=fields.enabled,
                threshold_micros=None if threshold is None else round(threshold * MICROS),
                for_seconds=fields.for_seconds,
                muted_until=None if muted is None else times.of_moment(muted),
                version=row.version,
            )
        )

    async def save(self, before: Override, changed: Changed, by: By) -> Override:
        if before.version == 0:
            return await self.rows.add(replace(changed.row, version=1), by=by)
        return await super().save(before, changed, by)

    def view(self, row: Override, caller: Principal) -> RuleView:
        rule = RULES[row.name]
        return RuleView(
            name=row.name,
            severity="critical" if rule.severity == CRITICAL else "warning",
            about=rule.about,
            action=rule.action,
            enabled=row.enabled,
            breached=rule.breached,
            threshold=rule.threshold if row.threshold is None else row.threshold,
            unit=rule.unit,
            for_seconds=lasting(rule, row),
            muted_until=times.text_or_none(row.muted_until),
            version=row.version,
        )


def alert_routes(alerts: Alerts, notes: Notes) -> Router:
    """The routes, for keys with the scope `alerts`."""
    router = Router("alerts")

    @router.get("/v1/alerts", response_model=AlertList)
    async def list_alerts(_: Operator, query: Annotated[AlertQuery, Query()]) -> Response:
        """List alerts, newest first."""
        found, next_ = await alerts.list(query.status == "firing", query.limit, query.after)
        return json_answer(page_answer([view(alert) for alert in found], next_))

    @router.get("/v1/alerts/export", **documented(TABLE, "AlertView"))
    async def export_alerts(
        request: Request, caller: Operator, query: Annotated[AlertExport, Query()]
    ) -> Response:
        """Export alerts, newest first, as one stream of any length."""

        async def page(after: str | None) -> tuple[Sequence[View], str | None]:
            found, next_ = await alerts.list(query.status == "firing", PAGE, after)
            return [view(alert) for alert in found], next_

        return await export(Asked(request, caller, query, caller.account_id), notes, TABLE, page)

    @router.get("/v1/alerts/{id}", response_model=AlertView)
    async def get_alert(_: Operator, id: str) -> Response:  # noqa: A002
        """Get an alert."""
        return json_answer(view(await alerts.get(id)))

    @router.post("/v1/alerts/{id}/acknowledge", response_model=AlertView)
    async def acknowledge_alert(request: Request, caller: Operator, id: str) -> Response:  # noqa: A002
        """Acknowledge an alert.

        The first acknowledgement is kept.
        """
        alert = await alerts.acknowledge(id, caller.actor.who)
        await notes.record(noted(request, caller, "acknowledged", "alert", id, details={"rule": alert.rule}))
        return json_answer(view(alert))

    return routes(RuleResource(alerts.overrides), router=router)
