"""What developers do while they build: test messages to fixed numbers, and requests that are refused."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.api import Refused
from onesixty.demo.week import Week

#: Fixed numbers (docs/reference/fixed-numbers.md): delivered, off, opted out, busy at first, some that reply.
_FIXED: Final = ("01", "02", "11", "13", "22", "23", "32", "52", "55", "61", "62", "65")
_WRONG: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"from": "Lumo", "text": "Ihr Paket ist da."}, "missing_field"),
    ({"from": "Lumo", "to": "+49151", "text": "Ihr Paket ist da."}, "invalid_recipient"),
    ({"from": "LumoDeliveryService", "to": "+4915112345678", "text": "Hallo"}, "invalid_sender"),
    ({"from": "Lumo", "to": "+4915112345678", "text": "Hallo", "sendAt": "tomorrow"}, "unknown_field"),
    ({"from": "Lumo", "to": "+4915112345678", "text": ""}, "text_empty"),
    ({"from": "Lumo", "to": "+4915112345678", "text": "Hallo", "scheduled_at": "2020-01-01T08:00:00Z"},
     "scheduled_in_past"),
)  # fmt: skip


def plan(week: Week) -> None:
    """The developers of Lumo and of the operator try the API, each on two days."""
    for day, customer in ((1, "lumo"), (2, "operator"), (4, "lumo"), (week.days - 1, "operator")):
        for place, digits in enumerate(_FIXED):
            week.at(
                day,
                14.0 + place / 1800,
                lambda customer=customer, digits=digits: _try(week, customer, digits),  # type: ignore[misc]
            )
        for place, (body, _) in enumerate(_WRONG):
            week.at(
                day,
                14.1 + place / 1800,
                lambda customer=customer, body=body: _refused(week, customer, body),  # type: ignore[misc]
            )


async def _try(week: Week, customer: str, digits: str) -> None:
    own = week.cast.customers[customer]
    body = {
        "from": own.numbers[0],
        "to": f"+150001600{digits}",
        "text": "This is a test of a fixed number.",
        "tags": ["trial"],
    }
    await week.api.as_key(own.test).post("/v1/sms/send", body)


async def _refused(week: Week, customer: str, body: dict[str, Any]) -> None:
    try:
        await week.client(customer).post("/v1/sms/send", body)
    except Refused:
        return
    raise AssertionError(f"accepted: {body}")
