"""The names of a run's values, and which of them the table of each kind of case shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from benchmarks.cases import Case


class Column(NamedTuple):
    """A title with its unit, the names of its values in order, and the number of decimals to show."""

    title: str
    values: tuple[str, ...]
    decimals: int = 0


def _percentiles(title: str, span: str, *shares: str) -> Column:
    return Column(f"{title} {' / '.join(shares)} ms", tuple(f"{span}_{share}_ms" for share in shares), 1)


COMPLETE: Final = Column("complete/s", ("rate",))
ACCEPTED: Final = Column("accepted/s", ("accept_rate",))
CPU: Final = Column("CPU us/message", ("cpu_us",))
MEMORY: Final = Column("memory MB", ("rss_mb",))
ANSWER: Final = _percentiles("answer", "answer", "p50", "p99")

SPEED: Final = (COMPLETE, ACCEPTED, CPU, ANSWER, MEMORY)
LATENCY: Final = (
    _percentiles("request to answer", "answer", "p50", "p95", "p99"),
    _percentiles("request to carrier", "carrier", "p50", "p95", "p99"),
    _percentiles("report to webhook", "webhook", "p50", "p95", "p99"),
    Column("sent late p99 ms", ("late_p99_ms",), 1),
    CPU,
)
DISK: Final = (
    Column("kept, bytes/message", ("kept_bytes",)),
    Column("WAL, bytes/message", ("log_bytes",)),
    Column("WAL, pages/message", ("log_pages",), 1),
)
#: The columns that also show the ratio to the case's base.
BASE: Final = (COMPLETE, ACCEPTED, CPU)

#: The names of all values.
VALUES: Final = tuple(dict.fromkeys(name for column in (*SPEED, *LATENCY, *DISK) for name in column.values))


def shown(case: Case) -> Sequence[Column]:
    """Return the columns of a case's table."""
    if case.rate:
        return LATENCY
    return DISK if case.disk else SPEED
