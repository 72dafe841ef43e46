"""The table of routes: which carriers a message may take."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.messages.alternatives import Alternatives
from onesixty.messages.drafts import Steps
from onesixty.routing.router import Drained, Router
from tests.routing.tables import Clock, carrier, message, over, route, router, share


def choose(table: Router, *, test: bool = False, pinned: str | None = None, **fields: Any) -> Any:
    return table.choose(message(test=test, pinned_route=pinned, **fields))


def taken(table: Router, **fields: Any) -> str:
    """The name of the route that takes the message, or the code of the refusal."""
    try:
        return table.choose(message(**fields)).route_id.removeprefix("rte_")
    except Problem as problem:
        return problem.code


def refusal(table: Router, *, test: bool = False, pinned: str | None = None) -> str:
    with pytest.raises(Problem) as caught:
        choose(table, test=test, pinned=pinned)
    return caught.value.code


def test_what_names_no_route_takes_default() -> None:
    table = router(carrier("a"), carrier("b"), route("first", "a"), route("default", "b", "a", created_at=1))
    choice = choose(table)
    assert (choice.route_id, over(choice.hops)) == ("rte_default", ("b", "a"))


def test_without_default_the_oldest_route_takes_it() -> None:
    table = router(carrier("a"), route("young", "a", created_at=2), route("old", "a", created_at=1))
    assert choose(table).route_id == "rte_old"


@pytest.mark.parametrize("pinned", ["other", "rte_other"])
def test_a_pinned_route_is_used_by_name_or_id(pinned: str) -> None:
    table = router(carrier("a"), carrier("b"), route("default", "a"), route("other", "b"))
    assert over(choose(table, pinned=pinned).hops) == ("b",)


def test_a_pinned_route_is_used_or_refused_never_replaced() -> None:
    table = router(carrier("a"), route("default", "a"), route("off", "a", enabled=False))
    assert refusal(table, pinned="none") == "unknown_route"
    assert refusal(table, pinned="off") == "unknown_route"
    assert refusal(table, test=True, pinned="none") == "unknown_route"


def test_a_pin_goes_past_filters_but_not_to_the_route_of_another_account() -> None:
    table = router(
        carrier("a"), route("french", "a", countries=["FR"]), route("own", "a", accounts=["acc_two"])
    )
    assert taken(table, pinned_route="french") == "french"
    assert taken(table, pinned_route="own") == "unknown_route"
    assert taken(table, pinned_route="own", account_id="acc_two") == "own"


def test_a_carrier_is_no_route_that_one_could_pin() -> None:
    assert refusal(router(carrier("car_a"), route("default", "car_a")), pinned="car_a") == "unknown_route"


def test_disabled_and_unknown_carriers_are_left_out() -> None:
    table = router(carrier("a", enabled=False), carrier("b"), route("default", "a", "gone", "b"))
    assert over(choose(table).hops) == ("b",)
    assert refusal(router(carrier("a", enabled=False), route("default", "a"))) == "no_route"
    assert refusal(router()) == "no_route"


def test_test_traffic_goes_only_to_simulated_carriers() -> None:
    table = router(
        carrier("real"), carrier("fake"), carrier("sand"), route("default", "real", "fake"),
        route("real", "real"), route("us", "real", countries=["US"]), simulated=("fake", "sand"),
    )  # fmt: skip
    assert over(choose(table, test=True, country="DE").hops) == ("fake",)
    assert over(choose(table, test=True, pinned="real").hops) == ("fake", "sand"), "all there are"
    assert over(choose(table, test=True).hops) == ("fake", "sand"), "a filter leads to no real carrier either"
    assert over(choose(table, country="DE").hops) == ("real", "fake")


def test_test_traffic_needs_no_route_but_a_simulated_carrier() -> None:
    assert over(choose(router(carrier("fake"), simulated=("fake",)), test=True).hops) == ("fake",)
    assert refusal(router(carrier("real"), route("default", "real")), test=True) == "no_route"
    off = router(carrier("fake", enabled=False), simulated=("fake",))
    assert refusal(off, test=True) == "no_route"


def alternatives(table: Router, one: Message) -> tuple[str, ...]:
    return over(Alternatives(table, Steps(()), Clock()).of(one))


def test_alternatives_are_the_route_as_it_is_now() -> None:
    table = router(carrier("a"), carrier("b"), route("default", "a", "b"), simulated=("b",))
    live, trial = message(route_id="rte_default"), message(route_id="rte_default", test=True)
    assert alternatives(table, live) == ("a", "b")
    assert alternatives(table, trial) == ("b",)
    table.load([route("default", "b")], [carrier("a"), carrier("b")], ())
    assert alternatives(table, live) == ("b",)
    assert alternatives(table, trial) == ()


def test_a_message_whose_route_is_gone_is_routed_anew() -> None:
    table = router(carrier("a"), carrier("b"), route("default", "a"), route("french", "b", countries=["FR"]))
    assert alternatives(table, message(route_id="rte_gone", country="FR")) == ("b",)
    assert alternatives(table, message(route_id=None)) == ("a",)
    assert alternatives(router(), message(route_id="rte_gone")) == ()


def test_a_message_bound_to_a_carrier_has_no_other() -> None:
    table = router(carrier("car_a"), carrier("car_b"), route("default", "car_b"))
    choice = table.over("car_a", message())
    assert (choice.route_id, over(choice.hops)) == ("car_a", ("car_a",))
    assert alternatives(table, message(route_id="car_a")) == ("car_a",)
    with pytest.raises(Problem, match="no_route"):
        table.over("car_c", message())
    with pytest.raises(Problem, match="no_route"):
        table.over("car_a", message(test=True))


def test_a_choice_made_before_a_reload_stays() -> None:
    table = router(carrier("a"), route("default", "a"))
    choice = choose(table)
    table.load([], [], ())
    assert over(choice.hops) == ("a",)


# ---------------------------------------------------------------- filters

FILTERS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"countries": ["FR", "DE"]}, {"country": "DE"}, {"country": None}),
    ({"prefixes": ["+1555", "49"]}, {"recipient": "+15550000000"}, {"recipient": "+15540000000"}),
    ({"networks": ["26201"]}, {"network": "26201"}, {"network": None}),
    ({"senders": ["Acme", "Shop"]}, {"sender": "Shop"}, {"sender": "shop"}),
    ({"senders": ["+4477*", "A*e"]}, {"sender": "+447711"}, {"sender": "+4478"}),
    ({"senders": ["A.me", "x*"]}, {"sender": "A.me"}, {"sender": "Acme"}),
    ({"sender_kinds": ["short_code"]}, {"sender": "12345"}, {"sender": "+15551234567"}),
    ({"accounts": ["acc_two"]}, {"account_id": "acc_two"}, {"account_id": "acc_one"}),
    ({"classes": ["otp"]}, {"class_": "otp"}, {"class_": "marketing"}),
    ({"tags": ["vip", "x"]}, {"tags": ["a", "vip"]}, {"tags": ["vi"]}),
    ({"tags": ["vip"]}, {"tags": ["vip"]}, {}),
    ({"countries": ["US"], "classes": ["otp"]}, {"class_": "otp"}, {"class_": "otp", "country": "DE"}),
]


@pytest.mark.parametrize(("match", "passes", "fails"), FILTERS)
def test_filters(match: dict[str, Any], passes: dict[str, Any], fails: dict[str, Any]) -> None:
    table = router(carrier("a"), route("narrow", "a", **match), route("default", "a"))
    assert (taken(table, **passes), taken(table, **fails)) == ("narrow", "default")
    assert taken(router(carrier("a"), route("narrow", "a", **match)), **fails) == "no_route"


NOON = Clock().ms
HOUR, DAY = 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("window", "at", "expected"),
    [
        ({"from": "08:00", "to": "20:00"}, NOON, True),
        ({"from": "08:00", "to": "12:00"}, NOON, False),
        ({"from": "12:00", "to": "12:01"}, NOON, True),
        ({"weekdays": ["mon"]}, NOON, True),
        ({"weekdays": ["mon"]}, NOON + 12 * HOUR, False),
        ({"from": "13:00", "to": "14:00", "zone": "Europe/Berlin"}, NOON, True),
        ({"from": "12:00", "to": "13:00", "zone": "Europe/Berlin"}, NOON, False),
        ({"from": "22:00", "to": "06:00", "weekdays": ["mon"]}, NOON + 11 * HOUR, True),
        ({"from": "22:00", "to": "06:00", "weekdays": ["mon"]}, NOON + 17 * HOUR, True),
        ({"from": "22:00", "to": "06:00", "weekdays": ["mon"]}, NOON - 7 * HOUR, False),
        ({"from": "22:00", "to": "06:00", "weekdays": ["mon"]}, NOON, False),
    ],
)
def test_times(window: dict[str, Any], at: int, expected: bool) -> None:
    clock = Clock()
    table = router(carrier("a"), route("timed", "a", times=[window]), route("default", "a"), clock=clock)
    clock.ms = at
    assert (taken(table) == "timed") is expected


# ---------------------------------------------------------------- order


def test_lower_priority_numbers_are_asked_first() -> None:
    table = router(
        carrier("a"), route("us", "a", countries=["US"], priority=20), route("all", "a", priority=10)
    )
    assert taken(table) == "all"


def test_the_more_specific_comes_first_then_the_older() -> None:
    rows = [
        route("default", "a"),
        route("country", "a", countries=["US"]),
        route("short", "a", prefixes=["+1"], created_at=5),
        route("long", "a", prefixes=["+1555", "+49"], created_at=6),
        route("network", "a", networks=["31026"], created_at=7),
        route("deal", "a", countries=["US"], accounts=["acc_vip"], created_at=8),
    ]
    table = router(carrier("a"), *rows)
    assert taken(table) == "long"
    assert taken(table, recipient="+1666") == "short"
    assert taken(table, recipient="+49555", country="DE") == "long"
    assert taken(table, recipient="+3366", country="US") == "country"
    assert taken(table, network="31026") == "network"
    assert taken(table, network="31026", account_id="acc_vip") == "deal"
    older = router(
        carrier("a"), route("two", "a", tags=["x"], created_at=2), route("one", "a", tags=["x"], created_at=1)
    )
    assert taken(older, tags=["x"]) == "one"


def test_a_route_without_a_carrier_is_passed_over_until_one_without_filters() -> None:
    table = router(
        carrier("off", enabled=False),
        carrier("a"),
        route("us", "off", countries=["US"]),
        route("default", "a"),
    )
    assert taken(table) == "default"
    ends = router(
        carrier("off", enabled=False),
        carrier("a"),
        route("default", "off"),
        route("spare", "a", created_at=1),
    )
    assert taken(ends) == "no_route"


def test_the_index_finds_what_asking_every_rule_finds() -> None:
    """The index must never hide a route: the same choice as of a table asked row by row."""
    random = Random(7)
    values: dict[str, list[Any]] = {
        "countries": ["US", "DE", "FR"],
        "prefixes": ["1", "15", "155", "49", "4915", "33"],
        "networks": ["26201", "31026"],
        "senders": ["Acme", "Sh*", "12345"],
        "accounts": ["acc_one", "acc_two"],
        "classes": ["otp", "marketing"],
        "tags": ["x", "y"],
    }
    for _ in range(60):
        rows = [
            route(
                f"r{number}", "a", priority=random.choice([1, 100]), created_at=random.randrange(5),
                **{k: random.sample(v, random.randint(1, 2)) for k, v in values.items() if random.random() < 0.3},
            )
            for number in range(12)
        ]  # fmt: skip
        table = router(carrier("a"), *rows)
        rules = table._rules
        for _ in range(20):
            asked = message(
                country=random.choice(["US", "DE", "FR", None]),
                recipient=random.choice(["+15551", "+1444", "+491512", "+3366", "+7999"]),
                network=random.choice([None, "26201", "31026"]),
                sender=random.choice(["Acme", "Shop", "12345", "Zed"]),
                account_id=random.choice(["acc_one", "acc_two", "acc_six"]),
                class_=random.choice(["otp", "transactional"]),
                tags=random.choice([["x"], ["z"], ["y", "z"]]),
            )
            slow = [rule for rule in rules.all if rule.fails(asked, 0) is None]
            assert list(rules.matching(asked, 0)) == slow


# ---------------------------------------------------------------- shares


def test_carriers_of_one_order_share_by_weight_and_stay_with_the_message() -> None:
    table = router(
        carrier("a"), carrier("b"), carrier("c"), carrier("d"),
        route("default", share("a", 1, 70), share("b", 1, 30), share("c", 2), share("d", 2)),
    )  # fmt: skip
    firsts: Counter[str] = Counter()
    thirds: Counter[str] = Counter()
    for number in range(4000):
        asked = message(f"msg_{number}")
        carriers = over(table.choose(asked).hops)
        assert carriers == over(table.choose(asked).hops), "asked again, the answer is the same"
        assert {*carriers[:2]} == {"a", "b"}, "the first order before the second"
        firsts[carriers[0]] += 1
        thirds[carriers[2]] += 1
    assert 2600 < firsts["a"] < 3000, firsts
    assert 1850 < thirds["c"] < 2150, thirds


def test_a_disabled_carrier_leaves_its_share_to_the_others() -> None:
    table = router(
        carrier("a"), carrier("b", enabled=False), carrier("c"),
        route("default", share("a", 1), share("b", 1, 98), share("c", 1)),
    )  # fmt: skip
    firsts = Counter(over(table.choose(message(f"msg_{n}")).hops)[0] for n in range(400))
    assert set(firsts) == {"a", "c"}
    assert 140 < firsts["a"] < 260


def test_one_of_our_numbers_goes_over_its_own_carrier() -> None:
    numbers = {"+15550001": "b", "+15550002": "z"}
    rows = (carrier("a"), carrier("b"), carrier("z"), route("default", "a", "b"))
    table = router(*rows, carrier_of_sender=numbers.get)
    assert over(table.choose(message(sender="+15550001")).hops) == ("b", "a")
    assert over(table.choose(message(sender="+15550002")).hops) == ("a", "b"), "the route lacks its carrier"
    assert over(table.choose(message()).hops) == ("a", "b")


# ---------------------------------------------------------------- draining


def test_a_drained_carrier_gets_nothing_new_but_keeps_what_is_bound_to_it() -> None:
    table = router(carrier("a"), carrier("b"), route("default", "a", "b"), route("only", "a"))
    table.drain(Drained(carriers=frozenset({"a"})))
    assert over(table.choose(message()).hops) == ("b",)
    with pytest.raises(Problem) as caught:
        table.choose(message(pinned_route="only"))
    assert (caught.value.code, caught.value.kind.retryable) == ("draining", True)
    assert over(table.over("a", message()).hops) == ("a",), "an operator may try it"
    table.drain(Drained())
    assert over(table.choose(message()).hops) == ("a", "b")


def test_a_drained_route_is_passed_over() -> None:
    table = router(carrier("a"), carrier("b"), route("us", "a", countries=["US"]), route("default", "b"))
    table.drain(Drained(routes=frozenset({"rte_us"})))
    assert taken(table) == "default"
    assert taken(table, pinned_route="us") == "draining"
    table.drain(Drained(routes=frozenset({"rte_us", "rte_default"})))
    assert taken(table) == "draining"


def test_drained_accounts_senders_and_countries_are_refused() -> None:
    table = router(carrier("a"), route("default", "a"))
    table.drain(
        Drained(accounts=frozenset({"acc_two"}), senders=frozenset({"Shop"}), countries=frozenset({"DE"}))
    )
    assert [
        taken(table),
        taken(table, account_id="acc_two"),
        taken(table, sender="Shop"),
        taken(table, country="DE"),
    ] == ["default", "draining", "draining", "draining"]
    assert taken(table, sender="Shop", pinned_route="default") == "draining"


# ---------------------------------------------------------------- reasons


def told(table: Router, **fields: Any) -> list[tuple[str, str]]:
    explanation = table.explain(message(**fields))
    return [(one.id.removeprefix("rte_"), one.reason) for one in explanation.routes]


def test_reasons_name_what_spoke_against_each_route() -> None:
    table = router(
        carrier("a"), carrier("off", enabled=False), carrier("b"),
        route("otp", "a", classes=["otp"], priority=1),
        route("empty", "off", countries=["US"], priority=2),
        route("drained", "a", countries=["US"], priority=3),
        route("prefix", "a", prefixes=["+4", "+33"], priority=4),
        route("default", "off", "b", "a"),
        route("never", "a", tags=["asked"], priority=200),
    )  # fmt: skip
    table.drain(Drained(routes=frozenset({"rte_drained"}), carriers=frozenset({"b"})))
    assert told(table) == [
        ("otp", "classes"), ("empty", "no carrier"), ("drained", "drained"), ("prefix", "prefixes"),
        ("default", "taken"),
    ]  # fmt: skip
    explanation = table.explain(message())
    assert [(c.id, c.reason) for c in explanation.carriers] == [
        ("a", "taken"),
        ("off", "disabled"),
        ("b", "drained"),
    ]
    assert told(table, class_="otp") == [("otp", "taken")]
    assert told(table, pinned_route="otp") == [("otp", "pinned")]


def test_a_refusal_is_explained_too() -> None:
    table = router(carrier("a"), route("french", "a", countries=["FR"]))
    explanation = table.explain(message())
    assert explanation.choice is None
    assert explanation.refusal is not None
    assert explanation.refusal.code == "no_route"
    assert told(table) == [("french", "countries")]
    assert told(table, test=True) == [("french", "countries")]
