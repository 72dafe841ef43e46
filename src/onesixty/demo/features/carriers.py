"""Carriers with what they cost, and routes: the simulated carriers of a first start, and a cheap one that is bad."""

from __future__ import annotations

from typing import Final

from onesixty.demo.week import Week

#: The bad carrier: cheap, slow, strict, and it loses some of what it takes.
BAD: Final = "sim-budget"
#: The carrier that goes down for a while (`outage`).
DOWN: Final = "sim-de"

_COSTS: Final = {
    "simulator": "0.0190",
    "sim-us": "0.0062",
    "sim-gb": "0.0285",
    "sim-de": "0.0410",
    "sim-in": "0.0055",
    "sim-br": "0.0098",
}
#: On every network some handsets are off, and some numbers are no longer in use.
_USUAL_LOSSES: Final = {"undelivered": 0.011, "expired": 0.006}
#: Those that have losses of their own from the first start.
_LOSSY: Final = ("sim-in", "sim-br")
_BAD_SETTINGS: Final = {
    "countries": ["NG", "KE", "EG", "ID", "PH", "ZA"],
    "latency_ms": 420.0,
    "latency_jitter_ms": 260.0,
    "receipt_delay_ms": 3800.0,
    "receipt_jitter_ms": 3000.0,
    "refuse": 0.03,
    "refuse_code": "carrier_refused",
    "undelivered": 0.08,
    "expired": 0.03,
    "receipts_missing": 0.03,
    "throughput": 30.0,
}
_EMERGING: Final = ["NG", "KE", "EG", "ID", "PH", "ZA"]
_ROUTES: Final = (
    {"name": "otp-first", "carriers": ["simulator"], "match": {"classes": ["otp"]}, "priority": 10},
    {
        "name": "germany-direct",
        "carriers": ["sim-de", "simulator"],
        "match": {"countries": ["DE"]},
        "priority": 20,
    },
    {
        "name": "north-america",
        "carriers": ["sim-us", "simulator"],
        "match": {"countries": ["US", "CA"]},
        "priority": 20,
    },
    {
        "name": "british-isles",
        "carriers": [
            {"carrier": "sim-gb", "order": 1, "weight": 3},
            {"carrier": "simulator", "order": 1, "weight": 1},
        ],
        "match": {"countries": ["GB", "IE"]},
        "priority": 20,
    },
    {"name": "india", "carriers": ["sim-in", "simulator"], "match": {"countries": ["IN"]}, "priority": 20},
    {"name": "brazil", "carriers": ["sim-br", "simulator"], "match": {"countries": ["BR"]}, "priority": 20},
    {"name": "emerging-low-cost", "carriers": [BAD], "match": {"countries": _EMERGING}, "priority": 40},
)


def plan(week: Week) -> None:
    """Set up the network before anything is sent."""
    week.at(-14, 8.0, lambda: _set_up(week))


async def _set_up(week: Week) -> None:
    api = week.api
    for name, cost in _COSTS.items():
        losses = {} if name in _LOSSY else {"settings": _USUAL_LOSSES}
        await api.patch(f"/v1/carriers/{name}", {"cost_per_segment": cost, **losses})
    await api.post(
        "/v1/carriers",
        {"name": BAD, "type": "simulator", "settings": _BAD_SETTINGS, "cost_per_segment": "0.0080"},
    )
    for route in _ROUTES:
        await api.post("/v1/routes", route)
