"""A lean SMSC for benchmarks: it accepts every submit_sm at once and reports DELIVRD after a while.

It must cost next to nothing beside the program that is measured. So it reads only what it needs of a PDU (its
length, command, sequence and addresses, SMPP 3.4, 4.4.1), makes no objects, answers a read with one write, and
sends the receipts of a tick with one write. It does not check anything that a well-behaved ESME gets right; for
other peers there is `server`. It follows the peer's pace: while the transport holds back output, receipts wait,
and at most `window` of them are unacknowledged.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from datetime import UTC, datetime
from struct import Struct
from typing import Final, Protocol, cast

from onesixty.core.clock import Clock, Random
from onesixty.simulator.agenda import Agenda
from onesixty.simulator.smsc.options import SmscOptions
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.network import LoopNetwork, Network

_HEADER: Final = Struct(">IIII")

#: The commands that are answered with ESME_ROK and nothing else.
_ANSWERED: Final = frozenset(
    (
        c.BIND_RECEIVER,
        c.BIND_TRANSMITTER,
        c.BIND_TRANSCEIVER,
        c.SUBMIT_SM,
        c.ENQUIRE_LINK,
        c.UNBIND,
    )
)
_NAME: Final = b"simulator\0"

#: (addresses swapped for deliver_sm, the message's id)
_Receipt = tuple[bytes, bytes]


class Watch(Protocol):
    """Called for each message when it arrives and when its receipt is sent, with its destination_addr."""

    def taken(self, recipient: bytes) -> None: ...

    def reported(self, recipient: bytes) -> None: ...


class FastSmsc:
    """An SMSC from `start` to `stop`; `counters`: received, receipts, acknowledged, binds."""

    def __init__(
        self,
        options: SmscOptions,
        *,
        clock: Clock,
        random: Random,
        net: Network | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.options = options
        self.watch = watch
        self.counters: Counter[str] = Counter()
        self.port = 0
        self._clock = clock
        self._network: Network = LoopNetwork() if net is None else net
        self._listener: asyncio.AbstractServer | None = None
        self._links: set[_Link] = set()
        # Ids that only this run has: a random beginning, then counted.
        self._next_id = random.getrandbits(40) << 20

    async def start(self) -> None:
        """Listen on the options' address. Raises OSError."""
        self._listener = await self._network.listen(lambda: _Link(self), self.options.host, self.options.port)
        sockets = getattr(self._listener, "sockets", None)
        self.port = sockets[0].getsockname()[1] if sockets else self.options.port

    async def stop(self, timeout: float = 1.0) -> None:
        """Close all connections and stop listening."""
        if self._listener is not None:
            self._listener.close()
        for link in list(self._links):
            link.close()
        if self._listener is not None:
            await self._listener.wait_closed()

    def joined(self, link: _Link) -> None:
        """Note that a peer connected."""
        self._links.add(link)

    def left(self, link: _Link) -> None:
        """Note that a peer disconnected."""
        self._links.discard(link)

    def new_id(self) -> int:
        """Return the number for a new message."""
        self._next_id += 1
        return self._next_id

    def now_ms(self) -> int:
        """Return the wall time in ms."""
        return self._clock.now_ms()


class _Link(asyncio.Protocol):
    """One peer."""

    def __init__(self, smsc: FastSmsc) -> None:
        self._smsc = smsc
        self._watch = smsc.watch
        self._framer = Framer()
        self._loop = asyncio.get_running_loop()
        self._agenda: Agenda[_Receipt] = Agenda(self._loop, self._report, tick=0.005)
        self._delay = smsc.options.receipt_delay_ms / 1000
        self._window = smsc.options.window
        self._waiting: deque[_Receipt] = deque()
        self._open = 0
        self._sequence = 0
        self._paused = False
        self._receives = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._smsc.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._agenda.clear()
        self._smsc.left(self)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._report([])

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        out: list[bytes] = []
        answered = 0
        received = 0
        for frame in self._framer.feed(data):
            _, command, _, sequence = _HEADER.unpack_from(frame)
            if command == c.SUBMIT_SM:
                received += 1
                number = b"%x" % self._smsc.new_id()
                out.append(_HEADER.pack(17 + len(number), c.SUBMIT_SM_RESP, 0, sequence) + number + b"\0")
                self._take(frame, number)
            elif command == c.DELIVER_SM_RESP:
                answered += 1
            elif command in _ANSWERED:
                body = _NAME if command in c.BIND_COMMANDS else b""
                out.append(_HEADER.pack(16 + len(body), command | c.RESPONSE_BIT, 0, sequence) + body)
                if command in c.BIND_COMMANDS:
                    self._smsc.counters["binds"] += 1
                    self._receives = command != c.BIND_TRANSMITTER
        if out:
            self._transport.write(b"".join(out))
        self._smsc.counters["received"] += received
        if answered:
            self._open -= answered
            self._smsc.counters["acknowledged"] += answered
            if self._waiting:
                self._report([])
        if self._framer.error is not None:
            self._transport.abort()

    def _take(self, frame: bytes, number: bytes) -> None:
        """Queue the receipt of a submit_sm, with its addresses swapped."""
        service = frame.index(0, 16)
        source = frame.index(0, service + 3)
        end = frame.index(0, source + 3) + 1
        if self._watch is not None:
            self._watch.taken(frame[source + 3 : end - 1])
        registered = frame.index(0, frame.index(0, end + 3) + 1) + 1
        if frame[registered] & c.RECEIPT_MASK and self._receives:
            self._agenda.add(self._delay, (frame[source + 1 : end] + frame[service + 1 : source + 1], number))

    def _report(self, receipts: list[_Receipt]) -> None:
        """Send the receipts that are due and those that had to wait, as far as window and transport allow."""
        self._waiting.extend(receipts)
        room = min(self._window - self._open, len(self._waiting))
        if self._paused or room <= 0 or self._transport.is_closing():
            return
        moment = datetime.fromtimestamp(self._smsc.now_ms() // 1000, UTC)
        # sm_length is the octet before the text; all ids of a run have the same length.
        dates = f"{moment:%y%m%d%H%M}".encode()
        tail = b" sub:001 dlvrd:001 submit date:%b done date:%b stat:DELIVRD err:000 text:" % (dates, dates)
        out: list[bytes] = []
        for _ in range(room):
            addresses, number = self._waiting.popleft()
            if self._watch is not None:
                self._watch.reported(addresses[2 : addresses.index(0, 2)])
            text = b"id:%b%b" % (number, tail)
            # esm_class receipt, protocol_id, priority, two empty times, five octets, the last of which is
            # sm_length (SMPP 3.4, 4.6.1).
            body = b"\0%b\4\0\0\0\0\0\0\0\0%c%b" % (addresses, len(text), text)
            self._sequence = self._sequence % c.MAX_SEQUENCE + 1
            out.append(_HEADER.pack(16 + len(body), c.DELIVER_SM, 0, self._sequence) + body)
        self._open += room
        self._smsc.counters["receipts"] += room
        self._transport.write(b"".join(out))
