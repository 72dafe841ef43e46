"""A page of a build: filled for each answer, with a policy that allows what the build has and nothing else.

Rules kept here:
- every answer has a nonce of its own. What is inline in the page and in its libraries' styles needs it, and nothing
  else runs (`unsafe-inline` and `unsafe-eval` are not in the policy);
- the page names the path of its files under the public URL, so that one build works behind every prefix;
- the page is asked for anew each time (`no-cache`). An answer 304 has no policy: the browser keeps the one that came
  with its copy, whose nonce is in that copy.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256
from html import escape
from typing import Final

from onesixty.console.build import TYPES
from onesixty.http.call import Answer
from onesixty.http.negotiation import matches

BASE: Final = "__ONESIXTY_BASE__"
NONCE: Final = "__ONESIXTY_NONCE__"
_NONCE_OCTETS: Final = 16

Headers = tuple[tuple[bytes, bytes], ...]

#: For every answer that a browser may show or run.
SAFE: Final[Headers] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
#: For pages besides.
PAGE: Final[Headers] = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
)
NO_CACHE: Final = (b"cache-control", b"no-cache")
NO_STORE: Final = (b"cache-control", b"no-store")
HTML: Final = TYPES["html"]

_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class Page:
    """One page of a build behind one prefix."""

    def __init__(self, text: str, base: str, entropy: Callable[[int], bytes]) -> None:
        """`base` is the path under which `assets/` are, with a slash at its end."""
        text = text.replace(BASE, escape(base))
        self._parts = text.split(NONCE)
        self._entropy = entropy
        self.tag = b'"%s"' % sha256((text + _POLICY).encode()).hexdigest()[:32].encode()

    def answer(self, if_none_match: bytes | None) -> Answer:
        """The page, or 304 if the client has it."""
        kept = ((b"etag", self.tag), NO_CACHE)
        if matches(if_none_match, self.tag):
            return Answer(304, b"", HTML, kept)
        nonce = base64.b64encode(self._entropy(_NONCE_OCTETS)).decode()
        policy = _POLICY.format(nonce=nonce).encode()
        body = nonce.join(self._parts).encode()
        return Answer(200, body, HTML, (*kept, (b"content-security-policy", policy), *SAFE, *PAGE))
