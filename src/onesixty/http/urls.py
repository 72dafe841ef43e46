"""The URLs that deliveries go to: which are allowed, and their parts.

Rules kept here:
- a URL is checked at intake without asking a resolver: scheme, host, port, length, no user name, no fragment, ASCII
  only. A host that is an IP address in any notation is checked against the deny list;
- the address of a host name is checked when the delivery connects (webhooks/resolver.py).
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from onesixty.core import addresses
from onesixty.core.errors import Problem

MAX_LENGTH: Final = 2048
_PORTS: Final = {"http": 80, "https": 443}
_PRINTABLE: Final = re.compile(r"[!-~]+")
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_NUMERIC: Final = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)\.?")


class Target(NamedTuple):
    """The parts of a URL: `host` without brackets, `authority` as in the Host header, `path` with query. `origin` is
    scheme, host and port: each origin has one queue and one pool of connections."""

    tls: bool
    host: str
    port: int
    authority: str
    path: str
    origin: str

    @property
    def tls_name(self) -> str:
        """The host as SNI and certificates have it: without the final dot of a full name (RFC 6066, 3)."""
        return self.host.removesuffix(".")


def check_url(url: str, allow_private: bool, *, param: str = "url") -> None:
    """Raise Problem `url_not_allowed`, with `param` and the reason, for a URL that deliveries may not go to."""
    try:
        target = parse(url)
    except ValueError as error:
        raise Problem("url_not_allowed", f"{error}.", param=param) from None
    if allow_private:
        return
    address = _literal(target.host)
    if address is not None:
        why = addresses.denied(address)
        if why is not None:
            raise Problem(
                "url_not_allowed",
                f"The URL resolves to {address}, which is not allowed ({why}).",
                param=param,
            )
    elif target.host == "localhost" or target.host.endswith((".localhost", ".localhost.", "localhost.")):
        raise Problem("url_not_allowed", "The URL points to this machine.", param=param)


@lru_cache(4096)
def parse(url: str) -> Target:
    """The parts of a URL. Raises ValueError with the reason, as the beginning of a sentence."""
    if len(url) > MAX_LENGTH:
        raise ValueError(f"The URL must not be longer than {MAX_LENGTH} characters")
    if not _PRINTABLE.fullmatch(url):
        raise ValueError("The URL has characters that must be percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("The URL is malformed") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise ValueError("The URL must begin with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The URL must not have a user name or a password")
    if parts.fragment or url.endswith("#"):
        raise ValueError("The URL must not have a fragment")
    host = (parts.hostname or "").lower()
    bracketed = parts.netloc.startswith("[")
    if bracketed:
        if _literal(host) is None or "%" in host:
            raise ValueError("The URL has no valid IPv6 address")
    elif not _HOST.fullmatch(host) or len(host) > 253:
        raise ValueError("The URL has no valid host name")
    elif _NUMERIC.fullmatch(host) and _literal(host) is None:
        raise ValueError("The URL has no valid IPv4 address")
    if port == 0:
        raise ValueError("The URL must not have port 0")
    name = f"[{host}]" if bracketed else host
    number = port or _PORTS[scheme]
    authority = name if number == _PORTS[scheme] else f"{name}:{number}"
    path = parts.path or "/"
    path = f"{path}?{parts.query}" if parts.query else path
    return Target(scheme == "https", host, number, authority, path, f"{scheme}://{authority}")


def _literal(host: str) -> str | None:
    """The IP address that a host is in any notation, as a resolver would read it; None if it is a name.

    `127.1`, `0x7f000001`, `2130706433` and `0177.0.0.1` are all 127.0.0.1 (inet_aton).
    """
    if ":" in host:
        try:
            return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host))
        except OSError:
            return None
    if not _NUMERIC.fullmatch(host):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None
