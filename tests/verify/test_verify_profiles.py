"""What a verify profile warns of while it is read, and what it refuses."""

from __future__ import annotations

import pytest

from onesixty.accounts.account import Defaults
from onesixty.core.errors import Problem
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.profiles import ChannelStep, VerifyProfile, checked, warnings


def profile(**fields: object) -> VerifyProfile:
    made = {
        "id": "vpr_1",
        "account_id": "acc_1",
        "test": False,
        "name": "login",
        "application": "Acme",
        "guards": GuardLimits(countries=("DE", "FR")),
        "created_at": 0,
    }
    return VerifyProfile(**(made | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "senders", "said"),
    [
        ({}, {}, "Text messages are refused: "),
        ({}, {"DE": "Acme"}, "Text messages to FR are refused: "),
        ({}, {"DE": "Acme", "FR": "Acme"}, None),
        ({}, {"*": "Acme"}, None),
        ({"sender": "Acme"}, {}, None),
        ({"channels": (ChannelStep(channel="email"),)}, {}, None),
        ({"guards": GuardLimits(countries=())}, {"DE": "Acme"}, "Text messages are refused: "),
    ],
)
def test_a_profile_says_where_its_texts_have_no_sender(
    fields: dict[str, object], senders: dict[str, str], said: str | None
) -> None:
    found = [one for one in warnings(profile(**fields), Defaults(senders=senders)) if "`sender`" in one.text]
    assert [one.text.startswith(said or "") for one in found] == ([] if said is None else [True]), found


@pytest.mark.parametrize("sender", ["a name too long", "bad!", "1" * 16])
def test_a_sender_that_cannot_be_one_is_refused(sender: str) -> None:
    with pytest.raises(Problem) as refused:
        checked(profile(sender=sender))
    assert (refused.value.code, refused.value.param) == ("invalid_sender", "sender")
