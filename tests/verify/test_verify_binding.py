"""What a verification is bound to: equal in any notation, and refused by field."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.verify.binding import DEVICE, PAYMENT, TEXT, BindTo, canonical, checked, kind_of


def payment(amount: str = "49.90", currency: str = "EUR", payee: str = "Acme Ltd") -> BindTo:
    return BindTo(amount=amount, currency=currency, payee=payee)


@pytest.mark.parametrize("written", ["49.90", "49.9", "049.90", "49.900", " 49.9 ", "4.99E1"])
def test_an_amount_is_the_same_in_any_notation(written: str) -> None:
    assert canonical(checked(payment(written))) == canonical(checked(payment("49.90")))
    assert checked(payment(written)).amount == "49.90"


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_equal_amounts_are_equal_and_others_are_not(amount: Decimal) -> None:
    one = canonical(checked(payment(str(amount))))
    assert one == canonical(checked(payment(f"{amount:f}00")))
    assert one != canonical(checked(payment(str(amount + Decimal("0.01")))))


def test_a_payee_may_be_an_account() -> None:
    assert checked(payment(payee="DE89 3704 0044 0532 0130 00")).payee == "DE89 3704 0044 0532 0130 00"


def test_a_name_is_the_same_with_other_spaces() -> None:
    assert checked(payment(payee="  Acme   Ltd ")) == checked(payment())


def test_kinds() -> None:
    assert kind_of(checked(payment())) == PAYMENT
    assert kind_of(checked(BindTo(device="Pixel 9"))) == DEVICE
    assert kind_of(checked(BindTo(text="change of address"))) == TEXT
    assert canonical(None) == b""


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        (BindTo(), "invalid_field", "bind_to"),
        (BindTo(device="a", text="b"), "invalid_field", "bind_to"),
        (BindTo(amount="1", payee="x"), "missing_field", "bind_to.currency"),
        (payment("-1"), "invalid_field", "bind_to.amount"),
        (payment("-0"), "invalid_field", "bind_to.amount"),
        (payment("NaN"), "invalid_field", "bind_to.amount"),
        (payment("1.00001"), "invalid_field", "bind_to.amount"),
        (payment("1E20"), "invalid_field", "bind_to.amount"),
        (payment("one"), "invalid_field", "bind_to.amount"),
        (payment("1_000"), "invalid_field", "bind_to.amount"),
        (payment("\u0661\u0662"), "invalid_field", "bind_to.amount"),
        (payment(payee="see evil.com"), "invalid_field", "bind_to.payee"),
        (BindTo(device="https://evil.com"), "invalid_field", "bind_to.device"),
        (BindTo(text="@evil.com #123456"), "invalid_field", "bind_to.text"),
        (BindTo(text="p\u0430ypal"), "invalid_field", "bind_to.text"),
        (BindTo(device="\u202eevil"), "invalid_field", "bind_to.device"),
        (BindTo(text="a\u200bb"), "invalid_field", "bind_to.text"),
    ],
)
def test_what_cannot_be_bound_is_refused_by_field(asked: BindTo, code: str, param: str) -> None:
    with pytest.raises(Problem) as refused:
        checked(asked)
    assert (refused.value.code, refused.value.param) == (code, param)
