"""What systemd is told over the socket of $NOTIFY_SOCKET."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from onesixty.ops.notify import keep_alive, notify


async def test_states_and_the_watchdog_reach_the_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(5)
        environ = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "20000"}
        notify("READY=1", environ)
        assert manager.recv(100) == b"READY=1"
        alive = asyncio.create_task(keep_alive(environ))
        loop = asyncio.get_running_loop()
        for _ in range(2):
            assert await loop.run_in_executor(None, manager.recv, 100) == b"WATCHDOG=1"
        alive.cancel()


async def test_without_a_manager_nothing_happens() -> None:
    notify("READY=1", {})
    notify("READY=1", {"NOTIFY_SOCKET": "/nowhere/at/all"})
    await asyncio.wait_for(keep_alive({"WATCHDOG_USEC": "0"}), 5)
    await asyncio.wait_for(keep_alive({}), 5)
