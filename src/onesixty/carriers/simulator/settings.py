"""The settings of a simulated carrier: those of the simulated network, and those of the link to it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from onesixty.simulator.behaviour import Behaviour, Rate

CountryCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]

Seconds = Annotated[float, msgspec.Meta(gt=0, le=30 * 86_400)]


class SimulatorSettings(Behaviour, kw_only=True, forbid_unknown_fields=True):
    """What a row of `carriers` with `type` "simulator" may set; everything has a default."""

    #: ISO 3166 codes of the countries that it reaches; empty: all. Other recipients are refused (`carrier_refused`).
    countries: tuple[CountryCode, ...] = ()
    #: Segments that may wait for their answer.
    window: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1000
    #: Segments a second; 0 is unlimited.
    throughput: Rate = 0
    #: The time after which a segment without an answer counts as unknown.
    response_timeout_s: Seconds = 10
    #: How long after the answer a final receipt may come.
    receipt_timeout_s: Seconds = 48 * 3600
    #: The time after which a receipt that was not acknowledged is offered again.
    receipt_repeat_s: Seconds = 5
