"""Reports the state to systemd: ready, alive, stopping (sd_notify(3): a datagram to the socket in $NOTIFY_SOCKET).

Rules kept here: without that variable nothing is sent; an unreachable socket is ignored.
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
    """Send WATCHDOG=1 at half the interval that the service manager requires, forever; return if it requires none.

    This runs on the loop that does the work: a loop that hangs sends nothing, and the service is restarted.
    """
    wanted = (os.environ if environ is None else environ).get("WATCHDOG_USEC", "")
    if not wanted.isdigit() or int(wanted) == 0:
        return
    while True:
        notify("WATCHDOG=1", environ)
        await asyncio.sleep(int(wanted) / 2_000_000)
