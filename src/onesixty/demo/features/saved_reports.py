"""Saved reports: one of the operator, one of a customer that is sent every morning."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.week import Week

_OPERATOR: Final[dict[str, Any]] = {
    "name": "Delivery by country and carrier",
    "query": {"step": "day", "by": "country,carrier", "times": True, "below": True, "zone": "Europe/Berlin"},
    "span": {"last": 7, "unit": "day"},
    "schedule": {"every": "week", "weekdays": ["monday"], "at": "07:30"},
    "url": "https://ops.harborlight.example/reports",
}
_LUMO: Final[dict[str, Any]] = {
    "name": "Yesterday by country",
    "query": {"step": "hour", "by": "country", "zone": "Europe/Berlin"},
    "span": {"last": 1, "unit": "day"},
    "schedule": {"every": "day", "at": "06:00"},
    "url": "https://hooks.lumo.example/reports",
}


def plan(week: Week) -> None:
    """Reports are saved early in the week and run by themselves; one runs by hand."""
    week.at(0, 6.5, lambda: week.api.post("/v1/reports/saved", _OPERATOR))
    week.at(0, 7.0, lambda: week.client("lumo").post("/v1/reports/saved", _LUMO))
    week.at(week.days - 1, 16.0, lambda: _run(week))


async def _run(week: Week) -> None:
    (report,) = (await week.api.get("/v1/reports/saved"))["data"]
    await week.api.post(f"/v1/reports/saved/{report['id']}/run", {})
