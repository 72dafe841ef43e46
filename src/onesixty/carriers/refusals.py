"""What a carrier's no may stand for in the error catalogue, and what kind of outcome each is.

A row of a connector's table is a code, and the code says the rest: whether it is an answer to slow down
(throttled), to come again (retryable) or no (permanent), and how far the no reaches (its scope).
"""

from __future__ import annotations

from typing import Final

from onesixty.core import outcomes
from onesixty.core.errors import CATALOGUE

#: The codes that a carrier's answer may stand for.
CODES: Final = (
    "carrier_throttled",
    "carrier_busy",
    "message_refused",
    "recipient_refused",
    "recipient_opted_out",
    "sender_refused",
    "carrier_refused",
)

#: What is in no table: this link is set up wrongly, or says something new. The next carrier.
DEFAULT: Final = "carrier_refused"


def outcome_kind(code: str) -> str:
    """The kind of outcome that a code means: throttled, retryable or permanent."""
    if code == "carrier_throttled":
        return outcomes.THROTTLED
    return outcomes.RETRYABLE if CATALOGUE[code].retryable else outcomes.PERMANENT
