"""The report for people, in Markdown, made from the result in its JSON form.

Rules kept here: it states measurements and judges nothing; a run that failed is named, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import machine
from benchmarks.cases import Case
from benchmarks.columns import BASE, COMPLETE, Column, shown
from benchmarks.summary import OURS


def markdown(result: Mapping[str, Any], cases: Sequence[Case]) -> list[str]:
    """Return the whole report."""
    setup = result["setup"]
    return [
        f"Measured {result['at'][:10]}, medians of {result['rounds']} round(s). Cases and gateways take turns.",
        "",
        *(f"- {line}" for line in machine.lines(result["machine"])),
        f"- {setup['connections']} connections, {setup['binds']} bind(s) with a window of {setup['window']}",
        *(f"- {note}" for note in result["notes"]),
        *_summary(result, cases),
        *(line for case in cases for line in _case(result, case)),
        *_failures(result),
    ]


def _summary(result: Mapping[str, Any], cases: Sequence[Case]) -> list[str]:
    """Return onesixty's rate in each case, and its ratio to that of its peers and of the case's base."""
    rows = []
    for case in cases:
        values = result["medians"].get(case.name, {}).get(OURS)
        if values is None or case.rate or case.disk:
            continue
        peers = result["peer_ratios"].get(case.name, {})
        base = result["base_ratios"].get(case.name, {}).get(OURS, {})
        ratios = [f"{_ratio(found, COMPLETE)} {peer}" for peer, found in peers.items()]
        if base:
            ratios.append(f"{_ratio(base, COMPLETE)} {case.base}")
        rows.append([f"{case.name}: {case.title}", _cell(values, COMPLETE), ", ".join(ratios)])
    return ["", *table(["", f"onesixty, {COMPLETE.title}", "ratio to"], rows)] if rows else []


def _case(result: Mapping[str, Any], case: Case) -> list[str]:
    found = result["medians"].get(case.name)
    if not found:
        return []
    columns = [
        column
        for column in shown(case)
        if any(set(column.values) & values.keys() for values in found.values())
    ]
    base = result["base_ratios"].get(case.name, {})
    head = ["", *(column.title for column in columns)]
    if with_parts := not case.disk:
        head.append("by process: CPU us, MB")
    if base:
        head.append(f"ratio to {case.base}: {', '.join(column.title for column in BASE)}")
    rows = []
    for gateway, values in found.items():
        row = [gateway, *(_cell(values, column) for column in columns)]
        if with_parts:
            row.append(_parts(result["parts"].get(case.name, {}).get(gateway, {})))
        if base:
            row.append(", ".join(_ratio(base.get(gateway, {}), column) for column in BASE))
        rows.append(row)
    for peer, ratios in result["peer_ratios"].get(case.name, {}).items():
        cells = [_ratio(ratios, column) for column in columns]
        rows.append([f"{OURS} / {peer}", *cells, *[""] * (len(head) - len(cells) - 1)])
    return ["", f"### {case.name}: {case.title}", "", *table(head, rows)]


def said(values: Mapping[str, float], column: Column) -> str:
    """Return a column of one run as text for the console."""
    return f"{column.title} {_cell(values, column)}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table; all columns but the first are right-aligned. Columns are as wide as their cells."""
    widths = [max(3, *(len(row[place]) for row in (head, *rows))) for place in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [f"{'-' * (width - 1)}:" if place else "-" * width for place, width in enumerate(widths)]
    return [line(head), f"| {' | '.join(rule)} |", *map(line, rows)]


def _parts(parts: Mapping[str, Mapping[str, float]]) -> str:
    return "; ".join(
        f"{name} {values['cpu_us']:,.0f}, {values['rss_mb']:,.0f}" for name, values in parts.items()
    )


def _ratio(ratios: Mapping[str, float], column: Column) -> str:
    cells = [f"{ratios[name]:.2f}x" if name in ratios else "" for name in column.values]
    return " / ".join(cells) if any(cells) else ""


def _cell(values: Mapping[str, float], column: Column) -> str:
    cells = [_number(values.get(name), column.decimals) for name in column.values]
    return " / ".join(cells) if any(cells) else ""


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:,.{decimals}f}"


def _failures(result: Mapping[str, Any]) -> list[str]:
    failed = [run for run in result["runs"] if run["problem"]]
    if not failed:
        return []
    lines = [
        f"- {run['gateway']} {run['case']}, round {run['number']}: {run['problem'].strip().splitlines()[-1]}"
        for run in failed
    ]
    return ["", "### Failed runs", "", *lines]
