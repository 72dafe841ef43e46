"""When a check is answered: what did not approve waits for one time after it came, whatever it was."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.simulator.virtual import Time, run
from onesixty.verify import checking
from onesixty.verify.checking import Result
from onesixty.verify.even import GRAIN_S, now, wait

REFUSED = [outcome for outcome in checking.ANSWERED if outcome != "approved"]


def took(outcomes: Sequence[str], seconds: float) -> float:
    """The virtual seconds until checks are answered whose work takes `seconds`."""
    time = Time()

    async def answered() -> None:
        came = now()
        await asyncio.sleep(seconds)
        await wait(came, [Result(outcome, None) for outcome in outcomes])

    run(time, answered())
    return time.monotonic()


@given(outcome=st.sampled_from(REFUSED), seconds=st.floats(0, GRAIN_S * 0.99))
def test_what_does_not_approve_is_answered_after_one_time(outcome: str, seconds: float) -> None:
    assert took([outcome], seconds) == pytest.approx(GRAIN_S, abs=1e-4)


def test_on_a_slow_day_the_answer_waits_for_whole_grains() -> None:
    assert took(["wrong"], GRAIN_S * 2.5) == pytest.approx(GRAIN_S * 3, abs=1e-4)


def test_an_approval_does_not_wait() -> None:
    assert took(["approved", "approved"], GRAIN_S / 5) == pytest.approx(GRAIN_S / 5, abs=1e-4)


def test_an_approval_waits_for_what_is_answered_with_it() -> None:
    assert took(["approved", "wrong"], GRAIN_S / 5) == pytest.approx(GRAIN_S, abs=1e-4)
