"""What a profile warns of has a code and values, from which others make their own words."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.accounts.account import Defaults
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.profiles import ChannelStep, VerifyProfile, warnings
from onesixty.verify.warned import SENTENCES
from tests.support.sentences import LANGUAGES, values_by_code, values_in
from tests.verify.conftest import Desk

BOTH = (ChannelStep(channel="sms"), ChannelStep(channel="email"))


@pytest.mark.parametrize(
    ("fields", "code", "values"),
    [
        ({"life": 1200}, "long_life", {"life_seconds": 1200}),
        ({"code_length": 4}, "guessable", {"one_of": 2000}),
        ({"alphabet": "letters"}, "letters", {}),
        ({"channels": BOTH}, "email_no_factor", {}),
        ({"guards": GuardLimits(countries=())}, "no_country", {}),
        ({"guards": GuardLimits(countries=("ID", "DE"))}, "abused_countries", {"countries": ["ID"]}),
        ({"sender": None}, "no_sender", {}),
    ],
)
def test_a_warning_has_a_code_its_values_and_a_sentence(
    fields: dict[str, Any], code: str, values: dict[str, Any]
) -> None:
    made: dict[str, Any] = {
        "id": "vpr_1",
        "account_id": "acc_1",
        "test": False,
        "name": "login",
        "application": "Acme",
        "sender": "Acme",
        "guards": GuardLimits(countries=("DE",)),
        "created_at": 0,
    }
    (found,) = warnings(VerifyProfile(**(made | fields)), Defaults())
    assert (found.code, found.values) == (code, values)
    assert "{" not in found.text


def test_a_sentence_has_a_number_with_its_thousands_and_a_list_with_commas() -> None:
    limits = GuardLimits(countries=("DE", "FR", "ID"))
    profile = VerifyProfile(
        id="vpr_1",
        account_id="acc_1",
        test=False,
        name="login",
        application="Acme",
        code_length=4,
        guards=limits,
        created_at=0,
    )
    said = {one.code: one.text for one in warnings(profile, Defaults(senders={"ID": "Acme"}))}
    assert said["guessable"].startswith("One of 2,000 verifications")
    assert said["no_sender_to"].startswith("Text messages to DE, FR are refused")


async def test_an_answer_has_them_beside_their_sentences(desk: Desk) -> None:
    made = await desk.client().post("/v1/verify-profiles", {"name": "x", "application": "Acme", "life": 1200})
    assert [one["text"] for one in made.json["findings"]] == made.json["warnings"]
    assert {"long_life": {"life_seconds": 1200}}.items() <= {
        one["code"]: one["values"] for one in made.json["findings"]
    }.items()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_has_words_for_every_warning_and_no_others(language: str) -> None:
    assert values_by_code("verify", "verify.profile.found.", language) == {
        code: values_in(text) for code, text in SENTENCES.items()
    }
