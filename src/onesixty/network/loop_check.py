"""Checks whether a carrier's address is one of our own doors: a route to it would lead back here.

Loops over another gateway are detected by `routing.loops`.

Rules kept here:
- names are resolved as the carrier would, and all their addresses are compared; a name that cannot be resolved is
  not a loop;
- a door that listens on all addresses has every address of this machine.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from onesixty.core.errors import Problem
from onesixty.ops.settings import Address

#: Seconds for resolving a name.
PATIENCE: Final = 3.0
_ALL: Final = ("0.0.0.0", "::", "")
_PORTS: Final = {"http": 80, "https": 443}


def addresses_of(settings: object) -> Iterator[Address]:
    """The destinations of a connector with these settings: `host` and `port`, and every URL."""
    if isinstance(settings, Mapping):
        host = settings.get("host")
        if isinstance(host, str):
            yield Address(host, int(settings.get("port", 2775)))
        for value in settings.values():
            yield from addresses_of(value)
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from addresses_of(value)
    elif isinstance(settings, str) and settings.startswith(("http://", "https://")):
        try:
            parts = urlsplit(settings)
            if parts.hostname:
                yield Address(parts.hostname, parts.port or _PORTS[parts.scheme])
        except ValueError:
            return


class LoopCheck:
    """`doors` gives our doors, and is called each time, because the system may choose ports."""

    def __init__(self, doors: Callable[[], Iterable[Address]]) -> None:
        self._doors = doors

    async def leads_to(self, settings: Mapping[str, Any]) -> Address | None:
        """The address in the settings that is one of our doors, or None."""
        doors = [door for door in self._doors() if door.port]
        for address in addresses_of(settings):
            beside = [door for door in doors if door.port == address.port]
            if beside and await _same_place(address.host, [door.host for door in beside]):
                return address
        return None

    async def refuse(self, settings: Mapping[str, object]) -> None:
        """Raise Problem `invalid_field` for settings that lead back here."""
        found = await self.leads_to(settings)
        if found is not None:
            raise Problem(
                "invalid_field",
                f"{found} leads back to this node, so messages would loop.",
                param="settings",
            )


async def _same_place(host: str, doors: list[str]) -> bool:
    there = await _resolve(host)
    if any(door in _ALL for door in doors) and any(map(_is_local, there)):
        return True
    for door in doors:
        if door not in _ALL and not there.isdisjoint(await _resolve(door)):
            return True
    return False


async def _resolve(host: str) -> set[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return set()
    return {str(entry[4][0]) for entry in found}


def _is_local(address: str) -> bool:
    """Whether the address belongs to this machine: only those can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
