"""SMPP: credentials with profiles that differ, programs that are bound and send, one with a wrong password, and a
capture of the traffic.

Rules kept here:
- programs bind where the API says that customers bind; without such an address there is no traffic over SMPP;
- the capture begins before the first bind, so that the bind is in it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from onesixty.demo.api import Api
from onesixty.demo.features import texts
from onesixty.demo.program import Program
from onesixty.demo.scene import Scene
from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in

_CREDENTIALS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("operator", {"system_id": "harborlight"}),
    ("operator", {"system_id": "harbor-test", "test": True}),
    ("tidewater", {"system_id": "tidewater", "profile": {"default_class": "otp", "rate": 200, "max_binds": 4}}),
    ("orbita", {"system_id": "orbita-conecta", "profile": {"default_country": "BR", "message_id_form": "decimal"}}),
    ("orbita", {"system_id": "orbita-test", "test": True}),
)  # fmt: skip
#: The programs that stay bound: the customer, its credential, and the sender and the texts of what they send.
_BOUND: Final = (
    ("operator", "harborlight", "Harborlight", "notice"),
    ("tidewater", "tidewater", "Tidewater", "alert"),
)
#: Whose password is wrong.
_WRONG: Final = "harbor-test"
_CAPTURE_S: Final = 3_600


def plan(week: Week) -> None:
    """Credentials are made before the week; one password is changed in it."""
    week.at(-5, 11.0, lambda: _make(week))
    week.at(4, 12.5, lambda: _rotate(week))


async def _make(week: Week) -> None:
    for customer, body in _CREDENTIALS:
        own = week.cast.customers[customer]
        made = await week.api.post("/v1/smpp-credentials", {**body, "account_id": own.id})
        own.passwords[body["system_id"]] = made["password"]


async def _rotate(week: Week) -> None:
    client = week.client("tidewater")
    (credential,) = (await client.get("/v1/smpp-credentials"))["data"]
    made = await client.post(f"/v1/smpp-credentials/{credential['id']}/password", {"overlap_seconds": 86_400})
    week.cast.customers["tidewater"].passwords["tidewater"] = made["password"]


async def going_on(scene: Scene) -> None:
    """Two programs are bound and send now and then. A third one tries a wrong password once."""
    listeners = (await scene.api.get("/v1/smpp-binds/listeners"))["data"]
    plain = next((each for each in listeners if not each["tls"]), None)
    if plain is None:
        await asyncio.Event().wait()
        return
    await _capture(scene.api)
    random = scene.random
    where = plain["host"], plain["port"]
    wrong = Program(*where, _WRONG, "mistaken", random.random)
    programs = {
        sender: Program(*where, system_id, scene.cast.customers[customer].passwords[system_id], random.random)
        for customer, system_id, sender, _ in _BOUND
    }
    try:
        for program in (wrong, *programs.values()):
            await program.start()
        while True:
            for _, _, sender, kind in _BOUND:
                country = random.choice(("US", "US", "GB"))
                programs[sender].send(sender, number_in(country, random), texts.fill(kind, random))
            await asyncio.sleep(random.uniform(15, 40))
    finally:
        await asyncio.gather(*(program.stop() for program in (wrong, *programs.values())))


async def _capture(api: Api) -> None:
    """Capture what the operator's own program sends and gets."""
    found = (await api.get("/v1/smpp-credentials?system_id=harborlight"))["data"]
    if not (await api.get("/v1/captures"))["data"]:
        body = {"credential": found[0]["id"], "seconds": _CAPTURE_S, "bodies": True}
        await api.post("/v1/captures", body)
