"""The rules of alerts, out of `rules.toml`: what is read, when it is too much, for how long, and what to do first.

Rules kept here:
- a rule is a row; its code looks only at numbers that `signals` reads;
- the thresholds that ship wake nobody without need; an operator changes them, mutes or switches off a rule by name;
- a summary names the subject and the number; an action says what to do first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from onesixty.alerts.tables import Override

CRITICAL: Final = "critical"
WARNING: Final = "warning"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table.

    It is breached while its number is `above` (at or over) or `below` the threshold, and raised once that has lasted
    `for_seconds`. `summary` is a template of {subject} and {value}.
    """

    name: str
    severity: str
    breached: Literal["above", "below"]
    threshold: float
    for_seconds: int
    unit: str
    about: str
    summary: str
    action: str


def _rules() -> dict[str, Rule]:
    said = Path(__file__).with_name("rules.toml").read_text(encoding="utf-8")
    return {row.name: row for row in msgspec.toml.decode(said, type=dict[str, list[Rule]])["rules"]}


RULES: Final = _rules()


class Reading(NamedTuple):
    """One number for one subject of a rule, at one moment."""

    rule: str
    subject: str
    value: float


def is_breached(rule: Rule, override: Override, value: float) -> bool:
    """Whether a number is too much, or too little."""
    threshold = rule.threshold if override.threshold is None else override.threshold
    return value >= threshold if rule.breached == "above" else value < threshold


def lasting(rule: Rule, override: Override) -> int:
    """Seconds that it has to last."""
    return rule.for_seconds if override.for_seconds is None else override.for_seconds


def shown(rule: Rule, value: float) -> str:
    """A number as a person reads it: a share in percent, everything else whole."""
    return f"{value * 100:.0f} %" if rule.unit == "share" else f"{value:.0f}"
