"""Reports as files: the columns are those of the report, and no text becomes a formula."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from onesixty.core import statuses, times
from onesixty.statistics import parquet
from onesixty.statistics.bodies import Amount, ReportRow, Seconds
from onesixty.statistics.files import written
from onesixty.statistics.parquet import Column
from tests.support.parquet import read

ROWS = [
    ReportRow(
        start="2026-11-01T00:00:00Z", end="2026-11-02T00:00:00Z", sender="=cmd", messages=3, segments=4,
        statuses={"delivered": 2, "sent": 1}, price=[Amount(amount="0.03", currency="EUR")],
        cost=[Amount(amount="0.01", currency="USD")],
        delivery_seconds=Seconds(p50=1.5, p90=2.0, p95=2.0, p99=None),
        sending_seconds=Seconds(p50=0.1, p90=0.1, p95=0.3, p99=0.3),
    ),
    ReportRow(
        start="2026-11-02T00:00:00Z", end="2026-11-03T00:00:00Z", sender=None, messages=1, segments=1,
        statuses={"failed": 1}, price=[], cost=[],
        delivery_seconds=Seconds(p50=None, p90=None, p95=None, p99=None),
    ),
]  # fmt: skip


def test_a_report_as_csv() -> None:
    first, second = csv.DictReader(io.StringIO(written(ROWS, ["sender"], "csv").decode()))
    assert first["sender"] == "'=cmd"
    assert (first["messages"], first["segments"], first["delivered"], first["failed"]) == ("3", "4", "2", "0")
    assert (first["price_EUR"], first["cost_USD"], second["price_EUR"]) == ("0.03", "0.01", "0.00")
    assert (first["delivery_seconds_p50"], first["delivery_seconds_p99"]) == ("1.5", "")
    assert (first["sending_seconds_p95"], second["sending_seconds_p95"]) == ("0.3", "")
    assert second["sender"] == ""
    assert set(statuses.ALL) <= set(first)
    number = structs.replace(ROWS[0], sender="+447700900123")
    assert b",+447700900123," in written([number], ["sender"], "csv"), "as in exports of messages"


def test_a_report_as_lines() -> None:
    first, second = written(ROWS, ["sender"], "jsonl").splitlines()
    assert json.loads(first)["statuses"] == {"delivered": 2, "sent": 1}
    assert json.loads(second)["sender"] is None
    assert "account" not in json.loads(second)


def test_a_report_as_parquet() -> None:
    values, kinds = read(written(ROWS, ["sender"], "parquet"))
    assert values["start"] == [times.from_text(row.start) for row in ROWS]
    assert values["sender"] == ["=cmd", None], "a text is a text"
    assert (values["messages"], values["delivered"], values["failed"]) == ([3, 1], [2, 0], [0, 1])
    assert (values["price_EUR"], values["cost_USD"]) == ([30_000, 0], [10_000, 0])
    assert (values["delivery_seconds_p50"], values["delivery_seconds_p99"]) == ([1.5, None], [None, None])
    header = written(ROWS, ["sender"], "csv").decode().splitlines()[0]
    assert list(values) == header.split(",")
    assert kinds["start"] == kinds["end"] == (2, 9, False), "a timestamp in milliseconds"
    assert kinds["sender"] == (6, 0, True), "a text that may be missing"
    assert kinds["messages"] == (2, 18, False), "64 bits"
    assert kinds["price_EUR"] == (2, 5, False), "a decimal"
    assert kinds["delivery_seconds_p50"] == (5, None, True), "a double that may be missing"


def test_a_report_without_rows_as_parquet() -> None:
    values, _ = read(written([], ["sender"], "parquet"))
    assert set(map(tuple, values.values())) == {()}
    assert list(values)[:4] == ["start", "end", "sender", "messages"]


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(allow_nan=False),
        ),
        max_size=300,
    )
)
def test_any_table_is_read_as_it_was_written(rows: list[tuple[str | None, int, float | None]]) -> None:
    texts, numbers, floats = ([row[place] for row in rows] for place in range(3))
    columns = [
        Column("a", parquet.TEXT, texts, optional=True),
        Column("b" * 200, parquet.WHOLE, numbers),
        Column("c", parquet.NUMBER, floats, optional=True),
    ]
    made = parquet.written(columns)
    assert read(made)[0] == {"a": texts, "b" * 200: numbers, "c": floats}
    assert parquet.written(columns) == made
