"""A verification: its row, its statuses and its steps.

Rules kept here:
- a verification is never changed in place: a change is a new struct, and its write is guarded by the version that was
  read, so of two writers one wins and the other reads again;
- what the profile said is kept with the verification (`plan`, `life_ms`, the limits): a change of the profile never
  changes what has begun;
- the subjects of open verifications are unique, by an index over those alone. So a subject has one open verification,
  on any number of nodes;
- the row has no code: it has the seed from which the code is derived, or a caller's own code, sealed;
- `due_at` is when the sweep has to look at it; None once it has ended.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from onesixty.core import ids
from onesixty.core.tenant import Tenant
from onesixty.store.table import Table
from onesixty.verify.binding import BindTo
from onesixty.verify.codes import Alphabet
from onesixty.verify.languages import Source

PENDING: Final = "pending"
HELD: Final = "held"
APPROVED: Final = "approved"
FAILED: Final = "failed"
EXHAUSTED: Final = "exhausted"
EXPIRED: Final = "expired"
CANCELED: Final = "canceled"
BLOCKED: Final = "blocked"

Status = Literal["pending", "held", "approved", "failed", "exhausted", "expired", "canceled", "blocked"]
STATUSES: Final = (PENDING, HELD, APPROVED, FAILED, EXHAUSTED, EXPIRED, CANCELED, BLOCKED)
OPEN: Final = frozenset({PENDING, HELD})

Channel = Literal["sms", "email"]
SMS: Final = "sms"
EMAIL: Final = "email"
CHANNELS: Final = (SMS, EMAIL)

#: The steps of a verification: what happened, in the order in which it happened.
STARTED: Final = "started"
SEND: Final = "send"
SENT: Final = "sent"
DELIVERED: Final = "delivered"
NOT_SENT: Final = "not_sent"
SKIPPED: Final = "skipped"
WRONG: Final = "wrong_code"
LATE: Final = "late_check"
RELEASED: Final = "released"
STEPS: Final = (
    STARTED,
    SEND,
    SENT,
    DELIVERED,
    NOT_SENT,
    SKIPPED,
    WRONG,
    LATE,
    RELEASED,
    HELD,
    *STATUSES[2:],
)

#: Why a send was made.
ASKED: Final = "asked"
RESEND: Final = "resend"
NO_REPORT: Final = "no_report"
NOT_APPROVED: Final = "not_approved_in_time"
SEND_FAILED: Final = "send_failed"
REASONS: Final = (ASKED, RESEND, NO_REPORT, NOT_APPROVED, SEND_FAILED, RELEASED)

#: The reason of an end that the caller reported: it checked its own code itself.
REPORTED: Final = "reported"
#: The reason of the end of what was open in a backup: nobody knows what came of it.
RESTORED: Final = "restored"

#: What a send can be: the statuses of its message, where `failed` stands for all that reached nobody.
SEND_STATUSES: Final = (
    "queued",
    "scheduled",
    "held",
    "sent",
    "delivered",
    "unconfirmed",
    "failed",
    "canceled",
)

#: The most steps that are kept; the first ones stay.
MOST_STEPS: Final = 60


class Way(msgspec.Struct, frozen=True, array_like=True):
    """A channel of a plan, and the seconds after an accepted send at which the next channel follows; 0 for never."""

    channel: Channel
    after: int


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step in the history of a verification. `send` is the number of the send that it is about, from 1."""

    at: int
    what: str
    send: int = 0
    channel: str | None = None
    message_id: str | None = None
    generation: int = 0
    reason: str | None = None
    code: str | None = None


class Verification(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `verifications`. Times are epoch milliseconds.

    `recipient` is a number in E.164 or an address of email, `other` the address for fallback channels. `subject` is
    what it is found by. `seed` is hex; `key_id` names the secret that derives its codes. `sealed_code` is the
    caller's own code of this generation, `sealed_before` that of the one before. `began_at` is the first send of the
    generation, `expires_at` its end, `ends_at` the end of any. The code of the generation before is good until
    `before_until`. `place` is the place in `plan` of the channel that is used. `fixed` marks a test number.
    `language_from` says where the language is from.
    """

    id: str
    account_id: str
    test: bool
    profile_id: str
    recipient: str
    other: str | None = None
    country: str | None = None
    network: str | None = None
    channel: str
    status: str
    guard: str | None = None
    reason: str | None = None
    reference: str | None = None
    language: str | None = None
    template: str | None = None
    user_ip: str | None = None
    device: str | None = None
    bound: BindTo | None = None
    fixed: bool = False
    subject: str
    seed: str
    key_id: str
    alphabet: Alphabet
    length: int
    sealed_code: str | None = None
    sealed_before: str | None = None
    generation: int = 1
    before_until: int = 0
    plan: tuple[Way, ...]
    place: int = 0
    no_report_s: int = 0
    life_ms: int
    max_checks: int
    max_sends: int
    checks: int = 0
    sends: int = 0
    began_at: int
    expires_at: int
    ends_at: int
    next_send_at: int
    fallback_at: int | None = None
    due_at: int | None = None
    steps: tuple[Step, ...] = ()
    counted: bool = False
    approved_by: int = 0
    ended_at: int | None = None
    redacted_at: int | None = None
    version: int = 1
    created_at: int
    guard_key: str | None = None
    app_hash: str | None = None
    language_from: Source | None = None

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the verification."""
        return Tenant(self.account_id, self.test)

    @property
    def is_open(self) -> bool:
        """Whether it can still be approved, as far as its status says."""
        return self.status in OPEN

    @property
    def sent_messages(self) -> tuple[str, ...]:
        """The ids of its messages, in the order of the sends."""
        return tuple(
            step.message_id for step in self.steps if step.what == SEND and step.message_id is not None
        )

    def address(self, channel: str) -> str | None:
        """The address for a channel; None if it has none."""
        wants_email = channel == EMAIL
        for address in (self.recipient, self.other):
            if address is not None and ("@" in address) == wants_email:
                return address
        return None


#: What never changes once it is written.
_FIXED: Final = (
    *("account_id", "test", "profile_id", "country", "network", "reference", "app_hash"),
    *("fixed", "subject", "seed", "key_id", "alphabet", "length"),
    *("plan", "no_report_s", "life_ms", "max_checks", "max_sends"),
)

VERIFICATIONS: Final = Table(
    "verifications",
    Verification,
    prefix=ids.VERIFICATION,
    owner=("account_id", "test"),
    fixed=_FIXED,
)
