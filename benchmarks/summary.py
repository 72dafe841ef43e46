"""Medians and ratios of runs. Failed runs count in neither.

Rules kept here:
- the result of a case and a gateway is the median over the rounds;
- a ratio is computed within each round, whose runs had the same state of the machine; its median is the result;
- a ratio above 1 means that the first of the two has more: messages a second, or microseconds.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from benchmarks.cases import Case
from benchmarks.columns import BASE, VALUES, Column, shown
from benchmarks.measure import Run

#: By case, then by gateway, then by the name of the value.
Table = dict[str, dict[str, dict[str, float]]]

OURS = "onesixty"


def medians(runs: Sequence[Run]) -> Table:
    """Return the median of each value in the runs."""
    found: Table = {}
    for case, gateway in _pairs(runs):
        complete = _complete(runs, case, gateway)
        values = {
            name: statistics.median(run.values[name] for run in complete)
            for name in VALUES
            if complete and all(name in run.values for run in complete)
        }
        if values:
            found.setdefault(case, {})[gateway] = values
    return found


def part_medians(runs: Sequence[Run]) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """Return CPU and memory of each part, by case and gateway."""
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for case, gateway in _pairs(runs):
        complete = _complete(runs, case, gateway)
        for part in dict.fromkeys(name for run in complete for name in run.parts):
            having = [run.parts[part] for run in complete if part in run.parts]
            found.setdefault(case, {}).setdefault(gateway, {})[part] = {
                name: statistics.median(each[name] for each in having) for name in having[0]
            }
    return found


def base_ratios(runs: Sequence[Run], cases: Sequence[Case]) -> Table:
    """Return the ratio of each case to its base, if it has one, for the same gateway."""
    found: Table = {}
    for case in cases:
        if case.base is None:
            continue
        for gateway in _gateways(runs):
            ratios = _ratios(
                _complete(runs, case.name, gateway),
                _complete(runs, case.base, gateway),
                BASE,
            )
            if ratios:
                found.setdefault(case.name, {})[gateway] = ratios
    return found


def peer_ratios(runs: Sequence[Run], cases: Sequence[Case]) -> Table:
    """Return the ratio of onesixty in its usual form to each other product, in the same case."""
    found: Table = {}
    for case in cases:
        for gateway in _gateways(runs):
            if gateway.startswith(OURS):
                continue
            ratios = _ratios(
                _complete(runs, case.name, OURS),
                _complete(runs, case.name, gateway),
                shown(case),
            )
            if ratios:
                found.setdefault(case.name, {})[gateway] = ratios
    return found


def _ratios(runs: Sequence[Run], others: Sequence[Run], columns: Iterable[Column]) -> dict[str, float]:
    """Return the median ratio of each value over the rounds that both have."""
    by_number = {run.number: run for run in others}
    pairs = [(run.values, by_number[run.number].values) for run in runs if run.number in by_number]
    found = {}
    for name in (name for column in columns for name in column.values):
        ratios = [mine[name] / theirs[name] for mine, theirs in pairs if name in mine and theirs.get(name)]
        if ratios:
            found[name] = statistics.median(ratios)
    return found


def _complete(runs: Sequence[Run], case: str, gateway: str) -> list[Run]:
    return [run for run in runs if (run.case, run.gateway, run.problem) == (case, gateway, None)]


def _gateways(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.gateway for run in runs))


def _pairs(runs: Sequence[Run]) -> list[tuple[str, str]]:
    cases = dict.fromkeys(run.case for run in runs)
    return [(case, gateway) for case in cases for gateway in _gateways(runs)]
