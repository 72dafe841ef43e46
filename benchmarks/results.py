"""Medians, the table for people and the file for programs."""

import io
import json
import os
import platform
import pstats
import statistics
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import SCENARIOS, Run, Setup
from onesixty import __version__

DIRECTORY = Path(__file__).parent / "results"

#: Column, title, decimals, and whether more is better.
COLUMNS = (
    ("rate", "messages/s complete", 0, True),
    ("cpu_us", "CPU us/message", 0, False),
    ("p50_ms", "answer p50 ms", 1, False),
    ("p99_ms", "answer p99 ms", 1, False),
    ("rss_mb", "memory MB", 0, False),
)


def medians(runs: Sequence[Run]) -> dict[str, dict[str, dict[str, float]]]:
    """The median of each column over the complete runs: by scenario, then by gateway."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for scenario in sorted({run.scenario for run in runs}):
        for gateway in dict.fromkeys(run.gateway for run in runs):
            complete = [
                run
                for run in runs
                if (run.scenario, run.gateway) == (scenario, gateway) and run.problem is None
            ]
            if complete:
                found.setdefault(scenario, {})[gateway] = {
                    name: statistics.median(getattr(run, name) for run in complete) for name, *_ in COLUMNS
                }
    return found


def table(runs: Sequence[Run]) -> list[str]:
    """The medians side by side, onesixty as a ratio to each other gateway, and the failures."""
    lines = []
    for scenario, gateways in medians(runs).items():
        lines += [
            "",
            f"{scenario}. {SCENARIOS[scenario].title}",
            _row("", [title for _, title, _, _ in COLUMNS]),
        ]
        for gateway, values in gateways.items():
            lines.append(_row(gateway, [f"{values[name]:,.{places}f}" for name, _, places, _ in COLUMNS]))
        ours = gateways.get("onesixty")
        for gateway, values in gateways.items():
            if ours is not None and not gateway.startswith("onesixty"):
                ratios = [f"{_ratio(ours[name], values[name]):.2f}x" for name, *_ in COLUMNS]
                lines.append(_row(f"onesixty / {gateway}", ratios))
    lines += [
        f"failed: {run.gateway} {run.scenario}: {run.problem.strip().splitlines()[-1]}"
        for run in runs
        if run.problem
    ]
    return lines


def write(runs: Sequence[Run], setup: Setup, directory: Path, notes: Sequence[str]) -> Path:
    """Every run, the medians and what they were measured on, as JSON; returns the file."""
    now = datetime.now(UTC)
    content: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "machine": machine(directory),
        "setup": vars(setup),
        "notes": list(notes),
        "medians": medians(runs),
        "runs": [run.as_json() for run in runs],
    }
    DIRECTORY.mkdir(exist_ok=True)
    path = DIRECTORY / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def machine(directory: Path) -> dict[str, Any]:
    """What the numbers depend on; the file system of `directory`, where the databases are, decides on fsync."""
    return {
        "cpus": os.cpu_count(),
        "cpu": _cpu_model(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "file_system": _file_system(directory),
        "onesixty": __version__,
        "commit": _commit(),
    }


def profile(path: Path, functions: int = 40) -> list[str]:
    """The functions that took the most time themselves, from a file of cProfile. The main process only."""
    if not path.exists():
        return []
    out = io.StringIO()
    pstats.Stats(str(path), stream=out).strip_dirs().sort_stats("tottime").print_stats(functions)
    return out.getvalue().strip().splitlines()


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:24}" + "".join(f"{cell:>21}" for cell in cells)


def _ratio(ours: float, theirs: float) -> float:
    return ours / theirs if theirs else float("nan")


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def _file_system(directory: Path) -> str:
    path = str(directory.resolve())
    mounts = [part for part in psutil.disk_partitions(all=True) if path.startswith(part.mountpoint)]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else ""


def _commit() -> str:
    result = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parent,
    )  # fmt: skip
    return result.stdout.strip()
