"""The server against peers that do not play by the rules, over real sockets."""

import asyncio
import contextlib
import random
import struct

from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.client import Bind
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection
from onesixty.smpp.states import SessionConfig
from tests.smpp.recorders import Esme, Smsc, bind_config, listening
from tests.support.waiting import wait_until_async

BIND = codec.encode(Pdu(c.BIND_TRANSCEIVER, 0, 1, {"system_id": "me", "password": "pw"}))


async def until_closed(reader: asyncio.StreamReader) -> list[Pdu]:
    """All PDUs until the server closes."""
    async with asyncio.timeout(10):
        return [codec.decode(frame) for frame in Framer().feed(await reader.read())]


async def hang_up(*writers: asyncio.StreamWriter) -> None:
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_peers_that_say_nothing_or_nonsense_are_closed_and_others_served() -> None:
    """No bind in time, and HTTP on the SMPP port, end only their own connection."""
    smsc = Smsc()
    server = await listening(smsc, session=SessionConfig(session_init_timeout=0.3))
    esme = Esme()
    bind = Bind(bind_config(server.port), esme, random=random.random)
    bind.start()
    await wait_until_async(lambda: bind.bound)
    silent, silent_writer = await asyncio.open_connection("127.0.0.1", server.port)
    http, http_writer = await asyncio.open_connection("127.0.0.1", server.port)
    http_writer.write(b"GET / HTTP/1.1\r\n\r\n")
    (nack,) = await until_closed(http)
    assert (nack.command_id, nack.command_status) == (c.GENERIC_NACK, c.ESME_RINVCMDLEN)
    assert await until_closed(silent) == []
    assert bind.bound
    bind.submit({"destination_addr": "1"}, context=1)
    await wait_until_async(lambda: esme.responses)
    await hang_up(silent_writer, http_writer)
    await bind.stop(5)
    await server.stop(5)


async def test_faults_at_line_rate_are_answered_in_order() -> None:
    """Good, unknown and malformed PDUs, cut into odd pieces, each get their answer."""
    smsc = Smsc()
    server = await listening(
        smsc, session=SessionConfig(receive_window=100_000, self_answered_per_second=1_000_000)
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(BIND)
    await wait_until_async(lambda: smsc.connected and smsc.connected[0].bound)
    stream = bytearray()
    expected = []
    for sequence in range(2, 602):
        kind = sequence % 3
        if kind == 0:
            stream += codec.encode(Pdu(c.SUBMIT_SM, 0, sequence, {"short_message": b"x"}))
            expected.append((c.SUBMIT_SM_RESP, c.ESME_ROK, sequence))
        elif kind == 1:
            stream += struct.pack(">IIII", 20, 0x0000BEEF, 0, sequence) + b"beef"
            expected.append((c.GENERIC_NACK, c.ESME_RINVCMDID, sequence))
        else:
            stream += struct.pack(">IIII", 20, c.SUBMIT_SM, 0, sequence) + b"beef"
            expected.append((c.SUBMIT_SM_RESP, c.ESME_RINVCMDLEN, sequence))
    stream += codec.encode(Pdu(c.UNBIND, 0, 602))
    for start in range(0, len(stream), 977):
        writer.write(bytes(stream[start : start + 977]))
        await writer.drain()
    answers = [(pdu.command_id, pdu.command_status, pdu.sequence) for pdu in await until_closed(reader)]
    assert answers[0][0] == c.BIND_TRANSCEIVER_RESP
    # Faults are answered when they are read; submits by the handler after each read: each kind in its order.
    assert sorted(answers[1:-1], key=lambda answer: answer[2]) == expected
    assert answers[-1] == (c.UNBIND_RESP, c.ESME_ROK, 602)
    assert len(smsc.errors) == 400
    await hang_up(writer)
    await server.stop(5)


async def test_refused_bind_is_told_and_closed() -> None:
    smsc = Smsc()
    smsc.bind_status = c.ESME_RINVPASWD
    server = await listening(smsc)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(BIND)
    (answer,) = await until_closed(reader)
    assert (answer.command_id, answer.command_status) == (c.BIND_TRANSCEIVER_RESP, c.ESME_RINVPASWD)
    await hang_up(writer)
    await server.stop(5)


async def test_bind_may_be_answered_later() -> None:
    """What is pipelined behind a bind that takes long is served once it is granted."""

    class Slow(Smsc):
        def on_bind(self, connection: Connection, pdu: Pdu) -> None:
            asyncio.get_running_loop().call_later(0.1, connection.accept, pdu, "slow")

    server = await listening(Slow())
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(BIND + codec.encode(Pdu(c.SUBMIT_SM, 0, 2)) + codec.encode(Pdu(c.UNBIND, 0, 3)))
    answers = await until_closed(reader)
    # unbind before the bind is settled ends the session: nothing is served that was not bound for.
    assert [pdu.command_id for pdu in answers] == [c.UNBIND_RESP]
    await hang_up(writer)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(BIND + codec.encode(Pdu(c.SUBMIT_SM, 0, 2)))
    async with asyncio.timeout(5):
        answers = [codec.decode(frame) for frame in Framer().feed(await reader.readexactly(26 + 18))]
    assert [pdu.command_id for pdu in answers] == [c.BIND_TRANSCEIVER_RESP, c.SUBMIT_SM_RESP]
    assert answers[0].text("system_id") == "slow"
    await hang_up(writer)
    await server.stop(5)


async def test_more_connections_than_allowed() -> None:
    smsc = Smsc()
    server = await listening(smsc, max_connections=1)
    _, first = await asyncio.open_connection("127.0.0.1", server.port)
    await wait_until_async(lambda: smsc.connected)
    _, second = await asyncio.open_connection("127.0.0.1", server.port)
    await wait_until_async(lambda: server.refused_connections == 1)
    assert len(smsc.connected) == 1
    await hang_up(first)
    await wait_until_async(lambda: smsc.closed)
    _, third = await asyncio.open_connection("127.0.0.1", server.port)
    await wait_until_async(lambda: len(smsc.connected) == 2)
    await hang_up(second, third)
    await server.stop(5)


async def test_peer_that_takes_nothing_is_cut_off() -> None:
    """A peer that asks and never reads is held back and cut off at the write deadline."""
    smsc = Smsc()
    session = SessionConfig(receive_window=10**9, self_answered_per_second=10**9)
    server = await listening(smsc, write_timeout=0.5, session=session)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(BIND)
    flood = codec.encode(Pdu(c.ENQUIRE_LINK, 0, 9)) * 20_000
    peak = 0

    async def pour() -> None:
        while True:
            writer.write(flood)
            await writer.drain()

    pouring = asyncio.ensure_future(pour())
    while not smsc.closed:
        for connection in server.connections.values():
            peak = max(peak, connection.link.session.queued_bytes)
        await asyncio.sleep(0.01)
    await asyncio.wait((pouring,), timeout=5)
    pouring.cancel()
    assert pouring.done()
    assert pouring.exception() is not None
    assert peak < 8_000_000
    assert "did not read the data in time" in smsc.closed[0][0]
    await hang_up(writer)
    await server.stop(5)


async def test_server_stop_unbinds_its_peers() -> None:
    """A graceful stop unbinds and waits; what a bound peer has in flight is answered."""
    smsc, esme = Smsc(), Esme()
    server = await listening(smsc)
    bind = Bind(bind_config(server.port), esme, random=random.random)
    bind.start()
    await wait_until_async(lambda: bind.bound)
    for number in range(5):
        bind.submit({"destination_addr": "1"}, context=number)
    await server.stop(5)
    await wait_until_async(lambda: esme.closed)
    answered = [context for context, _ in esme.responses]
    assert sorted([*answered, *esme.closed[0][1], *esme.closed[0][2]]) == [0, 1, 2, 3, 4]
    assert smsc.closed[0][0] == "unbound"
    await wait_until_async(lambda: esme.failures)
    await bind.stop(5)


async def test_server_stop_is_bounded() -> None:
    smsc = Smsc()
    server = await listening(smsc)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(BIND)
    await wait_until_async(lambda: smsc.connected and smsc.connected[0].bound)
    async with asyncio.timeout(5):
        await server.stop(0.2)
    assert smsc.closed[0][0] == "the server stopped"
    await hang_up(writer)


async def test_peer_may_be_turned_away_by_address() -> None:
    class Closed(Smsc):
        def on_connect(self, connection: Connection) -> None:
            super().on_connect(connection)
            assert connection.peer is not None
            connection.abort("not on the list")

    smsc = Closed()
    server = await listening(smsc)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    await wait_until_async(lambda: smsc.closed)
    assert smsc.closed[0][0] == "not on the list"
    await hang_up(writer)
    await server.stop(5)


async def test_handler_that_fails_at_the_connection_costs_only_that() -> None:
    class Failing(Smsc):
        def on_connect(self, connection: Connection) -> None:
            super().on_connect(connection)
            if len(self.connected) == 1:
                raise RuntimeError("no")

    smsc = Failing()
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    server = await listening(smsc)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    _, other = await asyncio.open_connection("127.0.0.1", server.port)
    other.write(BIND)
    await wait_until_async(lambda: len(smsc.connected) == 2 and smsc.connected[1].bound)
    assert len(reported) == 1
    await hang_up(writer, other)
    await server.stop(5)
