"""Which ids of a registration carriers ask for, and a text does not have.

Rules kept here:
- only countries whose carriers refuse texts without such ids are looked at: elsewhere a carrier gets no id, and wants
  none;
- an id counts as there if a message with that carrier would carry it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Final

from onesixty.channels.sms.content import Registered

#: Countries in which each text is registered, and refused without its ids: India (TRAI's TCCCPR 2018).
COUNTRIES: Final = frozenset({"IN"})

#: The ids that each carrier in use asks for, by the id of the carrier.
Asked = Mapping[str, Collection[str]]
FindAsked = Callable[[], Awaitable[Asked]]


async def nothing_asked() -> Asked:
    """No carrier asks for ids."""
    return {}


def missing(
    registered: Iterable[Registered], country: str | None, carriers: Iterable[str], asked: Asked
) -> list[str]:
    """The ids that one of these carriers asks for in a country and that a text does not have, by name."""
    if country not in COUNTRIES:
        return []
    known = [one for one in registered if one.country == country]
    found: set[str] = set()
    for carrier in carriers:
        has = {name for one in known if one.carrier in (None, carrier) for name in one.ids}
        found |= set(asked.get(carrier, ())) - has
    return sorted(found)
