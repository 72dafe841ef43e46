"""Bad hours: a carrier goes down and its traffic takes another one; a bad one refuses, is paused, and is paused again
now. Alerts are raised, the network desk acknowledges them, and works on messages in bulk."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.features.carriers import BAD, DOWN
from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in

#: The outage: day, hour, and how long the link is down.
_DOWN_AT: Final = (3, 9.3)
_DOWN_S: Final = 35 * 60
#: The bad carrier refuses half of what it gets: day, hour, seconds.
_REFUSES_AT: Final = (5, 15.0)
_REFUSES_S: Final = 40 * 60
#: How long before now the bad carrier was paused. Its messages wait since then.
_PAUSED_AGO_S: Final = 1_500


def plan(week: Week) -> None:
    """The outage, the refusals, and the pause that is in force now."""
    day, hour = _DOWN_AT
    week.watch(day, hour - 0.01, _DOWN_S + 300)
    week.at(day, hour, lambda: _scenario(week, "down", _DOWN_S))
    week.at(day, hour + 4 / 60, lambda: _acknowledge(week))
    day, hour = _REFUSES_AT
    week.watch(day, hour - 0.01, 1_800)
    week.at(day, hour, lambda: _scenario(week, "behave", _REFUSES_S))
    for minutes in (1, 2, 3):
        week.at(day, hour + minutes / 60, lambda: _couriers(week, 45))
    week.at(day, hour + 6 / 60, lambda: _acknowledge(week))
    week.at(
        day, hour + 7 / 60, lambda: _pause(week, "Half of it is refused. Ticket with the carrier is open.")
    )
    week.at(day, hour + 8 / 60, lambda: _couriers(week, 25))
    week.at(day, hour + 11 / 60, lambda: _reroute(week))
    week.at(day, hour + 55 / 60, lambda: _resume(week))
    week.at(week.days - 1, 10.5, lambda: _pause_sender(week))
    week.watch(week.days, (week.end - _PAUSED_AGO_S - 60) / 3600 - week.days * 24, _PAUSED_AGO_S + 60)
    week.ago(_PAUSED_AGO_S, lambda: _pause(week, "Receipts of this carrier are late again; asked their NOC."))
    week.ago(_PAUSED_AGO_S - 60, lambda: _couriers(week, 18))


async def _scenario(week: Week, what: str, seconds: int) -> None:
    step: dict[str, Any] = {"do": what, "at": 0, "for": seconds}
    step |= {"carrier": DOWN} if what == "down" else {"carrier": BAD, "set": {"refuse": 0.5}}
    await week.api.post("/v1/sandbox/scenario", {"name": f"{step['carrier']}: {what}", "steps": [step]})


async def _acknowledge(week: Week) -> None:
    """The network desk takes the alerts that fire."""
    api = week.person("tomas")
    for alert in (await api.get("/v1/alerts?status=firing"))["data"]:
        if alert["acknowledged_at"] is None:
            await api.post(f"/v1/alerts/{alert['id']}/acknowledge", {})


async def _couriers(week: Week, count: int) -> None:
    """A wave of messages that the bad carrier takes."""
    random = week.random
    to = sorted({number_in("EG" if random.random() < 0.6 else "NG", random) for _ in range(count)})
    body = {"from": "NilePost", "to": to, "text": "Nile Post: couriers are late today because of the rain.",
            "tags": ["delay"]}  # fmt: skip
    await week.client("nilepost").post("/v1/sms/batch", body)


async def _pause(week: Week, reason: str) -> None:
    await week.api.post(f"/v1/carriers/{BAD}/pause", {"reason": reason})


async def _reroute(week: Week) -> None:
    """Count first, then move what waits to another carrier."""
    api = week.person("tomas")
    work: dict[str, Any] = {"filter": {"carrier": BAD}, "to": {"carrier": "simulator"}}
    await api.post("/v1/messages/reroute", {**work, "dry_run": True})
    await api.post("/v1/messages/reroute", work)


async def _resume(week: Week) -> None:
    await week.api.post(f"/v1/carriers/{BAD}/resume", {})


async def _pause_sender(week: Week) -> None:
    body = {"kind": "sender", "value": "WINPRIZE", "reason": "Reported as fraud by two operators."}
    await week.api.post("/v1/pauses", body)
