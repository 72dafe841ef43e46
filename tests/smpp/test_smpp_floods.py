"""A peer that floods its connection keeps no other peer waiting."""

import asyncio
from typing import Any

from onesixty.simulator import virtual
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.events import Closed, Event, ResponseReceived, ResponseTimedOut
from onesixty.smpp.link import Link
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.states import SessionConfig
from tests.support.stretches import measured

ENQUIRE = codec.encode(Pdu(c.ENQUIRE_LINK, 0, 1))
#: What uvloop reads at most in one go.
READ = 256 * 1024


class Transport(asyncio.Transport):
    """Keeps what is written; tells whether reading is paused."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.written = b""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def is_closing(self) -> bool:
        return False

    def is_reading(self) -> bool:
        return self.reading

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None: ...

    def abort(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


class Owner:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_link_made(self, link: Link) -> None: ...

    def on_link_event(self, link: Link, event: Event) -> None:
        self.events.append(event)


def connected() -> tuple[Link, Transport, Owner]:
    loop = asyncio.get_running_loop()
    link_owner, transport = Owner(), Transport()
    link = Link(
        "smsc",
        SessionConfig(self_answered_per_second=1_000_000),
        link_owner,
        loop=loop,
        clock=loop.time,
        write_timeout=5,
    )
    link.connection_made(transport)
    return link, transport, link_owner


async def test_a_flood_of_enquire_links_is_answered_in_turns_with_everything_else() -> None:
    link, transport, _ = connected()
    flood = ENQUIRE * (READ // len(ENQUIRE))
    turns = 0
    with measured() as found:
        asyncio.get_running_loop().call_soon(link.data_received, flood)
        async with asyncio.timeout(30):
            while len(transport.written) < len(flood):
                await asyncio.sleep(0)
                turns += 1
                assert turns < 2 or not transport.reading or len(transport.written) == len(flood), "read on"
    assert found.milliseconds < 20, found.what
    assert turns > 10, "others had their turns"
    assert transport.reading, "all of it is answered: go on"


async def test_what_a_lost_connection_had_said_is_still_heard() -> None:
    link, transport, owner = connected()
    link.data_received(ENQUIRE * 2000)
    link.data_received(ENQUIRE)
    assert len(transport.written) < 2001 * len(ENQUIRE)
    link.connection_lost(None)
    assert len(transport.written) == 2001 * len(ENQUIRE)
    assert isinstance(owner.events[-1], Closed)


def test_an_answer_that_waits_while_a_flood_slows_the_reads_is_not_missed() -> None:
    async def life() -> list[Event]:
        loop = asyncio.get_running_loop()
        owner, transport = Owner(), Transport()
        config = SessionConfig(self_answered_per_second=10, response_timeout=5.0, enquire_link_timeout=5.0)
        link = Link("esme", config, owner, loop=loop, clock=loop.time, write_timeout=60)
        link.connection_made(transport)
        link.session.bind(c.BIND_TRANSCEIVER, {})
        link.flush_soon()
        await asyncio.sleep(0)
        link.data_received(codec.encode(Pdu(c.BIND_TRANSCEIVER_RESP, 0, 1)))
        sequence = link.send(Pdu(c.SUBMIT_SM, 0, 0, {}), "answered behind the flood")
        link.send(Pdu(c.SUBMIT_SM, 0, 0, {}), "never answered")
        await asyncio.sleep(0)
        link.data_received(ENQUIRE * 100)
        await asyncio.sleep(9.9)
        assert not transport.reading, "for longer than an answer may take"
        await asyncio.sleep(0.11)
        assert transport.reading
        link.data_received(
            codec.encode(Pdu(c.SUBMIT_SM_RESP, 0, sequence, {"message_id": "1"})) + ENQUIRE * 100
        )
        assert not transport.reading, "the flood goes on"
        await asyncio.sleep(0.1)  # less than the next wait
        return owner.events

    events = virtual.run(virtual.Time(), life())
    outcomes = [(type(e), e.context) for e in events if isinstance(e, ResponseReceived | ResponseTimedOut)]
    assert outcomes == [
        (ResponseReceived, "answered behind the flood"),
        (ResponseTimedOut, "never answered"),
    ]


async def test_what_a_peer_had_said_that_takes_nothing_is_still_heard() -> None:
    link, _, owner = connected()
    heard: list[str] = []
    link.session.tap = lambda direction, frame, now: heard.append(direction)
    link.data_received(ENQUIRE * 2000)
    link.pause_writing()
    link._stalled()
    assert heard.count("in") == 2000
    assert isinstance(owner.events[-1], Closed)
