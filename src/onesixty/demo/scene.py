"""What the parts of the running demonstration are given: the API, who takes part, and chance."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from onesixty.core.clock import Clock
from onesixty.demo.api import Api
from onesixty.demo.cast import Cast


class Scene(NamedTuple):
    """The running demonstration. `api` calls with the operator's key."""

    api: Api
    cast: Cast
    clock: Clock
    random: Random

    def client(self, customer: str) -> Api:
        """The API with the live key of a customer."""
        return self.api.as_key(self.cast.customers[customer].live)

    @property
    def hour(self) -> float:
        """The hour of the day in UTC."""
        return self.clock.now_ms() / 3_600_000 % 24
