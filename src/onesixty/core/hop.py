"""A hop: one way that a message may go, as a route's choice says.

Rules kept here:
- hops are made when routes are loaded, and shared by all messages: a message that takes a hop allocates nothing;
- hops are not stored with messages. Whoever needs the hop of a message's carrier asks the route as it is now
  (`routing.router.Router.hop`), so a new sender or cost applies to messages that wait.
"""

from __future__ import annotations

from typing import NamedTuple


class Hop(NamedTuple):
    """One carrier of a choice. `sender` is the sender to use there, None for the message's own. `cost` is what the
    carrier takes for a segment, in micro-units of `currency`. `reasons` say in short words why the hop stands at its
    place; they are for `POST /v1/routes/explain`.
    """

    carrier_id: str
    sender: str | None = None
    cost: int = 0
    channel: str = "sms"
    reasons: tuple[str, ...] = ()
    currency: str = "EUR"
