"""The ledger: money moves once, with the status that caused it (promise 5)."""

from copy import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.billing.flat import ChargeOn, LedgerEffect
from onesixty.core import statuses
from onesixty.core.message import Change, Message
from onesixty.messages import changes

PRICE = 22_500


def message(*, test: bool = False, status: str = "queued", cost: int = PRICE) -> Message:
    return Message(
        id="msg_1", account_id="acc_1", test=test, sender="Acme", recipient="+15551234567", text="hello",
        encoding="gsm7", segments=3, class_="otp", price=cost, created_at=1, expires_at=9, status=status,
    )  # fmt: skip


def walk(start: Message, steps: list[int]) -> list[Change]:
    """A way through the table of transitions, chosen by numbers; what a carrier took a part of is `sent_at`."""
    path = [Change(before=None, after=start, event=None, at=1)]
    at = start
    for step in steps:
        choices = sorted(statuses.TRANSITIONS[at.status])
        if not choices:
            break
        if step % 5 == 4 and at.status not in statuses.TERMINAL:
            change = changes.touch(at, 5)
        else:
            status = choices[step % len(choices)]
            change = changes.advance(at, status, 5)
            if at.status == "queued" and status in ("undelivered", "unconfirmed"):
                change.after.sent_at = 5  # as the verdict does for what was partly taken
        path.append(change)
        at = change.after
    return path


def expected_charge(path: list[Change], charge_on: ChargeOn) -> int:
    last = path[-1].after
    if charge_on == "delivered":
        return PRICE if last.status == "delivered" else 0
    return PRICE if last.sent_at is not None or last.status == "delivered" else 0


@given(
    st.sampled_from(["scheduled", "queued"]),
    st.lists(st.integers(0, 59), max_size=12),
    st.sampled_from(["sent", "delivered"]),
)
def test_on_every_way_through_life_the_ledger_balances(
    start: str, steps: list[int], charge_on: ChargeOn
) -> None:
    effect = LedgerEffect(charge_on)
    path = walk(message(status=start), steps)
    rows = [row for change in path for name, row in effect(change)]
    kinds = [row[1] for row in rows]
    assert len(set(kinds)) == len(kinds), "at most one row of each kind"
    assert kinds[0] == "hold"
    held = sum(int(str(row[3])) for row in rows)
    charged = sum(int(str(row[4])) for row in rows)
    last = path[-1].after
    if last.status in statuses.TERMINAL:
        assert held == 0
        assert charged == expected_charge(path, charge_on)
    else:
        assert held + charged == PRICE
    assert charged in (0, PRICE)
    assert all(row[:3:2] == ("msg_1", "acc_1") and row[5:] == ("EUR", row[6]) for row in rows)


@given(st.lists(st.integers(0, 59), max_size=12), st.sampled_from(["sent", "delivered"]))
def test_test_traffic_and_what_is_free_never_cost(steps: list[int], charge_on: ChargeOn) -> None:
    for start in (message(test=True), message(cost=0)):
        path = walk(start, steps)
        assert not [row for change in path for row in LedgerEffect(charge_on)(change)]


def test_inbound_messages_have_no_ledger() -> None:
    inbound = copy(message(status="received"))
    inbound.direction = "inbound"
    assert not LedgerEffect()(Change(before=None, after=inbound, event=None, at=1))


@pytest.mark.parametrize(
    ("charge_on", "way", "kinds"),
    [
        ("sent", ["sent", "delivered"], ["hold", "settle"]),
        ("sent", ["sent", "undelivered", "delivered"], ["hold", "settle"]),
        ("sent", ["failed"], ["hold", "release"]),
        ("sent", ["held", "sent", "delivered"], ["hold", "settle"]),
        ("sent", ["held", "unconfirmed", "delivered"], ["hold", "release", "adjust"]),
        ("delivered", ["sent", "delivered"], ["hold", "settle"]),
        ("delivered", ["sent", "undelivered"], ["hold", "release"]),
        ("delivered", ["sent", "unconfirmed", "delivered"], ["hold", "release", "adjust"]),
        ("delivered", ["canceled"], ["hold", "release"]),
    ],
)
def test_the_rows_of_a_life(charge_on: ChargeOn, way: list[str], kinds: list[str]) -> None:
    effect = LedgerEffect(charge_on)
    at = message()
    rows = [row[1] for _, row in effect(Change(before=None, after=at, event=None, at=1))]
    for status in way:
        change = changes.advance(at, status, 5)
        rows += [row[1] for _, row in effect(change)]
        at = change.after
    assert rows == kinds
