"""Stores a result: JSON with everything measured, a report and plots, in a directory of its own."""

from __future__ import annotations

import dataclasses
import io
import json
import pstats
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import plot, report, summary
from benchmarks.cases import Case
from benchmarks.measure import Run, Setup

DIRECTORY: Final = Path(__file__).parent / "results"
PLOTS: Final = {"rates.svg": plot.rates, "latencies.svg": plot.latencies}


def result(
    runs: Sequence[Run],
    cases: Sequence[Case],
    setup: Setup,
    machine: Mapping[str, Any],
    notes: Sequence[str],
    rounds: int,
) -> dict[str, Any]:
    """Return everything measured, in the form that is written to JSON."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": dict(machine),
        "setup": vars(setup),
        "rounds": rounds,
        "notes": list(notes),
        "cases": [dataclasses.asdict(case) for case in cases],
        "medians": summary.medians(runs),
        "parts": summary.part_medians(runs),
        "base_ratios": summary.base_ratios(runs, cases),
        "peer_ratios": summary.peer_ratios(runs, cases),
        "runs": [run.as_json() for run in runs],
    }


def write(found: Mapping[str, Any], cases: Sequence[Case], directory: Path = DIRECTORY) -> Path:
    """Write the three forms. Returns their directory, which is named by the result's time."""
    at = datetime.fromisoformat(found["at"])
    place = directory / f"{at:%Y%m%d-%H%M%S}"
    place.mkdir(parents=True, exist_ok=True)
    (place / "results.json").write_text(json.dumps(found, indent=1) + "\n")
    (place / "report.md").write_text("\n".join(["# Benchmark", "", *report.markdown(found, cases), ""]))
    for name, draw in PLOTS.items():
        (place / name).write_text(draw(found))
    return place


def read(place: Path) -> tuple[dict[str, Any], list[Case]]:
    """Read a written result and its cases."""
    found = json.loads((place / "results.json").read_text())
    return found, [Case(**case) for case in found["cases"]]


def profile(path: Path, functions: int = 40) -> list[str]:
    """Return the functions that took the most time themselves, from a file of cProfile, for the main process only."""
    if not path.exists():
        return []
    out = io.StringIO()
    pstats.Stats(str(path), stream=out).strip_dirs().sort_stats("tottime").print_stats(functions)
    return out.getvalue().strip().splitlines()
