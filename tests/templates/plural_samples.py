"""Reads plural_samples.tsv: numbers of which CLDR says which category they have in which language."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = Path(__file__).with_name("plural_samples.tsv")


class Sample(NamedTuple):
    """A number as CLDR writes it: `21`, `1.50`, and `1.2c6` for 1,200,000 that is shown as 1.2 million."""

    written: str
    category: str

    @property
    def number(self) -> Decimal:
        return Decimal(self.written.replace("c", "E"))

    @property
    def is_compact(self) -> bool:
        return "c" in self.written

    @property
    def ends_in_zeros(self) -> bool:
        """Whether it has decimals that a number in a template does not show."""
        return not self.is_compact and "." in self.written and self.written.endswith("0")


def samples(kind: str) -> dict[str, list[Sample]]:
    """All samples of a kind, `cardinal` or `ordinal`, by language."""
    found: dict[str, list[Sample]] = {}
    for line in FILE.read_text().splitlines():
        if line.startswith(f"{kind}\t"):
            _, languages, category, integers, decimals = line.split("\t")
            read = [
                Sample(one, category) for part in f"{integers} {decimals}".split() for one in _expanded(part)
            ]
            for language in languages.split():
                found.setdefault(language, []).extend(read)
    return found


def _expanded(part: str) -> Iterator[str]:
    """The samples of `2~4`, which stands for 2, 3 and 4, or of `0.1~0.3`."""
    first, _, last = part.partition("~")
    yield first
    if last:
        step = Decimal(1).scaleb(Decimal(first).as_tuple().exponent)  # type: ignore[arg-type]
        one = Decimal(first)
        while one < Decimal(last):
            one += step
            yield str(one)
