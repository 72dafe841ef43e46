"""When to reconnect: exponential back-off with full jitter; slower after a refused bind.

Trying again soon does not cure a refusal (ESME_RALYBND after a quick reconnect, a wrong password) and may lock
the account. So its delay starts higher, grows further, and is never less than half its step.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackoffConfig:
    """Seconds. Steps double from `base` to `cap`; the delay is drawn from within the step."""

    base: float = 0.5
    cap: float = 30.0
    refused_base: float = 5.0
    refused_cap: float = 300.0
    stable_after: float = 10.0  # a bind that lasted this long resets the count of failures


class Backoff:
    """Counts consecutive failures and returns the delay after each. `random` returns floats from 0 to 1."""

    __slots__ = ("_config", "_failures", "_random", "_refusals")

    def __init__(self, config: BackoffConfig, random: Callable[[], float]) -> None:
        self._config = config
        self._random = random
        self._failures = 0
        self._refusals = 0

    def failed(self) -> float:
        """Return the seconds to wait after a connection that failed or was lost."""
        step = min(self._config.cap, self._config.base * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return step * self._random()

    def refused(self) -> float:
        """Return the seconds to wait after a bind that was refused."""
        step = min(self._config.refused_cap, self._config.refused_base * 2.0 ** min(self._refusals, 30))
        self._refusals += 1
        return step * (0.5 + 0.5 * self._random())

    def lived(self, seconds: float) -> None:
        """Note that a bind ended which had lasted this long."""
        self._refusals = 0
        if seconds >= self._config.stable_after:
            self._failures = 0
