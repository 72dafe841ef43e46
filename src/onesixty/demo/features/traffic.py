"""What customers send: flows with their countries, texts and hours, in the week and while the demonstration runs.

Rules kept here:
- a flow's customer sleeps at night: the hour of its own time zone decides how much is sent;
- some recipients are numbers that cannot exist, as in every list of customers: they are refused.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any, Final, NamedTuple

from onesixty.demo.api import Refused
from onesixty.demo.features import texts
from onesixty.demo.scene import Scene
from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in


class Flow(NamedTuple):
    """Traffic of one purpose: messages a day, countries with weights, hours from UTC to the customer's own zone."""

    customer: str
    sender: str
    kind: str
    class_: str
    daily: int
    countries: tuple[tuple[str, int], ...]
    zone: float
    tag: str = ""


FLOWS: Final = (
    Flow("operator", "Harborlight", "verify", "otp", 110,
         (("US", 4), ("GB", 3), ("DE", 3), ("FR", 2), ("IN", 3), ("BR", 2), ("NG", 1)), 1, "sign-in"),
    Flow("operator", "+15550160160", "notice", "transactional", 60,
         (("US", 5), ("CA", 2), ("GB", 2), ("AU", 1), ("JP", 1), ("TR", 1)), -2, "notice"),
    Flow("tidewater", "Tidewater", "otp", "otp", 142, (("US", 8), ("CA", 2), ("GB", 1)), -5, "sign-in"),
    Flow("tidewater", "Tidewater", "alert", "transactional", 52, (("US", 9), ("CA", 1)), -5, "card"),
    Flow("lumo", "Lumo", "parcel_de", "transactional", 135, (("DE", 1),), 1, "parcel"),
    Flow("lumo", "Lumo", "parcel_fr", "transactional", 52, (("FR", 1),), 1, "parcel"),
    Flow("lumo", "Lumo", "parcel_es", "transactional", 41, (("ES", 1),), 1, "parcel"),
    Flow("lumo", "Lumo", "parcel_pl", "transactional", 30, (("PL", 1),), 1, "parcel"),
    Flow("lumo", "Lumo", "parcel_it", "transactional", 30, (("IT", 1),), 1, "parcel"),
    Flow("fernhill", "+447700900160", "clinic", "transactional", 56, (("GB", 9), ("IE", 1)), 0, "reminder"),
    Flow("saffron", "SAFFRN", "market_in", "transactional", 105, (("IN", 1),), 5.5, "order"),
    Flow("saffron", "SAFFRN", "market_ar", "transactional", 19, (("AE", 1),), 4, "order"),
    Flow("orbita", "Orbita", "agency", "transactional", 30, (("BR", 4), ("MX", 1)), -3, "booking"),
    Flow("padaria", "PADARIA", "bakery", "marketing", 41, (("BR", 1),), -3, "daily-bread"),
    Flow("vertice", "Vertice", "gym", "transactional", 26, (("BR", 1),), -3, "class"),
    Flow("nilepost", "NilePost", "courier", "transactional", 64,
         (("EG", 5), ("NG", 3), ("KE", 2), ("ZA", 1)), 2, "courier"),
    Flow("quarry", "Quarry", "game", "marketing", 80,
         (("PL", 2), ("ID", 2), ("PH", 2), ("JP", 1), ("AU", 1)), 1, "season"),
    Flow("lantern", "Lantern", "travel", "transactional", 19, (("ES", 3), ("GR", 1), ("TR", 1)), 1, "flight"),
)  # fmt: skip

#: How much of a day is sent in each of its hours, in the zone of the customer.
_HOURS: Final = (1, 1, 0, 0, 0, 1, 3, 7, 11, 13, 13, 12, 11, 11, 12, 12, 12, 11, 10, 9, 7, 5, 3, 2)
#: How much on Monday, ..., Sunday.
_WEEKDAYS: Final = (1.1, 1.05, 1.0, 1.0, 1.15, 0.75, 0.6)
#: Messages of the hour before now, which come one by one.
_LAST_HOUR: Final = 70
#: One recipient of so many is mistyped.
_MISTYPED: Final = 140


def plan(week: Week) -> None:
    """Every day has its bursts; each flow picks those of its own hours."""
    random = week.random
    for day in range(week.days + 1):
        bursts = week.bursts[day]
        # 1970-01-01 was a Thursday
        weekday = (week.epoch_ms(day, 0) // 86_400_000 + 3) % 7
        for flow in FLOWS:
            weights = [weight(flow, hour) for hour in bursts]
            for hour in random.choices(bursts, weights, k=round(flow.daily * _WEEKDAYS[weekday])):
                body = message(flow, random)
                week.within(day, hour, lambda flow=flow, body=body: _send(week, flow, body))  # type: ignore[misc]
    for _ in range(_LAST_HOUR):
        flow = random.choices(FLOWS, [flow.daily for flow in FLOWS])[0]
        body = message(flow, random)
        week.ago(random.uniform(20, 3_600), lambda flow=flow, body=body: _send(week, flow, body))  # type: ignore[misc]


def weight(flow: Flow, hour: float) -> int:
    """How much a flow has at an hour in UTC."""
    return _HOURS[int(hour + flow.zone) % 24]


def message(flow: Flow, random: Random) -> dict[str, Any]:
    """A message of a flow, as the body of a send."""
    codes, shares = zip(*flow.countries, strict=True)
    country = random.choices(codes, shares)[0]
    to = number_in(country, random)
    if random.randrange(_MISTYPED) == 0:
        to = to[:-4]
    body: dict[str, Any] = {
        "from": flow.sender,
        "to": to,
        "text": texts.fill(flow.kind, random),
        "class": flow.class_,
        "tags": [flow.tag],
        "reference": f"{flow.tag}-{random.randrange(100_000, 999_999)}",
    }
    return body


async def _send(week: Week, flow: Flow, body: dict[str, Any]) -> None:
    await send(week.client(flow.customer), body)


async def send(client: Any, body: dict[str, Any]) -> None:
    """Send a message. A refusal is part of the demonstration: of a mistyped number, a limit, a suspended account."""
    try:
        await client.post("/v1/sms/send", body)
    except Refused as refused:
        if refused.status not in (402, 403, 422, 429):
            raise


async def going_on(scene: Scene) -> None:
    """Some messages at once, so that handsets and the feed have something; then one every few seconds."""
    random = scene.random
    for number in range(1_000_000_000):
        await asyncio.sleep(0.1 if number < 30 else random.uniform(1.5, 6.0))
        flow = random.choices(FLOWS, [flow.daily * (1 + weight(flow, scene.hour)) for flow in FLOWS])[0]
        await send(scene.client(flow.customer), message(flow, random))
