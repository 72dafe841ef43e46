"""What the rounds of this folder came to is added up over all of them, and printed at the end of a run."""

from collections import Counter

from _pytest.terminal import TerminalReporter


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """One line: `freezes: 12 freezes, 480 messages, ...`."""
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name.startswith("freezes: ") and getattr(report, "when", "") == "call":
                    counts[name.removeprefix("freezes: ")] += value
    if counts:
        line = ", ".join(f"{count} {name}" for name, count in counts.items())
        terminalreporter.write_line(f"freezes: {line}")
