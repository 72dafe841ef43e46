"""Medians, ratios, and the three forms of a result."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import results, summary
from benchmarks.cases import Case, chosen
from benchmarks.machine import interpreter, machine
from benchmarks.measure import Run, Setup
from benchmarks.plot import Bar, Group, draw
from benchmarks.publish import publish
from benchmarks.report import markdown

CASES = chosen(["A", "D", "E", "F"], rates=[100], rows=0, messages=1000)


def run(gateway: str, case: str, number: int, problem: str | None = None, **values: float) -> Run:
    parts = {"core": {"cpu_us": 30.0, "rss_mb": 80.0}, "writer": {"cpu_us": 20.0, "rss_mb": 40.0}}
    return Run(gateway, case, number, 1000, values, parts, problem=problem)


RUNS = [
    *(
        run("onesixty", "A", number, rate=rate, accept_rate=rate, cpu_us=50)
        for number, rate in enumerate((900.0, 3000.0, 1000.0), 1)
    ),
    *(
        run("onesixty", "D", number, rate=rate, accept_rate=3 * rate)
        for number, rate in ((1, 1800.0), (3, 3000.0))
    ),
    run("kannel", "A", 1, rate=450, cpu_us=100),
    run("kannel", "A", 2, rate=2000, cpu_us=100),
    run("kannel", "A", 3, "lost 3"),
    run("onesixty", "E100", 1, answer_p50_ms=2.04, answer_p95_ms=3, answer_p99_ms=4),
    run("onesixty", "F", 1, rate=1, kept_bytes=3031.4, log_bytes=4656, log_pages=1.13),
]


@pytest.fixture
def result(tmp_path: Path) -> dict[str, object]:
    return results.result(RUNS, CASES, Setup(), machine(tmp_path), ["jasmin is not measured: why"], 3)


def test_medians_leave_out_what_was_not_complete() -> None:
    medians = summary.medians(RUNS)
    assert medians["A"]["onesixty"]["rate"] == 1000
    assert medians["A"]["kannel"] == {"rate": 1225, "cpu_us": 100}
    assert summary.part_medians(RUNS)["A"]["onesixty"]["core"] == {"cpu_us": 30, "rss_mb": 80}


def test_ratios_are_taken_within_a_round() -> None:
    """Round 1: 1800 / 900, round 3: 3000 / 1000. To Kannel: 900 / 450, 3000 / 2000."""
    assert summary.base_ratios(RUNS, CASES) == {"D": {"onesixty": {"rate": 2.5, "accept_rate": 7.5}}}
    peers = summary.peer_ratios(RUNS, CASES)
    assert peers["A"]["kannel"] == {"rate": 1.75, "cpu_us": 0.5}


def test_the_report_says_what_was_measured_and_what_failed(result: dict[str, object]) -> None:
    lines = markdown(result, CASES)
    (ratio,) = [line for line in lines if line.startswith("| onesixty / kannel")]
    assert [cell.strip() for cell in ratio.split("|")[2:6]] == ["1.75x", "", "0.50x", ""]
    (batch,) = [line for line in lines if "ratio to A" in line]
    assert "complete/s, accepted/s, CPU us/message" in batch
    assert any("2.50x, 7.50x" in line for line in lines)
    (head,) = [place for place, line in enumerate(lines) if "onesixty, complete/s" in line]
    first, second = ([cell.strip() for cell in line.split("|")[1:4]] for line in lines[head + 2 : head + 4])
    assert first == ["A: HTTP, one message a request, no reports", "1,000", "1.75x kannel"]
    assert second == ["D: HTTP, 100 messages a request, no reports", "2,400", "2.50x A"]
    assert any("core 30, 80; writer 20, 40" in line for line in lines)
    assert any("2.0 / 3.0 / 4.0" in line for line in lines)
    assert any("3,031 " in line and "1.1 |" in line for line in lines)
    assert "- jasmin is not measured: why" in lines
    assert lines[-1] == "- kannel A, round 3: lost 3"


def test_every_table_has_as_many_cells_in_each_row_as_in_its_head(result: dict[str, object]) -> None:
    tables: list[set[int]] = [set()]
    for line in markdown(result, CASES):
        if line.startswith("|"):
            tables[-1].add(line.count("|"))
        else:
            tables.append(set())
    assert all(len(widths) == 1 for widths in tables if widths)


def test_a_result_is_written_in_three_forms_and_read_again(tmp_path: Path, result: dict[str, object]) -> None:
    place = results.write(result, CASES, tmp_path)
    found, cases = results.read(place)
    assert json.dumps(found) == json.dumps(result)
    assert cases == CASES
    assert all(isinstance(case, Case) for case in cases)
    assert (place / "report.md").read_text().startswith("# Benchmark\n")
    for name in results.PLOTS:
        assert ElementTree.fromstring((place / name).read_text()).tag.endswith("svg")


def test_a_result_is_shown_on_a_page_and_replaced_by_the_next(
    tmp_path: Path, result: dict[str, object]
) -> None:
    place = results.write(result, CASES, tmp_path)
    page = tmp_path / "docs" / "explanation" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_text("before\n<!-- results -->\nold\n<!-- end of results -->\nafter\n")
    publish(place, page)
    text = page.read_text()
    publish(place, page)
    assert page.read_text() == text
    assert text.startswith("before\n<!-- results -->\n![Rates](../assets/benchmarks/rates.svg)\n")
    assert "old" not in text
    assert text.endswith("<!-- end of results -->\nafter\n")
    assert (tmp_path / "docs" / "assets" / "benchmarks" / "latencies.svg").exists()
    page.write_text("nothing here")
    with pytest.raises(ValueError, match="no place"):
        publish(place, page)


def test_bars_are_as_long_as_their_values_and_say_them() -> None:
    svg = draw("Rates <b>", [Group("A", [Bar("one", 500, 400, 1000), Bar("two", 250, 250, 250)])], decimals=0)
    root = ElementTree.fromstring(svg)
    widths = [float(bar.get("width", "")) for bar in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[0] == pytest.approx(2 * widths[1])
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["Rates <b>", "A", "one", "500", "two", "250"]


def test_the_interpreter_and_the_disk_are_named(tmp_path: Path) -> None:
    found = machine(tmp_path)
    assert found["cpus"] >= 1
    assert found["fsync_ms"] > 0
    assert interpreter()["library"] in ("shared", "static")
    assert not list(tmp_path.iterdir())
