"""Tells operators in the live feed when a carrier or one of its binds was connected or lost.

Rules kept here:
- the state is looked at once a second, so nothing is written on the path of a message;
- a carrier that flaps makes one event in `QUIET` seconds, and the last state is always told;
- while the database is away nothing is told; what it is then, is told once it is back.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from onesixty.core import events
from onesixty.core.contracts import CarrierState, Tell
from onesixty.kit.context import Context
from onesixty.network.running import RunningCarriers
from onesixty.store.units import Unit

#: Seconds between two events of one carrier.
QUIET: Final = 5.0


class _Told(NamedTuple):
    """The state that was told last, and when (monotonic)."""

    state: tuple[bool, int, int]
    at: float


class StateEvents:
    """The events of the carriers of one node. `look` is called once a second."""

    def __init__(self, node: Context, running: RunningCarriers, tell: Tell) -> None:
        self._node = node
        self._running = running
        self._tell = tell
        self._told: dict[str, _Told] = {}

    def look(self) -> None:
        """Tell what changed since the last look. A carrier that is seen for the first time changed nothing."""
        now = self._node.clock.monotonic()
        states = self._running.states_by_id()
        for carrier_id in self._told.keys() - states.keys():
            del self._told[carrier_id]
        for carrier_id, state in states.items():
            key = (state.connected, state.binds_bound, state.binds)
            told = self._told.get(carrier_id)
            if told is None:
                self._told[carrier_id] = _Told(key, now - QUIET)
            elif told.state != key and now - told.at >= QUIET and self._node.store.healthy:
                self._told[carrier_id] = _Told(key, now)
                self._say(carrier_id, state)

    def _say(self, carrier_id: str, state: CarrierState) -> None:
        node = self._node
        data = {
            "id": carrier_id,
            "name": node.observer.carrier_name(carrier_id),
            "node": node.lease.id,
            "connected": state.connected,
            "binds": state.binds,
            "binds_bound": state.binds_bound,
            "last_error": state.last_error,
        }
        writes = tuple(self._tell(events.CARRIER_STATE, data, node.clock.now_ms()))
        if writes:  # an answer would change nothing: the next change is told anyway
            node.store.commit([Unit(keys=(f"state of {carrier_id}",), writes=writes)])
