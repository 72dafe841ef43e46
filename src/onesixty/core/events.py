"""The types of events, with their descriptions."""

from __future__ import annotations

from typing import Final, NamedTuple

SENT: Final = "message.sent"
CORRECTED: Final = "message.corrected"
RECEIVED: Final = "message.received"
CHANGED: Final = "message.changed"
ACCOUNT_CHANGED: Final = "account.changed"
PROFILE_CHANGED: Final = "profile.changed"
TEMPLATE_CHANGED: Final = "template.changed"
VERIFY_PROFILE_CHANGED: Final = "verify_profile.changed"
SUBACCOUNT_CHANGED: Final = "subaccount.changed"
CARRIER_STATE: Final = "carrier.state"
CARRIER_CHANGED: Final = "carrier.changed"
ROUTE_CHANGED: Final = "route.changed"
VERIFICATION_STARTED: Final = "verification.started"
VERIFICATION_SENT: Final = "verification.sent"
VERIFICATION_APPROVED: Final = "verification.approved"
VERIFICATION_FAILED: Final = "verification.failed"
VERIFICATION_EXPIRED: Final = "verification.expired"
VERIFICATION_CANCELED: Final = "verification.canceled"
VERIFICATION_BLOCKED: Final = "verification.blocked"
PAUSE_CHANGED: Final = "pause.changed"
JOB_CHANGED: Final = "job.changed"
WEBHOOK_CHANGED: Final = "webhook.changed"

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
    VERIFICATION_STARTED: "A verification was started; its status says whether a guard holds it.",
    VERIFICATION_SENT: "A carrier or a mail server took a code.",
    VERIFICATION_APPROVED: "The right code was typed.",
    VERIFICATION_FAILED: "A verification failed: too many wrong codes, or no code reached anybody.",
    VERIFICATION_EXPIRED: "The life of a verification ended before the right code was typed.",
    VERIFICATION_CANCELED: "A verification was canceled.",
    VERIFICATION_BLOCKED: "A guard blocked a verification, and nothing was sent.",
    "alert.firing": "An alert rule found a problem that needs an operator.",
    "alert.resolved": "The problem behind an alert is over.",
    "account.changed": "The account was changed: its state, its settings or its limits.",
    "profile.changed": "The business profile of the account was changed, or its verification.",
    "template.changed": "A template was made, changed, submitted, decided on, retired or removed.",
    VERIFY_PROFILE_CHANGED: "A verify profile was made, changed or removed: also the countries that it allows.",
    "webhook.test": "A test event for a webhook, sent on request.",
}


class FeedType(NamedTuple):
    """A type of events that only the live feed has. Whoever has one of the `scopes` gets them."""

    about: str
    scopes: tuple[str, ...]


#: The types that only the live feed has, for pages that show the state of a platform. Webhooks do not get them.
FEED_TYPES: Final[dict[str, FeedType]] = {
    SUBACCOUNT_CHANGED: FeedType(
        "An account below was made or changed, or its profile.", ("subaccounts", "accounts")
    ),
    CARRIER_STATE: FeedType("A carrier or one of its binds was connected or lost.", ("carriers",)),
    CARRIER_CHANGED: FeedType("A carrier was made, changed or removed.", ("carriers",)),
    ROUTE_CHANGED: FeedType("A route was made, changed or removed.", ("routes",)),
    PAUSE_CHANGED: FeedType("Something was paused, drained or resumed.", ("desk",)),
    JOB_CHANGED: FeedType("A bulk job began or ended.", ("desk",)),
    WEBHOOK_CHANGED: FeedType("A webhook was made, changed or removed.", ("webhooks",)),
}

#: The scopes that other events than those of messages need in the live feed.
SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "alert.firing": ("alerts",),
    "alert.resolved": ("alerts",),
    ACCOUNT_CHANGED: ("account:read",),
    PROFILE_CHANGED: ("account:read",),
    TEMPLATE_CHANGED: ("messages:read",),
    VERIFY_PROFILE_CHANGED: ("verify:read",),
    **{name: ("verify:read",) for name in TYPES if name.startswith("verification.")},
    **{name: said.scopes for name, said in FEED_TYPES.items()},
}


def of_status(status: str) -> str:
    """The event type that a change to `status` causes."""
    return f"message.{status}"
