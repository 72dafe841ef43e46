"""The bodies and answers of `/v1/keys` and `/v1/accounts`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from onesixty.accounts.account import Account
from onesixty.accounts.keys import Key
from onesixty.accounts.reach import AccountId
from onesixty.core import money
from onesixty.http.amounts import Amount, Currency
from onesixty.http.limits import DEFAULT_PER_SECOND
from onesixty.http.structs import Answer, Body, Time, shown_fields

Mode = Literal["live", "test"]
Limit = Annotated[
    Annotated[str, Meta(max_length=20, examples=["100.00"])] | None,
    Meta(
        description='How far below zero the balance may go, as a decimal string; "0" for prepaid. Messages beyond it '
        "are refused (`insufficient_credit`). Null: no limit."
    ),
]
Rate = Annotated[int, Meta(ge=1, le=1_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class NewKeyBody(Body):
    """A new key."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="A name that tells your keys apart.")]
    mode: Annotated[
        Mode, Meta(description="Messages of test keys are not sent to real carriers and are free.")
    ]
    account_id: AccountId = None
    scopes: (
        Annotated[
            list[str],
            Meta(
                min_length=1,
                max_length=50,
                description="What the key may do. Default: every tenant scope of your key.",
            ),
        ]
        | None
    ) = None
    requests_per_second: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=1_000_000,
                description="The limit of this key, up to the limit of the account. Default: the limit of the "
                "account.",
            ),
        ]
        | None
    ) = None


class KeyView(Answer):
    """A key, without its secret."""

    id: str
    account_id: str
    name: str
    hint: Annotated[
        str, Meta(description="The first and last characters of the key.", examples=["os_live_...wxyz"])
    ]
    mode: Mode
    scopes: list[str]
    requests_per_second: Annotated[
        int | None, Meta(description="The limit of this key; null: the limit of the account.")
    ]
    created_at: Time
    revoked_at: Time | None
    last_used_at: Annotated[Time | None, Meta(description="Accurate to ten minutes.")]


class KeyMade(KeyView):
    """A new key with its secret."""

    secret: (
        Annotated[
            str, Meta(description="The key itself. It is returned once and is missing in a repeated answer.")
        ]
        | UnsetType
    ) = UNSET


class NewAccountBody(Body):
    """A new account."""

    name: Name
    price_per_segment: Amount
    currency: Currency = "EUR"
    requests_per_second: Rate = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Meta(description="Whether the account may send messages of class otp.")] = (
        True
    )
    credit_limit: Limit = None


class AccountFields(Body):
    """The fields of an account that can be changed."""

    name: Name
    price_per_segment: Amount
    state: Annotated[
        Literal["active", "suspended"],
        Meta(
            description="A suspended account accepts no new messages. Messages accepted before are still sent, "
            "incoming messages are delivered, and its keys can read."
        ),
    ] = "active"
    requests_per_second: Rate = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Meta(description="Whether the account may send messages of class otp.")] = (
        True
    )
    credit_limit: Limit = None


class AccountView(Answer):
    """An account."""

    id: str
    name: str
    currency: Annotated[str, Meta(description="ISO 4217.")]
    price_per_segment: Amount
    requests_per_second: Annotated[int, Meta(description="Applies to each key of the account.")]
    may_use_otp: bool
    credit_limit: Limit
    state: Annotated[
        Literal["active", "suspended"], Meta(description="A suspended account accepts no new messages.")
    ]
    operator: Annotated[
        bool, Meta(description="Whether this is the operator's account. There is exactly one.")
    ]
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time


class OwnAccount(AccountView):
    """The account of the calling key."""

    mode: Annotated[Mode, Meta(description="The mode of the key.")]


class AccountMade(AccountView):
    """A new account with its first keys."""

    keys: (
        Annotated[list[KeyMade], Meta(description="Returned once; missing in a repeated answer.")] | UnsetType
    ) = UNSET


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
        credit_limit=None if settings.credit_limit is None else money.to_text(settings.credit_limit),
        state="suspended" if settings.suspended else "active",
        **shown,
    )
