"""The table of routes: which carriers a message may take."""

import msgspec
import pytest

from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.routing.router import Router


def carrier(id_: str, *, enabled: bool = True) -> CarrierConfig:
    return CarrierConfig(
        id=id_, name=id_, type="smpp", settings="{}", enabled=enabled, version=1, created_at=0
    )


def route(name: str, *carriers: str, enabled: bool = True, created_at: int = 0) -> RouteConfig:
    return RouteConfig(
        id=f"rte_{name}",
        name=name,
        carriers=msgspec.json.encode(list(carriers)).decode(),
        enabled=enabled,
        version=1,
        created_at=created_at,
    )


def router(*rows: RouteConfig | CarrierConfig, simulated: tuple[str, ...] = ()) -> Router:
    table = Router()
    table.load(
        [row for row in rows if isinstance(row, RouteConfig)],
        [row for row in rows if isinstance(row, CarrierConfig)],
        simulated,
    )
    return table


def refusal(table: Router, *, test: bool = False, pinned: str | None = None) -> str:
    with pytest.raises(Problem) as caught:
        table.choose(test, pinned)
    return caught.value.code


def test_what_names_no_route_takes_default() -> None:
    table = router(carrier("a"), carrier("b"), route("first", "a"), route("default", "b", "a", created_at=1))
    choice = table.choose(False, None)
    assert (choice.route_id, choice.carriers) == ("rte_default", ("b", "a"))


def test_without_default_the_oldest_route_takes_it() -> None:
    table = router(carrier("a"), route("young", "a", created_at=2), route("old", "a", created_at=1))
    assert table.choose(False, None).route_id == "rte_old"


@pytest.mark.parametrize("pinned", ["other", "rte_other"])
def test_a_pinned_route_is_used_by_name_or_id(pinned: str) -> None:
    table = router(carrier("a"), carrier("b"), route("default", "a"), route("other", "b"))
    assert table.choose(False, pinned).carriers == ("b",)


def test_a_pinned_route_is_used_or_refused_never_replaced() -> None:
    table = router(carrier("a"), route("default", "a"), route("off", "a", enabled=False))
    assert refusal(table, pinned="none") == "unknown_route"
    assert refusal(table, pinned="off") == "unknown_route"
    assert refusal(table, test=True, pinned="none") == "unknown_route"


def test_disabled_and_unknown_carriers_are_left_out() -> None:
    table = router(carrier("a", enabled=False), carrier("b"), route("default", "a", "gone", "b"))
    assert table.choose(False, None).carriers == ("b",)
    assert refusal(router(carrier("a", enabled=False), route("default", "a"))) == "no_route"
    assert refusal(router()) == "no_route"


def test_test_traffic_goes_only_to_simulated_carriers() -> None:
    table = router(
        carrier("real"), carrier("fake"), carrier("sand"), route("default", "real", "fake"),
        route("real", "real"), simulated=("fake", "sand"),
    )  # fmt: skip
    assert table.choose(True, None).carriers == ("fake",)
    assert table.choose(True, "real").carriers == ("fake", "sand"), "a route without one: all there are"
    assert table.choose(False, None).carriers == ("real", "fake")


def test_test_traffic_needs_no_route_but_a_simulated_carrier() -> None:
    assert router(carrier("fake"), simulated=("fake",)).choose(True, None).carriers == ("fake",)
    assert refusal(router(carrier("real"), route("default", "real")), test=True) == "no_route"
    off = router(carrier("fake", enabled=False), simulated=("fake",))
    assert refusal(off, test=True) == "no_route"


def test_alternatives_are_the_route_as_it_is_now() -> None:
    table = router(carrier("a"), carrier("b"), route("default", "a", "b"), simulated=("b",))
    assert table.alternatives("rte_default", False) == ("a", "b")
    assert table.alternatives("rte_default", True) == ("b",)
    table.load([route("default", "b")], [carrier("a"), carrier("b")], ())
    assert table.alternatives("rte_default", False) == ("b",)
    assert table.alternatives("rte_default", True) == ()
    assert table.alternatives("rte_gone", False) == ()
    assert table.alternatives(None, False) == ()


def test_a_choice_made_before_a_reload_stays() -> None:
    table = router(carrier("a"), route("default", "a"))
    choice = table.choose(False, None)
    table.load([], [], ())
    assert choice.carriers == ("a",)
