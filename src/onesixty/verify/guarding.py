"""What guards are told and what they answer: the contract between verifications and those who protect them.

Guards judge every send to a number or an address before it is made, and hear of every end. `verify.guards` implements
them.

Rules kept here:
- a guard is asked before anything is written, and its own rows are written in the unit of the send. So what a guard
  counts is what was sent, after a crash as well;
- the guards of that unit may lose (`Consequences.guards`): somebody else was sent to at the same time, and the
  question is asked again;
- test numbers never reach guards.
"""

from __future__ import annotations

from typing import Any, Final, Literal, Protocol

import msgspec

from onesixty.core.contracts import Consequences, Write
from onesixty.core.tenant import Tenant

Action = Literal["pass", "hold", "later", "block"]

PASS: Final = "pass"
HOLD: Final = "hold"
LATER: Final = "later"
BLOCK: Final = "block"

#: How often a send is judged again because another one came first: more often than guards let starts pass at one
#: place.
TRIES: Final = 12


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A send, as guards see it. Times are epoch ms, money is in micro-units.

    `to` is a number in E.164 or an address of email in small letters. `first` is a start, and a resend or a fallback
    otherwise; `sends` are the sends so far. `user_ip` and `device` are those of the customer's end user. `price` is
    an estimate, 0 if it is not known. `simulated` says that nothing leaves the platform. `held` asks again about a
    held verification.
    """

    tenant: Tenant
    profile_id: str
    verification_id: str
    to: str
    channel: str
    country: str | None
    network: str | None
    first: bool
    sends: int
    user_ip: str | None
    device: str | None
    price: int
    currency: str
    at: int
    simulated: bool = False
    held: bool = False


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A verification at its end. `channel` is that of its last send, `wrong` how many wrong codes were typed.

    `status` is the verification's, with two words more: `unsent` (nobody took any send), and `unreported` (nobody
    knows: a caller's own code that was never checked or reported, or a database that was restored). `sent_at` is when
    its first code went out, None if none did.
    """

    tenant: Tenant
    profile_id: str
    verification_id: str
    to: str
    channel: str
    country: str | None
    network: str | None
    user_ip: str | None
    device: str | None
    status: str
    wrong: int
    sends: int
    started_at: int
    sent_at: int | None
    at: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a guard that only reports would have done."""

    guard: str
    action: str
    reason: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What guards say about a send. `until` is when the end user may ask again (`later`), or when a hold or a block
    ends by itself. The caller sees guard and reason; the end user must not. `key` names what the guard looked at: of
    all that one key holds, the first is judged again, and the others wait with it."""

    action: Action = "pass"
    guard: str = ""
    key: str = ""
    reason: str = ""
    until: int | None = None
    warnings: tuple[str, ...] = ()
    reported: tuple[Report, ...] = ()


class Guarding(Protocol):
    """Judges sends. `limits` are what the profile says to guards."""

    async def judge(self, asked: Asked, limits: Any) -> Verdict:
        """Judge a send. Reads, and writes nothing."""

    def sent(self, asked: Asked, verdict: Verdict) -> Consequences:
        """What is written with the send, the hold or the block."""

    def ended(self, ended: Ended) -> tuple[Write, ...]:
        """What is written with the end of a verification."""
