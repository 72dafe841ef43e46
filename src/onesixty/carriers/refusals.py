"""The codes of the error catalogue that a carrier's refusal may become, and the kind of outcome that each code means.

A connector's table maps an answer to a code, and the code determines the rest: whether the carrier asks to slow
down (throttled), to try later (retryable) or refuses (permanent), and how far the refusal reaches (its scope).
"""

from __future__ import annotations

from typing import Final

from onesixty.core import outcomes
from onesixty.core.errors import CATALOGUE

#: The codes that a carrier's answer may become.
CODES: Final = (
    "carrier_throttled",
    "carrier_busy",
    "message_refused",
    "recipient_refused",
    "recipient_opted_out",
    "sender_refused",
    "carrier_refused",
)

#: For an answer that is in no table: this link is configured wrongly, or the answer is new. The next carrier is
#: tried.
DEFAULT: Final = "carrier_refused"


def outcome_kind(code: str) -> str:
    """Return the kind of outcome of a code: throttled, retryable or permanent."""
    if code == "carrier_throttled":
        return outcomes.THROTTLED
    return outcomes.RETRYABLE if CATALOGUE[code].retryable else outcomes.PERMANENT
