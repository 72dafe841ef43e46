"""In which language somebody is verified, and why."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.templates import ready
from onesixty.verify.guards.limits import KNOWN_COUNTRIES
from onesixty.verify.languages import OF_COUNTRIES, choices
from tests.templates.test_templates_endpoints import approve
from tests.templates.test_templates_endpoints import made as made_template
from tests.verify.conftest import PATH, PROFILES, TO, Desk

GERMAN, SWISS, EMIRATI = "+4915112345678", "+41781234567", "+971501234567"
ALL = {"countries": ["US", "DE", "CH", "AE"]}


async def started(desk: Desk, to: str, **fields: Any) -> tuple[str | None, str, str]:
    """The id, the language and where it is from."""
    made = await desk.start(to, **fields)
    return made["id"], made["language"], made["language_from"]


async def change(desk: Desk, status: int = 200, **fields: Any) -> dict[str, Any]:
    reply = await desk.client().patch(f"{PROFILES}/{desk.profile['id']}", fields)
    assert reply.status == status, reply.body
    found: dict[str, Any] = reply.json
    return found


def test_each_country_of_the_table_has_words() -> None:
    assert frozenset(OF_COUNTRIES) <= KNOWN_COUNTRIES
    assert all(ready.speaks(language) for language in OF_COUNTRIES.values())


def test_what_is_said_comes_before_what_is_guessed() -> None:
    found = choices(last="sv", country="FR", of_profile="de", of_countries={"FR": "it"})
    assert [tuple(one) for one in found] == [
        ("sv", "last_approved"),
        ("it", "country"),
        ("de", "profile"),
        ("fr", "country"),
    ]
    assert not list(choices(last=None, country="CH", of_profile=None, of_countries={}))
    assert not list(choices(last=None, country=None, of_profile=None, of_countries={}))


async def test_a_language_follows_from_the_country_unless_more_is_known(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    await change(desk, guards=ALL)
    assert (await started(desk, GERMAN))[1:] == ("de", "country")
    assert (await started(desk, SWISS))[1:] == ("en", "default"), "several languages are read there"
    assert (await started(desk, EMIRATI, language="ar-AE"))[1:] == ("ar", "asked")
    await desk.read(to=EMIRATI)
    await change(desk, languages={"CH": "fr", "AE": "EN"}, language="it")
    assert (await desk.client().get(f"{PROFILES}/{desk.profile['id']}")).json["languages"] == {
        "CH": "fr",
        "AE": "en",
    }
    payment = {"bind_to": {"text": "another one"}}
    assert (await started(desk, SWISS, **payment))[1:] == ("fr", "country")
    assert (await started(desk, EMIRATI, **payment))[1:] == ("en", "country")
    assert (await started(desk, GERMAN, **payment))[1:] == ("it", "profile")


async def test_who_approved_in_a_language_gets_it_again(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    await change(desk, language="it")
    id_, language, source = await started(desk, TO, language="sv")
    assert (language, source) == ("sv", "asked")
    assert id_ is not None
    bound = {"bind_to": {"text": "another one"}}
    assert (await started(desk, TO, **bound))[1:] == ("it", "profile"), "nothing was approved yet"
    assert (await desk.check(id_, await desk.read())).json["outcome"] == "approved"
    again, language, source = await started(desk, TO)
    assert (language, source) == ("sv", "last_approved")
    assert desk.told("verification.started")[-1]["language_from"] == "last_approved"
    shown = await desk.get(str(again))
    assert (shown["language"], shown["language_from"]) == ("sv", "last_approved")


async def test_a_template_without_a_language_says_its_own(desk: Desk) -> None:
    client = desk.client()
    texts = {"en": "{app}: code {code}.", "de": "{app}: Code {code} ist da."}
    variables = {"app": {"type": "string"}, "code": {"type": "code"}}
    made = await made_template(client, name="code", purpose="otp", texts=texts, variables=variables)
    await approve(client, made["id"])
    await change(desk, template="code", guards=ALL, languages={"AE": "de"})
    assert (await started(desk, GERMAN))[1:] == ("de", "country")
    assert (await started(desk, EMIRATI))[1:] == ("de", "country")
    assert (await started(desk, TO, language="fr"))[1:] == ("en", "default")
    refused = await change(desk, 422, languages={"CH": "fr"})
    assert refused["param"] == "languages.CH"


@pytest.mark.parametrize(
    ("languages", "param"),
    [({"XX": "de"}, "languages.XX"), ({"DE": "??"}, "languages.DE"), ({"DE": "tlh"}, "languages.DE")],
)
async def test_a_country_or_a_language_that_there_is_not_is_refused(
    desk: Desk, languages: dict[str, str], param: str
) -> None:
    refused = await change(desk, 422, languages=languages)
    assert (refused["code"], refused["param"]) == ("invalid_field", param)
    assert (await desk.client().post(PATH, {"to": TO, "language": "tlh"})).json["param"] == "language"
