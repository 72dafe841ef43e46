"""The types of events that onesixty tells about, and what one looks like on the wire."""

from __future__ import annotations

from typing import Final

SENT: Final = "message.sent"
CORRECTED: Final = "message.corrected"
RECEIVED: Final = "message.received"
CHANGED: Final = "message.changed"

#: Every type with the sentence that the documentation and the API give for it.
TYPES: Final[dict[str, str]] = {
    "message.queued": "A scheduled or held message was released to be sent.",
    "message.held": "A message waits for a person or a rule.",
    "message.changed": "A message that waits was changed: what it says, when it goes, or what it is.",
    "message.sent": "A carrier took the message.",
    "message.delivered": "The message reached the handset.",
    "message.undelivered": "The carrier could not deliver the message.",
    "message.unconfirmed": "No final delivery report came in time.",
    "message.failed": "No carrier took the message.",
    "message.expired": "The validity passed before a carrier took the message.",
    "message.canceled": "The message was canceled.",
    "message.corrected": "A late delivery report changed the end of a message to delivered.",
    "message.received": "A message came in.",
    "alert.firing": "A rule of alerts found something that an operator has to know.",
    "alert.resolved": "What an alert was about is well again.",
    "webhook.test": "A test of a webhook endpoint, sent on request.",
}


def of_status(status: str) -> str:
    """The event type that a change to `status` causes."""
    return f"message.{status}"
