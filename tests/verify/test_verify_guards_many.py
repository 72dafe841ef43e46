"""Guards of ranges, networks and countries: what they stop, and that approvals keep them quiet."""

from __future__ import annotations

import pytest

from onesixty.verify.guards.facts import HOUR, MINUTE, Baseline, Block, Recalled, Trace
from onesixty.verify.guards.limits import GuardLimits
from tests.verify.guards_support import KEYS, NOW, approved_before, judged, mark, marks, minutes, of_range

USUAL = Baseline(sent=16_800, approved=13_440, hours=168)  # 100 an hour, 80 % typed


# ---------------------------------------------------------------- the score of a range


def test_failures_in_a_row_block_a_range() -> None:
    assert judged(of_range(marks(5, 900, "failed")), baseline=USUAL).action == "pass"
    verdict = judged(of_range(marks(6, 900, "failed")), baseline=USUAL)
    assert (verdict.action, verdict.guard, verdict.until) == ("block", "range_score", NOW + 5 * MINUTE)
    stop = verdict.changes.stop
    assert stop is not None
    assert (stop.lasting, stop.strikes, stop.subject, stop.key) == (True, 1, "+491511234", KEYS.range)
    assert verdict.changes.turns == ((KEYS.range, 0),)


def test_where_fewer_codes_are_typed_more_failures_are_needed() -> None:
    poor = Baseline(sent=1000, approved=400, hours=168)
    assert judged(of_range(marks(19, 900, "failed")), baseline=poor).action == "pass"
    assert judged(of_range(marks(20, 900, "failed")), baseline=poor).action == "block"


def test_an_approval_takes_back_what_failures_added() -> None:
    quiet = of_range(marks(5, 900, "failed"), [mark(800, "approved")], marks(1, 100, "failed", first=5000))
    assert judged(quiet, baseline=USUAL).action == "pass"


def test_codes_that_are_out_for_long_count_as_failures() -> None:
    assert judged(of_range(marks(8, 2)), baseline=USUAL).action == "pass"
    assert judged(of_range(marks(8, 30)), baseline=USUAL).action == "pass"
    assert judged(of_range(marks(8, 90)), baseline=USUAL).guard == "range_score"


def test_a_range_is_held_while_a_code_is_young() -> None:
    found = of_range(marks(7, 200), [mark(5, to="+4915112349999")])
    verdict = judged(found, baseline=USUAL)
    assert (verdict.action, verdict.guard) == ("hold", "range_score")
    assert verdict.changes.stop is not None
    assert verdict.changes.stop.lasting is False


@pytest.mark.parametrize(("strikes", "minutes_"), [(1, 10), (2, 20), (7, 640), (8, 720), (20, 720)], ids=str)
def test_each_further_block_lasts_twice_as_long(strikes: int, minutes_: int) -> None:
    last = Block("range_score", "why", strikes, NOW - 2 * HOUR, NOW - HOUR)
    recalled = of_range(marks(6, 100, "failed"), blocks={KEYS.range: last})
    verdict = judged(recalled, baseline=USUAL)
    assert verdict.until == NOW + minutes_ * MINUTE
    assert verdict.changes.stop is not None
    assert verdict.changes.stop.strikes == strikes + 1


def test_after_a_block_a_range_is_on_probation() -> None:
    last = Block("range_score", "why", 1, NOW - 10 * MINUTE, NOW - 5 * MINUTE)
    assert judged(Recalled(blocks={KEYS.range: last}), baseline=USUAL).action == "pass"
    again = of_range(marks(3, 120, "failed", first=5000), blocks={KEYS.range: last})
    assert judged(again, baseline=USUAL).action == "block"  # half of it is enough now
    assert judged(of_range(marks(3, 2), blocks={KEYS.range: last}), baseline=USUAL).guard == "range_open"


def test_a_block_stands_until_it_ends_or_is_released() -> None:
    standing = Block("range_score", "why", 1, NOW - MINUTE, NOW + MINUTE)
    verdict = judged(Recalled(blocks={KEYS.range: standing}, on_record=frozenset({KEYS.range})))
    assert (verdict.action, verdict.guard, verdict.reason, verdict.until) == (
        "block",
        "range_score",
        "why",
        NOW + MINUTE,
    )
    assert verdict.changes.stop is None
    assert verdict.changes.mark is None
    released = standing._replace(released_at=NOW - 1)
    assert judged(Recalled(blocks={KEYS.range: released})).action == "pass"
    off = GuardLimits(countries=("DE",), modes={"range_score": "off"})
    assert judged(Recalled(blocks={KEYS.range: standing}), off).action == "pass"


def test_a_resend_into_a_blocked_range_waits() -> None:
    standing = Block("range_score", "why", 1, NOW - MINUTE, NOW + MINUTE)
    verdict = judged(Recalled(blocks={KEYS.range: standing}), first=False)
    assert (verdict.action, verdict.until) == ("later", NOW + MINUTE)


def test_a_release_makes_a_sequence_a_network_and_a_country_forget() -> None:
    row = [mark(30 + place, to=f"+491511234{5670 + place}") for place in range(7)]
    tallies = {key: minutes((30, 0), ago=8, fresh=True) for key in (KEYS.country, KEYS.network, KEYS.novel)}
    assert judged(of_range(row, tallies=tallies), baseline=USUAL, network="26201").action == "block"
    released = {key: Trace(1, 0, NOW - 1000) for key in (KEYS.range, KEYS.network, KEYS.country)}
    assert (
        judged(of_range(row, tallies=tallies, traces=released), baseline=USUAL, network="26201").action
        == "pass"
    )


def test_what_no_carrier_took_says_nothing() -> None:
    assert judged(of_range(marks(30, 900, "unsent")), baseline=USUAL).action == "pass"
    assert judged(of_range(marks(30, 900, "unreported")), baseline=USUAL).action == "pass"


def test_a_known_number_passes() -> None:
    found = marks(8, 900, "failed")
    known = approved_before(KEYS.number, 20 * 86_400)
    assert judged(of_range(found, traces=known), baseline=USUAL).action == "pass"
    assert (
        judged(of_range(found, traces=approved_before(KEYS.number, 31 * 86_400)), baseline=USUAL).action
        == "block"
    )
    vain = tuple(mark(60 * (place + 1), "failed", "+4915112345678") for place in range(2))
    assert judged(of_range(found, traces=known, number=vain), baseline=USUAL).action == "block"


# ---------------------------------------------------------------- codes that are out


def test_ten_codes_may_be_out_to_a_range() -> None:
    assert judged(of_range(marks(9, 1))).action == "pass"
    verdict = judged(of_range(marks(10, 1)))
    assert (verdict.action, verdict.guard) == ("hold", "range_open")
    assert verdict.changes.mark is not None
    assert verdict.changes.mark.state == "held"


def test_more_may_be_out_where_many_approve() -> None:
    busy = [*marks(11, 1), *marks(30, 200, "approved", first=3000)]
    assert judged(of_range(busy), baseline=USUAL).action == "pass"


def test_a_range_of_which_only_seconds_are_recalled_is_judged_by_these() -> None:
    """Two hundred marks are 40 seconds of a launch: 60 approvals in 40 seconds are 90 a minute, not 6."""
    busy = [mark(place / 5, "approved" if place % 3 == 0 else "open") for place in range(1, 201)]
    assert judged(of_range(busy), baseline=USUAL).action == "pass"
    assert judged(of_range(busy[:190]), baseline=USUAL).guard == "range_open"


def test_a_code_is_not_out_for_ever() -> None:
    verdict = judged(of_range(marks(10, 200, first=0)), baseline=Baseline(1000, 350, 100))
    assert verdict.guard != "range_open"


# ---------------------------------------------------------------- sequences


@pytest.mark.parametrize(
    ("last", "action"),
    [
        ([5677, 5676, 5675, 5674], "hold"),
        ([5668, 5658, 5648, 5688], "hold"),
        ([5667, 5656, 5645, 5689], "pass"),
        ([5677, 5676, 5675], "pass"),
    ],
)
def test_numbers_that_follow_each_other(last: list[int], action: str) -> None:
    found = [mark(30 + place, to=f"+491511234{number:04d}") for place, number in enumerate(last)]
    verdict = judged(of_range(found))
    assert (verdict.action, verdict.guard) == (action, "sequence" if action == "hold" else "")


def test_numbers_that_approved_are_no_sequence() -> None:
    found = [mark(30 + place, "approved", f"+491511234{5670 + place}") for place in range(7)]
    assert judged(of_range(found)).action == "pass"


# ---------------------------------------------------------------- networks and countries


@pytest.mark.parametrize(
    ("guard", "key"),
    [("country_score", KEYS.country), ("network_score", KEYS.network)],
)
def test_a_place_whose_codes_are_not_typed_is_held(guard: str, key: str) -> None:
    bad = Recalled(tallies={key: minutes((5, 0), (5, 0), fresh=True)})
    verdict = judged(bad, baseline=USUAL, network="26201")
    assert (verdict.action, verdict.guard, verdict.key) == ("block", guard, key)
    assert verdict.changes.stop is not None
    assert verdict.changes.stop.lasting
    good = Recalled(tallies={key: minutes((50, 30), (50, 35), fresh=True)})
    assert judged(good, baseline=USUAL, network="26201").action == "pass"
    nineteen = Recalled(tallies={key: minutes((19, 0), ago=0, fresh=True)})
    assert judged(nineteen, network="26201").action == "pass"
    young = judged(Recalled(tallies={key: minutes((20, 0), ago=0, fresh=True)}), network="26201")
    assert (young.action, young.guard) == ("hold", guard)
    typed = Recalled(tallies={key: minutes((10, 8), (20, 15), ago=2, fresh=True)})
    assert judged(typed, network="26201").action == "pass"
    for seen in (KEYS.number, KEYS.range):
        known = Recalled(tallies=bad.tallies, traces=approved_before(seen, 86_400))
        assert judged(known, baseline=USUAL, network="26201").action == "pass"


def test_more_than_usual_is_a_burst_unless_it_is_typed() -> None:
    new = Baseline()
    assert judged(Recalled(tallies={KEYS.country: minutes((19, 0), ago=0)}), baseline=new).action == "pass"
    verdict = judged(Recalled(tallies={KEYS.country: minutes((20, 0), ago=0)}), baseline=new)
    assert (verdict.action, verdict.guard) == ("hold", "burst")
    typed = Recalled(tallies={KEYS.country: minutes((60, 40), (20, 12))})
    assert judged(typed, baseline=new).action == "pass"
    assert judged(Recalled(tallies={KEYS.country: minutes((119, 0), ago=0)}), baseline=USUAL).action == "pass"
    assert judged(Recalled(tallies={KEYS.country: minutes((120, 0), ago=0)}), baseline=USUAL).guard == "burst"


def test_countries_without_an_approval_are_few() -> None:
    tallies = {KEYS.novel: minutes((10, 0), ago=1)}
    few = Baseline(of_profile=190.0)
    verdict = judged(Recalled(tallies=tallies), baseline=few)
    assert (verdict.action, verdict.guard) == ("hold", "mix")
    known = Recalled(tallies=tallies, traces=approved_before(KEYS.country, 29 * 86_400))
    assert judged(known, baseline=few).action == "pass"
    assert judged(Recalled(tallies=tallies), baseline=Baseline(of_profile=210.0)).action == "pass"


def test_a_start_in_a_new_country_is_counted_as_such() -> None:
    count = judged(network="26201").changes.count
    assert count is not None
    assert (count.keys, count.fresh) == ((KEYS.country, KEYS.network, KEYS.novel), True)
    old = judged(Recalled(traces=approved_before(KEYS.country, 86_400) | approved_before(KEYS.range, 86_400)))
    assert old.changes.count is not None
    assert (old.changes.count.keys, old.changes.count.fresh) == ((KEYS.country, "", ""), False)


# ---------------------------------------------------------------- starts at the same time


@pytest.mark.parametrize(("out", "room"), [(0, 9), (6, 3), (9, 0)])
def test_a_start_is_judged_again_only_if_others_used_up_its_room(out: int, room: int) -> None:
    turns = dict(judged(of_range(marks(out, 1))).changes.turns)
    assert turns[KEYS.range] == room
    known = dict(judged(of_range(marks(out, 1), traces=approved_before(KEYS.number, 86_400))).changes.turns)
    assert known[KEYS.range] > 1000
