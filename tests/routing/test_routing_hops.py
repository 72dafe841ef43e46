"""Hops: what a route and its carriers say of each, in the order of the carriers, for any table of routes."""

from typing import NamedTuple
from zlib import crc32

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.contracts import CarrierConfig
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.routing.router import Drained, Router
from tests.routing.tables import carrier, message, over, route, router

CARRIERS = ("a", "b", "c", "d", "e")


class Entry(NamedTuple):
    """A carrier of the route under test."""

    carrier: str
    order: int
    weight: int
    sender: str | None


class Case(NamedTuple):
    """A route and all that its choice depends on. `hosts` is the carrier of the sender, if that is our number."""

    entries: list[Entry]
    enabled: frozenset[str]
    drained: frozenset[str]
    simulated: frozenset[str]
    costs: dict[str, int]
    hosts: str | None
    test: bool

    @property
    def table(self) -> Router:
        found = router(
            *(self._carrier(id_) for id_ in CARRIERS),
            route("default", *(self._listed(entry) for entry in self.entries)),
            simulated=tuple(self.simulated),
            carrier_of_sender=lambda sender: self.hosts,
        )
        found.drain(Drained(carriers=self.drained))
        return found

    def _carrier(self, id_: str) -> CarrierConfig:
        row = carrier(id_, enabled=id_ in self.enabled)
        return msgspec.structs.replace(row, cost_per_segment=self.costs[id_], currency="USD")

    @staticmethod
    def _listed(entry: Entry) -> dict[str, object]:
        return {name: value for name, value in entry._asdict().items() if value is not None}

    def carriers(self, message_id: str) -> list[str]:
        """The carriers in their order, by the rules alone: by order, shared by weight, the sender's own first."""
        found: list[str] = []
        seed = 0
        for order in sorted({entry.order for entry in self.entries}):
            group = [e for e in self.entries if e.order == order and e.carrier in self.enabled]
            while group:
                if len(group) > 1:
                    seed = crc32(message_id.encode(), seed)
                at = seed * sum(entry.weight for entry in group) >> 32 if len(group) > 1 else 0
                for entry in group:
                    at -= entry.weight
                    if at < 0:
                        break
                group.remove(entry)
                found.append(entry.carrier)
        found = [c for c in found if c not in self.drained and (not self.test or c in self.simulated)]
        if self.test and not found:
            return sorted(self.enabled & self.simulated)
        return sorted(found, key=lambda id_: id_ != self.hosts)


some = st.frozensets(st.sampled_from(CARRIERS))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    listed = draw(st.lists(st.sampled_from(CARRIERS), unique=True, min_size=1))
    senders = st.none() | st.sampled_from(["Acme", "Spare", "+15550001"])
    return Case(
        [Entry(id_, draw(st.integers(1, 3)), draw(st.integers(1, 9)), draw(senders)) for id_ in listed],
        draw(some | st.just(frozenset(CARRIERS))),
        draw(st.just(frozenset()) | some),
        draw(some),
        {id_: draw(st.integers(0, 10_000)) for id_ in CARRIERS},
        draw(st.none() | st.sampled_from(CARRIERS)),
        draw(st.booleans()),
    )


@given(cases(), st.integers(0, 999))
def test_hops_are_the_carriers_in_their_order(case: Case, number: int) -> None:
    asked = message(f"msg_{number}", test=case.test)
    wanted = case.carriers(asked.id)
    try:
        choice = case.table.choose(asked)
    except Problem:
        assert not wanted
        return
    assert list(over(choice.hops)) == wanted
    senders = {entry.carrier: entry.sender for entry in case.entries}
    for hop in choice.hops:
        assert (hop.cost, hop.currency, hop.channel) == (case.costs[hop.carrier_id], "USD", "sms")
        sandbox = hop.reasons == ("sandbox",)
        assert hop.sender == (None if sandbox else senders[hop.carrier_id])
        assert hop.reasons, "each says why it stands there"


@given(cases(), st.integers(0, 999))
def test_the_hop_of_a_carrier_is_the_one_of_the_choice(case: Case, number: int) -> None:
    """Whichever of them the message takes: dispatch asks for it later, and gets the same."""
    table, asked = case.table, message(f"msg_{number}", test=case.test)
    try:
        choice = table.choose(asked)
    except Problem:
        return
    asked.route_id = choice.route_id
    for hop in choice.hops:
        if hop.reasons == ("sandbox",):
            continue  # also if a drained carrier of the route is in it
        assert _without_reasons(table.hop(asked, hop.carrier_id)) == _without_reasons(hop)


def _without_reasons(hop: Hop) -> Hop:
    return hop._replace(reasons=())


def test_messages_share_the_hops_of_a_route() -> None:
    table = router(carrier("a"), carrier("b"), route("default", "a", "b"))
    assert table.choose(message("msg_1")) is table.choose(message("msg_2")), "one choice for all"
    shared = router(carrier("a"), carrier("b"), route("default", *({"carrier": c, "order": 1} for c in "ab")))
    one, other = (sorted(shared.choose(message(id_)).hops) for id_ in ("msg_1", "msg_2"))
    assert all(mine is yours for mine, yours in zip(one, other, strict=True))


def test_the_hop_of_a_carrier_that_no_route_has_any_more_is_plain() -> None:
    rows = [carrier("a"), carrier("b"), carrier("c")]
    with_sender = [{"carrier": "a", "sender": "Spare"}, {"carrier": "b"}]
    table = router(*rows, route("default", *with_sender))
    waiting = message(route_id="rte_default")
    assert table.hop(waiting, "a").sender == "Spare"
    table.load([route("default", "b")], rows, ())
    assert table.hop(waiting, "a") == Hop("a")
    assert table.hop(waiting, "gone") == Hop("gone")


def test_the_hop_of_a_message_whose_route_is_gone_is_that_of_the_route_chosen_now() -> None:
    """Failover chooses by that route, too."""
    rows = [carrier("a"), carrier("b")]
    table = router(*rows, route("other", {"carrier": "b", "sender": "Spare"}))
    assert table.hop(message(route_id="rte_gone"), "b").sender == "Spare"
    assert table.hop(message(route_id="b"), "b").sender is None, "bound to the carrier, past all routes"
