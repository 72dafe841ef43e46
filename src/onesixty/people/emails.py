"""E-mail addresses of users: what is accepted, and which two are the same.

Rules kept here:
- an address is one ASCII mailbox (RFC 5321), without display name, quotes or comments;
- two addresses are the same if they differ in case alone. Providers treat dots and tags differently, so both count.
"""

from __future__ import annotations

import re
from typing import Final

from onesixty.core.errors import Problem

LONGEST: Final = 254
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
)


def checked(email: str, param: str = "email") -> str:
    """The address without white space around it. Raises Problem `invalid_field`."""
    found = email.strip()
    if len(found) > LONGEST or not _ADDRESS.fullmatch(found) or ".." in found:
        raise Problem("invalid_field", "This is not an e-mail address.", param=param)
    return found


def key_of(email: str) -> str:
    """The form in which an address is looked up and unique."""
    return email.strip().lower()
