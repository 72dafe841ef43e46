"""outbind: a customer for whom something waits is asked to bind, and not too often."""

import asyncio
from pathlib import Path

import pytest

from onesixty.doors.smpp import outbinds
from onesixty.doors.smpp.outbinds import Outbinds
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from tests.doors.smpp.esme import Esme, running
from tests.support.waiting import wait_until_async


async def test_a_customer_is_asked_to_bind_and_binds_over_that_connection(tmp_path: Path) -> None:
    asked: asyncio.Queue[Esme] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked.put(Esme(reader, writer))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, running(tmp_path, webhook_allow_private=True) as node:
        credential_id = await node.credential("acme", outbind=f"localhost:{port}")
        binds = node.platform.features.binds.binds
        for _ in range(3):
            binds.want(credential_id)  # one call, however often something waits
        async with await asyncio.wait_for(asked.get(), 20) as esme:
            outbind = codec.decode((await framed(esme))[0])
            assert (outbind.command_id, outbind.text("system_id")) == (c.OUTBIND, "onesixty")
            assert await esme.bind("acme", "password", c.BIND_RECEIVER) == c.ESME_ROK
            await wait_until_async(lambda: binds.bound(credential_id), what="the bind")
        assert asked.empty()
        binds.want("smpp_unknown")


async def framed(esme: Esme) -> list[bytes]:
    framer, frames = Framer(70_000), []
    while not frames:
        frames = framer.feed(await esme.reader.read(65536))
    return frames


class Ticking:
    """A clock that is set by hand."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def now_ms(self) -> int:
        return int(self.now * 1000)


@pytest.mark.parametrize("allow_private", [True, False])
async def test_pauses_grow_and_private_addresses_are_not_gone_to(tmp_path: Path, allow_private: bool) -> None:
    calls: list[tuple[str, int]] = []

    async def call(host: str, port: int) -> None:
        calls.append((host, port))

    async with running(tmp_path) as node:
        credential_id = await node.credential("acme", outbind="127.0.0.1:2775")
        clock = Ticking()
        book = node.platform.features.credentials.credentials.book
        asking = Outbinds(book, call, clock, allow_private=allow_private)
        assert book[credential_id].profile.outbind == "127.0.0.1:2775"
        times = []
        for second in range(0, 200, 5):
            clock.now = float(second)
            before = asking._next.get(credential_id)
            asking.want(credential_id)
            if asking._next.get(credential_id) != before:
                times.append(second)
        await wait_until_async(lambda: not asking._tasks, what="the calls")
        assert times == [0, 15, 45, 105]
        assert calls == ([("127.0.0.1", 2775)] * 4 if allow_private else [])
        assert outbinds.LONGEST_PAUSE == 900
