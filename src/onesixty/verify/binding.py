"""What a verification is bound to: a payment, a device, or a text. It must come again with each check.

Rules kept here:
- two notations of one binding are equal: amounts by value, names without space around them and in NFC;
- the canonical form is part of the digest of a code and of the subject by which verifications are found. So a check
  with another amount or payee finds nothing, or is wrong: it never approves;
- a binding is named in the message, so that a person sees what the code is for. So a name is held to what a string of
  a template may say: it has no link. Long numbers are allowed, as payees may be accounts.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from onesixty.core.errors import Problem
from onesixty.templates.strings import objection

_LONGEST: Final = 60
#: The most digits of an amount, before and after the point.
_DIGITS: Final = 15
_PLACES: Final = 4
#: A decimal number in ASCII, with or without an exponent.
_PLAIN: Final = re.compile(r" *[-+.0-9Ee]+ *")


class BindTo(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a verification is for: `amount` with `currency` and `payee` of a payment, a `device`, or a `text`. The
    check must name the same."""

    amount: Annotated[str, Meta(max_length=24, examples=["49.90"])] | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])] | None = (
        None
    )
    payee: (
        Annotated[str, Meta(max_length=_LONGEST, description="Who gets the payment.", examples=["Acme Ltd"])]
        | None
    ) = None
    device: (
        Annotated[
            str, Meta(max_length=_LONGEST, description="The device that is added.", examples=["Pixel 9"])
        ]
        | None
    ) = None
    text: (
        Annotated[
            str,
            Meta(
                max_length=_LONGEST,
                description="Anything else, in a few words.",
                examples=["change of address"],
            ),
        ]
        | None
    ) = None


#: The kinds of bindings, which decide the wording.
PAYMENT: Final = "payment"
DEVICE: Final = "device"
TEXT: Final = "text"


def checked(asked: BindTo, param: str = "bind_to") -> BindTo:
    """A binding in canonical values. Raises Problem `missing_field` or `invalid_field`."""
    payment = (asked.amount, asked.currency, asked.payee)
    kinds = [any(payment), bool(asked.device), bool(asked.text)]
    if sum(kinds) != 1:
        raise Problem(
            "invalid_field",
            f"`{param}` must be a payment (`amount`, `currency`, `payee`), a `device` or a `text`: one of them.",
            param=param,
        )
    if not kinds[0]:
        return BindTo(device=_name(asked.device, f"{param}.device"), text=_name(asked.text, f"{param}.text"))
    for name, value in zip(("amount", "currency", "payee"), payment, strict=True):
        if not value:
            raise Problem(
                "missing_field",
                f"`{param}.{name}` is missing: a payment has all three.",
                param=f"{param}.{name}",
            )
    assert asked.amount is not None
    return BindTo(
        amount=_amount(asked.amount, f"{param}.amount"),
        currency=asked.currency,
        payee=_name(asked.payee, f"{param}.payee"),
    )


def kind_of(bound: BindTo) -> str:
    """The kind of a checked binding."""
    if bound.amount is not None:
        return PAYMENT
    return DEVICE if bound.device is not None else TEXT


def canonical(bound: BindTo | None) -> bytes:
    """A checked binding as octets; empty for none. Equal for equal bindings, and only for these."""
    return b"" if bound is None else msgspec.json.encode(bound)


def _amount(written: str, param: str) -> str:
    try:
        amount = Decimal(written.strip() if _PLAIN.fullmatch(written) else "NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount.is_signed():
        raise Problem("invalid_field", f"`{param}` must be a decimal number, for example 49.90.", param=param)
    _, digits, exponent = amount.as_tuple()
    places = max(0, -int(exponent))
    if places > _PLACES or len(digits) + max(0, int(exponent)) > _DIGITS:
        raise Problem(
            "invalid_field",
            f"`{param}` has too many digits: at most {_PLACES} follow the point.",
            param=param,
        )
    whole, _, rest = f"{amount:f}".partition(".")
    # Two places at least, as people write money; the same value always in the same way.
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def _name(written: str | None, param: str) -> str | None:
    if written is None:
        return None
    name = " ".join(unicodedata.normalize("NFC", written).split())
    if not name or any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in name):
        raise Problem(
            "invalid_field",
            f"`{param}` must have visible characters, and none of control or direction.",
            param=param,
        )
    refused = objection(name, numbers=True)
    if refused is not None:
        raise Problem("invalid_field", f"`{param}` {refused.partition(':')[0]}.", param=param)
    return name
