"""Writes the tables of docs/explanation/guards.md: `python -m scripts.guard_figures`.

The figures are those of `onesixty simulate attack` with the seeds named here. It takes some minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from onesixty.verify.attacks.figures import Figures
from onesixty.verify.attacks.patterns import PATTERNS
from onesixty.verify.attacks.runs import Terms, against, honest_day

PAGE: Final = Path(__file__).parents[1] / "docs" / "explanation" / "guards.md"
SEEDS: Final = (170, 171, 172)
#: Where two in three codes are typed, where half are, and where two in five are.
COUNTRIES: Final = ("TR", "ID", "ML")
ON_RANGES: Final = "ABEFGH"


def attack_row(letter: str, seeds: Iterable[int] = SEEDS) -> str:
    """What an attack cost where two in three codes are typed: the worst of the seeds."""
    found = [against(letter, seed) for seed in seeds]
    seconds = max(each.seconds or 0.0 for each in found)
    guards = {row.guard: row.stopped for each in found for row in each.guards if row.stopped}
    first = " and ".join(f"`{name}`" for name in sorted(guards, key=lambda name: -guards[name])[:2])
    honest, stopped, delayed = _honest(found)
    return (
        f"| {letter} | {PATTERNS[letter].about} | {found[0].starts:,} | {max(each.before_stop for each in found)} | "
        f"{max(each.before_block for each in found)} | {max(each.messages for each in found)} | "
        f"{max(float(each.spent) for each in found):.2f} | {seconds:.0f} s | {first} | "
        f"{stopped} and {delayed} of {honest:,} |"
    )


def range_row(letter: str, seeds: Iterable[int] = SEEDS) -> str:
    """The messages before the first block, for each range, by country: the worst of the seeds."""
    ranges = PATTERNS[letter].ranges
    cells = []
    for country in COUNTRIES:
        found = [against(letter, seed, country) for seed in seeds]
        cells.append(f"{max(each.before_block for each in found) / ranges:.0f}")
    return f"| {letter} | {' | '.join(cells)} |"


def honest_row(about: str, runs: Sequence[Figures]) -> str:
    """What a day cost honest users."""
    honest, stopped, delayed = _honest(runs)
    delay = max(run.delay for run in runs)
    return f"| {about} | {honest:,} | {stopped} ({stopped / honest:.3%}) | {delayed} | {delay:.0f} s |"


def _honest(runs: Sequence[Figures]) -> tuple[int, int, int]:
    return (
        sum(run.honest for run in runs),
        sum(run.honest_stopped for run in runs),
        sum(run.honest_delayed for run in runs),
    )


def _written(text: str, name: str, rows: Iterable[str]) -> str:
    """The page with the rows of one table replaced."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = text.partition(begin)
    head, _, after = rest.partition(end)
    heading = [line for line in head.splitlines() if line][:2]
    table = "".join(f"{line}\n" for line in (*heading, *rows))
    return f"{before}{begin}\n{table}\n{end}{after}"


def main() -> None:
    """Play everything, and write the page."""
    text = PAGE.read_text(encoding="utf-8")
    text = _written(text, "attacks", [attack_row(letter) for letter in PATTERNS])
    text = _written(text, "ranges", [range_row(letter) for letter in ON_RANGES])
    days = [
        honest_row("A day", [honest_day(seed) for seed in SEEDS]),
        honest_row("A day with an outage", [honest_day(seed, "TR") for seed in SEEDS]),
        honest_row("A day with five times the traffic", [honest_day(SEEDS[0], terms=Terms(rate=5.0))]),
        honest_row(
            "The first day of an installation", [honest_day(seed, terms=Terms(new=True)) for seed in SEEDS]
        ),
    ]
    PAGE.write_text(_written(text, "honest users", days), encoding="utf-8")


if __name__ == "__main__":
    main()
