"""The ESME that waits to be called: an SMSC connects and says outbind, and a bind is made over that connection.

SMPP 3.4, 2.2.1 and 4.1.7. What an outbind carries is checked before anything is bound, since whoever can reach
the port can say one. Bounded like a server: few connections, and none that says nothing for long.
"""

import asyncio
import ssl
from collections.abc import Callable

from onesixty.smpp import constants as c
from onesixty.smpp import states
from onesixty.smpp.client import Bind, BindConfig, BindHandler
from onesixty.smpp.events import Closed, Event, RequestReceived
from onesixty.smpp.link import Link
from onesixty.smpp.network import LoopNetwork, Network
from onesixty.smpp.pdu import Pdu


class OutbindListener:
    """Listens for SMSCs, and binds to those that `accepts` lets in.

    `accepts` gets the outbind (system_id and password of the SMSC) and the address it came from. `config` says
    as whom to bind; its host and port are not used. The handler is told of the binds as of any other, except
    that none comes back by itself.
    """

    def __init__(
        self,
        config: BindConfig,
        handler: BindHandler,
        accepts: Callable[[Pdu, object], bool],
        *,
        random: Callable[[], float],
        network: Network | None = None,
        clock: Callable[[], float] | None = None,
        max_connections: int = 16,
    ) -> None:
        self.port = 0
        self.binds: list[Bind] = []
        self._config = config
        self._handler = handler
        self._accepts = accepts
        self._random = random
        self._network: Network = LoopNetwork() if network is None else network
        self._clock = clock
        self._max_connections = max_connections
        self._listener: asyncio.AbstractServer | None = None
        self._waiting: set[Link] = set()

    async def start(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        """Listen. `self.port` is then the port. Raises OSError."""
        self._listener = await self._network.listen(self._make_link, host, port, tls=tls)
        sockets = getattr(self._listener, "sockets", None)
        self.port = sockets[0].getsockname()[1] if sockets else port

    async def stop(self, timeout: float) -> None:
        """Listen no more, and end the binds as Bind.stop does."""
        if self._listener is not None:
            self._listener.close()
        for link in list(self._waiting):
            link.abort("stopped")
        await asyncio.gather(*(bind.stop(timeout) for bind in self.binds))
        if self._listener is not None:
            await self._listener.wait_closed()
            self._listener = None

    def on_link_made(self, link: Link) -> None:
        """LinkOwner: somebody connected."""
        self.binds = [bind for bind in self.binds if bind.link is not None]
        if len(self._waiting) + len(self.binds) >= self._max_connections:
            link.abort("too many connections")
            return
        self._waiting.add(link)

    def on_link_event(self, link: Link, event: Event) -> None:
        """LinkOwner: what comes before the bind."""
        if isinstance(event, Closed):
            self._waiting.discard(link)
        elif isinstance(event, RequestReceived) and event.pdu.command_id == c.OUTBIND:
            if not self._accepts(event.pdu, link.peer):
                link.close("outbind refused")
                return
            self._waiting.discard(link)
            bind = Bind(
                self._config, self._handler, random=self._random, network=self._network, clock=self._clock
            )
            self.binds.append(bind)
            bind.adopt(link)

    def _make_link(self) -> Link:
        loop = asyncio.get_running_loop()
        return Link(
            states.ESME,
            self._config.session,
            self,
            loop=loop,
            clock=loop.time if self._clock is None else self._clock,
            write_timeout=self._config.write_timeout,
        )
