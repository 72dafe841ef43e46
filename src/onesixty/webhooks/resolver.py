"""Resolves a host to the addresses that a delivery may connect to.

Rules kept here:
- the addresses themselves are validated, once. The connection goes to a validated address, and the name is not
  resolved again;
- one denied address among several refuses the host: a public name that also points inside is no accident;
- look-ups run in threads of their own, so that a slow name server delays only its callers.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from onesixty.core import addresses

#: (host, port) -> addresses, numeric, in the order to try them. Raises OSError.
LookUp = Callable[[str, int], Awaitable[list[str]]]


class AddressDenied(Exception):
    """The host resolves to an address that deliveries may not connect to; the text gives the reason."""


class ThreadedLookUp:
    """The system's resolver, in its own threads."""

    def __init__(self, threads: int = 64) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="webhook-dns")

    async def __call__(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def close(self) -> None:
        """Release the threads; results of open look-ups are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def checked_addresses(look_up: LookUp, host: str, port: int, allow_private: bool) -> list[str]:
    """The addresses of a host, all of them allowed. Raises AddressDenied, or OSError when there is none."""
    found = await look_up(host, port)
    if not found:
        raise OSError("the name has no address")
    if not allow_private:
        for address in found:
            why = addresses.denied(address)
            if why is not None:
                raise AddressDenied(why)
    return found
