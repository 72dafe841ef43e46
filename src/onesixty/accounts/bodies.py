"""The bodies and answers of `/v1/accounts` and `/v1/subaccounts`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from onesixty.accounts.account import Account
from onesixty.accounts.key_bodies import KeyMade, Mode
from onesixty.core import money
from onesixty.core.limits import NONE, Limits, full_view
from onesixty.http.amounts import Amount, Currency
from onesixty.http.limits import DEFAULT_PER_SECOND
from onesixty.http.structs import Answer, Body, Time, shown_fields

Limit = Annotated[
    Annotated[str, Meta(max_length=20, examples=["100.00"])] | None,
    Meta(
        description='How far below zero the balance may go, as a decimal string; "0" for prepaid. Messages beyond it '
        "are refused (`insufficient_credit`). Null: no limit."
    ),
]
Rate = Annotated[int, Meta(ge=1, le=1_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


_STATE: Final = (
    "`suspended`: nothing is sent, neither by this account nor by those below it; accepted messages are held back, "
    "receipts and incoming messages are still taken, and keys can read. `closed`: its keys and binds also end."
)
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166.", examples=["DE"])]
TimeZone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="The time zone of its days, by the IANA database.",
        examples=["Europe/Berlin"],
    ),
]
ParentId = Annotated[str, Meta(min_length=1, max_length=40, examples=["acc_01h455vb4pex5vsknk084sn02q"])]
Reason = Annotated[
    str,
    Meta(min_length=1, max_length=500, description="Why it is suspended or closed. The account can read it."),
]


class DefaultsBody(Body, rename={"class_": "class"}):
    """What messages have if their request does not say it."""

    class_: Annotated[
        Literal["otp", "transactional", "marketing"] | None, Meta(description="Default: transactional.")
    ] = None
    senders: Annotated[
        dict[str, Annotated[str, Meta(min_length=1, max_length=40)]],
        Meta(
            description="The sender by the country of the recipient (ISO 3166). `*` is for all other countries.",
            examples=[{"US": "+15550001111", "*": "YourBrand"}],
        ),
    ] = msgspec.field(default_factory=dict)
    valid_for: Annotated[
        dict[Literal["otp", "transactional", "marketing"], Annotated[int, Meta(ge=1, le=7 * 86_400)]],
        Meta(
            description="The validity in seconds, by class. Default: 300, 86400 and 172800.",
            examples=[{"otp": 120}],
        ),
    ] = msgspec.field(default_factory=dict)


AccountLimits = Annotated[
    Limits,
    Meta(
        description="The limits of the account with all accounts below it, up to those of the account above. A limit "
        "that is missing or null does not apply."
    ),
]


class _NewFields(Body):
    """What a new account has, at any place of the tree."""

    name: Name
    price_per_segment: Amount
    currency: Currency = "EUR"
    country: Country | None = None
    time_zone: TimeZone = "UTC"
    credit_limit: Limit = None
    defaults: DefaultsBody = msgspec.field(default_factory=DefaultsBody)
    limits: AccountLimits = NONE


class NewAccountBody(_NewFields):
    """A new account."""

    parent_id: Annotated[
        ParentId | None, Meta(description="The account above it, for ever. Default: yours, the operator's.")
    ] = None
    requests_per_second: Rate = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Meta(description="Whether the account may send messages of class otp.")] = (
        True
    )


class NewSubaccountBody(_NewFields):
    """A new sub-account."""

    parent_id: Annotated[
        ParentId | None,
        Meta(description="The account above it, for ever: yours (the default), or one below it."),
    ] = None
    requests_per_second: Annotated[
        Rate | None,
        Meta(description="For each of its keys, up to the limit of the account above, which is the default."),
    ] = None
    may_use_otp: Annotated[
        bool | None,
        Meta(
            description="Whether it may send messages of class otp, if the account above may. Default: as that one."
        ),
    ] = None


class AccountFields(Body):
    """The fields of an account that can be changed."""

    name: Name
    price_per_segment: Amount
    country: Country | None = None
    time_zone: TimeZone = "UTC"
    state: Annotated[Literal["active", "suspended", "closed"], Meta(description=_STATE)] = "active"
    state_reason: Reason | None = None
    requests_per_second: Rate = DEFAULT_PER_SECOND
    may_use_otp: Annotated[bool, Meta(description="Whether the account may send messages of class otp.")] = (
        True
    )
    credit_limit: Limit = None
    defaults: DefaultsBody = msgspec.field(default_factory=DefaultsBody)
    limits: AccountLimits = NONE


class AccountView(Answer):
    """An account."""

    id: str
    parent_id: Annotated[
        str | None, Meta(description="The account above it, if you can see it: null for your own account.")
    ]
    name: str
    country: Annotated[str | None, Meta(description="ISO 3166.")]
    time_zone: str
    currency: Annotated[str, Meta(description="ISO 4217.")]
    price_per_segment: Amount
    requests_per_second: Annotated[int, Meta(description="Applies to each key of the account.")]
    may_use_otp: bool
    credit_limit: Limit
    defaults: DefaultsBody
    limits: AccountLimits
    state: Annotated[Literal["active", "suspended", "closed"], Meta(description="Its own state. " + _STATE)]
    state_reason: str | None
    effective_state: Annotated[
        Literal["active", "suspended", "closed"],
        Meta(description="The state that counts: its own, or that of an account above it."),
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


def account_view(account: Account, state: str, *, own: bool = False) -> AccountView:
    """The account as the API shows it. `state` is the state that counts; `own` hides what is above the account."""
    settings, view = account.settings, AccountView
    shown = shown_fields(view, account) | {
        "price_per_segment": money.to_text(account.price_per_segment),
        "requests_per_second": settings.requests_per_second,
        "may_use_otp": settings.may_use_otp,
        "credit_limit": None if settings.credit_limit is None else money.to_text(settings.credit_limit),
        "defaults": msgspec.convert(settings.defaults, DefaultsBody, from_attributes=True),
        "limits": full_view(settings.limits),
        "effective_state": state,
    }
    return view(**(shown | {"parent_id": None} if own else shown))
