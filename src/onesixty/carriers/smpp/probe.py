"""One connection to an SMSC, taken step by step and timed: name, TCP, TLS, then one request after the other.

Only `checkup` uses it: a carrier's own binds are `smpp.client`'s, which hide the steps that are measured here.
The SMSC's requests are answered in the meantime: enquire_link and unbind as always, deliver_sm and data_sm by
`takes`. A delivery that is not for the check is answered with ESME_RX_T_APPN, so that the SMSC keeps it for the
carrier's own binds: a check must not take receipts that belong to other messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Final

from onesixty.carriers.smpp.settings import SmppSettings, tls_context, tls_name
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.errors import PduError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.framing import Framer
from onesixty.smpp.layouts import RESPONSE_OF
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.tlv import Tlv

_READ: Final = 1 << 16
_FIRST: Final = 16
_DELIVERIES: Final = (c.DELIVER_SM, c.DATA_SM)


class Ended(Exception):
    """The connection ended. `first`: the first octets, if they were not SMPP."""

    def __init__(self, reason: str, first: bytes = b"") -> None:
        super().__init__(reason)
        self.first = first


class Probe:
    """One connection, from `resolve` to `close`. `clock` returns monotonic seconds."""

    def __init__(self, settings: SmppSettings, clock: Callable[[], float]) -> None:
        self.takes: Callable[[Pdu], bool] = lambda pdu: False
        self.bound = False
        self.left_alone = 0  # deliveries that were not for the check
        self.faults: list[str] = []  # rules of SMPP that the SMSC broke
        self.certificate: dict[str, object] = {}
        self.tls_version = ""
        self._settings = settings
        self._clock = clock
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Pdu]] = {}
        self._sequence = 0
        self._ended: Ended | None = None

    # ------------------------------------------------------------ the steps

    async def resolve(self) -> list[str]:
        """Return the addresses of the host that `source_ip` can reach. Raises OSError."""
        family = socket.AF_UNSPEC
        if self._settings.source_ip:
            family = socket.AF_INET6 if ":" in self._settings.source_ip else socket.AF_INET
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            self._settings.host, self._settings.port, family=family, type=socket.SOCK_STREAM
        )
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    async def connect(self, address: str) -> float:
        """Connect by TCP. Returns the seconds it took. Raises OSError, which includes TimeoutError."""
        source = (self._settings.source_ip, 0) if self._settings.source_ip else None
        began = self._clock()
        async with asyncio.timeout(self._settings.bind_timeout_s):
            self._reader, self._writer = await asyncio.open_connection(
                address, self._settings.port, local_addr=source
            )
        took = self._clock() - began
        self._writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return took

    async def start_tls(self) -> float:
        """Start TLS on the connection. Returns the seconds it took. Raises OSError, which includes ssl.SSLError."""
        context = tls_context(self._settings)
        assert context is not None
        assert self._writer is not None
        began = self._clock()
        async with asyncio.timeout(self._settings.bind_timeout_s):
            await self._writer.start_tls(context, server_hostname=tls_name(self._settings))
        took = self._clock() - began
        tls = self._writer.get_extra_info("ssl_object")
        if isinstance(tls, ssl.SSLObject):
            self.tls_version = tls.version() or ""
            self.certificate = dict(tls.getpeercert() or {})
        return took

    def start(self) -> None:
        """Start reading."""
        self._reading = asyncio.get_running_loop().create_task(self._read())

    async def ask(
        self,
        command_id: int,
        fields: dict[str, FieldValue] | None = None,
        tlvs: tuple[Tlv, ...] = (),
        *,
        timeout: float,
    ) -> tuple[Pdu, float]:
        """Send a request. Returns its answer and the seconds it took. Raises TimeoutError, Ended, EncodeError."""
        began = self._clock()
        answer = self.send(command_id, fields, tlvs)
        async with asyncio.timeout(timeout):
            pdu = await answer
        return pdu, self._clock() - began

    def send(
        self, command_id: int, fields: dict[str, FieldValue] | None = None, tlvs: tuple[Tlv, ...] = ()
    ) -> asyncio.Future[Pdu]:
        """Send a request. The returned future is its answer, or raises Ended. Raises Ended, EncodeError."""
        if self._ended is not None or self._writer is None:
            raise self._ended or Ended("not connected")
        self._sequence += 1
        frame = codec.encode(Pdu(command_id, 0, self._sequence, fields, tlvs))
        future: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._waiting[self._sequence] = future
        self._writer.write(frame)
        return future

    async def close(self) -> None:
        """Close the connection, whatever its state."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait((self._reading,))
        if self._writer is not None:
            self._writer.transport.abort()
            with contextlib.suppress(OSError):
                async with asyncio.timeout(1):
                    await self._writer.wait_closed()
        self._end(Ended("closed"))

    # ------------------------------------------------------------ inside

    async def _read(self) -> None:
        framer = Framer()
        first = b""
        spoken = False
        try:
            while data := await self._reader.read(_READ):
                first = first or data[:_FIRST]
                for frame in framer.feed(data):
                    spoken = True
                    self._on_frame(frame)
                if framer.error is not None and spoken:
                    self._end(Ended(f"the SMSC broke the framing of its stream ({framer.error})"))
                    return
                if framer.error is not None:
                    self._end(Ended("the peer does not speak SMPP", first))
                    return
            # Fewer octets than a header before the end are not SMPP either: an alert of TLS has 7 octets.
            short = 0 < len(first) < _FIRST
            self._end(Ended("the SMSC closed the connection", first if short else b""))
        except (OSError, ssl.SSLError) as error:
            self._end(Ended(f"the connection was lost: {error}"))

    def _on_frame(self, frame: bytes) -> None:
        _, command_id, status, sequence = codec.header(frame)
        try:
            pdu = codec.decode(frame)
        except PduError as error:
            self.faults.append(str(error))
            pdu = Pdu(command_id, status, sequence)
            if not pdu.is_response:
                self._reply(RESPONSE_OF.get(command_id, c.GENERIC_NACK), error.command_status, sequence)
                return
        if pdu.is_response:
            waiting = self._waiting.pop(sequence, None)
            if waiting is None:
                self.faults.append(f"unexpected {pdu.name}")
            elif not waiting.done():
                waiting.set_result(pdu)
        elif command_id in _DELIVERIES:
            taken = self.takes(pdu)
            self.left_alone += not taken
            self._reply(command_id | c.RESPONSE_BIT, c.ESME_ROK if taken else c.ESME_RX_T_APPN, sequence)
        elif command_id in RESPONSE_OF:
            known = command_id in (c.ENQUIRE_LINK, c.UNBIND)
            self._reply(RESPONSE_OF[command_id], c.ESME_ROK if known else c.ESME_RINVCMDID, sequence)

    def _reply(self, command_id: int, status: int, sequence: int) -> None:
        if self._writer is not None:
            self._writer.write(codec.encode(Pdu(command_id, status, sequence)))

    def _end(self, ended: Ended) -> None:
        self._ended = self._ended or ended
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(self._ended)
                # marks the exception as retrieved: asyncio would log it if no caller waits
                future.exception()
