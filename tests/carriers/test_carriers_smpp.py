"""The SMPP connector against the simulated SMSC: the contract, and what is its own."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from onesixty.carriers.smpp.plan import Plan
from tests.carriers.conformance import LONG, Conformance, submit, until
from tests.carriers.smpp_rig import SmppRig, make_rig

MakeRig = Callable[..., Awaitable[SmppRig]]


@pytest.fixture
async def rig() -> AsyncIterator[MakeRig]:
    made: list[SmppRig] = []

    async def make(**settings: Any) -> SmppRig:
        made.append(await make_rig(**settings))
        return made[-1]

    yield make
    for one in made:
        await one.end()


class TestConformance(Conformance):
    """The shared suite."""


async def test_a_message_from_a_handset_is_acknowledged_once_it_is_stored(rig: MakeRig) -> None:
    """Stored before deliver_sm_resp; one that could not be stored comes again."""
    it = await rig()
    it.host.answer = None
    await it.start()
    it.smsc.deliver("+15550009999", "40404", b"STOP")
    await until(lambda: it.host.open, "the message")
    assert it.smsc.counters["acknowledged"] == 0
    it.host.open.pop()(False)
    await until(lambda: it.host.open, "the message again")
    it.host.open.pop()(True)
    await until(lambda: it.smsc.counters["acknowledged"] == 1, "the answer")
    first, second = it.host.inbounds
    assert (first.sender, first.recipient, first.payload) == ("+15550009999", "40404", b"STOP")
    assert second.payload == first.payload


async def test_what_comes_before_bind_resp_is_not_lost(rig: MakeRig) -> None:
    """deliver_sm before bind_resp."""
    it = await rig(smsc={"misbehave": ("early_deliver",)})
    await it.start()
    await until(lambda: it.host.inbounds, "the early message")
    assert it.host.inbounds[0].payload == b"early"


async def test_several_binds_share_the_work(rig: MakeRig) -> None:
    """Throughput is binds x window / round trip."""
    it = await rig(window=2, binds=3, latency_ms=50, latency_jitter_ms=0)
    await it.start()
    assert it.carrier.state().binds == 3
    for number in range(6):
        submit(it, number=number)
    assert it.carrier.capacity() == 0
    await until(lambda: len(it.host.outcomes) == 6, "outcomes")
    assert {outcome.bind for _, _, outcome in it.host.outcomes} == {"1", "2", "3"}


async def test_losing_one_bind_of_two_leaves_the_other(rig: MakeRig) -> None:
    it = await rig(window=2, binds=2, reconnect_min_s=0.5, reconnect_max_s=1)
    await it.start()
    it.smsc.connections[0].abort("hung up")
    await until(lambda: it.carrier.state().binds_bound == 1, "one bind gone")
    assert it.carrier.capacity() == 2
    assert it.carrier.state().connected
    submit(it, LONG)
    await until(lambda: len(it.host.outcomes) == 7, "outcomes")
    assert it.host.kinds == {"accepted": 7}
    await until(lambda: it.carrier.state().binds_bound == 2, "the bind is back")


async def test_a_transmitter_with_a_receiver_beside_it(rig: MakeRig) -> None:
    """Receipts come over the bind that can receive."""
    it = await rig(bind="transmitter", receivers=1)
    await it.start()
    await until(lambda: it.carrier.state().binds_bound == 2, "both binds")
    submit(it)
    await until(lambda: it.host.receipts, "the receipt")
    assert it.carrier.state().window == 10


async def test_a_graceful_stop_waits_for_what_is_in_flight(rig: MakeRig) -> None:
    """A graceful stop unbinds and waits."""
    it = await rig(window=5, latency_ms=100, latency_jitter_ms=0)
    await it.start()
    for number in range(5):
        submit(it, number=number)
    await asyncio.sleep(0.02)
    await it.carrier.stop(5)
    assert it.host.kinds == {"accepted": 5}
    await until(lambda: not it.smsc.connections, "unbound and closed")


async def test_a_fault_of_ours_costs_no_segment_its_outcome(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was written, so each may go again; also those that waited for a slot."""

    def fault(*_: object) -> None:
        raise LookupError("a fault of ours")

    it = await rig(window=1)
    await it.start()
    submit(it, LONG)
    monkeypatch.setattr(Plan, "submit", fault)
    monkeypatch.setattr(Plan, "body", fault)
    await until(lambda: len(it.host.outcomes) == 7, "outcomes")
    assert it.host.kinds == {"accepted": 1, "retryable": 6}
    submit(it, number=2)
    await until(lambda: len(it.host.outcomes) == 8, "the outcome of the second")
    assert it.host.outcomes[7][2].code == "carrier_busy"
    assert it.carrier.state().connected


async def test_an_answer_that_is_not_understood_is_unknown(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(_code: str) -> str:
        raise LookupError("a fault of ours")

    it = await rig(window=1, throttle=1.0)
    await it.start()
    monkeypatch.setattr("onesixty.carriers.smpp.carrier.outcome_kind", fault)
    submit(it, LONG)
    await until(lambda: len(it.host.outcomes) == 7, "outcomes")
    assert it.host.kinds == {"unknown": 1, "retryable": 6}
    assert it.carrier.state().in_flight == 0


async def test_a_sender_that_no_submit_sm_can_hold_is_refused(rig: MakeRig) -> None:
    it = await rig()
    await it.start()
    submit(it, sender="x" * 30)
    await until(lambda: it.host.outcomes, "the outcome")
    outcome = it.host.outcomes[0][2]
    assert (outcome.kind, outcome.code) == ("permanent", "message_refused")
    assert it.host.from_within == 0
    assert it.carrier.capacity() == it.window


async def test_a_carrier_that_overrides_a_status(rig: MakeRig) -> None:
    it = await rig(refuse=1, command_status={"ESME_RINVDSTADR": "recipient_opted_out"})
    await it.start()
    submit(it)
    await until(lambda: it.host.outcomes, "the outcome")
    outcome = it.host.outcomes[0][2]
    assert (outcome.code, outcome.carrier_code) == ("recipient_opted_out", "ESME_RINVDSTADR")


async def test_no_task_is_made_for_a_segment(rig: MakeRig) -> None:
    it = await rig(window=500, latency_ms=50)
    await it.start()
    before = len(asyncio.all_tasks())
    for number in range(500):
        submit(it, number=number)
    assert len(asyncio.all_tasks()) == before


async def test_nagle_is_off(rig: MakeRig) -> None:
    """TCP_NODELAY on every SMPP socket."""
    it = await rig()
    await it.start()
    link = it.carrier._senders[0].link
    assert link is not None
    sock = link._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_binds_over_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_context)
    rig = SmppRig(tls=True, tls_ca_file=str(tmp_path / "ca.pem"))
    await rig.prepare(server_context)
    try:
        await rig.start()
        submit(rig)
        await until(lambda: rig.host.receipts, "the receipt")
    finally:
        await rig.end()


async def test_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(server_context)
    rig = SmppRig(tls=True)
    await rig.prepare(server_context)
    try:
        await rig.carrier.start(rig.host)
        await until(lambda: "certificate" in (rig.carrier.state().last_error or ""), "the refusal")
        assert rig.carrier.capacity() == 0
    finally:
        await rig.end()
