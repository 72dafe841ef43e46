"""A carrier over SMPP and the simulated SMSC at its far end, on loopback."""

import random
import ssl
from typing import Any

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.core.clock import SystemClock
from onesixty.simulator.behaviour import Behaviour
from onesixty.simulator.smsc import SimulatedSmsc, SmscOptions
from tests.carriers.conformance import Host, until

FAST = {"latency_ms": 5, "latency_jitter_ms": 3, "receipt_delay_ms": 15, "receipt_jitter_ms": 5}
QUICK = {"reconnect_min_s": 0.02, "reconnect_max_s": 0.05, "refused_min_s": 0.02, "refused_max_s": 0.05}

_BEHAVIOUR = set(Behaviour.__struct_fields__)


class SmppRig:
    """`settings` go to the carrier, behaviour and `misbehave`, `every`, `id_form` to the SMSC."""

    def __init__(self, window: int = 10, *, smsc: dict[str, Any] | None = None, **settings: Any) -> None:
        far = FAST | {key: settings.pop(key) for key in list(settings) if key in _BEHAVIOUR}
        options = SmscOptions(**(far | {"port": 0, "repeat_ms": 30, "record": 1000} | (smsc or {})))
        self.smsc = SimulatedSmsc(options, clock=SystemClock(), random=random.Random(2))
        self.host = Host()
        self._settings = QUICK | {"host": "127.0.0.1", "system_id": "test", "window": window} | settings
        self.window = window * self._settings.get("binds", 1)
        self.carrier: SmppCarrier

    async def prepare(self, tls: ssl.SSLContext | None = None) -> None:
        """Let the SMSC listen and make the carrier for its port."""
        await self.smsc.start(tls=tls)
        settings = SmppSettings(**(self._settings | {"port": self.smsc.port}))
        self.carrier = SmppCarrier("car_smpp", settings, clock=SystemClock(), random=random.Random(1))

    async def start(self) -> None:
        await self.carrier.start(self.host)
        await until(lambda: self.carrier.capacity() == self.window, "all binds")

    async def cut(self) -> None:
        await self.smsc.stop(0)

    async def mend(self) -> None:
        await self.smsc.restart()

    async def end(self) -> None:
        await self.carrier.stop(0.2)
        await self.smsc.stop(0)


async def make_rig(**settings: Any) -> SmppRig:
    """A prepared rig, to be ended by who made it."""
    rig = SmppRig(**settings)
    await rig.prepare()
    return rig
