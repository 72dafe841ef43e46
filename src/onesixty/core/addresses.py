"""Which IP addresses a delivery may connect to.

The rule: what is not public unicast is denied. The list is our own, since `ipaddress.is_global` of
Python 3.11 passes multicast, NAT64, 6to4 and 192.0.0.8. Sources: the IANA special-purpose address registries
for IPv4 and IPv6 (RFC 6890 and its updates).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_DENIED_4: Final = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "IETF protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)

#: Only 2000::/3 is global unicast; these parts of it are not.
_GLOBAL_6: Final = IPv6Network("2000::/3")
_DENIED_6: Final = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("2001::/23", "IETF protocol assignments"),  # Teredo, ORCHID, benchmarking
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
    )
)

#: Outside 2000::/3 everything is denied; these have a name that explains it better.
_NAMED_6: Final = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)


def denied(address: str) -> str | None:
    """Why deliveries may not connect to this address (numeric, as a resolver returns it); None if they may.

    A zone (`fe80::1%eth0`) is ignored. An invalid address is denied.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "not an address"
    return _denied_4(parsed) if isinstance(parsed, IPv4Address) else _denied_6(parsed)


def _denied_4(address: IPv4Address) -> str | None:
    return next((why for network, why in _DENIED_4 if address in network), None)


def _denied_6(address: IPv6Address) -> str | None:
    if address in _GLOBAL_6:
        return next((why for network, why in _DENIED_6 if address in network), None)
    return next((why for network, why in _NAMED_6 if address in network), "not global unicast")
