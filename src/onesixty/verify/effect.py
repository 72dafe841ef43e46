"""Wakes a verification when its message was taken by a carrier, or reached nobody: the sweep then looks at it.

Rules kept here:
- it is a write of the message's own unit, so nothing that happens to a message is missed;
- it only makes the verification due. What follows is decided from the rows (`verify.due`);
- a delivered message wakes nothing: delivered is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from onesixty.core import statuses
from onesixty.core.contracts import Consequences, Write
from onesixty.core.message import Change
from onesixty.verify.covered import MEMOS

_WAKES: Final = frozenset(
    {statuses.SENT, statuses.UNDELIVERED, statuses.FAILED, statuses.EXPIRED, statuses.CANCELED}
)
_NOTHING: Final[tuple[Write, ...]] = ()


class VerifyEffect:
    """See `core.contracts.Effect`."""

    only_events: ClassVar[bool] = True

    def __call__(self, change: Change) -> Sequence[Write] | Consequences:
        message = change.after
        if message.origin is None or message.status not in _WAKES:
            return _NOTHING
        memo = MEMOS.read(message.origin)
        if memo is None:
            return _NOTHING
        return Consequences(writes=(("verification_wake", (memo.id, change.at)),), keys=(memo.id,))
