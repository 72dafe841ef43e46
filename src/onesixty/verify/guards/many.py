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
from math import ceil, sqrt
from typing import Final

from onesixty.verify.guards.case import ANY, Case, Finding
from onesixty.verify.guards.facts import HOUR, KNOWN, MINUTE, MOST_MARKS, SECOND, Block, Tally
from onesixty.verify.guards.score import expected, sequential
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
    key, score = case.keys.range, case.threshold("range_score.score")
    if not key or case.known or case.range_sum.total < score:
        return None
    since, _ = case.tested("range_score", key)
    young = max(since, case.now - int(case.threshold("range_score.settled_seconds") * SECOND) + 1)
    is_young = any(bunch.open and bunch.at >= young for bunch in case.recalled.range)
    return _hold_or_block(case, "range_score", key, case.range_block, young=is_young)


def range_open(case: Case) -> Finding | None:
    """Codes of a range that are out at the same time."""
    if not case.keys.range or case.known:
        return None
    out, most = _out(case)
    if out < most:
        return None
    return case.finding("range_open", "hold", case.keys.range, case.now + HELD, count=out)


def _out(case: Case) -> tuple[int, float]:
    """How many codes of the range are out, and how many may be."""
    since = case.now - int(case.threshold("range_open.seconds") * SECOND)
    bunches = case.recalled.range
    out = sum(bunch.sends for bunch in bunches if bunch.at >= since)
    if not case.asked.first:
        out += case.asked.sends
    if case.range_block is not None:
        return out, case.threshold("range_open.open_after_block")
    usual_since = case.now - USUAL_MINUTES * MINUTE
    approved = sum(bunch.approved for bunch in bunches if bunch.at >= usual_since)
    rate = case.threshold("range_open.per_usual") * approved / _minutes_seen(case)
    return out, max(case.threshold("range_open.open"), rate)


def _minutes_seen(case: Case) -> float:
    """Of how many minutes the approvals of a range are known: a busy range is recalled only in part."""
    bunches = case.recalled.range
    if sum(bunch.approved + bunch.vain for bunch in bunches) < MOST_MARKS["range"]:
        return float(USUAL_MINUTES)
    return min(float(USUAL_MINUTES), max(5 * SECOND, case.now - bunches[-1].at) / MINUTE)


def room(case: Case) -> int:
    """How many more starts at the range would still let this one pass."""
    if not case.keys.range or case.known:
        return ANY
    out, most = _out(case)
    return max(0, ceil(most) - out - 1)


def sequence(case: Case) -> Finding | None:
    """Numbers of a range that follow each other."""
    near = case.recalled.near
    numbers = case.threshold("sequence.numbers")
    if not case.keys.range or case.known or len(near) + 1 < numbers:
        return None
    marks = case.others(near, case.keys.range, case.now - int(case.threshold("sequence.minutes") * MINUTE))
    own = int(case.asked.to[1:])
    seen = sorted({int(mark.to[1:]) for mark in marks} | {own})
    place = seen.index(own)
    step = case.threshold("sequence.step")
    first = last = place
    while first > 0 and seen[first] - seen[first - 1] <= step:
        first -= 1
    while last + 1 < len(seen) and seen[last + 1] - seen[last] <= step:
        last += 1
    length = last - first + 1
    if length < numbers:
        return None
    return case.finding("sequence", "hold", case.keys.range, case.now + HELD, count=length)


def network_score(case: Case) -> Finding | None:
    """A network whose codes are not typed, in its new ranges."""
    return _score(case, "network_score", case.keys.network)


def country_score(case: Case) -> Finding | None:
    """A country whose codes are not typed, in its new ranges."""
    return _score(case, "country_score", case.keys.country)


def _score(case: Case, guard: str, key: str) -> Finding | None:
    if not key or case.known or not is_new_range(case):
        return None
    since, start = case.tested(guard, key)
    tallies = [
        Tally(tally.minute, tally.fresh_sent, tally.fresh_approved)
        for tally in _since(case, key, key)
        if tally.minute + MINUTE > since
    ]
    if not tallies:
        return None
    test, score = sequential(case.typed, case.threshold(f"{guard}.attack")), case.threshold(f"{guard}.score")
    found = test.of_tallies(tallies, case.now, score, start)
    block = None if found.settled else case.block_of(key)
    if found.total >= score:
        young = case.now - int(case.threshold(f"{guard}.settled_seconds") * SECOND) - MINUTE
        is_young = any(tally.minute > young and tally.sent > tally.approved for tally in tallies)
        return _hold_or_block(case, guard, key, block, young=is_young)
    most = case.threshold(f"{guard}.open" if block is None else f"{guard}.open_after_block")
    out_since = case.now - case.threshold(f"{guard}.seconds") * SECOND
    out = _in_vain(case, [tally for tally in tallies if tally.minute >= out_since], most)
    return None if out is None else case.finding(guard, "hold", key, case.now + HELD)


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
    vain = _in_vain(case, _since(case, case.keys.country, case.keys.country), most)
    if vain is None:
        return None
    return case.finding("burst", "hold", case.keys.country, case.now + HELD, count=vain)


def _in_vain(case: Case, tallies: Sequence[Tally], most: float) -> int | None:
    """How many codes were not typed, if these are too many, and clearly fewer were typed than should have been, or
    it is too early to say."""
    approved = sum(tally.approved for tally in tallies)
    vain = sum(tally.sent for tally in tallies) - approved
    if vain < most:
        return None
    wanted = expected(tallies, case.typed, case.now)
    few = min(wanted / 2, wanted - CLEARLY * sqrt(wanted))
    return vain if wanted < JUDGED or approved < few else None


def mix(case: Case) -> Finding | None:
    """Countries in which nobody approves."""
    if not case.keys.country or case.known or not is_novel(case):
        return None
    novel = _since(case, case.keys.novel, case.keys.country)
    usual = case.threshold("mix.share") * case.baseline.of_profile
    most = max(case.threshold("mix.least"), usual)
    vain = _in_vain(case, novel, most)
    if vain is None:
        return None
    return case.finding("mix", "hold", case.keys.country, case.now + HELD, count=vain)


def is_scattered(case: Case) -> bool:
    """Whether a send says something about its country: its range does not tell enough by itself. Otherwise an attack
    on one range would stop a whole country."""
    since = case.now - HOUR
    vain = sum(bunch.vain for bunch in case.recalled.range if bunch.at >= since)
    return vain < TELLING and case.block_of(case.keys.range) is None


def is_new_range(case: Case) -> bool:
    """Whether nobody in the range approved a code of this profile for 30 days."""
    return bool(case.keys.range) and case.recalled.trace(case.keys.range).approved_at < case.now - KNOWN


def is_novel(case: Case) -> bool:
    """Whether nobody in the country approved a code of this profile for 30 days."""
    return case.recalled.trace(case.keys.country).approved_at < case.now - KNOWN


def _since(case: Case, key: str, released: str) -> list[Tally]:
    """The minutes of a key within an hour, after the last release of the key that a stop of it names."""
    since = max(case.now - HOUR, case.recalled.trace(released).released_at)
    return [tally for tally in case.recalled.tallies.get(key, ()) if tally.minute + MINUTE > since]
