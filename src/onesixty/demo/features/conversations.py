"""Incoming messages: people answer reminders, ask, opt out, and get replies; also to a short code with keywords."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from onesixty.demo.api import Api
from onesixty.demo.features.numbers import NUMBERS, SHARED
from onesixty.demo.scene import Scene
from onesixty.demo.week import Week
from onesixty.simulator.networks import number_in


class Incoming(NamedTuple):
    """What people write to a customer: the country of their numbers, the texts, and how many a day."""

    customer: str
    to: str
    country: str
    said: tuple[str, ...]
    replies: tuple[str, ...]
    daily: int


INCOMING: Final = (
    Incoming(
        "operator", NUMBERS["operator"], "US",
        ("HELP", "When is the maintenance over?", "STOP", "My invoice is wrong", "Thank you!"),
        ("We look at it and call you back.", "It ends at six, in the worst case at seven."), 8,
    ),
    Incoming(
        "fernhill", NUMBERS["fernhill"], "GB",
        ("YES", "Yes please", "NO", "Can I come at 4 instead?", "Is there parking?", "STOP", "Thanks 👍",
         "running 10 min late, sorry!"),
        ("Thank you. See you then.", "Yes, 4 pm is free. We have changed it.", "There is one behind the clinic."),
        14,
    ),
    Incoming(
        "lumo", NUMBERS["lumo"], "DE",
        ("Bitte beim Nachbarn abgeben", "Wo ist mein Paket?", "STOP", "Morgen bitte", "Danke!",
         "Klingel ist kaputt, bitte anrufen"),
        ("Ist notiert, vielen Dank.", "Ihr Paket ist in der Zustellung, spätestens um 18 Uhr."),
        9,
    ),
    Incoming(
        "saffron", NUMBERS["saffron"], "IN",
        ("STOP", "Where is my order?", "ऑर्डर कब आएगा?", "UNSUBSCRIBE"), (), 7,
    ),
    Incoming(
        "orbita", NUMBERS["orbita"], "BR",
        ("SAIR", "Quero remarcar", "Obrigada!"), ("Claro! Para qual dia?",), 4,
    ),
    Incoming("quarry", SHARED, "PL", ("PLAY", "GG wp", "PLAY kod 160"), (), 3),
)  # fmt: skip

#: Seconds after which a customer's staff replies.
_REPLY_S: Final = 95.0


def plan(week: Week) -> None:
    """People write in the day, and are answered a little later."""
    random = week.random
    for day in range(week.days + 1):
        bursts = week.bursts[day]
        for incoming in INCOMING:
            for _ in range(incoming.daily):
                person, said = _person(incoming, random)
                reply = _reply(incoming, random, said)
                week.within(
                    day, bursts[round(random.triangular(0, len(bursts) - 1, len(bursts) / 2))],
                    lambda incoming=incoming, person=person, said=said, reply=reply: _talk(  # type: ignore[misc]
                        week.client(incoming.customer), incoming, person, said, reply
                    ),
                )  # fmt: skip


async def going_on(scene: Scene) -> None:
    """Somebody writes at once, and then every half a minute."""
    random = scene.random
    for number in range(1_000_000_000):
        await asyncio.sleep(1.0 if number < 8 else random.uniform(15, 45))
        incoming = random.choices(INCOMING, [one.daily for one in INCOMING])[0]
        person, said = _person(incoming, random)
        client = scene.client(incoming.customer)
        await _talk(client, incoming, person, said, _reply(incoming, random, said), 6.0)


def _person(incoming: Incoming, random: Random) -> tuple[str, str]:
    return number_in(incoming.country, random), incoming.said[random.randrange(len(incoming.said))]


def _reply(incoming: Incoming, random: Random, said: str) -> str | None:
    """What is answered; nobody answers who opts out."""
    if not incoming.replies or said in ("STOP", "SAIR", "UNSUBSCRIBE") or random.random() < 0.35:
        return None
    return incoming.replies[random.randrange(len(incoming.replies))]


async def _talk(
    client: Api,
    incoming: Incoming,
    person: str,
    said: str,
    reply: str | None,
    seconds: float = _REPLY_S,
) -> None:
    await client.post(f"/v1/sandbox/handsets/{quote(person)}/messages", {"to": incoming.to, "text": said})
    if reply is None:
        return
    await asyncio.sleep(seconds)
    received = await _received(client, person)
    await client.post(f"/v1/messages/{received}/reply", {"text": reply})


async def _received(client: Api, person: str) -> Any:
    """The id of the message that a person sent."""
    found = await client.get(f"/v1/messages?direction=inbound&from={quote(person)}&limit=1")
    return found["data"][0]["id"]
