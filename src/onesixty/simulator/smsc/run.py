"""Runs a simulated SMSC in the foreground until it is stopped, for `onesixty simulate smsc`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from onesixty.core.clock import Clock, Random, SystemClock, system_random
from onesixty.simulator.smsc.fast import FastSmsc
from onesixty.simulator.smsc.options import SmscOptions
from onesixty.simulator.smsc.server import SimulatedSmsc


def make_smsc(options: SmscOptions, *, clock: Clock, random: Random) -> SimulatedSmsc | FastSmsc:
    """Make the SMSC for these options. Raises ValueError for a misbehaviour that does not exist."""
    kind = FastSmsc if options.fast else SimulatedSmsc
    return kind(options, clock=clock, random=random)


async def serve_smsc(
    options: SmscOptions, stop: asyncio.Event, say: Callable[[str], None], *, clock: Clock, random: Random
) -> None:
    """Run an SMSC until `stop` is set. `say` gets a line when it listens, and one with the counts at the end."""
    smsc = make_smsc(options, clock=clock, random=random)
    await smsc.start()
    say(f"SMSC on {options.host}:{smsc.port}")
    try:
        await stop.wait()
    finally:
        await smsc.stop()
        say(" ".join(f"{name}={count}" for name, count in sorted(smsc.counters.items())) or "nothing came")


def run_smsc(options: SmscOptions, say: Callable[[str], None] = print) -> None:
    """Run an SMSC in the foreground until SIGINT or SIGTERM. Raises ValueError and OSError."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await serve_smsc(options, stop, say, clock=SystemClock(), random=system_random())

    asyncio.run(main())
