"""What the network tells operators in the history of a message: its route, and why each carrier got it.

Rules kept here:
- the reasons are not stored with messages. They follow from the message's rows and from its route as it is now. If
  the route has changed since, its filters are those of today;
- there is an entry for the first carrier, and one for each further attempt, with what made it necessary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from onesixty.core import outcomes
from onesixty.core.contracts import RouteConfig
from onesixty.core.history import ROUTED, Entry
from onesixty.core.message import INBOUND, Attempt, Message
from onesixty.network.configs import spec_of
from onesixty.routing.router import BOUND, FAILOVER, ORDER, OWN_NUMBER, SANDBOX, WEIGHT, Router

#: Why a message takes its route: it asked for the route; the filters take it; the route takes every message.
PINNED: Final = "pinned"
FILTERS: Final = "filters"
DEFAULT: Final = "default"
#: The same carrier got the message again.
RESEND: Final = "resend"
REASONS: Final = (
    PINNED, FILTERS, DEFAULT, ORDER, WEIGHT, FAILOVER, OWN_NUMBER, BOUND, SANDBOX, RESEND,
)  # fmt: skip


def routed(
    message: Message, attempts: Sequence[Attempt], router: Router, routes: Mapping[str, RouteConfig]
) -> list[Entry]:
    """The entries of a message. `attempts` in order; `routes` by id."""
    if message.direction == INBOUND or message.route_id is None:
        return []
    firsts: dict[int, Attempt] = {}
    for attempt in attempts:
        firsts.setdefault(attempt.attempt, attempt)
    tried = [firsts[number] for number in sorted(firsts)]
    carrier_id = tried[0].carrier_id if tried else message.carrier_id
    if carrier_id is None:
        return []
    route = routes.get(message.route_id)
    filters = [] if route is None else sorted(msgspec.to_builtins(spec_of(route).match))
    reasons = [*_why_route(message, route, filters), *_why_carrier(message, carrier_id, router)]
    at = message.created_at if message.queued_at is None else message.queued_at
    if tried:
        at = min(at, tried[0].submitted_at)
    entries = [_entry(at, message, carrier_id, reasons, filters)]
    for before, attempt in pairwise(tried):
        reason = RESEND if attempt.carrier_id == before.carrier_id else FAILOVER
        failed = [
            one for one in attempts if one.attempt == before.attempt and one.outcome != outcomes.ACCEPTED
        ]
        cause = failed[0] if failed else before
        after = {
            "attempt": before.attempt, "carrier_id": before.carrier_id, "outcome": cause.outcome,
            "error": cause.error_code, "state": cause.state,
        }  # fmt: skip
        entries.append(_entry(attempt.submitted_at, message, attempt.carrier_id, [reason], [], after))
    return entries


def _entry(
    at: int,
    message: Message,
    carrier_id: str,
    reasons: list[str],
    filters: list[str],
    because: Mapping[str, Any] | None = None,
) -> Entry:
    fields = {
        "type": "routed", "route_id": message.route_id, "carrier_id": carrier_id, "reasons": reasons,
        "filters": filters, "because": because,
    }  # fmt: skip
    return Entry(at, ROUTED, fields)


def _why_route(message: Message, route: RouteConfig | None, filters: Sequence[str]) -> list[str]:
    if message.pinned_route is not None:
        return [PINNED]
    if route is None:  # bound to a carrier, or its route is gone
        return []
    return [FILTERS if filters else DEFAULT]


def _why_carrier(message: Message, carrier_id: str, router: Router) -> list[str]:
    if message.route_id == carrier_id:
        return [BOUND]
    return list(router.hop(message, carrier_id).reasons)
