"""Templates: one in three languages and two versions, one that waits for its approval, one that was rejected."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in

_NOTICE: Final[dict[str, Any]] = {
    "name": "maintenance", "purpose": "transactional", "default_language": "en", "max_segments": 2,
    "texts": {
        "en": "{brand}: we work on {service} for {hours, plural, one {# hour} other {# hours}}. Nothing is lost.",
        "de": "{brand}: {service} steht {hours, plural, one {# Stunde} other {# Stunden}}. Nichts geht verloren.",
        "fr": "{brand} : {service} s'arrête {hours, plural, one {# heure} other {# heures}}. Rien n'est perdu.",
    },
    "variables": {
        "brand": {"type": "string", "longest": 20, "example": "Harborlight"},
        "service": {"type": "string", "longest": 24, "example": "the SMPP door"},
        "hours": {"type": "number", "longest": 2, "example": 2},
    },
}  # fmt: skip
_CODE: Final[dict[str, Any]] = {
    "name": "sign-in-code", "purpose": "otp", "default_language": "en",
    "texts": {"en": "Harborlight: {code} is your code.", "de": "Harborlight: Ihr Code ist {code}."},
    "variables": {"code": {"type": "code", "longest": 6}},
}  # fmt: skip
_OFFER: Final[dict[str, Any]] = {
    "name": "two-new-countries", "purpose": "marketing", "default_language": "en",
    "texts": {"en": "Harborlight: {country} is on, from {price} a segment. Reply STOP to opt out."},
    "variables": {
        "country": {"type": "string", "longest": 20, "example": "Kenya"},
        "price": {"type": "string", "longest": 10, "example": "0.021 EUR"},
    },
}  # fmt: skip
_SALE: Final[dict[str, Any]] = {
    "name": "sale", "purpose": "marketing", "default_language": "en",
    "texts": {"en": "Everything must go"}, "variables": {},
}  # fmt: skip
_ORDER: Final[dict[str, Any]] = {
    "name": "order-shipped", "purpose": "transactional", "default_language": "en", "max_segments": 1,
    "texts": {"en": "Saffron Market: order {order} is on its way."},
    "variables": {"order": {"type": "string", "longest": 12, "numbers": True, "example": "A-20261130"}},
    "registrations": [{"country": "IN", "ids": {"entity": "1101230000000001234", "template": "1107160000000001234"}}],
}  # fmt: skip
#: Text that replaced the first English one of the notice.
_SHORTER: Final = (
    "{brand}: {service} rests for {hours, plural, one {# hour} other {# hours}}. Nothing is lost."
)
_READERS: Final = (("DE", 6), ("FR", 4), ("GB", 5))


def plan(week: Week) -> None:
    """Templates are written before the week, and decided on; the notice is sent in it, and then reworded."""
    week.at(-4, 10.0, lambda: _make(week, "operator", _CODE, {"decision": "approve"}))
    week.at(-4, 11.0, lambda: _make(week, "operator", _NOTICE, {"decision": "approve"}))
    week.at(-2, 9.0, lambda: _make(week, "saffron", _ORDER, {"decision": "approve"}))
    week.at(-1, 15.0, lambda: _make(week, "operator", _SALE, {
        "decision": "reject", "reasons": ["The text does not say who sends it.", "There is no way to opt out."],
    }))  # fmt: skip
    week.at(3, 8.4, lambda: _notify(week))
    week.at(week.days - 1, 10.4, lambda: _reword(week))
    week.at(week.days - 1, 15.5, lambda: _make(week, "operator", _OFFER, None))


async def _make(week: Week, customer: str, body: dict[str, Any], decision: dict[str, Any] | None) -> None:
    """A template that its author submits. Without a decision it waits for one."""
    made = await week.client(customer).post("/v1/templates", body)
    await week.client(customer).post(f"/v1/templates/{made['id']}/submit")
    if decision is not None:
        account = week.cast.customers[customer].id
        await week.api.post(f"/v1/templates/{made['id']}/decide", decision, account=account)


async def _notify(week: Week) -> None:
    """The notice to customers of some countries, in the language of each."""
    for country, count in _READERS:
        for _ in range(count):
            await week.client("operator").post("/v1/sms/send", {
                "from": "Harborlight", "to": number_in(country, week.random), "template": "maintenance",
                "variables": {"brand": "Harborlight", "service": "SMPP", "hours": 2}, "tags": ["maintenance"],
            })  # fmt: skip


async def _reword(week: Week) -> None:
    found = (await week.client("operator").get("/v1/templates"))["data"]
    notice = next(one for one in found if one["name"] == _NOTICE["name"])
    await week.client("operator").patch(f"/v1/templates/{notice['id']}", {"texts": {"en": _SHORTER}})
