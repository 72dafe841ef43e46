"""The account, a row of the table `accounts`: who sends and pays, and what is allowed."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.http.limits import DEFAULT_PER_SECOND


class AccountSettings(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """The settings of one account; the column `settings` holds them as JSON."""

    #: Requests a second, for each key of the account.
    requests_per_second: int = DEFAULT_PER_SECOND
    #: Whether the account may send messages of class otp, which go before all others.
    may_use_otp: bool = True
    #: A suspended account accepts no new messages; accepted ones are still sent.
    suspended: bool = False
    #: How far below zero the balance may go, in micro-units; None: no limit.
    credit_limit: int | None = None

    @property
    def state(self) -> str:
        """The state as the API shows it."""
        return SUSPENDED if self.suspended else ACTIVE


ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"


class Account(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `accounts`. `price_per_segment` is in micro-units of `currency`."""

    id: str
    name: str
    currency: str
    price_per_segment: int
    settings: AccountSettings
    created_at: int
    version: int = 1
    #: Whether this is the operator's account. There is exactly one, and it never changes.
    operator: bool = False
