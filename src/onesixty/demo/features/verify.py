"""Verifications: codes that are read on handsets and typed, some wrong or never, and attacks that guards stop."""

from __future__ import annotations

import asyncio
import re
from random import Random
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from onesixty.demo.api import Api, Refused
from onesixty.demo.scene import Scene
from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in


class App(NamedTuple):
    """An application of a customer, whose users verify their numbers: its profile, and how many a day."""

    customer: str
    profile: dict[str, Any]
    countries: tuple[tuple[str, int], ...]
    #: Hours from UTC to its users.
    zone: int
    daily: int


APPS: Final = (
    App(
        "operator",
        {
            "name": "sign-in", "application": "Harborlight", "sender": "Harborlight",
            "guards": {
                "countries": ["US", "GB", "JE", "GG", "IM", "DE", "FR", "IN", "BR"], "budget_day": "25.00",
                "on_simulated": True,
            },
            "test_numbers": [{"number": "+15550100001", "code": "123456"}],
        },
        (("US", 4), ("GB", 3), ("DE", 3), ("FR", 2), ("IN", 2), ("BR", 2)), 1, 22,
    ),
    App(
        "operator",
        {
            "name": "payments", "application": "Harborlight Pay", "sender": "Harborlight", "life": 900,
            "code_length": 8, "guards": {"countries": ["DE", "FR"]},
        },
        (("DE", 3), ("FR", 2)), 1, 6,
    ),
    App(
        "tidewater",
        {"name": "card", "application": "Tidewater", "sender": "Tidewater", "guards": {"countries": ["US", "CA"]}},
        (("US", 8), ("CA", 2)), -5, 10,
    ),
)  # fmt: skip

#: Of a hundred people, so many type nothing, and so many are wrong at first.
_SILENT: Final = 11
_WRONG: Final = 8
#: Countries from which people sign in although their profile allows no codes to them.
_BEYOND: Final = ("NG", "TR", "TR", "PH")
#: Codes that an attacker asks for within minutes, to numbers in a row that nobody reads; and seconds between two.
_IN_A_ROW: Final = 24
_RANGE: Final = "+9199990160"
_PAUSE: Final = 14.0
#: The same to numbers all over a country, each from another address; and seconds between two attacks that go on.
_SCATTERED: Final = 70
_QUIET: Final = (600.0, 1_200.0)
#: Phones of the customer's own testers.
_TRUSTED: Final = {"number": "+4915199001*", "note": "Test phones of the Berlin office"}
#: Refusals that are part of the demonstration: of a guard, a limit, a number that a network does not have.
_EXPECTED: Final = (403, 409, 422, 429)
_CODE: Final = re.compile(r"\b\d{6,8}\b")


def plan(week: Week) -> None:
    """Profiles are made before the week. People sign in every day. Two days ago, codes were asked for all over a
    country; minutes ago, for numbers in a row. The guards of the attacked profile act although no carrier is a real
    one, those of the others only report."""
    random = week.random
    week.at(-3, 9.4, lambda: week.client("operator").post("/v1/trusted-numbers", _TRUSTED))
    for app in APPS:
        week.at(-3, 9.2, lambda app=app: week.client(app.customer).post("/v1/verify-profiles", app.profile))  # type: ignore[misc]
    for day in range(week.days + 1):
        for app in APPS:
            waking = [hour for hour in week.bursts[day] if 6 <= (hour + app.zone) % 24 < 23]
            for hour in random.choices(waking or week.bursts[day], k=app.daily):
                seed = random.random()
                week.within(day, hour, lambda app=app, seed=seed: _person(week, app, seed))  # type: ignore[misc]
    for place, country in enumerate(_BEYOND):
        week.at(week.days - 1, 11.0 + place, lambda country=country: _beyond(week, country))  # type: ignore[misc]
    attacked = week.days - 2
    week.watch(attacked, 13.5, 1_800)
    for place in range(_SCATTERED):
        week.at(attacked, 13.5 + place / 900, lambda place=place: _scattered(week, place))  # type: ignore[misc]
    for place in range(_IN_A_ROW):
        since = _PAUSE * (_IN_A_ROW - place)
        week.ago(since, lambda place=place: _in_a_row(week.client("operator"), place))  # type: ignore[misc]


async def going_on(scene: Scene) -> None:
    """Somebody signs in now and then, and the attacker comes back."""
    await asyncio.gather(_people(scene), _attacks(scene))


async def _people(scene: Scene) -> None:
    random = scene.random
    while True:
        app = random.choices(APPS, [app.daily for app in APPS])[0]
        await verify(scene.client(app.customer), app, random)
        await asyncio.sleep(random.uniform(5.0, 20.0))


async def _attacks(scene: Scene) -> None:
    while True:
        await asyncio.sleep(scene.random.uniform(*_QUIET))
        for place in range(_IN_A_ROW):
            await _in_a_row(scene.client("operator"), place)
            await asyncio.sleep(_PAUSE)


async def _person(week: Week, app: App, seed: float) -> None:
    await verify(week.client(app.customer), app, Random(f"person {seed}"))


async def verify(client: Api, app: App, random: Random) -> None:
    """A person asks for a code, reads it on the handset, and types it, if all goes well."""
    codes, shares = zip(*app.countries, strict=True)
    to = number_in(random.choices(codes, shares)[0], random)
    started = await _start(client, app, to, f"user-{random.randrange(10_000, 99_999)}", _address(random))
    if started is None or random.randrange(100) < _SILENT:
        return
    await asyncio.sleep(random.uniform(7.0, 28.0))
    code = await _read(client, to)
    if code is None:
        return
    if random.randrange(100) < _WRONG:
        await _check(client, started, str(10 ** (len(code) - 1) + random.randrange(999)))
        await asyncio.sleep(random.uniform(4.0, 9.0))
    await _check(client, started, code)


async def _start(client: Api, app: App, to: str, reference: str, user_ip: str) -> dict[str, Any] | None:
    body = {"to": to, "profile": app.profile["name"], "reference": reference, "user_ip": user_ip}
    try:
        made: dict[str, Any] = await client.post("/v1/verifications", body)
    except Refused as refused:
        if refused.status not in _EXPECTED:
            raise
        return None
    return made


async def _read(client: Api, number: str) -> str | None:
    """The code in the newest text on a handset. None: no text has come."""
    try:
        page = await client.get(f"/v1/sandbox/handsets/{quote(number)}/messages")
    except Refused:
        return None
    texts = sorted((said["at"], said["text"]) for said in page["data"] if said["direction"] == "received")
    found = _CODE.search(texts[-1][1]) if texts else None
    return None if found is None else found[0]


async def _check(client: Api, verification: dict[str, Any], code: str) -> None:
    try:
        await client.post(f"/v1/verifications/{verification['id']}/check", {"code": code})
    except Refused as refused:
        if refused.status not in _EXPECTED:
            raise


async def _beyond(week: Week, country: str) -> None:
    to = number_in(country, week.random)
    await _start(
        week.client("operator"),
        APPS[0],
        to,
        f"user-{week.random.randrange(10_000, 99_999)}",
        _address(week.random),
    )


async def _in_a_row(client: Api, place: int) -> None:
    await _start(client, APPS[0], f"{_RANGE}{place:02}", f"user-{160 + place}", "203.0.113.160")


async def _scattered(week: Week, place: int) -> None:
    to = f"+9198{place:03}{week.random.randrange(10_000, 99_999)}"
    await _start(week.client("operator"), APPS[0], to, f"user-{200 + place}", _address(week.random))


def _address(random: Random) -> str:
    """The address of an end user."""
    return f"198.51.{random.randrange(256)}.{random.randrange(1, 255)}"
