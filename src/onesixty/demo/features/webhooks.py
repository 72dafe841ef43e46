"""Webhooks: endpoints that take everything, a slow one, and one whose server fails since yesterday."""

from __future__ import annotations

from typing import Final, NamedTuple

from onesixty.demo.hooks import Receiver
from onesixty.demo.week import Week
from onesixty.webhooks.poster import Answer

#: The host that fails, and since when.
FAILING: Final = "hooks.nilepost.example"


class New(NamedTuple):
    """An endpoint of a customer; None is the operator. `seconds` is what its server takes to answer."""

    customer: str | None
    url: str
    events: tuple[str, ...]
    about: str
    seconds: float = 0.08


ENDPOINTS: Final = (
    New(None, "https://ops.harborlight.example/alerts", ("alert.firing", "alert.resolved"), "On-call", 0.12),
    New(None, "https://app.harborlight.example/sms", ("*",), "Our own app", 0.06),
    New("lumo", "https://hooks.lumo.example/sms", ("*",), "Parcel tracking"),
    New("tidewater", "https://notify.tidewater.example/v2/sms",
        ("message.delivered", "message.undelivered", "message.failed"), "Fraud desk", 0.05),
    New("fernhill", "https://booking.fernhill.example/sms/incoming", ("message.received",), "Booking system", 0.9),
    New("saffron", "https://crm.saffron.example/onesixty", ("message.delivered", "message.received"), "CRM"),
    New("nilepost", f"https://{FAILING}/status", ("message.delivered", "message.undelivered"), "Courier app", 0.3),
)  # fmt: skip


def plan(week: Week) -> None:
    """Endpoints are there before the week."""
    week.at(-5, 10.5, lambda: _make(week))
    began = week.epoch_ms(week.days - 1, 9.0)
    week.cast.failing[FAILING] = began
    week.hooks.receivers[FAILING] = Receiver(0.3, 200, began, Answer(503))


async def _make(week: Week) -> None:
    for new in ENDPOINTS:
        host = new.url.split("/")[2]
        if host not in week.hooks.receivers:
            week.hooks.receivers[host] = Receiver(new.seconds)
        api = week.api if new.customer is None else week.client(new.customer)
        await api.post("/v1/webhooks", {"url": new.url, "events": list(new.events), "description": new.about})
