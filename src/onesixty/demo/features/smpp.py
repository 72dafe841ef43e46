"""SMPP credentials of customers, with profiles that differ."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.week import Week

_CREDENTIALS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("tidewater", {"system_id": "tidewater", "profile": {"default_class": "otp", "rate": 200, "max_binds": 4}}),
    ("orbita", {"system_id": "orbita-conecta", "profile": {"default_country": "BR", "message_id_form": "decimal"}}),
    ("orbita", {"system_id": "orbita-test", "test": True}),
)  # fmt: skip


def plan(week: Week) -> None:
    """Credentials are made before the week; one password is changed in it."""
    week.at(-5, 11.0, lambda: _make(week))
    week.at(4, 12.5, lambda: _rotate(week))


async def _make(week: Week) -> None:
    for customer, body in _CREDENTIALS:
        await week.api.post("/v1/smpp-credentials", {**body, "account_id": week.cast.customers[customer].id})


async def _rotate(week: Week) -> None:
    client = week.client("tidewater")
    (credential,) = (await client.get("/v1/smpp-credentials"))["data"]
    await client.post(f"/v1/smpp-credentials/{credential['id']}/password", {"overlap_seconds": 86_400})
