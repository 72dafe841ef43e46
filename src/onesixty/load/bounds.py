"""The limits of a load: how much it may send, and to whom.

Rules kept here: a load goes only to this machine's loopback, unless the user says that the target belongs to
them. A load always ends, by count or by time, whichever comes first.
"""

from __future__ import annotations

import ipaddress
import math
from typing import Final

import msgspec

MAX_COUNT: Final = 10_000_000
MAX_SECONDS: Final = 3600.0
MAX_CONNECTIONS: Final = 1000


class LoadError(Exception):
    """The load cannot run as requested; the message says why."""


class Bounds(msgspec.Struct, frozen=True):
    """When a load ends: after `count` messages or `seconds`. `rate` is messages a second; 0 means no limit."""

    count: int = 10_000
    seconds: float = 60.0
    rate: float = 0.0

    def check(self) -> None:
        """Raise LoadError for invalid bounds."""
        if not 1 <= self.count <= MAX_COUNT:
            raise LoadError(f"the count must be from 1 to {MAX_COUNT}")
        if not 0 < self.seconds <= MAX_SECONDS:
            raise LoadError(f"the time must be above 0 and at most {MAX_SECONDS:g} seconds")
        if not 0 <= self.rate < math.inf:
            raise LoadError("the rate must not be negative")


def check_target(host: str, *, own: bool) -> None:
    """Refuse a target that is not on loopback, unless `own` says that the user is responsible for it."""
    if own or host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise LoadError(f"{host} is not this machine; add --i-own-the-target to send the load elsewhere")


def check_connections(number: int) -> None:
    """Raise LoadError for an invalid number of connections."""
    if not 1 <= number <= MAX_CONNECTIONS:
        raise LoadError(f"the number of connections must be from 1 to {MAX_CONNECTIONS}")
