"""Slows down who guesses passwords and codes, without locking anybody out.

Rules kept here:
- a wrong attempt takes from three allowances: that of the address it came from, that of the user it was for, and,
  from a browser in which this user signed in before (it has a device cookie), that of this browser alone. So what
  strangers do cannot stop a user in a browser that they used before;
- an allowance fills up again steadily. Attempts that are refused take nothing, so that nobody can extend a wait;
- nothing is checked while an allowance is empty: the answer says when to try again. No wait is longer than a minute;
- a passkey and an identity provider take from the address alone: neither can be guessed;
- the allowances are in the memory of each node, and bounded in number.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from typing import Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem


class Allowance(NamedTuple):
    """So many wrong attempts at once, and one more in so many seconds."""

    burst: int
    seconds: float


ADDRESS: Final = Allowance(30, 10.0)
USER: Final = Allowance(10, 30.0)
DEVICE: Final = Allowance(10, 30.0)
CAPACITY: Final = 20_000
#: An IPv6 network of which one customer has all addresses.
_PREFIX: Final = 64


class Attempt(NamedTuple):
    """An attempt that may be made: what it takes from if it is wrong."""

    taken: tuple[str, ...]


class SlowDown:
    """The allowances of one node."""

    def __init__(self, clock: Clock, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        #: What is left of each allowance, and when that was so.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def begin(self, address: str, user: str | None = None, device: str | None = None) -> Attempt:
        """Take an attempt. Raises Problem `sign_in_slowed` with the seconds to wait.

        `user` is the key of the address of a user, known or not; `device` names a browser in which this user signed
        in before. What was taken is given back by `right`; attempts made at once cannot pass together.
        """
        wanted: list[tuple[str, Allowance]] = []
        if device is not None:
            wanted.append((f"device {device}", DEVICE))
        else:
            wanted.append((f"address {_network(address)}", ADDRESS))
            if user is not None:
                wanted.append((f"user {user}", USER))
        waits = [self._wait(name, allowance) for name, allowance in wanted]
        if max(waits) > 0:
            raise Problem("sign_in_slowed", retry_after=math.ceil(max(waits)))
        for name, allowance in wanted:
            self._change(name, allowance, -1)
        return Attempt(tuple(name for name, _ in wanted))

    def right(self, attempt: Attempt) -> None:
        """The attempt was right, or was none: it costs nothing."""
        for name in attempt.taken:
            kind = name.partition(" ")[0]
            self._change(name, {"address": ADDRESS, "user": USER, "device": DEVICE}[kind], 1)

    def _now(self, name: str, allowance: Allowance) -> float:
        now = self._clock.monotonic()
        left, at = self._left.get(name, (float(allowance.burst), now))
        return min(float(allowance.burst), left + (now - at) / allowance.seconds)

    def _wait(self, name: str, allowance: Allowance) -> float:
        left = self._now(name, allowance)
        return 0.0 if left >= 1 else (1 - left) * allowance.seconds

    def _change(self, name: str, allowance: Allowance, by: int) -> None:
        left = min(float(allowance.burst), self._now(name, allowance) + by)
        self._left[name] = (left, self._clock.monotonic())
        self._left.move_to_end(name)
        while len(self._left) > self._capacity:
            self._left.popitem(last=False)


def _network(address: str) -> str:
    """The address, or the network that one customer has of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _PREFIX), strict=False))
    return address
