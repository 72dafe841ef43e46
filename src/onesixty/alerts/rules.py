"""The rules of alerts as a table: what is looked at, when it is too much, for how long, and what to do first.

Rules kept here:
- a rule is a row; its code looks only at numbers that `signals` reads;
- the thresholds that ship wake nobody without need; an operator changes them, mutes or switches off a rule by name;
- a summary names the subject and the number; an action says what to do first.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from onesixty.alerts.tables import Override

CRITICAL: Final = "critical"
WARNING: Final = "warning"


class Rule(NamedTuple):
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


_ROWS: Final = (
    Rule(
        "carrier_down", CRITICAL, "below", 1, 60, "binds",
        "Number of bound binds of an enabled carrier.",
        "Carrier {subject} has no bind.",
        "Its messages wait or use the other carriers of their route. Run `onesixty carrier check` "
                "to find the cause.",
    ),
    Rule(
        "bind_down", WARNING, "above", 1, 300, "binds",
        "Number of configured binds of a carrier that are not bound, while others are.",
        "Carrier {subject} is missing {value} of its binds.",
        "Read the last error with `GET /v1/carriers`. The carrier may allow fewer binds than are configured.",
    ),
    Rule(
        "receipts_fall", WARNING, "below", 0.5, 300, "share",
        "Share of messages to a network, accepted 10 to 70 minutes ago, with a final delivery "
                "report. Evaluated from 50 messages on.",
        "Only {value} of the messages over {subject} have a final delivery report.",
        "Ask the carrier. Check unmatched receipts: the carrier may write ids in receipts "
                "differently than in its answers.",
    ),
    Rule(
        "oldest_queued", WARNING, "above", 300, 60, "seconds",
        "Age of the oldest message that waits for a carrier.",
        "A message has been waiting {value} s for carrier {subject}.",
        "Compare the send rate with the carrier's throughput; check whether the carrier is paused, "
                "throttled or down.",
    ),
    Rule(
        "receipts_unmatched", WARNING, "above", 20, 300, "receipts",
        "Number of delivery reports of a carrier, older than five minutes, that match no message.",
        "{value} delivery reports of carrier {subject} match no message.",
        "Compare the ids in answers and reports: decimal or hexadecimal, leading zeros. The carrier "
                "has settings for both.",
    ),
    Rule(
        "error_spike", WARNING, "above", 0.2, 60, "share",
        "Share of segments in the last five minutes that a carrier refused permanently. Evaluated "
                "from 20 refusals on.",
        "Carrier {subject} refused {value} of its segments.",
        "Read the carrier's error code in the history of a message; the carrier may have blocked a "
                "sender or a template.",
    ),
    Rule(
        "strays", WARNING, "above", 1, 0, "rows",
        "Number of messages and flights in the last five minutes that no node was working on and "
                "that were recovered.",
        "{value} messages or flights were not being worked on ({subject}). They have been recovered.",
        "Nothing is lost, but this should not happen. Keep the logs of this node and of nodes that "
                "stopped, run `onesixty audit`, and report it.",
    ),
    Rule(
        "webhook_paused", WARNING, "above", 1, 0, "endpoints",
        "A webhook that failed for so long that its deliveries are paused.",
        "Webhook {subject} is paused because its receiver keeps failing.",
        "Tell its owner. Deliveries are kept for 72 hours; enabling the webhook again ends the pause.",
    ),
)  # fmt: skip

RULES: Final[dict[str, Rule]] = {row.name: row for row in _ROWS}


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
