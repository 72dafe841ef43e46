"""What messages are counted by: the dimensions, and the combinations of them that are kept.

Rules kept here:
- every combination also keeps mode, status and currencies. Only dimensions that are kept together can be asked for
  together, so a report never guesses;
- the smallest combination that has what a report asks for answers it. Of one account, that is the first in `KEPT`; of
  all accounts, the one with the fewest series;
- carriers, routes and totals over all accounts are for operators;
- a message has several tags or none, so the sum over tags is not the number of messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

ACCOUNT: Final = "account"
SENDER: Final = "sender"
TAG: Final = "tag"
CAMPAIGN: Final = "campaign"
STATUS: Final = "status"

#: Every dimension with its column in `statistics_series`. The order is that of a series' key.
COLUMNS: Final = {
    ACCOUNT: "account_id",
    "country": "country",
    "network": "network",
    "carrier": "carrier_id",
    "route": "route_id",
    SENDER: "sender",
    "class": "class_",
    "channel": "channel",
    CAMPAIGN: "campaign_id",
    "error": "error_code",
    TAG: "tag",
    STATUS: "status",
}
DIMENSIONS: Final = tuple(COLUMNS)
#: What tenants may not ask for.
OF_OPERATORS: Final = frozenset({"carrier", "route"})


class Kept(NamedTuple):
    """A combination that is kept. `times`: with delivery times. `open_ended`: the dimension whose values customers
    choose, which is limited (`series.MOST`)."""

    name: str
    dimensions: tuple[str, ...]
    times: bool = True
    open_ended: str | None = None

    @property
    def for_tenants(self) -> bool:
        """Whether an account may read its share."""
        return ACCOUNT in self.dimensions and not OF_OPERATORS.intersection(self.dimensions)


KEPT: Final = (
    Kept("total", ("class", "channel", "error")),
    Kept("account", (ACCOUNT, "class", "channel", CAMPAIGN), open_ended=CAMPAIGN),
    Kept("account_carrier", (ACCOUNT, "carrier", "route"), times=False),
    Kept("account_country", (ACCOUNT, "country", "network", "class", "error")),
    Kept("carrier", ("carrier", "route", "country", "network", "error")),
    Kept("account_sender", (ACCOUNT, SENDER), times=False, open_ended=SENDER),
    Kept(TAG, (ACCOUNT, TAG), times=False, open_ended=TAG),
)


def covering(asked: Iterable[str], *, operator: bool) -> list[Kept]:
    """The combinations that have these dimensions, narrowest first. Without any, these are not kept together."""
    wanted = set(asked) - {STATUS}
    return [
        kept
        for kept in KEPT
        if wanted.issubset(kept.dimensions)
        and (operator or kept.for_tenants)
        and (kept.name != TAG or TAG in wanted)  # its sum is not the number of messages
    ]
