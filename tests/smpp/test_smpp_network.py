"""Client and server over a network that is handed in, with a clock of its own: what a simulation does."""

import asyncio
import random
import ssl

from onesixty.smpp import constants as c
from onesixty.smpp.client import Bind
from onesixty.smpp.network import Network, ProtocolFactory
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import ServerConfig, SmppServer
from onesixty.smpp.states import SessionConfig
from tests.smpp.recorders import Esme, Smsc, bind_config
from tests.support.waiting import wait_until_async


class MemoryTransport(asyncio.Transport):
    """One end of a pair; what is written arrives at the other end in a later turn of the loop."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.other: MemoryTransport | None = None
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        other = self.other
        if other is not None and not self.closed:
            asyncio.get_running_loop().call_soon(other.protocol.data_received, bytes(data))

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
            if self.other is not None:
                asyncio.get_running_loop().call_soon(self.other.close)

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass


class MemoryServer(asyncio.AbstractServer):
    def close(self) -> None:
        pass

    async def wait_closed(self) -> None:
        pass


class MemoryNetwork:
    def __init__(self) -> None:
        self.listeners: dict[int, ProtocolFactory] = {}

    async def connect(
        self,
        factory: ProtocolFactory,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        if port not in self.listeners:
            raise ConnectionRefusedError(port)
        near, far = MemoryTransport(factory()), MemoryTransport(self.listeners[port]())
        near.other, far.other = far, near
        far.protocol.connection_made(far)
        near.protocol.connection_made(near)
        return near, near.protocol

    async def listen(
        self, factory: ProtocolFactory, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> asyncio.AbstractServer:
        self.listeners[port] = factory
        return MemoryServer()


async def test_a_network_and_a_clock_may_be_handed_in() -> None:
    network: Network = MemoryNetwork()
    now = 1000.0
    smsc, esme = Smsc(), Esme()
    server = SmppServer(ServerConfig(), smsc, network=network, clock=lambda: now)
    await server.start("smsc", 2775)
    assert server.port == 2775
    bind = Bind(
        bind_config(2775, SessionConfig(enquire_link_interval=60)),
        esme,
        random=random.Random(1).random,
        network=network,
        clock=lambda: now,
    )
    bind.start()
    await wait_until_async(lambda: bind.bound)
    for number in range(10):
        bind.submit({"destination_addr": "1"}, context=number)
    await wait_until_async(lambda: len(esme.responses) == 10)
    smsc.connected[0].send(Pdu(c.DELIVER_SM), "receipt")
    await wait_until_async(lambda: smsc.responses)
    await bind.stop(5)
    await server.stop(5)
