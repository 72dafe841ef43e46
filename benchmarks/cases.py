"""The cases to measure, as data. The command selects them by letters; E and G stand for several cases each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

#: Seconds for which a case with a rate runs.
RATE_SECONDS: Final = 20
BATCH: Final = 100


@dataclass(frozen=True)
class Case:
    """One case. A message is complete when the carrier has it, its report (with `receipts`) was acknowledged, and
    its `callbacks` (webhooks or calls of a report URL) have arrived.

    `base` names another case: the report shows the ratio to it, for the same gateway and round.
    """

    name: str
    title: str
    messages: int
    receipts: bool = False
    callbacks: int = 0
    door: Literal["http", "smpp"] = "http"
    #: Messages in a request.
    batch: int = 1
    #: Whether accounts, countries, texts and keys vary as in `benchmarks.requests.Mix`; otherwise they are all alike.
    mixed: bool = False
    #: Messages a second, due at fixed times; 0 for as fast as the connections allow.
    rate: float = 0.0
    #: Whether disk writes are measured. The measurement costs speed, so the rate of such a case means nothing.
    disk: bool = False
    #: How many messages the database holds beforehand.
    rows: int = 0
    base: str | None = None

    @property
    def letter(self) -> str:
        """The letter that selects the case."""
        return self.name[0]


_A: Final = Case("A", "HTTP, one message a request, no reports", 30_000)
_B: Final = Case(
    "B", "HTTP, reports, a callback for each of two statuses", 20_000, receipts=True, callbacks=2
)
_C: Final = Case("C", "SMPP to SMPP, reports back to the customer", 20_000, receipts=True, door="smpp")
_PLAIN: Final = {case.name: case for case in (_A, _B, _C)}
_D: Final = Case("D", f"HTTP, {BATCH} messages a request, no reports", 30_000, batch=BATCH, base="A")
_M: Final = Case("M", "HTTP, a mix of accounts, countries, texts and keys", 20_000, mixed=True, base="A")
_F: Final = Case("F", "what is kept on disk, as B", 5_000, receipts=True, callbacks=2, disk=True)

#: The cases by letter, in the order in which they run.
LETTERS: Final = {
    "A": _A.title,
    "B": _B.title,
    "C": _C.title,
    "D": _D.title,
    "M": _M.title,
    "E": "latency at fixed rates, as B",
    "F": _F.title,
    "G": "A, B and C on a database with messages in it",
}


def chosen(letters: Sequence[str], *, rates: Sequence[float], rows: int, messages: int | None) -> list[Case]:
    """Return the cases of these letters, in the order of `LETTERS`; `messages` replaces each case's own number."""
    cases: list[Case] = []
    for letter in LETTERS:
        if letter in letters:
            cases += _of(letter, rates, rows)
    if messages is None:
        return cases
    return [dataclasses.replace(case, messages=whole(messages, case.batch)) for case in cases]


def _of(letter: str, rates: Sequence[float], rows: int) -> list[Case]:
    if letter == "E":
        return [
            dataclasses.replace(
                _B,
                name=f"E{rate:g}",
                title=f"latency at {rate:g} messages a second, as B",
                messages=max(int(rate * RATE_SECONDS), 1),
                rate=rate,
            )
            for rate in rates
        ]
    if letter == "G":
        return [
            dataclasses.replace(
                case,
                name=f"G{case.name}",
                title=f"{case.name} with {rows:,} messages in the database",
                rows=rows,
                base=case.name,
            )
            for case in _PLAIN.values()
        ]
    return [{**_PLAIN, "D": _D, "M": _M, "F": _F}[letter]]


def whole(messages: int, batch: int) -> int:
    """Return the next multiple of `batch`, so that every batch is full."""
    return -(-messages // batch) * batch
