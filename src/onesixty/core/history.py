"""The entries of a message's history, which features and the message path tell.

Rules kept here:
- nothing is written for a history: who tells an entry reads it from rows that are kept for other reasons;
- an entry has a `type`, which determines its further fields (`doors/v1/history_schemas.py`);
- carriers, routes, costs and raw carrier data are for operators only.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

#: Places of entries of the same moment, in the order in which things happen.
ACCEPTED: Final = 0
PRICED: Final = 1
ROUTED: Final = 2
ATTEMPT: Final = 3
RECEIPT: Final = 4
EVENT: Final = 5
CHARGED: Final = 6
DELIVERY: Final = 7


class Entry(NamedTuple):
    """One entry: its time in epoch ms, its place among entries of the same moment, and its fields with `type`."""

    at: int
    place: int
    fields: dict[str, Any]
