"""Handlers that write down what they are told, and the two event loops that everything runs on."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from onesixty.smpp import constants as c
from onesixty.smpp.backoff import BackoffConfig
from onesixty.smpp.client import Bind, BindConfig
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection, ServerConfig, SmppServer
from onesixty.smpp.states import SessionConfig

Run = Callable[[Coroutine[Any, Any, None]], None]

both_loops = pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)


def run_on(new_loop: Callable[[], asyncio.AbstractEventLoop], scenario: Coroutine[Any, Any, None]) -> None:
    """Run a scenario on a loop of its own, for at most 20 seconds."""

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await scenario

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(bounded())


class Smsc:
    """A server's handler that accepts everybody and answers every submit_sm with a counted id."""

    def __init__(self) -> None:
        self.connected: list[Connection] = []
        self.requests: list[Pdu] = []
        self.overflowed: list[Pdu] = []
        self.responses: list[tuple[object, Pdu]] = []
        self.timeouts: list[object] = []
        self.errors: list[ProtocolError] = []
        self.closed: list[tuple[str, list[object], list[object]]] = []
        self.bind_status = c.ESME_ROK
        self.answers = True
        self.status = c.ESME_ROK

    def on_connect(self, connection: Connection) -> None:
        self.connected.append(connection)

    def on_bind(self, connection: Connection, pdu: Pdu) -> None:
        if self.bind_status:
            connection.reject(pdu, self.bind_status)
        else:
            connection.accept(pdu)

    def on_request(self, connection: Connection, pdu: Pdu) -> None:
        self.requests.append(pdu)
        if self.answers:
            connection.respond(pdu, self.status, {"message_id": str(len(self.requests))})

    def on_overflow(self, connection: Connection, pdu: Pdu) -> None:
        self.overflowed.append(pdu)

    def on_response(self, connection: Connection, context: object, pdu: Pdu) -> None:
        self.responses.append((context, pdu))

    def on_timeout(self, connection: Connection, context: object) -> None:
        self.timeouts.append(context)

    def on_protocol_error(self, connection: Connection, error: ProtocolError) -> None:
        self.errors.append(error)

    def on_closed(
        self, connection: Connection, reason: str, written: list[object], unwritten: list[object]
    ) -> None:
        self.closed.append((reason, written, unwritten))


class Esme:
    """A bind's handler that answers every request with ESME_ROK."""

    def __init__(self) -> None:
        self.bound: list[Pdu] = []
        self.failures: list[tuple[str, int | None, float]] = []
        self.responses: list[tuple[object, Pdu]] = []
        self.requests: list[Pdu] = []
        self.timeouts: list[object] = []
        self.errors: list[ProtocolError] = []
        self.closed: list[tuple[str, list[object], list[object]]] = []
        self.answers = True

    def on_bound(self, bind: Bind, pdu: Pdu) -> None:
        self.bound.append(pdu)

    def on_bind_failed(self, bind: Bind, reason: str, command_status: int | None, retry_in: float) -> None:
        self.failures.append((reason, command_status, retry_in))

    def on_response(self, bind: Bind, context: object, pdu: Pdu) -> None:
        self.responses.append((context, pdu))

    def on_timeout(self, bind: Bind, context: object) -> None:
        self.timeouts.append(context)

    def on_request(self, bind: Bind, pdu: Pdu) -> None:
        self.requests.append(pdu)
        if self.answers:
            bind.respond(pdu)

    def on_protocol_error(self, bind: Bind, error: ProtocolError) -> None:
        self.errors.append(error)

    def on_closed(self, bind: Bind, reason: str, written: list[object], unwritten: list[object]) -> None:
        self.closed.append((reason, written, unwritten))


QUICK = BackoffConfig(base=0.02, cap=0.05, refused_base=0.02, refused_cap=0.05)


def bind_config(port: int, session: SessionConfig | None = None, **settings: Any) -> BindConfig:
    return BindConfig(
        "127.0.0.1",
        port,
        "me",
        "pw",
        session=session or SessionConfig(),
        **{"backoff": QUICK, **settings},
    )


async def listening(smsc: Smsc, **settings: Any) -> SmppServer:
    server = SmppServer(ServerConfig(**settings), smsc)
    await server.start("127.0.0.1", 0)
    return server
