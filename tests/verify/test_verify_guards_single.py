"""Guards of one number, one address, one device and one budget: what they stop, what they forgive, and when it
ends."""

from __future__ import annotations

import pytest

from onesixty.verify.guards.facts import DAY, HOUR, MINUTE, Recalled, Trace
from onesixty.verify.guards.limits import GuardLimits
from tests.verify.guards_support import GERMANY, KEYS, NOW, approved_before, judged, mark, newest_first

NUMBER = "+4915112345678"


def test_an_ordinary_start_passes() -> None:
    verdict = judged()
    assert (verdict.action, verdict.guard, verdict.reported) == ("pass", "", ())
    assert verdict.changes.mark is not None
    assert (verdict.changes.mark.state, verdict.changes.mark.range) == ("open", "+491511234")


# ---------------------------------------------------------------- country and line


@pytest.mark.parametrize(
    "limits", [GuardLimits(), GuardLimits(countries=()), GuardLimits(countries=("FR", "AT"))]
)
def test_a_country_that_is_not_allowed(limits: GuardLimits) -> None:
    verdict = judged(limits=limits)
    assert (verdict.action, verdict.guard) == ("block", "country")
    assert "DE" in verdict.reason
    assert verdict.changes.mark is None
    assert verdict.changes.stop is None


def test_a_number_of_no_country_is_not_allowed() -> None:
    verdict = judged(to="+80012345678", country=None)
    assert (verdict.action, verdict.guard) == ("block", "country")


@pytest.mark.parametrize(
    ("number", "kind"),
    [("+4930123456", "fixed line"), ("+499001234567", "premium rate"), ("+498001234567", "toll free")],
)
def test_numbers_that_are_no_mobiles(number: str, kind: str) -> None:
    verdict = judged(to=number)
    assert (verdict.action, verdict.guard) == ("block", "line")
    assert kind in verdict.reason


def test_a_fixed_line_can_be_called() -> None:
    assert judged(to="+4930123456", channel="voice").action == "pass"
    assert judged(to="+499001234567", channel="voice").guard == "line"


def test_an_address_of_email_has_no_country_and_no_line() -> None:
    verdict = judged(to="ada@example.com", channel="email", country=None, limits=GuardLimits())
    assert verdict.action == "pass"
    assert verdict.changes.mark is not None
    assert verdict.changes.mark.range == ""


# ---------------------------------------------------------------- number


def test_three_verifications_an_hour() -> None:
    two = newest_first([mark(60, "failed", NUMBER), mark(600, "failed", NUMBER)])
    assert judged(Recalled(number=two)).action == "pass"
    three = (*two, mark(3000, "failed", NUMBER))
    verdict = judged(Recalled(number=three))
    assert (verdict.action, verdict.guard) == ("block", "number")
    assert verdict.until == three[-1].at + HOUR
    assert verdict.changes.stop is not None
    assert (verdict.changes.stop.action, verdict.changes.stop.lasting) == ("block", False)


def test_ten_sends_a_day() -> None:
    old = newest_first([mark(5 * 3600, "failed", NUMBER, sends=5), mark(6 * 3600, "failed", NUMBER, sends=5)])
    verdict = judged(Recalled(number=old))
    assert (verdict.action, verdict.guard, verdict.until) == ("block", "number", old[-1].at + DAY)
    verdict = judged(Recalled(number=old), first=False, verification_id=old[0].id)
    assert (verdict.action, verdict.guard) == ("later", "number")
    assert verdict.changes.stop is None


def test_an_approval_forgives_a_number() -> None:
    old = newest_first([mark(600 + 60 * place, "failed", NUMBER, sends=4) for place in range(5)])
    assert judged(Recalled(number=old)).action == "block"
    assert judged(Recalled(number=old, traces=approved_before(KEYS.number, 300))).action == "pass"


def test_a_release_forgives_a_number() -> None:
    old = newest_first([mark(600 + 60 * place, "failed", NUMBER, sends=4) for place in range(5)])
    assert judged(Recalled(number=old, traces={KEYS.number: Trace(1, 0, NOW - 1000)})).action == "pass"


def test_resends_of_one_verification_are_counted_together() -> None:
    own = (mark(300, "open", NUMBER, sends=4),)
    verdict = judged(Recalled(number=own), first=False, verification_id=own[0].id)
    assert verdict.action == "pass"
    assert verdict.changes.resent == own[0].id
    assert verdict.changes.mark is None


# ---------------------------------------------------------------- address and device


def of_address(vain: int, approved: int = 0) -> Recalled:
    found = [mark(100 + place, "open", f"+49151200{place:05d}") for place in range(vain)]
    found += [mark(500 + place, "approved", f"+49151300{place:05d}") for place in range(approved)]
    return Recalled(address=newest_first(found))


@pytest.mark.parametrize(
    ("vain", "approved", "action"),
    [
        (4, 0, "pass"),
        (5, 0, "hold"),
        (6, 1, "pass"),
        (7, 1, "hold"),
        (19, 0, "hold"),
        (20, 0, "block"),
        (24, 10, "pass"),
    ],
)
def test_distinct_numbers_of_an_address(vain: int, approved: int, action: str) -> None:
    verdict = judged(of_address(vain, approved))
    assert verdict.action == action
    assert verdict.guard == ("" if action == "pass" else "address")


def test_one_number_again_and_again_is_one_number() -> None:
    again = tuple(mark(100 + place, "failed", "+4915120000001") for place in range(30))
    assert judged(Recalled(address=again)).action == "pass"


def test_a_held_start_counts_for_its_address_and_costs_nothing() -> None:
    verdict = judged(of_address(5))
    assert verdict.until == NOW + 10 * MINUTE
    assert verdict.changes.mark is not None
    assert (verdict.changes.mark.state, verdict.changes.mark.sends) == ("held", 0)
    assert verdict.changes.count is None
    assert verdict.changes.spends == ()


def test_without_an_address_nothing_is_said_of_it() -> None:
    assert judged(of_address(30), user_ip=None).action == "pass"
    assert judged(of_address(30), user_ip="not an address").action == "pass"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_addresses_are_told_apart_by_what_one_user_has(address: str, network: str) -> None:
    changes = judged(user_ip=address).changes
    assert changes.mark is not None
    assert changes.mark.address == network


def test_numbers_of_a_device() -> None:
    found = [mark(3600 * (place + 1), "failed", f"+49151200{place:05d}") for place in range(3)]
    recalled = Recalled(device=newest_first(found))
    assert judged(recalled).action == "pass"  # it said no device
    assert judged(recalled, device="phone").action == "hold"
    forgiven = Recalled(device=newest_first([*found, mark(60, "approved", "+4915130000000")]))
    assert judged(forgiven, device="phone").action == "pass"


# ---------------------------------------------------------------- budget


def test_a_budget_is_never_passed() -> None:
    limits = GuardLimits(countries=("DE",), budget_hour="1.00", budget_day="5.00")
    verdict = judged(Recalled(spent=(925_000, 925_000)), limits)
    assert verdict.action == "pass"
    assert verdict.warnings == ("80% of the budget of this hour (1.00 EUR) is spent.",)
    assert [(each.key, each.amount, each.most) for each in verdict.changes.spends] == [
        ("vpr_1/p/hour", 75_000, 1_000_000),
        ("vpr_1/p/day", 75_000, 5_000_000),
    ]
    verdict = judged(Recalled(spent=(925_001, 925_001)), limits)
    assert (verdict.action, verdict.guard) == ("block", "budget")
    assert verdict.until == (NOW // HOUR + 1) * HOUR
    verdict = judged(Recalled(spent=(0, 4_950_000)), limits)
    assert (verdict.guard, verdict.until) == ("budget", (NOW // DAY + 1) * DAY)


def test_a_resend_is_paid_by_the_budget_too() -> None:
    limits = GuardLimits(countries=("DE",), budget_hour="1.00")
    assert len(judged(limits=limits, first=False).changes.spends) == 1
    verdict = judged(Recalled(spent=(1_000_000, 0)), limits, first=False)
    assert (verdict.action, verdict.guard) == ("later", "budget")


def test_half_of_a_budget_is_told() -> None:
    limits = GuardLimits(countries=("DE",), budget_day="1.00")
    assert judged(Recalled(spent=(0, 300_000)), limits).warnings == ()
    assert judged(Recalled(spent=(0, 430_000)), limits).warnings[0].startswith("50%")


# ---------------------------------------------------------------- modes, trust, simulated routes


def test_a_guard_that_reports_stops_nothing() -> None:
    limits = GuardLimits(countries=("DE",), modes={"address": "report"})
    verdict = judged(of_address(5), limits)
    assert verdict.action == "pass"
    assert [(each.guard, each.action) for each in verdict.reported] == [("address", "hold")]
    assert verdict.changes.mark is not None
    assert verdict.changes.mark.state == "open"


def test_a_guard_that_is_off_says_nothing() -> None:
    verdict = judged(of_address(30), GuardLimits(countries=("DE",), modes={"address": "off"}))
    assert (verdict.action, verdict.reported) == ("pass", ())


def test_on_a_simulated_route_all_guards_report() -> None:
    verdict = judged(of_address(30), GuardLimits(), simulated=True)
    assert verdict.action == "pass"
    assert {each.guard for each in verdict.reported} == {"country", "address"}


def test_on_a_simulated_route_guards_act_if_the_profile_says_so() -> None:
    limits = GuardLimits(on_simulated=True, modes={"country": "report"})
    verdict = judged(of_address(30), limits, simulated=True)
    assert (verdict.action, verdict.guard) == ("block", "address")
    assert {each.guard for each in verdict.reported} == {"country"}


def test_a_trusted_number_passes_everything() -> None:
    recalled = Recalled(trusted=True, address=of_address(30).address)
    assert judged(recalled, GuardLimits()).action == "pass"


def test_a_block_wins_over_a_hold() -> None:
    recalled = Recalled(
        address=of_address(5).address,
        number=tuple(mark(60 * (place + 1), "failed", NUMBER) for place in range(3)),
    )
    verdict = judged(recalled)
    assert (verdict.action, verdict.guard) == ("block", "number")


def test_a_stop_is_put_on_record_once() -> None:
    recalled = of_address(5)
    stop = judged(recalled).changes.stop
    assert stop is not None
    assert (stop.id, stop.guard, stop.subject, stop.action) == ("vbl_new", "address", "198.51.100.7", "hold")
    again = Recalled(address=recalled.address, on_record=frozenset({KEYS.address}))
    assert judged(again).changes.stop is None


def test_a_held_one_is_judged_again_without_itself() -> None:
    held = mark(5, "held", NUMBER)
    others = of_address(5).address
    recalled = Recalled(address=(held, *others), number=(held,))
    assert judged(recalled, held=True, verification_id=held.id).action == "hold"
    better = Recalled(address=(held, *others[1:]), number=(held,))
    verdict = judged(better, held=True, verification_id=held.id)
    assert verdict.action == "pass"
    assert verdict.changes.released == (held.id, NOW)
    assert verdict.changes.mark is None
    assert verdict.changes.count is not None
    assert KEYS.country in verdict.changes.count.keys


def test_the_thresholds_of_a_profile_count() -> None:
    limits = GuardLimits(countries=("DE",), thresholds={"address.hold_above": 10})
    assert judged(of_address(9), limits).action == "pass"
    assert judged(of_address(10), limits).action == "hold"
    assert judged(of_address(9), GERMANY).action == "hold"
