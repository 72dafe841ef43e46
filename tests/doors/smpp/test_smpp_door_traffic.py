"""The door under traffic: windows and rates, peers that are slow or hostile, and a stop."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from onesixty.accounts import AccountSettings
from onesixty.app.platform import Platform
from onesixty.core.errors import Problem
from onesixty.core.limits import Limits
from onesixty.core.message import Message
from onesixty.core.orders import Order, Replay
from onesixty.core.tenant import Tenant
from onesixty.refusals.service import Filters, Refusals
from onesixty.smpp import codec, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from tests.doors.smpp.esme import Esme, Node, message, running
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def answers(esme: Esme, count: int) -> list[int]:
    """The statuses of the next responses."""
    statuses: list[int] = []
    while len(statuses) < count:
        pdu = await esme.next()
        assert pdu is not None
        if pdu.is_response:
            statuses.append(pdu.command_status)
    return statuses


@pytest.mark.parametrize("status", ["ESME_RTHROTTLED", "ESME_RMSGQFUL"])
async def test_a_rate_counts_segments_and_is_answered_as_the_profile_says(tenant: Node, status: str) -> None:
    """Segments, not messages; 0 is no limit."""
    await tenant.credential("slow", rate=1, throttle_status=status)
    await tenant.credential("fast")
    async with await tenant.esme("slow") as esme:
        ten_segments = ((tlv.MESSAGE_PAYLOAD, b"y" * 1400),)
        assert (await esme.ask(c.SUBMIT_SM, ten_segments, **message(b""))).command_status == c.ESME_ROK
        assert (await esme.submit()).command_status == getattr(c, status)
    async with await tenant.esme("fast") as esme:
        for _ in range(100):
            esme.put(c.SUBMIT_SM, **message())
        assert await answers(esme, 100) == [c.ESME_ROK] * 100


async def test_a_credential_has_so_many_messages_waiting_and_scheduled(tenant: Node) -> None:
    await tenant.credential("full", scheduled_messages=2)
    await tenant.credential("closed", waiting_messages=0)
    later = {"schedule_delivery_time": "000001000000000R"}
    async with await tenant.esme("full") as esme:
        sent = [await esme.submit(**later) for _ in range(3)]
        assert [one.command_status for one in sent] == [c.ESME_ROK, c.ESME_ROK, c.ESME_RMSGQFUL]
        assert (await esme.submit()).command_status == c.ESME_ROK
        whose = {"source_addr_ton": c.TON_ALPHANUMERIC, "source_addr": "Acme"}
        canceled = await esme.ask(c.CANCEL_SM, message_id=sent[0].text("message_id"), **whose)
        assert canceled.command_status == c.ESME_ROK

        async def has_room() -> bool:
            return (await esme.submit(**later)).command_status == c.ESME_ROK

        await wait_until_async(has_room, what="room for what was canceled")
        assert (await esme.submit(**later)).command_status == c.ESME_RMSGQFUL
    async with await tenant.esme("closed") as esme:
        assert (await esme.submit()).command_status == c.ESME_RMSGQFUL
        assert (await esme.submit(**later)).command_status == c.ESME_ROK


@pytest.mark.parametrize(
    ("account", "credential"),
    [
        (AccountSettings(credit_limit=1_000_000), {}),
        (AccountSettings(limits=Limits(messages_per_day=100)), {}),
        (AccountSettings(), {"messages_per_day": 100}),
    ],
)
async def test_who_waits_for_something_of_its_own_keeps_nobody_else_waiting(
    shared_platform: Platform,
    tenant: Node,
    monkeypatch: pytest.MonkeyPatch,
    account: AccountSettings,
    credential: dict[str, Any],
) -> None:
    """Both submit in one turn of the loop."""
    limited, _ = await shared_platform.features.accounts.create("limited", "EUR", 7500, account)
    poor = Node(shared_platform, limited.id, f"-{limited.id[-6:]}")
    await poor.credential("acme", **credential)
    await tenant.credential("acme")
    intake, given = shared_platform.features.path.intake, asyncio.Event()
    accept = intake.accept

    async def asks_other_nodes(orders: Sequence[Order]) -> list[Message | Problem | Replay]:
        if any(order.tenant.account_id == limited.id for order in orders):
            await given.wait()
        return await accept(orders)

    monkeypatch.setattr(intake, "accept", asks_other_nodes)
    async with await poor.esme("acme") as waiting, await tenant.esme("acme") as other:
        waiting.put(c.SUBMIT_SM, **message())
        other.put(c.SUBMIT_SM, **message())
        assert await answers(other, 1) == [c.ESME_ROK]
        assert await poor.messages() == []
        given.set()
        assert await answers(waiting, 1) == [c.ESME_ROK]


async def test_a_full_window_is_answered_and_the_rest_is_served(tenant: Node) -> None:
    """What is beyond the window is told so at once."""
    await tenant.credential("acme", window=5)
    async with await tenant.esme("acme") as esme:
        octets = b"".join(codec.encode(Pdu(c.SUBMIT_SM, 0, 100 + n, message())) for n in range(12))
        esme.writer.write(octets)
        statuses = await answers(esme, 12)
        assert statuses.count(c.ESME_RTHROTTLED) == 7
        assert statuses.count(c.ESME_ROK) == 5
    assert len(await tenant.messages()) == 5
    platform = tenant.platform
    trace = platform.features.refusals.trace
    await trace.stop()  # writes what waits
    refusals = Refusals(platform.store, platform.clock, trace)
    found, _ = await refusals.find(Tenant(tenant.account_id, True), Filters(), 50, None)
    assert {(one.code, one.rule, one.answer, one.recipient) for one in found} == {
        ("rate_limited", "window", "ESME_RTHROTTLED", "+15551234567")
    }


async def test_what_comes_in_one_read_is_one_batch(tenant: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    await tenant.credential("acme")
    sizes: list[int] = []
    submissions = tenant.door.door._submissions
    accept = submissions._intake.accept

    async def counting(orders):  # type: ignore[no-untyped-def]
        sizes.append(len(orders))
        return await accept(orders)

    monkeypatch.setattr(submissions._intake, "accept", counting)
    async with await tenant.esme("acme") as esme:
        esme.writer.write(b"".join(codec.encode(Pdu(c.SUBMIT_SM, 0, 100 + n, message())) for n in range(50)))
        assert await answers(esme, 50) == [c.ESME_ROK] * 50
    assert sum(sizes) == 50
    assert len(sizes) < 5


async def test_a_store_that_cannot_be_written_is_a_reason_to_come_again(
    tenant: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.credential("acme")
    submissions = tenant.door.door._submissions

    async def unavailable(orders):  # type: ignore[no-untyped-def]
        return [Problem("unavailable") for _ in orders]

    async def broken(orders):  # type: ignore[no-untyped-def]
        raise RuntimeError("a bug")

    async with await tenant.esme("acme") as esme:
        monkeypatch.setattr(submissions._intake, "accept", unavailable)
        assert (await esme.submit()).command_status == c.ESME_RMSGQFUL
        monkeypatch.setattr(submissions._intake, "accept", broken)
        assert (await esme.submit()).command_status == c.ESME_RSYSERR
        monkeypatch.undo()
        assert (await esme.submit()).command_status == c.ESME_ROK


async def test_rubbish_changes_nothing_for_the_others(tenant: Node) -> None:
    """Peers that send rubbish at line rate, bound or not, while others are served."""
    await tenant.credential("acme")
    await tenant.credential("rude", max_binds=100)
    chance = random.Random(7)
    ending = asyncio.Event()

    async def rude(number: int) -> None:
        while not ending.is_set():
            async with await Esme.connect(tenant.port) as esme:
                if number % 2:
                    assert await esme.bind(tenant.name("rude"), "password") == c.ESME_ROK
                kinds = (
                    chance.randbytes(4000),
                    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"\x00\x00\x00\x10\x00\x00\x0f\x00" + bytes(8),
                    b"\x00\x00\x00\x20\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x09" + b"A" * 16,
                    codec.encode(Pdu(c.BIND_TRANSCEIVER, 0, 1, {"system_id": "acme", "password": "guess"}))[
                        :-3
                    ],
                )
                try:
                    for _ in range(20):
                        esme.writer.write(kinds[(number + chance.randrange(2)) % len(kinds)] * 10)
                        await esme.writer.drain()
                except ConnectionError:
                    continue

    hostile = [asyncio.create_task(rude(number)) for number in range(10)]
    async with await tenant.esme("acme") as esme:
        for _ in range(20):
            for _ in range(10):
                esme.put(c.SUBMIT_SM, **message())
            assert await answers(esme, 10) == [c.ESME_ROK] * 10
        assert (await esme.ask(c.ENQUIRE_LINK)).command_status == c.ESME_ROK
    ending.set()
    await asyncio.gather(*hostile)
    assert len(await tenant.messages()) == 200
    await wait_until_async(lambda: tenant.door.door.connections == 0, what="the end of all connections")


@pytest.mark.slow
async def test_a_peer_that_reads_nothing_costs_bounded_memory_and_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written to a stalled socket has a deadline."""
    monkeypatch.setattr("onesixty.doors.smpp.listeners.WRITE_TIMEOUT", 0.5)
    # Without it, the flood would be read slowly, and so little be answered that all of it fits the buffers.
    monkeypatch.setattr("onesixty.smpp.link.Link._slow_down", lambda self: None)
    async with running(tmp_path) as node:
        await node.credential("acme")
        async with await node.esme("acme") as esme:
            esme.reader._transport.pause_reading()  # type: ignore[attr-defined]
            flood = codec.encode(Pdu(c.SUBMIT_SM, 0, 9, {"esm_class": 0x04})) * 2000  # refused, one by one

            async def pour() -> None:
                with contextlib.suppress(ConnectionError):
                    for _ in range(400):
                        esme.writer.write(flood)
                        await esme.writer.drain()

            pouring = asyncio.create_task(pour())
            await wait_until_async(lambda: node.door.door.connections == 0, 30, what="the peer being cut off")
            await asyncio.wait_for(pouring, 10)


async def test_a_stop_answers_what_is_under_way_and_unbinds(tmp_path: Path) -> None:
    """A graceful stop unbinds and waits."""
    async with running(tmp_path) as node:
        await node.credential("acme")
        esme = await node.esme("acme")
        for _ in range(20):
            esme.put(c.SUBMIT_SM, **message())
        await wait_until_async(lambda: len(node.platform.features.binds.binds) == 1, what="the bind")
        assert await answers(esme, 1) == [c.ESME_ROK]
        stopping = asyncio.create_task(node.door.close(5.0))
        statuses: list[int] = []
        while (pdu := await esme.next()) is not None:
            if pdu.command_id == c.UNBIND:
                esme.answer(pdu)
            elif pdu.is_response:
                statuses.append(pdu.command_status)
        await stopping
        assert statuses == [c.ESME_ROK] * 19
        assert len(await node.messages()) == 20
        await esme.__aexit__()


async def test_what_is_delivered_is_answered_exactly_once(tenant: Node) -> None:
    """The contract of Binds: a status, UNKNOWN for what was written and not answered, room told once."""
    credential_id = await tenant.credential("acme", delivery_window=2)
    binds = tenant.platform.features.binds.binds
    room: list[str] = []
    binds.on_room(room.append)
    statuses: list[int] = []
    async with await tenant.esme("acme") as esme:
        await wait_until_async(lambda: room == [credential_id], what="the bind being told")
        for _ in range(2):
            bind = binds.receiver(credential_id)
            assert bind is not None
            bind.deliver(Pdu(c.DELIVER_SM, fields={"short_message": b"hi"}), statuses.append)
        assert binds.receiver(credential_id) is None
        assert binds.bound(credential_id)
        first = await esme.next()
        assert first is not None
        esme.answer(first, c.ESME_RX_T_APPN)
        await wait_until_async(lambda: statuses == [c.ESME_RX_T_APPN], what="the answer")
        assert room == [credential_id] * 2
    await wait_until_async(lambda: statuses == [c.ESME_RX_T_APPN, -2], what="the unknown one")
    assert binds.of(credential_id) == ()


async def test_a_flood_of_enquire_links_costs_others_nothing(tmp_path: Path) -> None:
    """What the session answers by itself has no window: who sends it by the thousand is read more slowly."""
    async with running(tmp_path) as node:
        await node.credential("acme")
        async with await node.esme("acme") as esme, await node.esme("acme") as other:
            flood = codec.encode(Pdu(c.ENQUIRE_LINK, 0, 9)) * 50_000
            esme.writer.write(flood)
            slowest = 0.0
            for _ in range(20):
                asked = asyncio.get_running_loop().time()
                assert (await other.submit(b"hello")).command_status == c.ESME_ROK
                slowest = max(slowest, asyncio.get_running_loop().time() - asked)
            (link,) = [
                bind.connection.link
                for bind in node.platform.features.binds.binds
                if bind.connection.link._slowed
            ]
            assert not link._transport.is_reading()
            assert slowest < 1.0
