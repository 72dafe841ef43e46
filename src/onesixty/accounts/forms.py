"""What the fields of accounts may say, for `/v1/accounts` and `/v1/subaccounts`.

Rules kept here:
- an account has no higher rate than the account above it, and class otp only if that one has it;
- a sender of `defaults` is a valid sender, for a country or for all others;
- a time zone is one of the IANA database.
"""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from onesixty.accounts.account import EVERYWHERE, Account, AccountSettings, Defaults
from onesixty.accounts.bodies import AccountFields, DefaultsBody, NewAccountBody, NewSubaccountBody
from onesixty.accounts.service import Accounts
from onesixty.accounts.tree import DEEPEST
from onesixty.core import money
from onesixty.core.errors import Problem
from onesixty.core.limits import NONE, exceeding
from onesixty.http.amounts import micros_of
from onesixty.numbers import InvalidSender, parse_sender

#: The highest credit limit.
MOST_CREDIT: Final = 1_000_000_000 * money.MICRO
#: The most senders that an account has by country.
MOST_SENDERS: Final = 300

_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def new_account(accounts: Accounts, body: NewAccountBody | NewSubaccountBody, parent: Account) -> Account:
    """The account that a body asks for, below `parent`. Raises Problem."""
    if accounts.tree.depth(parent) >= DEEPEST:
        raise Problem("invalid_field", f"Accounts can be at most {DEEPEST} levels deep.", param="parent_id")
    if accounts.tree.state_of(parent.id) == "closed":
        raise Problem("conflict", "The account above is closed.", param="parent_id")
    above = None if parent.operator else parent.settings
    rate, otp = body.requests_per_second, body.may_use_otp
    settings = AccountSettings(
        requests_per_second=parent.settings.requests_per_second if rate is None else rate,
        may_use_otp=parent.settings.may_use_otp if otp is None else otp,
        credit_limit=_limit(body.credit_limit),
        defaults=_defaults(body.defaults),
        limits=body.limits,
    )
    _check_below(settings, above)
    return accounts.new_account(
        body.name,
        body.currency,
        micros_of(body.price_per_segment, "price_per_segment"),
        settings,
        parent_id=parent.id,
        country=body.country,
        time_zone=_time_zone(body.time_zone),
    )


def fields_of(row: Account) -> AccountFields:
    """The changeable fields of an account."""
    settings = row.settings
    return AccountFields(
        name=row.name,
        price_per_segment=money.to_text(row.price_per_segment),
        country=row.country,
        time_zone=row.time_zone,
        state=row.state,
        state_reason=row.state_reason,
        requests_per_second=settings.requests_per_second,
        may_use_otp=settings.may_use_otp,
        credit_limit=None if settings.credit_limit is None else money.to_text(settings.credit_limit),
        defaults=msgspec.convert(settings.defaults, DefaultsBody, from_attributes=True),
        limits=settings.limits,
    )


def changed_account(row: Account, fields: AccountFields, parent: Account | None) -> Account:
    """The account with these fields. `parent` is the account above it, if that is not the operator's. Raises
    Problem."""
    if row.operator and fields.state == "closed":
        raise Problem("invalid_field", "The operator's account cannot be closed.", param="state")
    settings = AccountSettings(
        requests_per_second=fields.requests_per_second,
        may_use_otp=fields.may_use_otp,
        credit_limit=_limit(fields.credit_limit),
        defaults=_defaults(fields.defaults),
        limits=fields.limits,
    )
    if parent is not None:
        was = row.settings
        raised = AccountSettings(  # what stays as it is is not judged again
            requests_per_second=0
            if settings.requests_per_second <= was.requests_per_second
            else settings.requests_per_second,
            may_use_otp=settings.may_use_otp and not was.may_use_otp,
            limits=NONE if settings.limits == was.limits else settings.limits,
        )
        _check_below(raised, parent.settings)
    return msgspec.structs.replace(
        row,
        name=fields.name,
        price_per_segment=micros_of(fields.price_per_segment, "price_per_segment"),
        country=fields.country,
        time_zone=_time_zone(fields.time_zone),
        state=fields.state,
        state_reason=None if fields.state == "active" else fields.state_reason,
        settings=settings,
    )


def _check_below(settings: AccountSettings, above: AccountSettings | None) -> None:
    if above is None:
        return
    if settings.requests_per_second > above.requests_per_second:
        raise Problem(
            "invalid_field",
            f"`requests_per_second` must not exceed that of the account above, {above.requests_per_second}.",
            param="requests_per_second",
        )
    name = exceeding(settings.limits, above.limits)
    if name is not None:
        raise Problem(
            "invalid_field",
            f"`limits.{name}` must not exceed that of the account above, {getattr(above.limits, name)}.",
            param=f"limits.{name}",
        )
    if settings.may_use_otp and not above.may_use_otp:
        raise Problem("forbidden", "The account above may not use class otp.", param="may_use_otp")


def _limit(amount: str | None) -> int | None:
    """A credit limit in micro-units. Raises Problem."""
    return None if amount is None else micros_of(amount, "credit_limit", MOST_CREDIT)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a name that is a path, a directory, or unknown
        raise Problem(
            "invalid_field", f"`time_zone` `{name}` is not in the IANA database.", param="time_zone"
        ) from None
    return name


def _defaults(body: DefaultsBody) -> Defaults:
    if len(body.senders) > MOST_SENDERS:
        raise Problem(
            "invalid_field",
            f"`defaults.senders` can have at most {MOST_SENDERS} countries.",
            param="defaults.senders",
        )
    senders = {}
    for country, sender in body.senders.items():
        param = f"defaults.senders.{country[:10]}"
        if country != EVERYWHERE and not _COUNTRY.fullmatch(country):
            raise Problem(
                "invalid_field",
                "A country is two capital letters (ISO 3166), or `*` for all others.",
                param=param,
            )
        try:
            senders[country] = parse_sender(sender).display
        except InvalidSender as error:
            raise Problem("invalid_field", f"{error}.", param=param, extra={"reason": error.code}) from None
    return Defaults(
        class_=body.class_,
        senders=senders,
        valid_for={str(class_): seconds for class_, seconds in body.valid_for.items()},
    )
