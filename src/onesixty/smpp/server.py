"""The SMSC on asyncio: it listens, and for each connection it runs a session and calls a handler.

It knows the protocol and nothing about messages: the handler decides who may bind and what happens to a
submit_sm. It is bounded: no more connections than `max_connections`, no connection without a bind for longer
than the session-init time, no output kept for a peer that takes none.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

from onesixty.smpp import constants as c
from onesixty.smpp import states, tlv
from onesixty.smpp.errors import InvalidStateError
from onesixty.smpp.events import (
    BindReceived,
    Closed,
    Event,
    Overflowed,
    ProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
)
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.link import Link, Tap
from onesixty.smpp.network import LoopNetwork, Network
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.states import SessionConfig
from onesixty.smpp.tlv import Tlv


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Limits and times of a server. Times in seconds."""

    system_id: str = "SMSC"
    max_connections: int = 1000
    write_timeout: float = 10.0
    session: SessionConfig = field(default_factory=SessionConfig)
    interface_version: int = c.INTERFACE_VERSION_50  # the highest version that is spoken
    tap: Tap | None = None  # sees every frame of every connection


class CongestionHandler(Protocol):
    """An optional part of a ServerHandler, for a peer's load."""

    def on_congestion(self, connection: "Connection", congestion_state: int) -> None:
        """A peer's congestion_state (5.0, 4.8.4.18) changed: 0 idle to 100 overloaded."""


class ServerHandler(Protocol):
    """The events of a server. Plain functions, called from the loop; none may block."""

    def on_connect(self, connection: "Connection") -> None:
        """A peer connected. Call `connection.abort` if it may not connect."""

    def on_bind(self, connection: "Connection", pdu: Pdu) -> None:
        """A peer asks to bind. Call `connection.accept` or `connection.reject`, now or later."""

    def on_request(self, connection: "Connection", pdu: Pdu) -> None:
        """A bound peer sent a request. Call `connection.respond`, now or later."""

    def on_overflow(self, connection: "Connection", pdu: Pdu) -> None:
        """A request exceeded the window, and was answered with the overflow status."""

    def on_response(self, connection: "Connection", context: object, pdu: Pdu) -> None:
        """The peer answered a request of this side."""

    def on_timeout(self, connection: "Connection", context: object) -> None:
        """The peer did not answer a request of this side in time."""

    def on_protocol_error(self, connection: "Connection", error: ProtocolError) -> None:
        """The peer broke a rule and got an answer; for the log."""

    def on_closed(
        self, connection: "Connection", reason: str, written: list[object], unwritten: list[object]
    ) -> None:
        """The connection has ended, whether it was bound or not. See events.Closed for the two lists."""


class Connection:
    """One peer of a server. `context` belongs to the handler, for its data about the peer."""

    __slots__ = ("_server", "bind_pdu", "context", "link", "outgoing", "peer_congestion")

    def __init__(self, server: "SmppServer", link: Link) -> None:
        self._server = server
        self.link = link
        self.bind_pdu: Pdu | None = None  # the bind that was accepted
        self.context: object = None
        self.outgoing = False  # opened by this side, to send outbind
        self.peer_congestion: int | None = None  # the last load that the peer reported

    @property
    def bound(self) -> bool:
        """Whether requests can be sent."""
        return self.link.session.bound

    @property
    def receives(self) -> bool:
        """Whether deliver_sm can be sent to the peer: it is bound as receiver or transceiver."""
        return self.link.session.bound and self.link.session.transmits

    @property
    def window_free(self) -> int:
        """How many more requests fit into the window."""
        return self.link.session.window_free

    @property
    def peer(self) -> object:
        """The peer's address."""
        return self.link.peer

    @property
    def system_id(self) -> str:
        """The system_id that it bound with; "" before the bind."""
        return "" if self.bind_pdu is None else self.bind_pdu.text("system_id")

    @property
    def interface_version(self) -> int:
        """The interface_version of the bind: 0x34, 0x50, or lower if the peer asked for a lower one."""
        return self.link.session.version

    @property
    def congestion_state(self) -> int | None:
        """The load that answers over this connection report to a 5.0 peer, 0 to 100; None to report nothing."""
        return self.link.session.congestion_state

    @congestion_state.setter
    def congestion_state(self, state: int | None) -> None:
        self.link.session.congestion_state = state

    def configure(self, session: SessionConfig) -> None:
        """Use other limits and times for this peer from now on; see Session.configure. The best way to make
        `session` is dataclasses.replace on `connection.link.session.config`."""
        self.link.session.configure(session)
        self.link.flush_soon()

    def accept(
        self,
        pdu: Pdu,
        system_id: str | None = None,
        *,
        window: int | None = None,
        receive_window: int | None = None,
        overflow_status: int | None = None,
    ) -> None:
        """Accept the bind, with limits for this peer if they are given (see SessionConfig).

        The response carries sc_interface_version (5.3.2.25): the version that both sides speak, and 3.4 for a
        peer of 3.4, which may know no other. A peer of 3.3 gets none, because it knows no TLVs.
        """
        self.bind_pdu = pdu
        if window is not None or receive_window is not None or overflow_status is not None:
            held = self.link.session.config
            self.configure(
                replace(
                    held,
                    window=held.window if window is None else window,
                    receive_window=held.receive_window if receive_window is None else receive_window,
                    overflow_status=held.overflow_status if overflow_status is None else overflow_status,
                )
            )
        asked = states.asked_version(pdu.number("interface_version"))
        version = min(asked, self._server.config.interface_version)
        self.link.accept_bind(
            pdu,
            {"system_id": self._server.config.system_id if system_id is None else system_id},
            () if asked < c.INTERFACE_VERSION_34 else ((tlv.SC_INTERFACE_VERSION, bytes((version,))),),
        )

    def reject(self, pdu: Pdu, command_status: int, close: bool = True) -> None:
        """Refuse the bind; by default the connection is closed after the answer."""
        self.link.reject_bind(pdu, command_status)
        if close:
            self.link.close("bind refused")

    def send(self, pdu: Pdu, context: object = None) -> int:
        """Queue deliver_sm, data_sm or alert_notification; returns its sequence.

        Raises InvalidStateError, WindowFullError or EncodeError; in each case nothing was queued.
        """
        return self.link.send(pdu, context)

    def respond(
        self,
        request: Pdu,
        command_status: int = c.ESME_ROK,
        fields: dict[str, FieldValue] | None = None,
        tlvs: tuple[Tlv, ...] = (),
    ) -> bool:
        """Answer a request. Returns False if that is no longer possible: it was answered, or the session has
        ended."""
        return self.link.respond(request, command_status, fields, tlvs)

    def unbind(self) -> None:
        """End the session with an orderly unbind."""
        self.link.unbind()

    def abort(self, reason: str) -> None:
        """End the connection at once."""
        self.link.abort(reason)


class SmppServer:
    """An SMSC that listens. It can be started again after a stop."""

    def __init__(
        self,
        config: ServerConfig,
        handler: ServerHandler,
        *,
        network: Network | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.config = config
        self.port = 0
        self.connections: dict[Link, Connection] = {}
        self.refused_connections = 0
        self._handler = handler
        self._network: Network = LoopNetwork() if network is None else network
        self._clock = clock
        self._listener: asyncio.AbstractServer | None = None
        self._empty: asyncio.Event = asyncio.Event()
        self._stopping = False
        self._outgoing: set[Link] = set()
        self._tap = config.tap
        self._on_congestion: Callable[[Connection, int], None] | None = getattr(
            handler, "on_congestion", None
        )

    @property
    def tap(self) -> Tap | None:
        """Sees every frame of every connection; None for no tap. May be set and removed at any time. To tap one
        connection only, set `connection.link.tap`."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._tap = tap
        for link in self.connections:
            link.tap = tap

    async def outbind(
        self,
        host: str,
        port: int,
        *,
        system_id: str | None = None,
        password: str = "",
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
        connect_timeout: float = 10.0,
    ) -> Connection:
        """Connect to an ESME and ask it to bind (4.1.7). It then binds over this connection like any other:
        on_connect was called, on_bind follows, or on_closed at the end of the session-init time.

        Raises OSError (which includes TimeoutError), InvalidStateError if no connection may be added, and
        EncodeError.
        """

        def make() -> Link:
            link = self._make_link()
            self._outgoing.add(link)
            return link

        async with asyncio.timeout(connect_timeout):
            _, link = await self._network.connect(make, host, port, tls=tls, server_hostname=server_hostname)
        connection = self.connections.get(cast(Link, link))
        if connection is None:
            raise InvalidStateError("the connection was not taken on")
        name = self.config.system_id if system_id is None else system_id
        connection.send(Pdu(c.OUTBIND, 0, 0, {"system_id": name, "password": password}))
        return connection

    async def start(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        """Listen. Afterwards `self.port` is the actual port, also if port 0 was requested. Raises OSError."""
        self._stopping = False
        listener = await self._network.listen(self._make_link, host, port, tls=tls)
        sockets = getattr(listener, "sockets", None)
        self.port = sockets[0].getsockname()[1] if sockets else port
        self._listener = listener

    async def stop(self, timeout: float) -> None:
        """Accept no more connections, unbind the existing ones, and cut those left after `timeout` seconds."""
        self._stopping = True
        if self._listener is not None:
            self._listener.close()
        for connection in list(self.connections.values()):
            connection.unbind()
        if self.connections:
            self._empty.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._empty.wait()
            except TimeoutError:
                for connection in list(self.connections.values()):
                    connection.abort("the server stopped")
        if self._listener is not None:
            await self._listener.wait_closed()
            self._listener = None

    # ------------------------------------------------------------ LinkOwner

    def on_link_made(self, link: Link) -> None:
        """LinkOwner: a peer connected."""
        outgoing = link in self._outgoing
        self._outgoing.discard(link)
        if self._stopping or len(self.connections) >= self.config.max_connections:
            self.refused_connections += 1
            link.abort("too many connections")
            return
        connection = Connection(self, link)
        connection.outgoing = outgoing
        if self._tap is not None:
            link.tap = self._tap
        self.connections[link] = connection
        self._handler.on_connect(connection)

    def on_link_event(self, link: Link, event: Event) -> None:
        """LinkOwner: translate events into the handler's calls."""
        connection = self.connections.get(link)
        if connection is None:
            return
        if isinstance(event, RequestReceived):
            self._handler.on_request(connection, event.pdu)
        elif isinstance(event, ResponseReceived):
            if event.pdu.tlvs:
                self._hear_congestion(connection, event.pdu)
            self._handler.on_response(connection, event.context, event.pdu)
        elif isinstance(event, ResponseTimedOut):
            self._handler.on_timeout(connection, event.context)
        elif isinstance(event, BindReceived):
            self._handler.on_bind(connection, event.pdu)
        elif isinstance(event, Overflowed):
            self._handler.on_overflow(connection, event.pdu)
        elif isinstance(event, ProtocolError):
            self._handler.on_protocol_error(connection, event)
        elif isinstance(event, Closed):
            del self.connections[link]
            if not self.connections:
                self._empty.set()
            self._handler.on_closed(connection, event.reason, event.written, event.unwritten)

    # ------------------------------------------------------------ inside

    def _hear_congestion(self, connection: Connection, pdu: Pdu) -> None:
        state = pdu.tlv_int(tlv.CONGESTION_STATE)
        if state is not None and state != connection.peer_congestion:
            connection.peer_congestion = state
            if self._on_congestion is not None:
                self._on_congestion(connection, state)

    def _make_link(self) -> Link:
        loop = asyncio.get_running_loop()
        return Link(
            states.SMSC,
            self.config.session,
            self,
            loop=loop,
            clock=loop.time if self._clock is None else self._clock,
            write_timeout=self.config.write_timeout,
        )
