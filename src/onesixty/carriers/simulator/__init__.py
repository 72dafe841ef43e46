"""The simulated carrier: in this process, without a socket, and never to a real handset."""

from onesixty.carriers.simulator.carrier import SimulatorCarrier
from onesixty.carriers.simulator.settings import SimulatorSettings

__all__ = ["SimulatorCarrier", "SimulatorSettings"]
