"""The plain pages to which links lead as long as the console has none of its own: set up, accept an invitation, set a
new password, confirm a new address.

Rules kept here:
- one page, without anything from elsewhere. Its policy allows the one script and the one style that it has, by hash,
  and calls of this site alone;
- the token is in the fragment, which no server sees. The page takes it out of the address once it was used;
- it uses nothing but the public API, by relative paths, so that it works behind every prefix.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from onesixty.http.call import Answer
from onesixty.people.letters import EMAIL, INVITATION, RESET, SETUP

#: The paths at which the page is.
PATHS: Final = (SETUP, INVITATION, RESET, EMAIL)

_FILE: Final = Path(__file__).with_name("link_page.html")


def link_page() -> Answer:
    """The page. Which link it is for, it reads in its own address."""
    text, policy = _page()
    headers = (
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-cache"),
    )
    return Answer(200, text.encode(), b"text/html; charset=utf-8", headers)


@cache
def _page() -> tuple[str, str]:
    """The page and its policy."""
    text = _FILE.read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src {_hash_of(text, 'script')}; style-src {_hash_of(text, 'style')}; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    return text, policy


def _hash_of(text: str, element: str) -> str:
    found = re.search(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
    assert found is not None
    return f"'sha256-{base64.b64encode(sha256(found[1].encode()).digest()).decode()}'"
