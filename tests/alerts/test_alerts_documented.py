"""The page of alerts has every rule as it ships."""

from onesixty.alerts.rules import RULES, Rule
from tests.support.postgres import ROOT

PAGE = (ROOT / "docs" / "reference" / "alerts.md").read_text()


def row(rule: Rule) -> str:
    shown = f"{rule.threshold * 100:.0f} %" if rule.unit == "share" else f"{rule.threshold:.0f} {rule.unit}"
    raised = f"{shown} or more" if rule.breached == "above" else f"below {shown}"
    return f"| `{rule.name}` | {rule.severity} | {raised} | {rule.for_seconds} s | {rule.about} |"


def test_every_rule_stands_there() -> None:
    shown = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert shown == [row(rule) for rule in RULES.values()]
