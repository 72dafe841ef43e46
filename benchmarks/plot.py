"""Two plots as SVG, drawn by this code: rates by case and gateway, and latencies at fixed rates.

No plotting library: bars with labels are enough, and a library would be the largest dependency here.

Rules kept here: bars start at zero; a bar is the median, its whisker spans the lowest and the highest run; each
value is written beside its bar, so that no reader has to measure; colours suit light and dark pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

_WIDTH: Final = 760
_LABEL: Final = 190
_VALUE: Final = 90
_BAR: Final = 16
_GAP: Final = 4
_GROUP_GAP: Final = 18
_HEAD: Final = 34
_COLOURS: Final = ("#2f6fde", "#e0862c", "#2a9d6f", "#a04fc4", "#c43d5c", "#6b7a8f", "#b59a1f")
_STYLE: Final = (
    "text{font:12px sans-serif;fill:#222}.title{font-size:14px;font-weight:bold}"
    ".whisker{stroke:#222;stroke-width:1}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.whisker{stroke:#ddd}}"
)


class Bar(NamedTuple):
    """One bar: its gateway, its length, and the ends of its whisker."""

    name: str
    value: float
    least: float
    most: float


class Group(NamedTuple):
    """Bars that are compared with each other, under a title."""

    title: str
    bars: Sequence[Bar]


def rates(result: Mapping[str, Any]) -> str:
    """Plot complete messages a second, for all cases except those with a fixed rate and those that measure the
    disk."""
    groups = [
        Group(f"{case['name']}: {case['title']}", _bars(result, case["name"], {"": "rate"}))
        for case in result["cases"]
        if not case["rate"] and not case["disk"]
    ]
    return draw("Messages complete a second", groups, decimals=0)


def latencies(result: Mapping[str, Any]) -> str:
    """Plot p50 and p99 of each span at each fixed rate."""
    spans = (
        ("answer", "request to answer"),
        ("carrier", "request to carrier"),
        ("webhook", "report to webhook"),
    )
    groups = [
        Group(
            f"{case['rate']:g} messages a second, {title}",
            _bars(result, case["name"], {" p50": f"{span}_p50_ms", " p99": f"{span}_p99_ms"}),
        )
        for case in result["cases"]
        if case["rate"]
        for span, title in spans
    ]
    return draw("Latency in milliseconds", groups, decimals=1)


def _bars(result: Mapping[str, Any], case: str, columns: Mapping[str, str]) -> list[Bar]:
    found = []
    for gateway, values in result["medians"].get(case, {}).items():
        for suffix, column in columns.items():
            single = [
                run["values"][column]
                for run in result["runs"]
                if (run["case"], run["gateway"], run["problem"]) == (case, gateway, None)
                and column in run["values"]
            ]
            if column in values and single:
                found.append(Bar(gateway + suffix, values[column], min(single), max(single)))
    return found


def draw(title: str, groups: Sequence[Group], *, decimals: int) -> str:
    """Draw horizontal bars as an SVG. All groups share one scale."""
    groups = [group for group in groups if group.bars]
    longest = max((bar.most for group in groups for bar in group.bars), default=0.0) or 1.0
    scale = (_WIDTH - _LABEL - _VALUE) / longest
    gateways = list(dict.fromkeys(bar.name.split(" ")[0] for group in groups for bar in group.bars))
    colours = {name: _COLOURS[place % len(_COLOURS)] for place, name in enumerate(gateways)}
    lines = []
    y = _HEAD
    for group in groups:
        y += _GROUP_GAP
        lines.append(f'<text x="0" y="{y}">{escape(group.title)}</text>')
        y += _GAP + 2
        for bar in group.bars:
            lines += _bar(bar, y, scale, colours[bar.name.split(" ")[0]], decimals)
            y += _BAR + _GAP
    height = y + _GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
            f'height="{height}" role="img" aria-label="{escape(title)}">',
            f"<style>{_STYLE}</style>",
            f'<text class="title" x="0" y="18">{escape(title)}</text>',
            *lines,
            "</svg>",
            "",
        ]
    )


def _bar(bar: Bar, y: int, scale: float, colour: str, decimals: int) -> list[str]:
    middle = y + _BAR / 2
    length = bar.value * scale
    ends = [_LABEL + bar.least * scale, _LABEL + bar.most * scale]
    return [
        f'<text x="{_LABEL - 8}" y="{middle + 4:g}" text-anchor="end">{escape(bar.name)}</text>',
        f'<rect x="{_LABEL}" y="{y}" width="{length:.1f}" height="{_BAR}" fill="{colour}"/>',
        f'<path class="whisker" d="M{ends[0]:.1f} {middle:g}H{ends[1]:.1f}"/>',
        f'<text x="{max(_LABEL + length, ends[1]) + 6:.1f}" y="{middle + 4:g}">{bar.value:,.{decimals}f}</text>',
    ]
