"""One text to many: campaigns as batches, one of them scheduled for tomorrow, one canceled in time."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in

_NEWS: Final = "Harborlight: two new countries, and one bill for all of them. Reply STOP to opt out."
_DIWALI: Final = "🎉 Saffron Market: festive week! Free delivery until Sunday. Reply STOP to opt out."
_BREAD: Final = "Padaria do Sol: panetone artesanal chegou. Reserve o seu. Responda SAIR para sair."
_WINTER: Final = "Lumo: Am 24. Dezember stellen wir bis 14 Uhr zu. Frohe Feiertage!"


def plan(week: Week) -> None:
    """Marketing in the week, and what is scheduled beyond it."""
    week.at(2, 12.0, lambda: _batch(week, "operator", "Harborlight", _NEWS, "FR", 60, tags=["newsletter"]))
    week.at(6, 10.2, lambda: _batch(
        week, "operator", "Harborlight", _NEWS, "ES", 45, tags=["newsletter"],
        scheduled_at=week.text(week.days + 2, 10.0),
    ))  # fmt: skip
    week.at(1, 11.0, lambda: _batch(week, "saffron", "SAFFRN", _DIWALI, "IN", 260, tags=["festive"]))
    week.at(4, 13.0, lambda: _batch(week, "padaria", "PADARIA", _BREAD, "BR", 120, tags=["panetone"]))
    week.at(5, 14.0, lambda: _canceled(week))
    week.at(6, 10.0, lambda: _batch(
        week, "lumo", "Lumo", _WINTER, "DE", 80, tags=["holidays"], scheduled_at=week.text(week.days + 1, 9.0)
    ))  # fmt: skip


async def _batch(
    week: Week, customer: str, sender: str, text: str, country: str, count: int, **more: Any
) -> str:
    to = sorted({number_in(country, week.random) for _ in range(count)})
    body = {"from": sender, "to": to, "text": text, "class": "marketing", **more}
    made = await week.client(customer).post("/v1/sms/batch", body)
    return str(made["id"])


async def _canceled(week: Week) -> None:
    batch = await _batch(
        week, "saffron", "SAFFRN", "Saffron Market: wrong price list. Ignore.", "IN", 40,
        tags=["mistake"], scheduled_at=week.text(6, 9.0),
    )  # fmt: skip
    await week.client("saffron").post(f"/v1/batches/{batch}/cancel", {})
