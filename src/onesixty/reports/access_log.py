"""The access log: one line for each message that reached a final status, if the setting `access_log` is on.

Rules kept here:
- a line is written after the commit that ended the message, never for a failed commit;
- a line contains no text, and only the last four digits of numbers, as in every log line (`ops.logs`);
- a receipt that corrects a final status (`undelivered`, then `delivered`) makes another line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

import structlog

from onesixty.core.contracts import Write
from onesixty.core.message import INBOUND, Change, is_final

#: Ended messages that wait for their commit. Beyond this number the oldest are dropped: their commits failed.
MOST: Final = 20_000
#: The position of the message's id in a row of `event_insert`.
_MESSAGE_ID: Final = 2


class AccessLog:
    """An effect that writes no rows, and subscribes to commits. `name` gives the name of a carrier by its id."""

    #: See `core.contracts.Effect`.
    only_events: ClassVar[bool] = True

    def __init__(self, name: Callable[[str], str]) -> None:
        self._name = name
        self._ends: dict[str, Change] = {}
        self._log = structlog.get_logger("onesixty.access")

    def __call__(self, change: Change) -> list[Write]:
        """Remember the ended message until its commit."""
        if change.event is not None and is_final(change.after):
            self._ends[change.after.id] = change
            if len(self._ends) > MOST:
                del self._ends[next(iter(self._ends))]
        return []

    def committed(self, rows: list[tuple[Any, ...]]) -> None:
        """Committed rows of `event_insert`."""
        for row in rows:
            change = self._ends.pop(row[_MESSAGE_ID], None)
            if change is not None:
                self._write(change)

    def _write(self, change: Change) -> None:
        message = change.after
        began = message.created_at
        self._log.info(
            "message",
            message=message.id,
            direction="in" if message.direction == INBOUND else "out",
            status=message.status,
            account=message.account_id,
            mode=message.tenant.mode,
            sender=message.sender_used or message.sender,
            recipient=message.recipient,
            segments=message.segments,
            route=message.route_id,
            carrier=None if message.carrier_id is None else self._name(message.carrier_id),
            attempts=message.attempts,
            error=message.error_code,
            seconds=round(max(0, change.at - began) / 1000, 3),
        )
