"""What `/v1/keys` and `/v1/accounts` take and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from onesixty.accounts.account import Account
from onesixty.accounts.keys import Key
from onesixty.accounts.reach import AccountId
from onesixty.core import money
from onesixty.http.limits import DEFAULT_PER_SECOND
from onesixty.http.structs import Answer, Body, Time, shown_fields

Mode = Literal["live", "test"]
Amount = Annotated[str, Meta(max_length=20, description="A decimal string.", examples=["0.0075"])]
Rate = Annotated[int, Meta(ge=1, le=1_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class NewKeyBody(Body):
    """A key to make."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="What you will know it by.")]
    mode: Annotated[Mode, Meta(description="Test keys send nothing real, and are free.")]
    account_id: AccountId = None
    scopes: (
        Annotated[
            list[str],
            Meta(
                min_length=1,
                max_length=50,
                description="What it may do. Default: every tenant scope that your key has.",
            ),
        ]
        | None
    ) = None
    requests_per_second: (
        Annotated[
            int,
            Meta(
                ge=1, le=1_000_000, description="A limit of its own, up to that of the account, its default."
            ),
        ]
        | None
    ) = None


class KeyView(Answer):
    """A key, without its secret."""

    id: str
    account_id: str
    name: str
    hint: Annotated[str, Meta(description="What to know it by.", examples=["os_live_...wxyz"])]
    mode: Mode
    scopes: list[str]
    requests_per_second: Annotated[int | None, Meta(description="Its own limit; null: that of the account.")]
    created_at: Time
    revoked_at: Time | None
    last_used_at: Annotated[Time | None, Meta(description="To within ten minutes.")]


class KeyMade(KeyView):
    """A key just made."""

    secret: (
        Annotated[str, Meta(description="The key itself. It is shown this once, and not to a repeat.")]
        | UnsetType
    ) = UNSET


class NewAccountBody(Body):
    """An account to make."""

    name: Name
    price_per_segment: Amount
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")] = "EUR"
    requests_per_second: Rate = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Meta(description="Whether it may send class otp.")] = True


class AccountFields(Body):
    """What can be changed of an account."""

    name: Name
    price_per_segment: Amount
    state: Annotated[
        Literal["active", "suspended"],
        Meta(
            description="Of a suspended account nothing new is accepted. What was accepted goes on, what comes in is "
            "delivered, and its keys still read."
        ),
    ] = "active"
    requests_per_second: Rate = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Meta(description="Whether it may send class otp.")] = True


class AccountView(Answer):
    """An account."""

    id: str
    name: str
    currency: Annotated[str, Meta(description="ISO 4217.")]
    price_per_segment: Amount
    requests_per_second: Annotated[int, Meta(description="For each of its keys.")]
    may_use_otp: bool
    state: Annotated[
        Literal["active", "suspended"], Meta(description="Nothing new is accepted of a suspended account.")
    ]
    operator: Annotated[bool, Meta(description="Whether it is the operator's account. Exactly one is.")]
    version: Annotated[int, Meta(description="Rises with every change.")]
    created_at: Time


class OwnAccount(AccountView):
    """The account of the key that asks."""

    mode: Annotated[Mode, Meta(description="That of the key.")]


class AccountMade(AccountView):
    """An account just made, with its first keys."""

    keys: Annotated[list[KeyMade], Meta(description="Shown this once, and not to a repeat.")] | UnsetType = (
        UNSET
    )


def key_view(key: Key) -> KeyView:
    """The key as the API shows it: everything but the secret."""
    return KeyView(mode=key.tenant.mode, **shown_fields(KeyView, key))


def account_view(account: Account) -> AccountView:
    """The account as the API shows it."""
    settings = account.settings
    shown = shown_fields(AccountView, account) | {
        "price_per_segment": money.to_text(account.price_per_segment)
    }
    return AccountView(
        requests_per_second=settings.requests_per_second,
        may_use_otp=settings.may_use_otp,
        state="suspended" if settings.suspended else "active",
        **shown,
    )
