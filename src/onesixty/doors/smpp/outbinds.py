"""outbind (SMPP 3.4, 4.1.7): asks an unbound customer to bind when a delivery waits.

Rules kept here:
- only customers whose profile has an address are asked. The pause between two requests grows
  as long as no bind comes;
- the customer chooses the address, so it is resolved first. If it is not public, no connection is made, unless the
  operator allows webhooks to private addresses as well.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from onesixty.core.addresses import denied
from onesixty.core.clock import Clock
from onesixty.customers.tables import SmppCredential
from onesixty.smpp.errors import SmppError

FIRST_PAUSE: Final = 15.0
LONGEST_PAUSE: Final = 900.0
#: Outbinds in progress at once.
MOST: Final = 50

#: Connects, sends outbind, and returns. The customer then binds over that connection in the usual way.
Call = Callable[[str, int], Awaitable[None]]


class Outbinds:
    """Asks customers to bind. Call `want` whenever a delivery waits for one."""

    def __init__(
        self, book: Mapping[str, SmppCredential], call: Call, clock: Clock, *, allow_private: bool
    ) -> None:
        self._book = book
        self._call = call
        self._clock = clock
        self._allow_private = allow_private
        self._log = structlog.get_logger("onesixty.smpp")
        self._next: dict[str, tuple[float, float]] = {}  # not before, and the pause after that
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, credential_id: str) -> None:
        """Report that a delivery waits for this credential."""
        credential = self._book.get(credential_id)
        if credential is None or credential.revoked_at is not None or credential.profile.outbind is None:
            return
        if credential.ended(self._clock.now_ms()):
            return
        now = self._clock.monotonic()
        not_before, pause = self._next.get(credential_id, (now, FIRST_PAUSE))
        if now < not_before or len(self._tasks) >= MOST:
            return
        if now > not_before + LONGEST_PAUSE:
            pause = FIRST_PAUSE  # the last request is long ago, so a bind has come since
        self._next[credential_id] = (now + pause, min(pause * 2, LONGEST_PAUSE))
        task = asyncio.get_running_loop().create_task(self._ask(credential, credential.profile.outbind))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Stop asking."""
        for task in self._tasks:
            task.cancel()

    async def _ask(self, credential: SmppCredential, target: str) -> None:
        host, _, port = target.rpartition(":")
        try:
            address = await self._resolve(host.strip("[]"), int(port))
            await self._call(address, int(port))
        except (OSError, SmppError) as error:
            self._log.info("outbind_failed", system_id=credential.system_id, reason=str(error))
        else:
            self._log.info("outbind", system_id=credential.system_id, address=address)

    async def _resolve(self, host: str, port: int) -> str:
        """An address of the host that outbinds may connect to. Raises OSError."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        reason = "no address"
        for _, _, _, _, address in found:
            why = None if self._allow_private else denied(str(address[0]))
            if why is None:
                return str(address[0])
            reason = f"the address is {why}"
        raise OSError(reason)
