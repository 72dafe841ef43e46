"""Keys for purposes: of a shop, for reading alone, of a contractor (ends soon), and an old one that is revoked."""

from __future__ import annotations

from typing import Any

from onesixty.demo.week import Week


def plan(week: Week) -> None:
    """Customers make their own keys, once they have joined."""
    week.at(-5, 9.0, lambda: _make(week))
    week.at(2, 11.3, lambda: _revoke(week))


async def _make(week: Week) -> None:
    await _key(
        week, "lumo", "Order service", scopes=["messages:send", "messages:read"], allowed_senders=["Lumo"]
    )
    await _key(week, "lumo", "Dashboard (reads only)", scopes=["messages:read", "reports:read"])
    await _key(week, "lumo", "Old integration", scopes=["messages:send"])
    await _key(
        week, "tidewater", "One-time passwords", scopes=["messages:send"], allowed_classes=["otp"],
        limits={"messages_per_day": 20_000},
    )  # fmt: skip
    await _key(
        week, "tidewater", "Contractor", scopes=["messages:read"], expires_at=week.text(week.days + 4, 18.0),
        allowed_networks=["192.0.2.0/24", "2001:db8::/32"],
    )  # fmt: skip
    await _key(
        week, "fernhill", "Appointment reminders", scopes=["messages:send", "messages:read", "webhooks"]
    )


async def _key(week: Week, customer: str, name: str, **fields: Any) -> None:
    await week.client(customer).post("/v1/keys", {"name": name, "mode": "live", **fields})


async def _revoke(week: Week) -> None:
    client = week.client("lumo")
    found = (await client.get("/v1/keys"))["data"]
    old = next(key["id"] for key in found if key["name"] == "Old integration")
    await client.delete(f"/v1/keys/{old}")
