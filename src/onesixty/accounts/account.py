"""The account: who sends and pays, and what it may. A row of the table `accounts`."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from onesixty.core import money, times
from onesixty.http.limits import DEFAULT_PER_SECOND


class AccountSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
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

_SETTINGS: Final = msgspec.json.Decoder(AccountSettings)


class Account(msgspec.Struct, kw_only=True):
    """A row of `accounts`. `price_per_segment` is in micro-units of `currency`."""

    id: str
    name: str
    currency: str
    price_per_segment: int
    settings: AccountSettings
    created_at: int

    def view(self) -> dict[str, Any]:
        """The account as the API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "currency": self.currency,
            "price_per_segment": money.to_text(self.price_per_segment),
            "requests_per_second": self.settings.requests_per_second,
            "may_use_otp": self.settings.may_use_otp,
            "state": self.settings.state,
            "created_at": times.to_text(self.created_at),
        }


def of_row(row: tuple[Any, ...]) -> Account:
    """An account from (id, name, currency, price_per_segment, settings, created_at)."""
    return Account(
        id=row[0],
        name=row[1],
        currency=row[2],
        price_per_segment=row[3],
        settings=_SETTINGS.decode(row[4]),
        created_at=row[5],
    )


def row_of(account: Account) -> tuple[object, ...]:
    """What of an account can change, as its row holds it: name, price_per_segment, settings."""
    return account.name, account.price_per_segment, settings_json(account.settings)


def settings_json(settings: AccountSettings) -> str:
    """The column `settings`."""
    return msgspec.json.encode(settings).decode()
