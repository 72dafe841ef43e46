"""Guards of many numbers together: ranges, networks, countries and the whole profile.

Rules kept here:
- a number that is known passes them;
- the scores of networks and countries look at new ranges alone, where nobody approved for 30 days: attackers earn
  with ranges that have no other users, and honest users in all others are not stopped by them;
- codes that are out count at once where their number is bounded (`range_open`, `burst`, `mix`), and by their age
  where it is judged whether they are typed (the scores);
- a range is held while some of its codes are young: honest users may still type them. Then it is blocked for a time
  that doubles with each block, and watched more closely for a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

from onesixty.verify.guards.case import IN_VAIN, Case, Finding
from onesixty.verify.guards.facts import HOUR, KNOWN, MINUTE, SECOND, Block, Mark, Tally
from onesixty.verify.guards.score import Sum, expected, sequential
from onesixty.verify.guards.single import HELD

#: Approvals are counted over so many minutes to say how many a minute usually has.
USUAL_MINUTES: Final = 10

#: Codes of a range that are not typed, from which on further ones say nothing about network and country.
TELLING: Final = 3

#: Codes that should have been typed, from which on it is judged whether they were, and how many standard deviations
#: fewer are clearly fewer.
JUDGED: Final = 5.0
CLEARLY: Final = 2.5


def range_score(case: Case) -> Finding | None:
    """A range whose codes are not typed."""
    key = case.keys.range
    if not key or case.known:
        return None
    marks = _of_range(case)
    if not marks or _range_sum(case, marks).total < case.threshold("range_score.score"):
        return None
    young = case.now - int(case.threshold("range_score.settled_seconds") * SECOND)
    is_young = any(mark.state == "open" and mark.at > young for mark in marks)
    return _hold_or_block(case, "range_score", key, _range_block(case), young=is_young)


def _of_range(case: Case) -> list[Mark]:
    """What the score of a range is made of, newest first."""
    return case.others(
        case.recalled.range, case.keys.range, _since_block(case, "range_score", case.keys.range)
    )


def _range_sum(case: Case, marks: Sequence[Mark]) -> Sum:
    test = sequential(case.typed, case.threshold("range_score.attack"))
    return test.of_marks(reversed(marks), case.now, _start(case, "range_score", case.keys.range))


def _range_block(case: Case) -> Block | None:
    """The last block of a range, unless enough was typed since."""
    block = case.block_of(case.keys.range)
    return None if block is None or _range_sum(case, _of_range(case)).settled else block


def range_open(case: Case) -> Finding | None:
    """Codes of a range that are out at the same time."""
    if not case.keys.range or case.known:
        return None
    since = case.now - int(case.threshold("range_open.seconds") * SECOND)
    marks = case.others(case.recalled.range, case.keys.range, case.now - USUAL_MINUTES * MINUTE)
    out = sum(mark.sends for mark in marks if mark.state == "open" and mark.at >= since)
    if not case.asked.first:
        out += case.asked.sends
    if _range_block(case) is not None:
        most = case.threshold("range_open.open_after_block")
    else:
        approved = sum(mark.state == "approved" for mark in marks) / USUAL_MINUTES
        most = max(case.threshold("range_open.open"), case.threshold("range_open.per_usual") * approved)
    if out < most:
        return None
    return case.finding("range_open", "hold", case.keys.range, case.now + HELD, out)


def sequence(case: Case) -> Finding | None:
    """Numbers of a range that follow each other."""
    if not case.keys.range or case.known:
        return None
    since = case.now - int(case.threshold("sequence.minutes") * MINUTE)
    recalled = (*case.recalled.range, *case.recalled.range_held)
    marks = case.others(recalled, case.keys.range, since)
    own = int(case.asked.to[1:])
    seen = sorted({int(mark.to[1:]) for mark in marks if mark.state in IN_VAIN} | {own})
    place = seen.index(own)
    step = case.threshold("sequence.step")
    first = last = place
    while first > 0 and seen[first] - seen[first - 1] <= step:
        first -= 1
    while last + 1 < len(seen) and seen[last + 1] - seen[last] <= step:
        last += 1
    length = last - first + 1
    if length < case.threshold("sequence.numbers"):
        return None
    return case.finding("sequence", "hold", case.keys.range, case.now + HELD, length)


def network_score(case: Case) -> Finding | None:
    """A network whose codes are not typed, in its new ranges."""
    return _score(case, "network_score", case.keys.network, case.keys.network)


def country_score(case: Case) -> Finding | None:
    """A country whose codes are not typed, in its new ranges."""
    return _score(case, "country_score", case.keys.country, case.keys.fresh)


def _score(case: Case, guard: str, key: str, tallied: str) -> Finding | None:
    if not key or case.known or not is_new_range(case):
        return None
    since = _since_block(case, guard, key)
    tallies = [tally for tally in _since(case, tallied, HOUR) if tally.minute + MINUTE > since]
    if not tallies:
        return None
    test = sequential(case.typed, case.threshold(f"{guard}.attack"))
    found = test.of_tallies(tallies, case.now, _start(case, guard, key))
    block = None if found.settled else case.block_of(key)
    if found.total >= case.threshold(f"{guard}.score"):
        young = case.now - int(case.threshold(f"{guard}.settled_seconds") * SECOND) - MINUTE
        is_young = any(tally.minute > young and tally.sent > tally.approved for tally in tallies)
        return _hold_or_block(case, guard, key, block, young=is_young)
    most = case.threshold(f"{guard}.open" if block is None else f"{guard}.open_after_block")
    out_since = case.now - case.threshold(f"{guard}.seconds") * SECOND
    vain = _in_vain(case, [tally for tally in tallies if tally.minute >= out_since], most)
    return None if vain is None else case.finding(guard, "hold", key, case.now + HELD, vain)


def _since_block(case: Case, guard: str, key: str) -> int:
    """From when on a test looks: what led to a block does not count again."""
    since = case.now - int(case.threshold(f"{guard}.minutes") * MINUTE)
    block = case.block_of(key)
    return since if block is None else max(since, block.created_at)


def _start(case: Case, guard: str, key: str) -> float:
    """Where a test begins: after a block, little more is needed."""
    if case.block_of(key) is None:
        return 0.0
    return case.threshold(f"{guard}.score") * case.threshold(f"{guard}.after_block")


def _hold_or_block(case: Case, guard: str, key: str, block: Block | None, *, young: bool) -> Finding:
    """What follows from a score: while some codes are young, a hold; then a block, longer each time."""
    if young:
        return case.finding(guard, "hold", key, case.now + HELD)
    strikes = 1 if block is None else block.strikes + 1
    first, most = case.threshold(f"{guard}.first_minutes"), case.threshold(f"{guard}.most_minutes")
    minutes = min(first * 2 ** (strikes - 1), most)
    found = case.finding(guard, "block", key, case.now + int(minutes * MINUTE))
    return found._replace(lasting=True, strikes=strikes)


def burst(case: Case) -> Finding | None:
    """More codes to a country than are usual, which are not typed."""
    if not case.keys.country or case.known:
        return None
    usual = case.baseline.usual_vain * case.threshold("burst.times_usual")
    most = max(case.threshold("burst.least"), usual)
    vain = _in_vain(case, _since(case, case.keys.country, HOUR), most)
    if vain is None:
        return None
    return case.finding("burst", "hold", case.keys.country, case.now + HELD, vain)


def _in_vain(case: Case, tallies: Sequence[Tally], most: float) -> float | None:
    """How many codes were not typed, if these are too many, and clearly fewer were typed than should have been, or
    it is too early to say."""
    approved = sum(tally.approved for tally in tallies)
    vain = sum(tally.sent for tally in tallies) - approved
    if vain < most:
        return None
    wanted = expected(tallies, case.typed, case.now)
    few = min(wanted / 2, wanted - CLEARLY * sqrt(wanted))
    return float(vain) if wanted < JUDGED or approved < few else None


def mix(case: Case) -> Finding | None:
    """Countries in which nobody approves."""
    if not case.keys.country or case.known or not is_novel(case):
        return None
    novel = _since(case, case.keys.novel, HOUR)
    everything = sum(tally.sent for tally in _since(case, case.keys.profile, HOUR))
    most = max(case.threshold("mix.least"), case.threshold("mix.share") * everything)
    vain = _in_vain(case, novel, most)
    if vain is None:
        return None
    return case.finding("mix", "hold", case.keys.country, case.now + HELD, vain)


def is_scattered(case: Case) -> bool:
    """Whether a send says something about its country: its range does not tell enough by itself. Otherwise an attack
    on one range would stop a whole country."""
    marks = case.others(case.recalled.range, case.keys.range, case.now - HOUR)
    return sum(mark.state in IN_VAIN for mark in marks) < TELLING


def is_new_range(case: Case) -> bool:
    """Whether nobody in the range approved a code of this profile for 30 days."""
    return bool(case.keys.range) and case.recalled.trace(case.keys.range).approved_at < case.now - KNOWN


def is_novel(case: Case) -> bool:
    """Whether nobody in the country approved a code of this profile for 30 days."""
    return case.recalled.trace(case.keys.country).approved_at < case.now - KNOWN


def _since(case: Case, key: str, span: int) -> list[Tally]:
    """The minutes of a key within a span, after its last release."""
    since = max(case.now - span, case.recalled.trace(key).released_at)
    return [tally for tally in case.recalled.tallies.get(key, ()) if tally.minute + MINUTE > since]
