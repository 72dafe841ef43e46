"""What retention tells apart, and for how many days each account's data of a kind is kept.

Rules kept here:
- an account has the operator's times (settings), unless it has times of its own (`retention_rules`). 0 is for ever;
- what is not set follows another kind: incoming messages and receipts are kept as long as messages, deliveries as
  long as events;
- events are never kept longer than an account's own time for messages, and messages never shorter than the events
  that are still kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from onesixty.ops.settings import Settings
from onesixty.retention.tables import Rule

BODIES: Final = "bodies"
MESSAGES: Final = "messages"
INBOUND: Final = "inbound"
EVENTS: Final = "events"
DELIVERIES: Final = "deliveries"
RECEIPTS: Final = "receipts"
REFUSALS: Final = "refusals"
AUDIT: Final = "audit"

#: All kinds of an account, in the order in which a round removes them, with the fewest days: younger data is needed.
LEAST: Final[Mapping[str, int]] = {
    BODIES: 1,
    DELIVERIES: 4,
    EVENTS: 4,
    RECEIPTS: 8,
    MESSAGES: 8,
    INBOUND: 8,
    REFUSALS: 1,
    AUDIT: 1,
}
#: The most days of a kind; 0 days are for ever.
MOST: Final = 36_500

#: The kind whose time another one has if it is not set.
_FOLLOWS: Final = {INBOUND: MESSAGES, RECEIPTS: MESSAGES, DELIVERIES: EVENTS}

Days = Mapping[str, int]


class Bounds(NamedTuple):
    """The fewest and the most days that an account may have; `most` 0 allows to keep for ever."""

    least: int
    most: int

    def allow(self, days: int) -> bool:
        """Whether an account may have so many days."""
        if days == 0:
            return self.most == 0
        return self.least <= days and (self.most == 0 or days <= self.most)


def bounds_of(settings: Settings, kind: str) -> Bounds:
    """The bounds of a kind."""
    least, most = settings.retention_bounds.get(kind, (LEAST[kind], 0))
    return Bounds(max(least, LEAST[kind]), most)


def days_of(settings: Settings, rule: Rule | None) -> Days:
    """For how many days each kind of an account is kept; without a rule, the operator's times."""
    days: dict[str, int] = {}
    for kind in (MESSAGES, INBOUND, EVENTS, DELIVERIES, RECEIPTS, BODIES, REFUSALS, AUDIT):
        own = None if rule is None else rule.days(kind)
        given = getattr(settings, f"retention_{kind}_days") if own is None else own
        days[kind] = days[_FOLLOWS[kind]] if given is None else given
    if rule is not None and rule.events is None:
        own_messages = [found for found in (rule.messages, rule.inbound) if found is not None]
        days[EVENTS] = shortest(days[EVENTS], *own_messages)
    for kind in (MESSAGES, INBOUND):
        days[kind] = longest(days[kind], days[EVENTS])
    days[DELIVERIES] = shortest(days[DELIVERIES], days[EVENTS])
    days[RECEIPTS] = shortest(days[RECEIPTS], days[MESSAGES])
    return days


def shortest(*days: int) -> int:
    """The shortest of these times."""
    return min((one for one in days if one), default=0)


def longest(*days: int) -> int:
    """The longest of these times."""
    return 0 if 0 in days else max(days)
