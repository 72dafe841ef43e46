"""Binds of an SMPP carrier that an operator pauses: nothing new goes over them, everything else goes on."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from onesixty.core.contracts import Pausable
from tests.carriers.conformance import submit, until
from tests.carriers.smpp_rig import SmppRig, make_rig


@pytest.fixture
async def rig() -> AsyncIterator[SmppRig]:
    made = await make_rig(binds=2, window=5)
    yield made
    await made.end()


async def test_what_a_paused_bind_would_take_goes_over_the_others(rig: SmppRig) -> None:
    await rig.start()
    assert isinstance(rig.carrier, Pausable)
    rig.carrier.pause_binds(frozenset({"1"}))
    assert rig.carrier.capacity() == 5
    for number in range(12):
        submit(rig, number=number)
    await until(lambda: len(rig.host.outcomes) == 12, "all answers")
    assert Counter(outcome.bind for _, _, outcome in rig.host.outcomes) == {"2": 12}
    await until(lambda: len(rig.host.receipts) == 12, "receipts, over whichever bind")
    rig.carrier.pause_binds(frozenset())
    assert rig.carrier.capacity() == 10
    for number in range(20, 30):
        submit(rig, number=number)
    await until(lambda: len(rig.host.outcomes) == 22, "all answers")
    assert {outcome.bind for _, _, outcome in rig.host.outcomes[12:]} == {"1", "2"}


async def test_a_pause_outlives_the_link_and_binds_that_are_not_there(rig: SmppRig) -> None:
    await rig.start()
    rig.carrier.pause_binds(frozenset({"1", "9"}))
    await rig.cut()
    await until(lambda: not rig.carrier.state().connected, "the end of the link")
    await rig.mend()
    await until(lambda: rig.carrier.state().binds_bound == 2, "both binds")
    assert rig.carrier.capacity() == 5
    rig.carrier.pause_binds(frozenset({"1", "2"}))
    assert rig.carrier.capacity() == 0
    assert rig.carrier.state().connected
    rig.carrier.pause_binds(frozenset())
    assert rig.carrier.capacity() == 10


async def test_what_waits_inside_goes_once_a_bind_is_free_again(rig: SmppRig) -> None:
    await rig.start()
    rig.carrier.pause_binds(frozenset({"1", "2"}))
    submit(rig)
    assert rig.host.outcomes == []
    rig.carrier.pause_binds(frozenset({"2"}))
    await until(lambda: rig.host.outcomes, "the answer")
    assert rig.host.outcomes[0][2].bind == "1"
