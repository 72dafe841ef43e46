"""The account: who sends and pays, and what it may. A row of the table `accounts`."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.http.limits import DEFAULT_PER_SECOND


class AccountSettings(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """What is set for one account; the column `settings` is its JSON."""

    #: Requests a second for each of its keys.
    requests_per_second: int = DEFAULT_PER_SECOND
    #: Whether it may send messages of class otp, which go before all others.
    may_use_otp: bool = True
    #: Nothing new is accepted of it; what was accepted goes on.
    suspended: bool = False

    @property
    def state(self) -> str:
        """As the API shows it."""
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
    #: Whether it is the operator's: the root of all accounts. One is, and always the same.
    operator: bool = False
