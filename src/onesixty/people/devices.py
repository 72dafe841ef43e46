"""Browsers in which a user has signed in before: a sealed cookie that names the user and the browser.

Rules kept here:
- the cookie lets nobody in. It only takes a user out of what strangers can slow down (`people.slow_down`);
- it counts for the user whom it names, and only as long as the instance secret opens it.
"""

from __future__ import annotations

import base64
from typing import Final

from onesixty.core.contracts import Sealer
from onesixty.people.tokens import Entropy

_PURPOSE: Final = "people.device"
_BYTES: Final = 9


class Devices:
    """Makes and reads the cookies."""

    def __init__(self, sealer: Sealer, entropy: Entropy) -> None:
        self._sealer = sealer
        self._entropy = entropy

    def cookie(self, user_id: str, known: str | None) -> str:
        """The value of the cookie for a user who signed in, in a browser that is `known` by this name or new."""
        name = known or base64.urlsafe_b64encode(self._entropy(_BYTES)).decode()
        sealed = self._sealer.seal(f"{user_id} {name}".encode(), _PURPOSE, "")
        return base64.urlsafe_b64encode(sealed.encode()).rstrip(b"=").decode()

    def name_of(self, cookie: str | None, user_id: str) -> str | None:
        """The name of the browser, if this user signed in there."""
        if cookie is None:
            return None
        try:
            sealed = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)).decode()
            named, _, name = self._sealer.open(sealed, _PURPOSE, "").decode().partition(" ")
        except Exception:  # whatever a browser sends; the sealer says no more than that it does not open
            return None
        return name if named == user_id else None
