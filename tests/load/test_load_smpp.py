"""The SMPP generator against an SMSC that takes everything and against one that does not."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from onesixty.core.clock import SystemClock
from onesixty.load.bounds import Bounds, LoadError
from onesixty.load.smpp import SmppLoad, SmppTarget
from onesixty.simulator.smsc.fast import FastSmsc
from onesixty.simulator.smsc.options import SmscOptions
from onesixty.simulator.smsc.run import make_smsc
from onesixty.simulator.smsc.server import SimulatedSmsc
from tests.support.waiting import free_port, wait_until_async


@asynccontextmanager
async def serving(**options: object) -> AsyncIterator[SimulatedSmsc | FastSmsc]:
    settings = msgspec.convert({"port": 0, "latency_ms": 1, "latency_jitter_ms": 0, **options}, SmscOptions)
    smsc = make_smsc(settings, clock=SystemClock(), random=random.Random(1))
    await smsc.start()
    yield smsc
    await smsc.stop()


def load(port: int, bounds: Bounds, **options: object) -> SmppLoad:
    target = SmppTarget(host="127.0.0.1", port=port, system_id="load", password="x", binds=2, window=5)
    settings: dict[str, object] = {"sender": "YourBrand", "text": "Hello", "random": random.random, **options}
    return SmppLoad(target, bounds, **settings)  # type: ignore[arg-type]


async def test_every_message_is_answered_and_reported() -> None:
    async with serving(fast=True, receipt_delay_ms=5) as smsc:
        report = await load(smsc.port, Bounds(200, 10)).run()
    assert (report.sent, report.accepted, report.receipts) == (200, 200, 200)
    assert (report.answers, report.errors) == ({"ESME_ROK": 200}, {})
    assert (smsc.counters["received"], smsc.counters["acknowledged"], smsc.counters["binds"]) == (200, 200, 2)


async def test_without_receipts_nothing_is_waited_for() -> None:
    async with serving(fast=True) as smsc:
        report = await load(smsc.port, Bounds(50, 10), receipts=False).run()
    assert (report.accepted, report.receipts, smsc.counters["receipts"]) == (50, 0, 0)


async def test_receipts_that_never_come_are_waited_for_no_longer_than_asked() -> None:
    async with serving(fast=True, receipt_delay_ms=60_000) as smsc:
        report = await load(smsc.port, Bounds(5, 10), receipt_seconds=0.05).run()
    assert (report.accepted, report.receipts) == (5, 0)


async def test_a_rate_is_kept() -> None:
    async with serving(fast=True, receipt_delay_ms=1) as smsc:
        report = await load(smsc.port, Bounds(40, 10, 200)).run()
    assert report.accepted == 40
    assert report.ended - report.started >= 39 / 200


async def test_time_is_a_bound_too() -> None:
    async with serving(fast=True, receipt_delay_ms=1) as smsc:
        report = await load(smsc.port, Bounds(1_000_000, 0.2)).run()
    assert 0 < report.accepted == report.sent < 1_000_000


async def test_refusals_are_counted_by_their_name() -> None:
    async with serving(throttle=1.0) as smsc:
        report = await load(smsc.port, Bounds(20, 10)).run()
    assert (report.accepted, report.answers) == (0, {"ESME_RTHROTTLED": 20})


async def test_what_is_lost_with_a_connection_is_an_error_and_not_sent_again() -> None:
    async with serving(loss=1.0) as smsc:
        running = asyncio.create_task(load(smsc.port, Bounds(1000, 0.5)).run())
        await wait_until_async(lambda: smsc.counters["received"] == 10, what="both windows full")
        await smsc.stop()
        report = await running
    assert (report.accepted, report.sent) == (0, 10)
    assert sum(report.errors.values()) == 10


async def test_a_target_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onesixty.load.smpp._BIND_SECONDS", 0.2)
    with pytest.raises(LoadError, match="cannot bind"):
        await load(free_port(), Bounds(1, 1)).run()


@pytest.mark.parametrize(
    ("options", "says"),
    [({"text": "x" * 161}, "one segment"), ({"sender": "Much too long a sender"}, "not a valid sender")],
)
async def test_what_does_not_fit_a_submit_sm(options: dict[str, object], says: str) -> None:
    with pytest.raises(LoadError, match=says):
        load(2775, Bounds(), **options)
