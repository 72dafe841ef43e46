"""What systemd is told: ready, alive, stopping (sd_notify(3): a datagram to the socket that $NOTIFY_SOCKET names).

Rules kept here: without that variable nothing happens; a socket that cannot be reached stops nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] | None = None) -> None:
    """Send a state such as READY=1."""
    path = (os.environ if environ is None else environ).get("NOTIFY_SOCKET")
    if not path:
        return
    name = "\0" + path[1:] if path.startswith("@") else path  # @ stands for the abstract namespace
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram:
        datagram.sendto(state.encode(), name)


async def keep_alive(environ: Mapping[str, str] | None = None) -> None:
    """Say WATCHDOG=1 at half the time that the service manager asks for, for ever; return if it asks for none.

    It runs on the loop that does the work: a loop that stands still says nothing, and is started anew.
    """
    wanted = (os.environ if environ is None else environ).get("WATCHDOG_USEC", "")
    if not wanted.isdigit() or int(wanted) == 0:
        return
    while True:
        notify("WATCHDOG=1", environ)
        await asyncio.sleep(int(wanted) / 2_000_000)
