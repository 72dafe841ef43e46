"""The steps of a message's life as pure functions."""

import pytest

from onesixty.core import events, statuses
from onesixty.core.message import UNCLAIMED, Message
from onesixty.messages import changes
from onesixty.messages.changes import IllegalChange


def message(status: str = "queued") -> Message:
    return Message(
        id="msg_1", account_id="acc_1", test=False, sender="Acme", recipient="+15551234567", text="hello",
        encoding="gsm7", segments=1, class_="otp", created_at=1, expires_at=9, status=status, version=4,
        sequence=2, claim=7, due_at=9,
    )  # fmt: skip


@pytest.mark.parametrize("before", statuses.ALL)
@pytest.mark.parametrize("after", statuses.ALL)
def test_only_transitions_of_the_table_happen(before: str, after: str) -> None:
    one = message(before)
    if not statuses.may_follow(before, after):
        with pytest.raises(IllegalChange):
            changes.advance(one, after, 5)
        return
    change = changes.advance(one, after, 5, due_at=8)
    assert change.before is one
    assert (one.status, one.version) == (before, 4), "nothing is changed in place"
    assert (change.after.status, change.after.version, change.after.sequence) == (after, 5, 3)
    assert change.event in events.TYPES
    assert (change.after.done_at == 5) == (after in statuses.TERMINAL)
    assert (change.after.claim == UNCLAIMED) == (after != "queued")


@pytest.mark.parametrize("before", ["undelivered", "unconfirmed"])
def test_a_late_delivery_is_a_correction(before: str) -> None:
    """DELIVRD after EXPIRED."""
    assert changes.end(message(before), "delivered", 5).event == "message.corrected"


def test_a_touch_leaves_status_and_sequence_alone() -> None:
    change = changes.touch(message(), 5)
    assert (change.after.status, change.after.version, change.after.sequence) == ("queued", 5, 2)
    assert change.event is None


def test_the_end_says_why() -> None:
    after = changes.end(message(), "failed", 5, "sender_refused", "0x0a").after
    assert (after.error_code, after.carrier_code, after.due_at) == ("sender_refused", "0x0a", None)


def test_what_was_partly_taken_does_not_expire() -> None:
    assert changes.expire(message(), 5, partly_taken=False).after.status == "expired"
    after = changes.expire(message(), 5, partly_taken=True).after
    assert (after.status, after.sent_at, after.error_code) == ("undelivered", 5, "validity_passed")
