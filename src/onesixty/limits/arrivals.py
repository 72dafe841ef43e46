"""Messages of keys and SMPP credentials that come to wait, or to be scheduled, by a change.

Their stocks have to count them from the commit on, as those of accounts do. But the row of an event names only the
account. So a change of a message that a key or credential counts (`limited_by`) has one more write, which names the
key and the status: the subscriber of that statement hears of it if, and only if, the change is on disk.

Rules kept here:
- the write has no row, and so waits for none;
- a new message is none of these: its hold has counted it before its commit;
- other messages, which are nearly all, pay for one look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from onesixty.core import events, statuses
from onesixty.core.contracts import Write
from onesixty.core.message import Change
from onesixty.store.contract import Row, Store

#: The statuses of which there can be so many messages at once, by the event of a change to them.
STOCKED: Final = {events.of_status(each): each for each in (statuses.QUEUED, statuses.SCHEDULED)}

_NONE: Final[Sequence[Write]] = ()


class Arrivals:
    """See `core.contracts.Effect`."""

    #: See `core.contracts.Effect`.
    only_events: ClassVar[bool] = True

    def __call__(self, change: Change) -> Sequence[Write]:
        subject = change.after.limited_by
        if subject is None or change.before is None or change.event not in STOCKED:
            return _NONE
        return [("limit_arrival", (subject, STOCKED[change.event]))]


def follow_arrivals(store: Store, came: Callable[[str, str], None]) -> None:
    """Tell `came` the subject and the status of each arrival that is committed through this store."""

    def committed(rows: list[Row]) -> None:
        for subject, status in rows:
            came(subject, status)

    store.subscribe("limit_arrival", committed)
