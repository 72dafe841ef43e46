"""Messages that wait: some for their time, some for a person who decides on an answer that was never seen."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.features.numbers import NUMBERS
from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in

#: A fixed number whose answer never comes (docs/reference/fixed-numbers.md).
_UNANSWERED: Final = "+15000160041"


def plan(week: Week) -> None:
    """Scheduled messages for the next days, and held ones of yesterday and today."""
    for hours in (3, 20, 28, 45, 52):
        for customer in ("fernhill", "operator"):
            week.ago(
                6 * 3600 + hours * 60,
                lambda customer=customer, hours=hours: _scheduled(week, customer, hours),  # type: ignore[misc]
            )
    week.ago(7_100, lambda: _unanswered(week, "operator", "Harborlight", "notice"))
    week.ago(2_300, lambda: _unanswered(week, "operator", "Harborlight", "notice"))
    week.at(week.days - 1, 12.5, lambda: _unanswered(week, "tidewater", "Tidewater", "alert"))
    week.ago(5_400, lambda: _unanswered(week, "lumo", "Lumo", "parcel"))
    week.ago(4_000, lambda: _unanswered(week, "padaria", "PADARIA", "panetone"))


_REMINDERS: Final = {
    "fernhill": "Fernhill Clinics: your appointment is tomorrow. Reply YES to confirm or NO to change it.",
    "operator": "Harborlight: your trial ends tomorrow. Reply HELP with a question.",
}


async def _scheduled(week: Week, customer: str, hours: int) -> None:
    body: dict[str, Any] = {
        "from": NUMBERS[customer],
        "to": number_in("GB", week.random),
        "text": _REMINDERS[customer],
        "scheduled_at": week.from_now(hours),
        "tags": ["reminder"],
    }
    await week.client(customer).post("/v1/sms/send", body)


async def _unanswered(week: Week, customer: str, sender: str, tag: str) -> None:
    body = {
        "from": sender,
        "to": _UNANSWERED,
        "text": "Your December statement is ready.",
        "on_unknown": "hold",
        "tags": [tag],
    }
    await week.client(customer).post("/v1/sms/send", body)
