"""Networks in CIDR notation: where a key may be used from, and which proxies are trusted.

Rules kept here:
- an IPv4 address that arrives as IPv6 (`::ffff:192.0.2.7`) counts as IPv4;
- `X-Forwarded-For` is read only if the connection comes from a trusted proxy, and only as far as trusted proxies
  wrote it: from its end to the first address that is no trusted proxy. What a client writes itself has no effect.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from onesixty.core.errors import Problem
from onesixty.http.call import Call

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_FORWARDED: Final = b"x-forwarded-for"


@lru_cache(maxsize=4096)
def _parsed(address: str) -> _Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return parsed if mapped is None else mapped


class Networks:
    """A list of networks. Raises ValueError for a text that is not one."""

    __slots__ = ("_networks",)

    def __init__(self, texts: Sequence[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(text) for text in texts)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def covers(self, address: str) -> bool:
        """Whether an address is in one of the networks."""
        parsed = _parsed(address)
        if parsed is None:
            return False
        return any(parsed.version == network.version and parsed in network for network in self._networks)

    def contain(self, others: Networks) -> bool:
        """Whether each of the other networks is in one of these."""
        return all(
            any(
                other.version == network.version and other.subnet_of(network)  # type: ignore[arg-type]
                for network in self._networks
            )
            for other in others._networks
        )


def checked(texts: Sequence[str], param: str) -> tuple[str, ...]:
    """Networks as a caller wrote them, in their usual form. Raises Problem `invalid_field` that names the place."""
    found: list[str] = []
    for index, text in enumerate(texts):
        try:
            found.append(str(ipaddress.ip_network(text)))
        except ValueError as error:
            raise Problem("invalid_field", f"{error}.", param=f"{param}[{index}]") from None
    return tuple(dict.fromkeys(found))


class Proxies:
    """The trusted proxies in front of the HTTP server."""

    __slots__ = ("_trusted",)

    def __init__(self, networks: Sequence[str]) -> None:
        self._trusted = Networks(networks)

    def locate(self, call: Call) -> None:
        """Set the client of a call that came through a trusted proxy. Repeating it changes nothing."""
        forwarded = call.header(_FORWARDED)
        if forwarded is None or not self._trusted.covers(call.client):
            return
        for text in reversed(forwarded.decode("latin-1").split(",")):
            address = _bare(text.strip())
            if _parsed(address) is None:
                return  # what cannot be read names nobody: the last known address stays
            call.client = address
            if not self._trusted.covers(address):
                return


def _bare(text: str) -> str:
    """An address without a port and brackets, as some proxies write them."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
