"""Guards of one number, one address, one device and one profile: what may be sent where, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from onesixty.core import money
from onesixty.numbers import InvalidNumber, parse
from onesixty.verify.guards.case import ANY, IN_VAIN, Case, Finding, InVain, end_of_day
from onesixty.verify.guards.catalogue import GUARDS
from onesixty.verify.guards.facts import DAY, HOUR, MINUTE, Mark
from onesixty.verify.guards.reasons import said_of_type

#: How long a held verification waits.
HELD: Final = 10 * MINUTE

#: Types of numbers that are refused. A number of the type `voip` may be somebody's only one.
NO_MOBILES: Final = frozenset(
    {"premium_rate", "shared_cost", "toll_free", "pager", "uan", "voicemail", "personal", "fixed_line"}
)
#: Of these, what can still be called.
CALLABLE: Final = frozenset({"fixed_line"})


def country(case: Case) -> Finding | None:
    """Countries that the profile does not allow."""
    asked = case.asked
    if not case.of_number or (asked.country is not None and asked.country in (case.limits.countries or ())):
        return None
    reason = GUARDS["country"].says(asked.country or "", "country" if asked.country else "no_country")
    return Finding("country", "block", reason, case.keys.country, case.now)


def line(case: Case) -> Finding | None:
    """Numbers that are no mobiles."""
    if not case.of_number:
        return None
    try:
        kind = parse(case.asked.to).type
    except InvalidNumber:
        return None
    if kind not in NO_MOBILES or (kind in CALLABLE and case.asked.channel == "voice"):
        return None
    return case.finding("line", "block", case.keys.number, case.now, type=said_of_type(kind))


def number(case: Case) -> Finding | None:
    """Verifications and sends of one number."""
    key = case.keys.number
    since = max(case.now - DAY, case.recalled.trace(key).approved_at)
    own = case.asked.verification_id
    marks = [m for m in case.recalled.number if m.at >= since and m.state in IN_VAIN]
    marks = [m for m in marks if m.at >= case.recalled.trace(key).released_at]
    sends = sum(mark.sends for mark in marks)
    if sends >= case.threshold("number.sends_a_day") and not case.asked.held:
        return case.finding("number", "block", key, marks[-1].at + DAY, "number_sends", count=sends)
    if not case.asked.first or case.asked.held:
        return None
    recent = [mark for mark in marks if mark.at >= case.now - HOUR and mark.id != own]
    if len(recent) >= case.threshold("number.verifications_an_hour"):
        until = recent[-1].at + HOUR
        return case.finding("number", "block", key, until, "number_verifications", count=len(recent))
    return None


def address(case: Case) -> Finding | None:
    """Distinct numbers of one address of end users."""
    key = case.keys.address
    if not key:
        return None
    marks, vain, most = case.at_address
    more = case.threshold("address.block_above") - case.threshold("address.hold_above")
    if vain >= most + more * case.lenience:
        return case.finding("address", "block", key, marks[-1].at + HOUR, count=vain)
    if vain >= most or _travels(case, marks):
        return case.finding("address", "hold", key, case.now + HELD, count=vain)
    return None


def address_room(case: Case) -> int:
    """How many more starts at the address would still let this one pass. That it asks for several countries is seen
    from its next start on."""
    return _room(case.at_address) if case.keys.address else ANY


def _travels(case: Case, marks: Sequence[Mark]) -> bool:
    """Whether one address asks for numbers of many countries."""
    if not case.of_number:
        return False
    approved = {mark.to for mark in marks if mark.state == "approved"}
    vain = {mark.to for mark in marks if mark.state in IN_VAIN} - approved
    countries = {parse(number).country for number in vain | {case.asked.to} if number.startswith("+")}
    return len(countries) >= case.threshold("address.countries") + len(approved)


def device(case: Case) -> Finding | None:
    """Distinct numbers of one device."""
    if not case.keys.device or case.at_device.numbers < case.at_device.most:
        return None
    count = case.at_device.numbers
    return case.finding("device", "hold", case.keys.device, case.now + HELD, count=count)


def device_room(case: Case) -> int:
    """How many more starts on the device would still let this one pass."""
    return _room(case.at_device) if case.keys.device else ANY


def _room(found: InVain) -> int:
    return max(0, ceil(found.most) - found.numbers - 1)


def budget(case: Case) -> Finding | None:
    """What the sends of the profile cost."""
    if not case.limits.has_budget:
        return None
    ends = ((case.now // HOUR + 1) * HOUR, end_of_day(case.now))
    for name, most, spent, until in zip(
        ("hour", "day"), case.limits.budgets, case.recalled.spent, ends, strict=True
    ):
        if most is not None and spent + case.asked.price > most:
            return Finding(
                "budget", "block", GUARDS["budget"].says(code=f"budget_{name}"), case.keys.profile, until
            )
    return None


def budget_warnings(case: Case) -> list[str]:
    """How much of a budget is spent, from the first warning on."""
    said: list[str] = []
    if not case.limits.has_budget:
        return said
    for name, most, spent in zip(("hour", "day"), case.limits.budgets, case.recalled.spent, strict=True):
        part = 0.0 if not most else (spent + case.asked.price) / most
        passed = [case.threshold(f"budget.{which}_warning") for which in ("first", "second")]
        reached = max((warned for warned in passed if part >= warned), default=None)
        if reached is not None and part <= 1:
            of = f"{money.to_text(most or 0)} {case.asked.currency}"
            said.append(f"{reached:.0%} of the budget of this {name} ({of}) is spent.")
    return said
