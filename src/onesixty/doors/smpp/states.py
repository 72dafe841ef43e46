"""A message's status as an SMPP message_state (SMPP 3.4, 5.2.28), and the error_code of query_sm (4.8.2)."""

from __future__ import annotations

from typing import Final

from onesixty.core import statuses
from onesixty.core.message import Message
from onesixty.smpp import constants as c

#: What has no state of its own in SMPP is told by the nearest one.
STATE_OF: Final[dict[str, int]] = {
    statuses.SCHEDULED: c.STATE_SCHEDULED,
    statuses.QUEUED: c.STATE_ENROUTE,
    statuses.HELD: c.STATE_ENROUTE,
    statuses.SENT: c.STATE_ENROUTE,
    statuses.DELIVERED: c.STATE_DELIVERED,
    statuses.UNDELIVERED: c.STATE_UNDELIVERABLE,
    statuses.UNCONFIRMED: c.STATE_UNKNOWN,
    statuses.FAILED: c.STATE_REJECTED,
    statuses.EXPIRED: c.STATE_EXPIRED,
    statuses.CANCELED: c.STATE_DELETED,
}


def state_of(message: Message, interface_version: int) -> int:
    """The message_state. SCHEDULED came with 5.0; before, it is ENROUTE."""
    state = STATE_OF.get(message.status, c.STATE_UNKNOWN)
    if state == c.STATE_SCHEDULED and interface_version < c.INTERFACE_VERSION_50:
        return c.STATE_ENROUTE
    return state
