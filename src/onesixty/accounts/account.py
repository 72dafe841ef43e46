"""The account, a row of the table `accounts`: who sends and pays, what is allowed, and its place in the tree."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from onesixty.core.limits import NONE, Limits
from onesixty.http.limits import DEFAULT_PER_SECOND

State = Literal["active", "suspended", "closed"]

ACTIVE: Final = "active"
#: Nothing is sent. Receipts and incoming messages are still taken, and reading works.
SUSPENDED: Final = "suspended"
#: As suspended; and its keys, sessions and binds end.
CLOSED: Final = "closed"

#: The default sender of recipients in every other country.
EVERYWHERE: Final = "*"


class Defaults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """What messages of an account have if their request does not say it."""

    #: The class of messages.
    class_: str | None = msgspec.field(default=None, name="class")
    #: The sender by the country of the recipient, ISO 3166; `EVERYWHERE` is for all others.
    senders: dict[str, str] = {}
    #: The validity in seconds, by class.
    valid_for: dict[str, int] = {}

    def sender(self, country: str | None) -> str | None:
        """The sender for a recipient in a country."""
        return self.senders.get(country or "") or self.senders.get(EVERYWHERE)


class AccountSettings(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """The settings of one account; the column `settings` holds them as JSON."""

    #: Requests a second, for each key of the account.
    requests_per_second: int = DEFAULT_PER_SECOND
    #: Whether the account may send messages of class otp, which go before all others.
    may_use_otp: bool = True
    #: How far below zero the balance may go, in micro-units; None: no limit.
    credit_limit: int | None = None
    defaults: Defaults = Defaults()
    #: The limits of the account with all accounts below it.
    limits: Limits = NONE


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
    #: The account above it, which never changes; None for the operator's account alone.
    parent_id: str | None = None
    #: ISO 3166.
    country: str | None = None
    #: A name of the IANA database, such as `Europe/Berlin`.
    time_zone: str = "UTC"
    #: Its own state. What counts is `accounts.tree.Tree.state_of`.
    state: State = ACTIVE
    #: Why it is suspended or closed.
    state_reason: str | None = None
