"""What the reason of a guard is made of, read back from its sentence."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.verify import told
from onesixty.verify import verification as v
from onesixty.verify.guards.catalogue import GUARDS
from onesixty.verify.guards.reasons import REASONS, Made, covered, made_of, named
from onesixty.verify.verification import Step
from tests.support.sentences import LANGUAGES, values_by_code, values_in
from tests.verify.samples import AT, verification

#: A value of each name.
VALUES: dict[str, Any] = {
    "number": "+4915112345678", "address": "10.0.0.1", "device": "Anna's phone. No. 2: x", "range": "+491511234",
    "network": "26201", "country": "DE", "count": 12, "type": "premium_rate",
}  # fmt: skip


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_read_back(code: str) -> None:
    (guard,) = [guard for guard in GUARDS.values() if code in guard.reasons]
    values = {name: value for name, value in VALUES.items() if f"{{{name}}}" in REASONS[code]}
    rest = {name: str(value).replace("_", " ") for name, value in values.items() if name != guard.subject}
    said = guard.says(VALUES.get(guard.subject, ""), code, **rest)
    assert made_of(said) == Made(code, values)


@pytest.mark.parametrize("reason", [None, "reported", "The country is not allowed.", "Codes to DE are late"])
def test_what_no_guard_says_has_no_values(reason: str | None) -> None:
    assert made_of(reason) is None
    assert reason is None or covered(reason) == reason


def test_who_is_verified_is_left_out_and_all_else_is_said() -> None:
    said = GUARDS["line"].says("+4990012345", type="premium rate")
    left = covered(said)
    assert left == "… is a number of the type premium rate, which gets no SMS."
    assert made_of(left) == Made("line", {"number": None, "type": "premium_rate"})
    country = GUARDS["country"].says("DE")
    assert covered(country) == country
    assert named(left, {"number": "+4990012345", "device": None}) == said
    assert named(left, {"number": None}) == left


def test_events_and_redacted_ones_do_not_say_who_was_stopped() -> None:
    said = covered(GUARDS["number"].says("+4915112345678", "number_sends", count=10))
    steps = (Step(at=AT, what=v.BLOCKED, reason=said),)
    one = verification(recipient="+4915112345678", guard="number", reason=said, steps=steps)
    assert told.told(one)["finding"] == {
        "code": "number_sends",
        "values": {"number": "+4915112345678", "count": 10},
    }
    hidden = {"code": "number_sends", "values": {"number": None, "count": 10}}
    gone = verification(recipient="", guard="number", reason=said, redacted_at=AT, steps=steps)
    for found in (told.told_in_event(one), told.told(gone), *told.history_of(gone)):
        assert found["finding"] == hidden
        assert "4915112345678" not in found["reason"]
    assert told.history_of(one)[0]["finding"] == told.told(one)["finding"]


def test_the_address_that_a_guard_names_is_that_of_the_channel() -> None:
    said = GUARDS["number"].says("ada@example.com", "number_sends", count=10)
    one = verification(
        recipient="+15551234567", other="ada@example.com", channel=v.EMAIL, reason=covered(said)
    )
    assert told.told(one)["reason"] == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_has_words_for_every_reason_and_no_others(language: str) -> None:
    assert values_by_code("verify", "verify.found.", language) == {
        code: values_in(text) for code, text in REASONS.items()
    }
