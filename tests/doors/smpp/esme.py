"""An ESME in a few lines, over real sockets, and a node with its SMPP door open, in this process."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from onesixty.app.platform import Platform
from onesixty.core.tenant import Tenant
from onesixty.customers import profile as smpp_profile
from onesixty.customers.passwords import cost
from onesixty.doors.smpp.listeners import SmppListeners
from onesixty.extensions.loading import Extensions
from onesixty.ops.settings import Settings
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from tests.support.databases import memory_database

PATIENCE = 20.0


class Esme:
    """A connection to an SMSC that says exactly what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._framer = Framer(70_000)
        self._frames: list[bytes] = []
        self._sequence = 0

    @classmethod
    async def connect(cls, port: int, tls: ssl.SSLContext | None = None, first: bytes = b"") -> Self:
        """`first` goes out before anything else, before TLS too."""
        if first and tls is not None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(first)
            await writer.drain()
            await writer.start_tls(tls, server_hostname="localhost")
            return cls(reader, writer)
        name = None if tls is None else "localhost"
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=name)
        if first:
            writer.write(first)
        return cls(reader, writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    def put(self, command_id: int, tlvs: tuple[tuple[int, bytes], ...] = (), **fields: Any) -> int:
        """Queue a request; its sequence."""
        self._sequence += 1
        self.writer.write(codec.encode(Pdu(command_id, 0, self._sequence, fields, tlvs)))
        return self._sequence

    def answer(self, request: Pdu, status: int = 0) -> None:
        """Answer a request of the SMSC."""
        self.writer.write(codec.encode(Pdu(request.command_id | c.RESPONSE_BIT, status, request.sequence)))

    async def next(self) -> Pdu | None:
        """The next PDU; None at the end of the connection."""
        async with asyncio.timeout(PATIENCE):
            while not self._frames:
                try:
                    data = await self.reader.read(65536)
                except ConnectionError:
                    return None
                if not data:
                    return None
                self._frames += self._framer.feed(data)
        return codec.decode(self._frames.pop(0))

    async def ask(self, command_id: int, tlvs: tuple[tuple[int, bytes], ...] = (), **fields: Any) -> Pdu:
        """Send a request and wait for its answer; what else comes meanwhile is dropped."""
        sequence = self.put(command_id, tlvs, **fields)
        while True:
            pdu = await self.next()
            assert pdu is not None, "the connection ended"
            if pdu.sequence == sequence and pdu.is_response:
                return pdu

    async def bind(
        self, system_id: str, password: str, command_id: int = c.BIND_TRANSCEIVER, **more: Any
    ) -> int:
        """Bind; the command_status of the answer."""
        fields = {"interface_version": c.INTERFACE_VERSION_34, **more}
        answer = await self.ask(command_id, system_id=system_id, password=password, **fields)
        return answer.command_status

    async def submit(self, text: bytes = b"hello", to: str = "15551234567", **fields: Any) -> Pdu:
        """submit_sm of a plain message; the answer."""
        return await self.ask(c.SUBMIT_SM, fields.pop("tlvs", ()), **message(text, to, **fields))


def message(text: bytes = b"hello", to: str = "15551234567", **fields: Any) -> dict[str, Any]:
    """The fields of a plain submit_sm."""
    plain = {
        "source_addr_ton": c.TON_ALPHANUMERIC,
        "source_addr": "Acme",
        "dest_addr_ton": c.TON_INTERNATIONAL,
        "dest_addr_npi": c.NPI_ISDN,
        "destination_addr": to,
        "short_message": text,
    }
    return plain | fields


class Node:
    """A running node, as one account sees it. `suffix` keeps the system_ids of accounts apart."""

    def __init__(self, platform: Platform, account_id: str | None = None, suffix: str = "") -> None:
        self.platform = platform
        self.account_id = account_id or next(iter(platform.features.accounts.book))
        self._suffix = suffix

    @property
    def door(self) -> SmppListeners:
        assert self.platform.smpp is not None
        return self.platform.smpp

    @property
    def port(self) -> int:
        return self.door.ports[0]

    def name(self, system_id: str) -> str:
        """The system_id as it is really bound with."""
        return system_id + self._suffix

    async def credential(
        self, system_id: str, password: str = "password", *, test: bool = True, **profile: Any
    ) -> str:
        """Make a credential; its id."""
        made, _ = await self.platform.features.credentials.credentials.create(
            Tenant(self.account_id, test),
            self.name(system_id),
            profile=smpp_profile.checked(smpp_profile.SmppProfile(**profile)),
            password=password,
        )
        return made.id

    async def esme(self, system_id: str, password: str = "password", **more: Any) -> Esme:
        """A bound ESME."""
        esme = await Esme.connect(self.port)
        status = await esme.bind(self.name(system_id), password, **more)
        assert status == c.ESME_ROK, c.status_name(status)
        return esme

    async def messages(self) -> list[Any]:
        """All test messages, newest first."""
        from onesixty.messages.queries import Filters

        found, _ = await self.platform.features.path.queries.find(
            Tenant(self.account_id, True), Filters(), 200, None
        )
        return found


@asynccontextmanager
async def running(
    directory: Path, extensions: Extensions | None = None, **settings: Any
) -> AsyncIterator[Node]:
    """A node with its doors open on ports that the system chose."""
    platform = Platform(
        Settings(
            data_dir=directory / "data",
            http_listen="127.0.0.1:0",
            smpp_listen="127.0.0.1:0",
            processes="1",
            **settings,
        ),
        memory=memory_database(),
        extensions=extensions,
    )
    await platform.start()
    # The KDF at its least cost: what it costs is no matter here.
    passwords = platform.features.credentials.passwords
    passwords._hashing._kdf = cost(memory_kib=64, passes=1)
    try:
        yield Node(platform)
    finally:
        await platform.stop()
