"""The cookies of a browser that is signed in, and over what they may travel.

Rules kept here:
- over HTTPS, cookies are `Secure` and their names begin with `__Host-`, so that no other host can set them. Whether
  it is HTTPS is said by the public URL alone, never by a request;
- over plain HTTP they are allowed on loopback, and elsewhere only if a setting says so: whoever is on the way could
  read them;
- `SameSite=Lax`: `Strict` would lose the session on the way back from an identity provider;
- the session's cookie has no expiry of its own: the server decides when a session ends.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from onesixty.core.errors import Problem
from onesixty.http.call import Call
from onesixty.people.tokens import LONGEST

Headers = tuple[tuple[bytes, bytes], ...]

_LOCAL_NAMES: Final = frozenset({"localhost", "localhost.localdomain"})
#: Seconds for which a browser is known after a sign-in.
DEVICE_SECONDS: Final = 90 * 86_400
#: Seconds for the way to an identity provider and back.
PROVIDER_SECONDS: Final = 600


def is_loopback(host: str) -> bool:
    """Whether the name of a host is this machine's own."""
    host = host.strip("[]").lower()
    if host in _LOCAL_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Site(NamedTuple):
    """The public URL as browsers see it. `host` has a port if that is not the scheme's own."""

    scheme: str
    name: str
    host: str

    @property
    def origin(self) -> str:
        """The origin of its pages."""
        return f"{self.scheme}://{self.host}"

    @property
    def secure(self) -> bool:
        """Whether it is HTTPS."""
        return self.scheme == "https"


def site_of(url: str) -> Site:
    """The site of a URL."""
    parts = urlsplit(url)
    return Site(parts.scheme.lower(), (parts.hostname or "").lower(), host_of(parts.scheme, parts.netloc))


def host_of(scheme: str, netloc: str) -> str:
    """Host and port in one form: lower case, without the scheme's own port and without credentials; `localhost`,
    127.0.0.1 and [::1] are one."""
    host = netloc.rpartition("@")[2].lower()
    own = ":443" if scheme.lower() == "https" else ":80"
    host = host.removesuffix(own)
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    name = name if colon else host
    if name.strip("[]") in ("localhost", "127.0.0.1", "::1"):
        name = "localhost"
    return f"{name}{colon}{port}" if colon else name


class Cookies:
    """Names, reads and writes the cookies of one node."""

    def __init__(self, public_url: str | None, effective_url: str, insecure: bool) -> None:
        """`public_url` is the setting, None if it is left to `effective_url`. `insecure` allows plain HTTP beyond
        loopback."""
        self.site = site_of(effective_url)
        self._given = public_url is not None
        self._insecure = insecure
        prefix = "__Host-" if self.site.secure else ""
        self.session = f"{prefix}onesixty"
        self.device = f"{prefix}onesixty-device"
        self.provider = f"{prefix}onesixty-provider"

    def in_the_clear(self, call: Call) -> bool:
        """Whether the session of this request travels unencrypted beyond this machine."""
        if self.site.secure:
            return False
        name = self.site.name
        if not self._given:  # an address like 0.0.0.0 says nothing of how browsers get here
            host = (call.header(b"host") or b"").decode("latin-1")
            name = urlsplit(f"//{host}").hostname or ""
        return not is_loopback(name)

    def check(self, call: Call) -> None:
        """Raise Problem `insecure_transport` unless a cookie may be set for this request."""
        if self.in_the_clear(call) and not self._insecure:
            raise Problem(
                "insecure_transport",
                "Over plain HTTP, anybody on the way could read the session. Put a proxy with TLS in front and set "
                "ONESIXTY_PUBLIC_URL to its https:// address, or set ONESIXTY_INSECURE_COOKIES in a safe network.",
            )

    def read(self, call: Call, name: str) -> str | None:
        """The value of a cookie of the request, if it may be a token."""
        header = call.header(b"cookie")
        return None if header is None else _value(header, name)

    def set(self, name: str, value: str, seconds: int | None = None) -> tuple[bytes, bytes]:
        """The header that sets a cookie; 0 seconds removes it."""
        parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
        if self.site.secure:
            parts.append("Secure")
        if seconds is not None:
            parts.append(f"Max-Age={seconds}")
        return b"set-cookie", "; ".join(parts).encode("latin-1")

    def removed(self, name: str) -> tuple[bytes, bytes]:
        """The header that removes a cookie."""
        return self.set(name, "", 0)


@lru_cache(maxsize=1024)
def _value(header: bytes, name: str) -> str | None:
    """The value of the first cookie of this name in a header."""
    wanted = name.encode()
    for part in header.split(b";"):
        found, equals, value = part.strip().partition(b"=")
        if equals and found == wanted:
            return value.decode("latin-1") if 0 < len(value) <= 4 * LONGEST else None
    return None
