"""The loop guard at run time.

Field note 37: a route that leads back to its own gateway.
"""

import pytest

from onesixty.core.errors import Problem
from onesixty.routing import loops
from onesixty.routing.loops import Laps
from tests.routing.tables import carrier, message, route, router


def test_what_comes_round_too_often_is_refused() -> None:
    table = router(carrier("a"), route("default", "a"), laps=Laps(5))
    for lap in range(4):
        table.admit(message(f"msg_{lap}", carrier_id="a", created_at=lap * 100))
        table.admit(message(f"msg_x{lap}", carrier_id="a", created_at=lap * 100, text=f"other {lap}"))
    with pytest.raises(Problem, match="loop_detected"):
        table.admit(message("msg_5", carrier_id="a", created_at=500))
    table.admit(message("msg_6", carrier_id="a", created_at=500, recipient="+15550000000"))


def test_simulated_carriers_lead_nowhere() -> None:
    table = router(carrier("a"), route("default", "a"), simulated=("a",), laps=Laps(2))
    for lap in range(5):
        table.admit(message(f"msg_{lap}", carrier_id="a"))


def test_laps_are_forgotten_after_a_while() -> None:
    laps = Laps(3)
    assert not laps.too_many(message(created_at=0))
    assert not laps.too_many(message(created_at=loops.WINDOW_MS))
    assert laps.too_many(message(created_at=loops.WINDOW_MS + 1)), "the window before is remembered"
    assert not laps.too_many(message(created_at=4 * loops.WINDOW_MS))


def test_the_table_is_bounded_and_a_loop_is_found_among_many() -> None:
    laps = Laps(3)
    found = []
    for number in range(3 * loops.MOST):
        laps.too_many(message(text=str(number), created_at=number // 1000))
        if number % 5000 == 0:
            found.append(laps.too_many(message(text="round", created_at=number // 1000)))
    assert found[2:] == [True] * (len(found) - 2)
    assert len(laps._young) <= loops.MOST + 1
    assert len(laps._old) <= loops.MOST + 1
