"""Numbers that customers own, with keywords on a shared one, and ranges of networks."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.week import Week

#: The numbers by customer. All are in ranges of the simulated networks.
NUMBERS: Final = {
    "operator": "+15550160160",
    "tidewater": "+15550142200",
    "lumo": "+4915199001200",
    "fernhill": "+447700900160",
    "saffron": "+919800016000",
    "orbita": "+5511955500160",
    "nilepost": "+201000016000",
}
#: A short code that two customers share by keywords.
SHARED: Final = "48160"
_RANGES: Final = (
    ("4915199", "26291"),
    ("4915112", "26292"),
    ("447700", "23491"),
    ("1555014", "31091"),
)


def plan(week: Week) -> None:
    """Numbers are assigned once the customers are there."""
    week.at(-5, 10.0, lambda: _assign(week))


async def _assign(week: Week) -> None:
    for key, number in NUMBERS.items():
        await _number(week, key, number)
        week.cast.customers[key].numbers.append(number)
    await _number(week, "quarry", SHARED, keywords=["PLAY", "GG"])
    await _number(week, "fernhill", SHARED, keywords=["HEALTH"])
    ranges = [{"prefix": prefix, "network": network} for prefix, network in _RANGES]
    await week.api.call("PUT", "/v1/number-ranges", {"ranges": ranges})


async def _number(week: Week, customer: str, number: str, **more: Any) -> None:
    account = week.cast.customers[customer].id
    await week.api.post("/v1/numbers", {"number": number, "account_id": account, **more})
