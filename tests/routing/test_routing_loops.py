"""The loop guard at run time: a route that leads back to its own gateway."""

import pytest

from onesixty.core.errors import Problem
from onesixty.routing import loops
from onesixty.routing.loops import LoopDetection
from tests.routing.tables import carrier, message, route, router


def passes(loop: LoopDetection, **fields: object) -> bool:
    """Whether a message is let through, and counted then."""
    one = message(**fields)
    if loop.too_many(one):
        return False
    loop.passed(one)
    return True


def test_what_comes_round_too_often_is_refused() -> None:
    loop = LoopDetection(5, router(carrier("a"), route("default", "a")))
    for lap in range(4):
        for text in ("Hi", f"other {lap}"):
            one = message(f"msg_{lap}", carrier_id="a", created_at=lap * 100, text=text)
            loop.take(one)
            loop.kept(one)
    with pytest.raises(Problem, match="loop_detected"):
        loop.take(message("msg_5", carrier_id="a", created_at=500, text="Hi"))
    loop.take(message("msg_6", carrier_id="a", created_at=500, text="Hi", recipient="+15550000000"))


def test_who_asks_again_while_he_is_refused_goes_round_in_no_circle() -> None:
    """Promise 6: a customer retries while the database is away; nothing of that was accepted."""
    loop = LoopDetection(5, router(carrier("a"), route("default", "a")))
    for at in range(100):
        loop.take(message("msg_1", carrier_id="a", created_at=at))


def test_simulated_carriers_lead_nowhere() -> None:
    loop = LoopDetection(2, router(carrier("a"), route("default", "a"), simulated=("a",)))
    for lap in range(5):
        one = message(f"msg_{lap}", carrier_id="a")
        loop.take(one)
        loop.kept(one)


def test_passes_are_forgotten_after_a_while() -> None:
    loop = LoopDetection(3, router())
    assert passes(loop, created_at=0)
    assert passes(loop, created_at=loops.WINDOW_MS)
    assert not passes(loop, created_at=loops.WINDOW_MS + 1), "the window before is remembered"
    assert passes(loop, created_at=4 * loops.WINDOW_MS)


def test_the_table_is_bounded_and_a_loop_is_found_among_many() -> None:
    loop = LoopDetection(3, router())
    found = []
    for number in range(3 * loops.MOST):
        assert passes(loop, text=str(number), created_at=number // 1000)
        if number % 5000 == 0:
            found.append(passes(loop, text="round", created_at=number // 1000))
    assert found[:2] == [True, True]
    assert found[2:] == [False] * (len(found) - 2)
    assert len(loop._young) <= loops.MOST + 1
    assert len(loop._old) <= loops.MOST + 1
