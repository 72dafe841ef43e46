"""The five names for what became of a segment that was handed to a carrier.

accepted   the carrier took it and gave an id
throttled  the carrier asks to slow down: nothing was taken, the lane pauses, order is kept
retryable  nothing was taken (or nothing was written): try again later, here or elsewhere
permanent  the carrier refused it; `scope` says how far the refusal reaches
unknown    it was written and the answer was never seen
"""

from __future__ import annotations

from typing import Final

import msgspec

ACCEPTED: Final = "accepted"
THROTTLED: Final = "throttled"
RETRYABLE: Final = "retryable"
PERMANENT: Final = "permanent"
UNKNOWN: Final = "unknown"


class Outcome(msgspec.Struct):
    """The outcome of one segment. `code` is of the error catalogue, `carrier_code` as given by the carrier."""

    kind: str
    carrier_message_id: str | None = None
    code: str | None = None
    carrier_code: str | None = None
    bind: str | None = None
    retry_after: float | None = None
