"""The far end of a carrier link in tests: a simulated SMSC in this process that remembers what it got."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Self

from onesixty import text
from onesixty.core.clock import SystemClock
from onesixty.simulator.smsc import SimulatedSmsc, SmscOptions
from onesixty.smpp.pdu import Pdu

QUICK = {"latency_ms": 3, "latency_jitter_ms": 2, "receipt_delay_ms": 20, "receipt_jitter_ms": 10}
RECORD = 100_000

#: Settings of a carrier that comes back quickly.
EAGER = {"reconnect_min_s": 0.02, "reconnect_max_s": 0.2, "refused_min_s": 0.02, "refused_max_s": 0.2}


class FarEnd:
    """An SMSC on loopback, from `async with` to its end; `behaviour` are options of `onesixty simulate smsc`."""

    def __init__(self, **behaviour: Any) -> None:
        options = SmscOptions(**(QUICK | {"port": 0, "repeat_ms": 50, "record": RECORD} | behaviour))
        self.smsc = SimulatedSmsc(options, clock=SystemClock(), random=random.Random(1))

    async def __aenter__(self) -> Self:
        await self.smsc.start()
        self._port = self.smsc.port
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.smsc.stop(0)

    @property
    def port(self) -> int:
        return self._port

    @property
    def counters(self) -> Counter[str]:
        return self.smsc.counters

    def settings(self, **settings: Any) -> dict[str, Any]:
        """The settings of a carrier that leads here."""
        return {"host": "127.0.0.1", "port": self._port, "system_id": "test"} | EAGER | settings

    def table(self, name: str, **settings: Any) -> dict[str, Any]:
        """The same as a row of the setting `carriers`."""
        return {"name": name, "type": "smpp"} | self.settings(**settings)

    @property
    def recipients(self) -> list[str]:
        """Whom the submit_sm were for, in the order in which they came."""
        return [recipient_of(pdu) for pdu in self.smsc.messages]

    def copies(self) -> Counter[tuple[str, int]]:
        """How often each segment came, by (recipient, number of the segment)."""
        return Counter((recipient_of(pdu), part_of(pdu)[1]) for pdu in self.smsc.messages)

    def text_for(self, recipient: str) -> str:
        """What the handset shows: the segments put together, each taken once."""
        parts = {
            number: text.decode(payload, pdu.number("data_coding"))
            for pdu in self.smsc.messages
            if recipient_of(pdu) == recipient
            for payload, number in [part_of(pdu)]
        }
        return "".join(parts[number] for number in sorted(parts))


def recipient_of(pdu: Pdu) -> str:
    return "+" + pdu.text("destination_addr")


def part_of(pdu: Pdu) -> tuple[bytes, int]:
    """The text of a segment and its number."""
    if not pdu.number("esm_class") & 0x40:
        return pdu.message(), 1
    udh, payload = text.split_udh(pdu.message())
    concat = text.concat_of(udh)
    return payload, concat.number if concat else 1
