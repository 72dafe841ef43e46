"""The operator's account and its customers: a tree with names, prices, balances and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from onesixty.demo.cast import Customer
from onesixty.demo.week import Week

OPERATOR_NAME: Final = "Harborlight Messaging"
#: Its short name: it sends for itself, too.
OPERATOR: Final = "operator"


class New(NamedTuple):
    """A customer: its short name, its place in the tree, and its fields. `paid` is its first payment."""

    key: str
    name: str
    price: str
    country: str
    zone: str
    joined: float
    paid: str | None = None
    parent: str | None = None
    more: Mapping[str, Any] = {}


CUSTOMERS: Final = (
    New("tidewater", "Tidewater Bank", "0.0165", "US", "America/New_York", -13.6),
    New("lumo", "Lumo Delivery", "0.0590", "DE", "Europe/Berlin", -13.2, "2500.00"),
    New("fernhill", "Fernhill Clinics", "0.0395", "GB", "Europe/London", -12.4, "400.00"),
    New(
        "saffron", "Saffron Market", "0.0170", "IN", "Asia/Kolkata", -11.7, "600.00",
        more={"defaults": {"class": "marketing", "senders": {"*": "SAFFRN"}}},
    ),
    New("orbita", "Órbita Conecta", "0.0180", "BR", "America/Sao_Paulo", -10.5, "900.00"),
    New("padaria", "Padaria do Sol", "0.0240", "BR", "America/Sao_Paulo", -9.5, parent="orbita"),
    New("vertice", "Academia Vértice", "0.0230", "BR", "America/Sao_Paulo", -8.6, parent="orbita"),
    New("nilepost", "Nile Post Couriers", "0.0280", "EG", "Africa/Cairo", -7.8, "250.00"),
    New(
        "quarry", "Quarry Games", "0.0260", "PL", "Europe/Warsaw", -6.3, "12.00",
        more={"credit_limit": "0", "limits": {"messages_per_day": 70}},
    ),
    New("lantern", "Lantern Travel", "0.0310", "ES", "Europe/Madrid", -5.2, "50.00"),
)  # fmt: skip


def plan(week: Week) -> None:
    """Customers join one after the other, before the week. One is suspended in it."""
    week.at(-14, 7.5, lambda: _operator(week))
    for new in CUSTOMERS:
        week.at(new.joined, 0.0, lambda new=new: _join(week, new))  # type: ignore[misc]
    week.at(3, 10.2, lambda: _pay(week, "lumo", "1500.00", "Bank transfer"))
    week.at(4, 9.1, lambda: _pay(week, "orbita", "300.00", "Bank transfer"))
    week.at(5, 16.4, lambda: _pay(week, "nilepost", "12.50", "Credit for undelivered messages of Thursday"))
    week.at(5, 9.0, lambda: _suspend(week))


async def _operator(week: Week) -> None:
    account = await week.api.get("/v1/account")
    cast = week.cast
    cast.customers[OPERATOR] = Customer(account["id"], OPERATOR_NAME, cast.key, cast.test_key)
    await week.api.patch(
        f"/v1/accounts/{account['id']}",
        {"name": OPERATOR_NAME, "country": "DE", "time_zone": "Europe/Berlin"},
    )


async def _join(week: Week, new: New) -> None:
    customers = week.cast.customers
    body = {
        "name": new.name,
        "price_per_segment": new.price,
        "country": new.country,
        "time_zone": new.zone,
        **new.more,
    }
    if new.parent is not None:
        body["parent_id"] = customers[new.parent].id
    made = await week.api.post("/v1/accounts", body)
    secrets = {key["mode"]: key["secret"] for key in made["keys"]}
    customers[new.key] = Customer(made["id"], new.name, secrets["live"], secrets["test"])
    if new.paid is not None:
        await _pay(week, new.key, new.paid, "First payment")


async def _pay(week: Week, customer: str, amount: str, reason: str) -> None:
    body = {
        "account_id": week.cast.customers[customer].id,
        "amount": amount,
        "currency": "EUR",
        "reason": reason,
        "reference": f"2026-{week.random.randrange(1000, 9999)}",
    }
    await week.api.post("/v1/adjustments", body)


async def _suspend(week: Week) -> None:
    lantern = week.cast.customers["lantern"].id
    await week.api.patch(
        f"/v1/accounts/{lantern}", {"state": "suspended", "state_reason": "Two invoices are overdue."}
    )
