"""The bodies and answers of `/v1/keys` and `/v1/scopes`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from onesixty.accounts.keys import Key
from onesixty.accounts.reach import AccountId
from onesixty.accounts.restrictions import (
    AllowedClasses,
    AllowedNetworks,
    AllowedSenders,
    ExpiresAt,
    Overlap,
)
from onesixty.core import times
from onesixty.core.limits import Limits
from onesixty.http.scopes import OPERATOR, SCOPES, TENANT
from onesixty.http.structs import Answer, Body, Moment, Time, named, one_of, shown_fields

Mode = Literal["live", "test"]
Name = Annotated[str, Meta(min_length=1, max_length=100, description="A name that tells your keys apart.")]
Rate = (
    Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="The limit of this key, up to the limit of the account. Default: the limit of the account.",
        ),
    ]
    | None
)

#: For how long the old secret opens, if the caller does not say: a day.
OVERLAP: Final = 86_400


class KeyLimits(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The limits of one key, beside those of its account. A limit that is missing or null does not apply."""

    segments_per_second: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None, Meta(description="Accepted segments a second.")
    ] = None
    messages_per_day: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Accepted messages in a day of the account's time zone."),
    ] = None
    messages_per_month: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Accepted messages in a month of the account's time zone."),
    ] = None
    waiting_messages: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Messages of this key that wait for a carrier at the same time."),
    ] = None
    scheduled_messages: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Messages of this key that are scheduled at the same time."),
    ] = None


#: A key without limits of its own.
NO_LIMITS: Final = KeyLimits()


class NewKeyBody(Body):
    """A new key."""

    name: Name
    mode: Annotated[
        Mode, Meta(description="Messages of test keys are not sent to real carriers and are free.")
    ]
    account_id: AccountId = None
    scopes: (
        Annotated[
            list[Annotated[str, named("Scope")]],
            Meta(
                min_length=1,
                max_length=50,
                description="What the key may do. Default: every tenant scope of your key.",
            ),
        ]
        | None
    ) = None
    requests_per_second: Rate = None
    expires_at: ExpiresAt = None
    allowed_networks: AllowedNetworks = ()
    allowed_senders: AllowedSenders = ()
    allowed_classes: AllowedClasses = ()
    limits: KeyLimits = NO_LIMITS


class KeyFields(Body):
    """The fields of a key that can be changed."""

    name: Name
    requests_per_second: Rate = None
    expires_at: ExpiresAt = None
    allowed_networks: AllowedNetworks = ()
    allowed_senders: AllowedSenders = ()
    allowed_classes: AllowedClasses = ()
    limits: KeyLimits = NO_LIMITS
    previous_expires_at: (
        Annotated[
            Moment,
            Meta(description="When the replaced secret of a rotated key ends. null ends it at once."),
        ]
        | None
    ) = None


class RotateKeyBody(Body):
    """How a key is rotated."""

    overlap_seconds: Overlap = OVERLAP


class KeyView(Answer):
    """A key, without its secret."""

    id: str
    account_id: str
    name: str
    hint: Annotated[
        str, Meta(description="The first and last characters of the key.", examples=["os_live_...wxyz"])
    ]
    mode: Mode
    scopes: list[Annotated[str, named("Scope")]]
    requests_per_second: Annotated[
        int | None, Meta(description="The limit of this key; null: the limit of the account.")
    ]
    state: Annotated[str, one_of(("active", "expired", "revoked"))]
    expires_at: Time | None
    allowed_networks: list[str]
    allowed_senders: list[str]
    allowed_classes: list[str]
    limits: KeyLimits
    created_at: Time
    revoked_at: Time | None
    last_used_at: Annotated[Time | None, Meta(description="Accurate to ten minutes.")]
    last_used_from: Annotated[str | None, Meta(description="The address of the client at `last_used_at`.")]
    previous_hint: Annotated[
        str | None, Meta(description="The `hint` of the secret that was replaced when the key was rotated.")
    ]
    previous_expires_at: Annotated[Time | None, Meta(description="Until when the replaced secret opens.")]
    previous_used_at: Annotated[
        Time | None, Meta(description="When the replaced secret was last used; accurate to ten minutes.")
    ]
    version: Annotated[int, Meta(description="Increases with every change.")]


class KeyMade(KeyView):
    """A new key with its secret."""

    secret: (
        Annotated[
            str, Meta(description="The key itself. It is returned once and is missing in a repeated answer.")
        ]
        | UnsetType
    ) = UNSET


class ScopeView(Answer):
    """What a key or a role may be allowed."""

    name: Annotated[str, named("Scope")]
    about: Annotated[str, Meta(description="What it allows.", examples=[SCOPES["messages:send"].about])]
    audience: Annotated[
        str,
        one_of((TENANT, OPERATOR)),
        Meta(description="Whom it is for. Only the operator's account can have those of an `operator`."),
    ]
    live_only: Annotated[bool, Meta(description="Whether a test key cannot have it.")]
    gives: Annotated[bool, Meta(description="Whether the caller can give it to a key.")]


class ScopeList(Answer):
    """All scopes."""

    data: list[ScopeView]


def key_view(key: Key, now: int) -> KeyView:
    """The key as the API shows it at a time in epoch ms: everything but the secret."""
    state = "active"
    if key.revoked_at is not None:
        state = "revoked"
    elif key.expires_at is not None and key.expires_at <= now:
        state = "expired"
    shown = shown_fields(KeyView, key) | {"limits": _limits_of(key)}
    return KeyView(mode=key.tenant.mode, state=state, **shown)


def fields_of(key: Key) -> KeyFields:
    """The changeable fields of a key."""
    given: dict[str, Any] = {name: getattr(key, name) for name in KeyFields.__struct_fields__}
    for name in ("expires_at", "previous_expires_at"):
        given[name] = None if given[name] is None else times.moment(given[name])
    return KeyFields(**(given | {"limits": _limits_of(key)}))


def _limits_of(key: Key) -> KeyLimits:
    return KeyLimits(**{name: getattr(key.limits, name) for name in KeyLimits.__struct_fields__})


def limits_of(body: KeyLimits) -> Limits:
    """The limits in the form of a row."""
    return Limits(**msgspec.structs.asdict(body))
