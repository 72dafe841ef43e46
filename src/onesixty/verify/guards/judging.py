"""Judges one start or resend by all guards, and says what is to be written.

Rules kept here:
- a trusted number passes everything;
- of several findings, a block wins over a hold, and then the guard that comes first in the table;
- in a profile's `report` mode, and on a simulated route unless the profile says `on_simulated`, a guard tells what it
  would do and stops nothing;
- a block that stands is not judged again: nothing is counted for starts that it stops. A start that is stopped costs
  nothing and is no evidence, but a held one counts for its address and its device, and in sequences;
- a stop is put on record once for each key while it lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from onesixty.verify.guarding import Report
from onesixty.verify.guards import many, single
from onesixty.verify.guards.case import ANY, Case, Finding, Rule, end_of_day
from onesixty.verify.guards.facts import (
    DAY,
    HOUR,
    MINUTE,
    Stop,
    range_of,
    scope_of,
    subject_of,
)
from onesixty.verify.guards.verdict import (
    FRESH,
    NOVEL,
    SCATTERED,
    Changes,
    Count,
    Judged,
    NewMark,
    Spend,
    counted,
)

#: All guards, in the order of the table.
RULES: Final[dict[str, Rule]] = {
    "country": single.country,
    "line": single.line,
    "number": single.number,
    "address": single.address,
    "device": single.device,
    "range_score": many.range_score,
    "range_open": many.range_open,
    "sequence": many.sequence,
    "network_score": many.network_score,
    "country_score": many.country_score,
    "burst": many.burst,
    "mix": many.mix,
    "budget": single.budget,
}

#: The guards that look at a resend: what is sent where, and what it costs.
OF_RESENDS: Final = frozenset({"country", "line", "number", "range_open", "budget"})

#: Guards that speak of one start and stop nothing that comes later.
_NOT_ON_RECORD: Final = frozenset({"country", "line"})


def judge(case: Case, new_id: Callable[[], str]) -> Judged:
    """Judge a case. `new_id` makes the id of a stop that is put on record."""
    if case.recalled.trusted:
        return _passed(case, (), ())
    findings, reports = _findings(case)
    warnings = tuple(single.budget_warnings(case))
    if not findings:
        return _passed(case, reports, warnings)
    worst = min(findings, key=lambda each: each.action != "block")
    action = worst.action if case.asked.first or case.asked.held else "later"
    return Judged(
        action=action,
        guard=worst.guard,
        key=worst.key,
        reason=worst.reason,
        until=worst.until,
        warnings=warnings,
        reported=reports,
        changes=_stopped(case, worst, new_id) if action != "later" else Changes(),
    )


def _findings(case: Case) -> tuple[list[Finding], tuple[Report, ...]]:
    """What stops a case, and what would."""
    found: list[Finding] = []
    reports: list[Report] = []
    for finding in (*_standing(case), *_asked(case)):
        if _only_reports(case) or case.limits.mode(finding.guard) == "report":
            reports.append(Report(guard=finding.guard, action=finding.action, reason=finding.reason))
        else:
            found.append(finding)
    return found, tuple(reports)


def _only_reports(case: Case) -> bool:
    """Whether all guards only report here."""
    return case.asked.simulated and not case.limits.on_simulated


def _standing(case: Case) -> list[Finding]:
    """The blocks in force, in the order of the keys."""
    found = []
    for key in case.keys:
        block = case.recalled.blocks.get(key)
        if block is None or block.released_at or block.ends_at <= case.now:
            continue
        if _concerns(case, key) and case.limits.mode(block.guard) != "off":
            found.append(Finding(block.guard, "block", block.reason, key, block.ends_at))
    return found


def _concerns(case: Case, key: str) -> bool:
    """Whether a block of a key stops this start: known numbers pass, and networks and countries are blocked for new
    ranges alone."""
    wide = key in (case.keys.network, case.keys.country)
    return not case.known and (many.is_new_range(case) or not wide)


def _asked(case: Case) -> list[Finding]:
    """The findings of the guards that are on. A block ends the questions."""
    found = []
    for name, rule in RULES.items():
        if case.limits.mode(name) == "off" or not (case.asked.first or name in OF_RESENDS):
            continue
        finding = rule(case)
        if finding is not None:
            found.append(finding)
    return found


# ---------------------------------------------------------------- what is written


def _passed(case: Case, reports: Sequence[Report], warnings: tuple[str, ...]) -> Judged:
    asked, keys = case.asked, case.keys
    spends = _spends(case)
    if not asked.first and not asked.held:
        changes = Changes(resent=asked.verification_id, spends=spends)
    elif asked.held:
        changes = Changes(
            turns=_turns(case, {keys.range: many.room(case)}),
            released=(asked.verification_id, case.now),
            count=_count(case),
            spends=spends,
        )
    else:
        changes = Changes(
            turns=_turns(
                case,
                {
                    keys.number: 0,
                    keys.range: many.room(case),
                    keys.address: single.address_room(case),
                    keys.device: single.device_room(case),
                },
            ),
            mark=_mark(case, sends=1),
            count=_count(case),
            spends=spends,
        )
    return Judged(action="pass", warnings=warnings, reported=tuple(reports), changes=changes)


def _stopped(case: Case, finding: Finding, new_id: Callable[[], str]) -> Changes:
    keys = case.keys
    counts = finding.action == "hold" and not case.asked.held
    return Changes(
        turns=_turns(
            case,
            # a start that is stopped passes nothing, however many came first; but there is one lasting block
            ({keys.address: ANY, keys.device: ANY} if counts else {})
            | ({finding.key: 0} if finding.lasting else {}),
        ),
        mark=_mark(case, sends=0) if counts else None,
        stop=_stop(case, finding, new_id),
    )


def _turns(case: Case, rooms: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """The keys with the last turn at which a verdict holds: so many may have started there since it was read."""
    return tuple((key, case.recalled.trace(key).turn + rooms[key]) for key in sorted(rooms) if key)


def _mark(case: Case, sends: int) -> NewMark:
    asked, keys = case.asked, case.keys
    return NewMark(
        id=asked.verification_id,
        scope=scope_of(asked.tenant),
        profile_id=asked.profile_id,
        at=case.now,
        to=asked.to,
        range=range_of(asked.to) if keys.range else "",
        address=subject_of(keys.address),
        device=subject_of(keys.device),
        flags=_flags(case),
        state="open" if sends else "held",
        sends=sends,
    )


def _flags(case: Case) -> int:
    if not case.keys.country:
        return 0
    flags = ((many.is_scattered, SCATTERED), (many.is_new_range, FRESH), (many.is_novel, NOVEL))
    return sum(flag for holds, flag in flags if holds(case))


def _count(case: Case) -> Count | None:
    """What a send is counted in."""
    flags = _flags(case)
    return (
        Count(counted(case.keys, flags), case.now // MINUTE * MINUTE, 1, 0, bool(flags & FRESH))
        if flags
        else None
    )


def _spends(case: Case) -> tuple[Spend, ...]:
    if not case.limits.has_budget:
        return ()
    begins = (case.now // HOUR * HOUR, case.now // DAY * DAY)
    ends = (begins[0] + HOUR, end_of_day(case.now))
    return tuple(
        Spend(f"{case.keys.profile}/{name}", start, case.asked.price, most, end)
        for name, start, most, end in zip(("hour", "day"), begins, case.limits.budgets, ends, strict=True)
        if most is not None and not _only_reports(case)
    )


def _stop(case: Case, finding: Finding, new_id: Callable[[], str]) -> Stop | None:
    """The record of a stop, unless there is one, or the guard speaks of one start alone."""
    recorded = finding.key in case.recalled.on_record
    if finding.guard in _NOT_ON_RECORD or (recorded and not finding.lasting):
        return None
    asked = case.asked
    return Stop(
        id=new_id(),
        account_id=asked.tenant.account_id,
        test=asked.tenant.test,
        profile_id=asked.profile_id,
        guard=finding.guard,
        key=finding.key,
        subject=subject_of(finding.key),
        action=finding.action,
        reason=finding.reason,
        lasting=finding.lasting,
        strikes=finding.strikes,
        created_at=case.now,
        ends_at=finding.until,
    )
