"""The alert rules, read from `rules.toml`: the signal, the threshold, the duration, and the recommended first step.

Rules kept here:
- a rule is a row; its code uses only numbers that `signals` reads;
- the default thresholds avoid false alarms; an operator changes, mutes or disables a rule by name;
- a summary names the subject and the value; an action names the first step.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from onesixty.alerts.tables import Override

CRITICAL: Final = "critical"
WARNING: Final = "warning"


#: The kinds of what alerts are about.
Subject = Literal["carrier", "carrier_network", "webhook", "account", "verify_profile", "installation"]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule.

    It is breached while its number is `above` (at or over) or `below` the threshold, and raised once that has
    lasted `for_seconds`. `subject` is the kind of what it is about. `summary` is a template of {subject} and {value}.
    """

    name: str
    severity: str
    breached: Literal["above", "below"]
    threshold: float
    for_seconds: int
    unit: str
    subject: Subject
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
    """Whether a number breaches the threshold."""
    threshold = rule.threshold if override.threshold is None else override.threshold
    return value >= threshold if rule.breached == "above" else value < threshold


def lasting(rule: Rule, override: Override) -> int:
    """Seconds that a breach must last."""
    return rule.for_seconds if override.for_seconds is None else override.for_seconds


def shown(rule: Rule, value: float) -> str:
    """A number as text: a share in percent, everything else rounded."""
    return f"{value * 100:.0f} %" if rule.unit == "share" else f"{value:.0f}"
