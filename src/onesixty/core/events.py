"""The types of events, with their descriptions."""

from __future__ import annotations

from typing import Final

SENT: Final = "message.sent"
CORRECTED: Final = "message.corrected"
RECEIVED: Final = "message.received"
CHANGED: Final = "message.changed"

#: Every type with its sentence for the documentation and the API.
TYPES: Final[dict[str, str]] = {
    "message.scheduled": "A rule deferred the message to `not_before`, or a person released a held message.",
    "message.queued": "A scheduled or held message was released to be sent.",
    "message.held": "A message waits for a decision by an operator or a rule.",
    "message.changed": "A waiting message was changed: its content, time or options.",
    "message.sent": "A carrier took the message.",
    "message.delivered": "The message reached the handset.",
    "message.undelivered": "The carrier could not deliver the message.",
    "message.unconfirmed": "No final delivery report arrived in time.",
    "message.failed": "No carrier took the message.",
    "message.expired": "The validity period ended before a carrier took the message.",
    "message.canceled": "The message was canceled.",
    "message.corrected": "A late delivery report changed the final status of a message to delivered.",
    "message.received": "A message was received.",
    "alert.firing": "An alert rule found a problem that needs an operator.",
    "alert.resolved": "The problem behind an alert is over.",
    "webhook.test": "A test event for a webhook, sent on request.",
}


def of_status(status: str) -> str:
    """The event type that a change to `status` causes."""
    return f"message.{status}"
