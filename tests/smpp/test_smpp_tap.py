"""The tap: every frame in either direction, for one connection or all, set and taken away at any time."""

import asyncio
import random
import struct

from onesixty.smpp import constants as c
from onesixty.smpp.client import Bind
from onesixty.smpp.link import Link
from onesixty.smpp.pdu import Pdu
from tests.smpp.recorders import Esme, Smsc, bind_config, listening
from tests.support.waiting import wait_until_async

Seen = list[tuple[str, int, object, object]]


def tap_into(seen: Seen) -> object:
    def tap(link: Link, direction: str, frame: bytes, now: float) -> None:
        length, command_id = struct.unpack_from(">II", frame)
        assert (length, now > 0) == (len(frame), True)
        seen.append((direction, command_id, link.local, link.peer))

    return tap


def commands(seen: Seen) -> list[tuple[str, int]]:
    return [entry[:2] for entry in seen]


async def test_both_ends_see_the_same_frames() -> None:
    smsc, esme = Smsc(), Esme()
    at_server: Seen = []
    at_client: Seen = []
    server = await listening(smsc, tap=tap_into(at_server))
    bind = Bind(bind_config(server.port, tap=tap_into(at_client)), esme, random=random.random)
    bind.start()
    await wait_until_async(lambda: bind.bound)
    for number in range(3):
        bind.submit({"destination_addr": "1"}, context=number)
    await wait_until_async(lambda: len(esme.responses) == 3)
    await bind.stop(5)
    await wait_until_async(lambda: smsc.closed)
    sent = [c.BIND_TRANSCEIVER, *[c.SUBMIT_SM] * 3, c.UNBIND]
    answered = [command | c.RESPONSE_BIT for command in sent]
    for seen, ours in ((at_client, ("out", "in")), (at_server, ("in", "out"))):
        assert [command for direction, command in commands(seen) if direction == ours[0]] == sent
        assert [command for direction, command in commands(seen) if direction == ours[1]] == answered
    assert at_client[0][2:] == at_server[0][:1:-1], "one's own address is the other's peer"
    await server.stop(5)


async def test_a_tap_comes_and_goes_while_the_link_stands() -> None:
    smsc, esme = Smsc(), Esme()
    server = await listening(smsc)
    bind = Bind(bind_config(server.port), esme, random=random.random)
    bind.start()
    await wait_until_async(lambda: bind.bound)
    (connection,) = server.connections.values()
    everywhere: Seen = []
    here: Seen = []
    server.tap = tap_into(everywhere)  # type: ignore[assignment]
    bind.tap = tap_into(here)  # type: ignore[assignment]
    bind.submit({"destination_addr": "1"})
    await wait_until_async(lambda: len(esme.responses) == 1)
    assert commands(here) == [("out", c.SUBMIT_SM), ("in", c.SUBMIT_SM_RESP)]
    assert commands(everywhere) == [("in", c.SUBMIT_SM), ("out", c.SUBMIT_SM_RESP)]
    server.tap = None
    bind.tap = None
    connection.send(Pdu(c.DELIVER_SM))
    await wait_until_async(lambda: smsc.responses)
    assert (len(here), len(everywhere)) == (2, 2)
    assert connection.link.tap is None
    await bind.stop(5)
    await server.stop(5)


async def test_a_tap_that_fails_is_taken_away_and_the_traffic_goes_on() -> None:
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))

    def broken(link: Link, direction: str, frame: bytes, now: float) -> None:
        raise OSError("disk full")

    smsc, esme = Smsc(), Esme()
    server = await listening(smsc, tap=broken)
    bind = Bind(bind_config(server.port), esme, random=random.random)
    bind.start()
    await wait_until_async(lambda: bind.bound)
    bind.submit({"destination_addr": "1"})
    await wait_until_async(lambda: esme.responses)
    assert len(reported) == 1
    await bind.stop(5)
    await server.stop(5)
