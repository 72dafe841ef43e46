"""Client and server over real loopback sockets, on asyncio and on uvloop."""

import asyncio
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest
import trustme

from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.backoff import BackoffConfig
from onesixty.smpp.client import Bind, BindConfig
from onesixty.smpp.errors import (
    EncodeError,
    InvalidStateError,
    NotConnectedError,
    WindowFullError,
)
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection, ServerConfig, SmppServer
from onesixty.smpp.states import SessionConfig
from tests.smpp.recorders import Esme, Smsc, bind_config, both_loops, listening, run_on
from tests.support.waiting import wait_until_async

NewLoop = Callable[[], asyncio.AbstractEventLoop]


def message(text: bytes = b"hi") -> dict[str, FieldValue]:
    return {"destination_addr": "15551234567", "short_message": text}


def binding(config: BindConfig, esme: Esme) -> Bind:
    bind = Bind(config, esme, random=random.random)
    bind.start()
    return bind


@both_loops
def test_submit_deliver_and_stop(new_loop: NewLoop) -> None:
    """TCP_NODELAY is set on both ends; and the whole round works with a full window."""

    async def scenario() -> None:
        smsc, esme = Smsc(), Esme()
        server = await listening(smsc)
        bind = binding(bind_config(server.port, SessionConfig(window=20)), esme)
        await wait_until_async(lambda: bind.bound)
        for number in range(200):
            await wait_until_async(lambda: bind.window_free)
            bind.submit(message(), context=number)
        await wait_until_async(lambda: len(esme.responses) == 200)
        assert [context for context, _ in esme.responses] == list(range(200))
        assert [pdu.text("message_id") for _, pdu in esme.responses] == [str(n) for n in range(1, 201)]
        (connection,) = server.connections.values()
        assert (connection.system_id, connection.receives) == ("me", True)
        connection.send(Pdu(c.DELIVER_SM, 0, 0, {"short_message": b"receipt"}), "receipt")
        await wait_until_async(lambda: smsc.responses)
        assert smsc.responses[0][0] == "receipt"
        for link in (bind.link, connection.link):
            assert link is not None
            assert link._transport is not None
            sock = link._transport.get_extra_info("socket")
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await bind.stop(5)
        assert esme.closed == [("unbound", [], [])]
        await wait_until_async(lambda: smsc.closed == [("unbound by the peer", [], [])])
        await server.stop(5)
        assert esme.errors == smsc.errors == []

    run_on(new_loop, scenario())


@both_loops
def test_tls(new_loop: NewLoop) -> None:
    async def scenario() -> None:
        authority = trustme.CA()
        server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("smsc.example.net").configure_cert(server_tls)
        client_tls = ssl.create_default_context()
        authority.configure_trust(client_tls)
        smsc, esme = Smsc(), Esme()
        server = SmppServer(ServerConfig(), smsc)
        await server.start("127.0.0.1", 0, tls=server_tls)
        config = bind_config(
            server.port, SessionConfig(window=50), tls=client_tls, server_hostname="smsc.example.net"
        )
        bind = binding(config, esme)
        await wait_until_async(lambda: bind.bound)
        for number in range(300):
            await wait_until_async(lambda: bind.window_free)
            bind.submit(message(bytes(200)), context=number)
        await wait_until_async(lambda: len(esme.responses) == 300)
        await bind.stop(5)

        distrustful = Esme()
        other = binding(
            bind_config(server.port, tls=client_tls, server_hostname="other.example"), distrustful
        )
        await wait_until_async(lambda: len(distrustful.failures) > 1)
        assert "certificate" in distrustful.failures[0][0].lower()
        await other.stop(5)
        await server.stop(5)

    run_on(new_loop, scenario())


@both_loops
def test_the_reason_of_a_failed_connection_is_in_words(new_loop: NewLoop) -> None:
    async def scenario() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # nobody listens there
            esme = Esme()
            bind = binding(bind_config(taken.getsockname()[1]), esme)
            await wait_until_async(lambda: esme.failures)
            await bind.stop(5)
        assert esme.failures[0][0] == "connect failed: Connection refused"

    run_on(new_loop, scenario())


@both_loops
def test_stalled_socket_is_closed(new_loop: NewLoop) -> None:
    """A write to a stalled socket has a deadline; what never left is told as unwritten."""

    async def scenario() -> None:
        smsc, esme = Smsc(), Esme()
        server = await listening(smsc)
        config = bind_config(
            server.port, SessionConfig(window=1_000_000, enquire_link_interval=0), write_timeout=0.3
        )
        bind = binding(config, esme)
        await wait_until_async(lambda: bind.bound)
        (connection,) = server.connections.values()
        connection.link.pause_reading()
        link = bind.link
        assert link is not None
        sent = 0
        while link.connected and not link._paused and sent < 200_000:
            for _ in range(500):
                bind.submit(message(bytes(250)), context=sent)
                sent += 1
            await asyncio.sleep(0)
        bind.submit(message(), context=sent)
        await wait_until_async(lambda: esme.closed)
        reason, written, unwritten = esme.closed[0]
        assert "did not read the data in time" in reason
        assert [*written, *unwritten] == list(range(sent + 1))
        assert sent in unwritten
        connection.link.resume_reading()
        await wait_until_async(lambda: bind.bound)
        await bind.stop(5)
        await server.stop(5)

    run_on(new_loop, scenario())


@both_loops
def test_lost_connection_comes_back(new_loop: NewLoop) -> None:
    async def scenario() -> None:
        smsc, esme = Smsc(), Esme()
        smsc.answers = False
        server = await listening(smsc)
        bind = binding(bind_config(server.port), esme)
        await wait_until_async(lambda: bind.bound)
        bind.submit(message(), context="unknown")
        await wait_until_async(lambda: smsc.requests)
        bind.submit(message(), context="never left")
        smsc.connected[0].abort("test")
        await wait_until_async(lambda: esme.closed)
        assert esme.closed[0][1][0] == "unknown"
        await wait_until_async(lambda: len(esme.bound) == 2)
        assert not smsc.connected[0].respond(smsc.requests[0])
        await bind.stop(5)
        await server.stop(5)

    run_on(new_loop, scenario())


async def test_answer_to_a_request_of_an_earlier_connection_goes_nowhere() -> None:
    """A receipt that is stored after the reconnect must not acknowledge a stranger's sequence."""
    smsc, esme = Smsc(), Esme()
    esme.answers = False
    server = await listening(smsc)
    bind = binding(bind_config(server.port), esme)
    await wait_until_async(lambda: bind.bound)
    smsc.connected[0].send(Pdu(c.DELIVER_SM))
    await wait_until_async(lambda: esme.requests)
    smsc.connected[0].abort("test")
    await wait_until_async(lambda: len(esme.bound) == 2)
    smsc.connected[1].send(Pdu(c.DELIVER_SM))
    await wait_until_async(lambda: len(esme.requests) == 2)
    assert not bind.respond(esme.requests[0])
    assert bind.respond(esme.requests[1])
    assert not bind.respond(esme.requests[1])
    await bind.stop(5)
    await server.stop(5)


async def test_already_bound_backs_off() -> None:
    """A quick reconnect that meets ESME_RALYBND backs off, longer each time."""
    smsc, esme = Smsc(), Esme()
    smsc.bind_status = c.ESME_RALYBND
    server = await listening(smsc)
    slow = BackoffConfig(base=0.001, cap=0.001, refused_base=0.1, refused_cap=0.2)
    bind = binding(bind_config(server.port, backoff=slow), esme)
    await wait_until_async(lambda: len(esme.failures) == 2)
    (_, status, first), (_, _, second) = esme.failures
    assert status == c.ESME_RALYBND
    assert 0.05 <= first <= 0.1
    assert 0.1 <= second <= 0.2
    smsc.bind_status = c.ESME_ROK
    await wait_until_async(lambda: bind.bound)
    assert esme.closed == []
    await bind.stop(5)
    await server.stop(5)


async def test_a_port_without_a_listener_is_tried_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    esme = Esme()
    bind = binding(bind_config(port), esme)
    await wait_until_async(lambda: len(esme.failures) > 2)
    assert esme.failures[0][1] is None
    assert not bind.bound
    with pytest.raises(NotConnectedError):
        bind.submit(message())
    await bind.stop(5)
    tries = len(esme.failures)
    await asyncio.sleep(0.1)
    assert len(esme.failures) == tries


async def test_host_that_is_no_host() -> None:
    esme = Esme()
    bind = binding(BindConfig("a" * 70 + ".example", 1, "me", "pw"), esme)
    await wait_until_async(lambda: esme.failures)
    await bind.stop(5)


def test_settings_that_do_not_fit_are_refused_at_once() -> None:
    with pytest.raises(EncodeError):
        Bind(BindConfig("h", 1, "x" * 16, "pw"), Esme(), random=random.random)
    with pytest.raises(InvalidStateError):
        Bind(BindConfig("h", 1, "me", "pw", bind="both"), Esme(), random=random.random)
    assert "secret" not in repr(BindConfig("h", 1, "me", "secret"))


async def test_full_window_takes_nothing_more() -> None:
    """A full window refuses the next request; a lost response frees its slot."""
    smsc, esme = Smsc(), Esme()
    smsc.answers = False
    server = await listening(smsc)
    bind = binding(bind_config(server.port, SessionConfig(window=2, response_timeout=0.4)), esme)
    await wait_until_async(lambda: bind.bound)
    bind.submit(message(), context=1)
    bind.submit(message(), context=2)
    with pytest.raises(WindowFullError):
        bind.submit(message(), context=3)
    await wait_until_async(lambda: bind.window_free)
    assert esme.timeouts == [1, 2]
    await bind.stop(0.1)
    await server.stop(5)


class BlockingPeer(threading.Thread):
    """An SMSC in a thread of its own that answers at once, whatever our loop does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self) -> None:
        with self.listener, self.listener.accept()[0] as sock:
            framer = Framer()
            while data := sock.recv(65536):
                for frame in framer.feed(data):
                    pdu = codec.decode(frame)
                    response = Pdu(pdu.command_id | c.RESPONSE_BIT, 0, pdu.sequence)
                    sock.sendall(codec.encode(response))


@both_loops
def test_busy_handler_is_no_time_out(new_loop: NewLoop) -> None:
    """A handler that blocks the loop past the deadline makes no time-out of an answer that
    waits in the socket."""

    async def scenario() -> None:
        peer = BlockingPeer()
        peer.start()
        esme = Esme()
        bind = binding(bind_config(peer.port, SessionConfig(response_timeout=0.2)), esme)
        await wait_until_async(lambda: bind.bound)
        bind.submit(message(), context="answered while we were busy")
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251
        await wait_until_async(lambda: esme.responses or esme.timeouts)
        assert esme.timeouts == []
        await bind.stop(5)
        peer.join(5)

    run_on(new_loop, scenario())


async def test_a_handler_that_fails_harms_no_other_request() -> None:
    class Failing(Smsc):
        def on_request(self, connection: Connection, pdu: Pdu) -> None:
            if pdu.octets("short_message") == b"poison":
                raise RuntimeError("poison")
            super().on_request(connection, pdu)

    smsc, esme = Failing(), Esme()
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    server = await listening(smsc)
    bind = binding(bind_config(server.port), esme)
    await wait_until_async(lambda: bind.bound)
    for text in (b"good", b"poison", b"good"):
        bind.submit(message(text), context=text)
    await wait_until_async(lambda: len(esme.responses) == 3)
    outcomes = {(context, pdu.command_status) for context, pdu in esme.responses}
    assert outcomes == {(b"good", c.ESME_ROK), (b"poison", c.ESME_RSYSERR)}
    assert len(reported) == 1
    await bind.stop(5)
    await server.stop(5)


async def test_stop_is_bounded() -> None:
    """A graceful stop waits for what is in flight, but not longer than it was told."""
    smsc, esme = Smsc(), Esme()
    smsc.answers = False
    server = await listening(smsc)
    bind = binding(bind_config(server.port), esme)
    await wait_until_async(lambda: bind.bound)
    bind.submit(message(), context="never answered")
    await wait_until_async(lambda: smsc.requests)
    started = time.monotonic()
    await bind.stop(0.2)
    assert time.monotonic() - started < 2
    assert esme.closed == [("stopped", ["never answered"], [])]
    await server.stop(5)


async def test_query_and_other_requests() -> None:
    smsc, esme = Smsc(), Esme()
    server = await listening(smsc)
    bind = binding(bind_config(server.port), esme)
    await wait_until_async(lambda: bind.bound)
    bind.send(Pdu(c.QUERY_SM, 0, 0, {"message_id": "1"}), "query")
    await wait_until_async(lambda: esme.responses)
    assert esme.responses[0][1].command_id == c.QUERY_SM_RESP
    await bind.stop(5)
    await server.stop(5)
