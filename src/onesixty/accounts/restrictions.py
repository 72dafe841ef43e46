"""What a key or SMPP credential may be restricted to: senders, classes, networks, and a time at which it ends.

Rules kept here:
- a caller that is restricted itself gives nothing that it lacks: what it makes, changes or gives a new secret has the
  same restrictions or tighter ones. A list that the caller does not name is the caller's own;
- a caller with limits of its own makes and changes neither keys, credentials nor accounts: they would lift them;
- a sender is kept in the form in which messages have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

from msgspec import Meta

from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.core.limits import NONE
from onesixty.http import networks as networks_
from onesixty.http.addresses import sender_of
from onesixty.http.networks import Networks
from onesixty.http.scopes import Principal
from onesixty.http.structs import Moment

MOST: Final = 100
LONGEST_OVERLAP: Final = 30 * 86_400

Class = Literal["otp", "transactional", "marketing"]

AllowedNetworks = Annotated[
    tuple[Annotated[str, Meta(max_length=49)], ...],
    Meta(
        max_length=MOST,
        description="From where it may be used: networks in CIDR notation, IPv4 and IPv6. Empty: from everywhere.",
        examples=[["192.0.2.0/24", "2001:db8::/32"]],
    ),
]
AllowedSenders = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=21)], ...],
    Meta(
        max_length=MOST,
        description="The senders of its messages: names, numbers, short codes. Empty: all that the account may use.",
        examples=[["YourBrand"]],
    ),
]
AllowedClasses = Annotated[
    tuple[Class, ...],
    Meta(max_length=3, description="The classes of its messages. Empty: all that the account may use."),
]
ExpiresAt = (
    Annotated[
        Moment,
        Meta(
            description="When it ends, in the future. Absent or null: never.",
            examples=["2030-01-01T00:00:00Z"],
        ),
    ]
    | None
)
Overlap = Annotated[
    int,
    Meta(
        ge=0,
        le=LONGEST_OVERLAP,
        description="For how many seconds the present one still opens, up to 30 days. 0 ends it at once.",
    ),
]


class Restrictions(NamedTuple):
    """Restrictions in the form of a row. Empty and None are none."""

    networks: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    expires_at: int | None = None


def of_caller(caller: Principal) -> Restrictions:
    """The restrictions of a caller."""
    grant = caller.grant
    return Restrictions(
        caller.networks,
        () if grant is None else tuple(sorted(grant.senders)),
        () if grant is None else tuple(sorted(grant.classes)),
        caller.expires_at,
    )


def asked(
    networks: Sequence[str], senders: Sequence[str], classes: Sequence[str], expires_at: datetime | None
) -> Restrictions:
    """Restrictions as a body names them. Raises Problem `invalid_field`."""
    return Restrictions(
        networks_.checked(networks, "allowed_networks"),
        senders_of(senders, "allowed_senders"),
        tuple(dict.fromkeys(classes)),
        time_of(expires_at),
    )


def senders_of(senders: Sequence[str], param: str) -> tuple[str, ...]:
    """Senders in the form in which messages have them. Raises Problem `invalid_field`."""
    return tuple(
        dict.fromkeys(sender_of(sender, f"{param}[{index}]").display for index, sender in enumerate(senders))
    )


def time_of(moment: datetime | None) -> int | None:
    """A time in epoch ms."""
    return None if moment is None else times.of_moment(moment)


def check_ends_later(expires_at: int | None, now: int, param: str = "expires_at") -> None:
    """Raise Problem unless an end is in the future."""
    if expires_at is not None and expires_at <= now:
        raise Problem("invalid_field", f"`{param}` must be in the future.", param=param)


def inherited(given: Restrictions, caller: Principal) -> Restrictions:
    """What a caller gives, with its own restrictions where it names none."""
    own = of_caller(caller)
    return Restrictions(
        given.networks or own.networks,
        given.senders or own.senders,
        given.classes or own.classes,
        own.expires_at if given.expires_at is None else given.expires_at,
    )


def columns(given: Restrictions) -> dict[str, Any]:
    """Restrictions as the fields of a key."""
    return {
        "allowed_networks": given.networks,
        "allowed_senders": given.senders,
        "allowed_classes": given.classes,
        "expires_at": given.expires_at,
    }


def check_gives(given: Restrictions, caller: Principal) -> None:
    """Raise Problem `forbidden` if a caller would give more than it has."""
    own = of_caller(caller)
    for param, mine, theirs in (
        ("allowed_senders", own.senders, given.senders),
        ("allowed_classes", own.classes, given.classes),
    ):
        if mine and not (theirs and set(theirs) <= set(mine)):
            raise Problem("forbidden", f"Your own key is restricted in `{param}`.", param=param)
    if own.networks and not (given.networks and Networks(own.networks).contain(Networks(given.networks))):
        raise Problem(
            "forbidden", "Your own key is restricted in `allowed_networks`.", param="allowed_networks"
        )
    if own.expires_at is not None and (given.expires_at is None or given.expires_at > own.expires_at):
        raise Problem("forbidden", "Your own key ends before that.", param="expires_at")


def is_unlimited(caller: Principal) -> bool:
    """Whether the caller's key has no limits of its own."""
    return caller.grant is None or caller.grant.limits == NONE


def check_unlimited(caller: Principal, what: str) -> None:
    """Raise Problem `forbidden` if the caller's key has limits of its own, which what it makes would lift."""
    if not is_unlimited(caller):
        raise Problem("forbidden", f"A key with limits of its own cannot make or change {what}.")
