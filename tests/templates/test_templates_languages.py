"""Tags, fallback and direction."""

from __future__ import annotations

import pytest
from babel import Locale
from babel.core import get_global

from onesixty.templates import ready
from onesixty.templates.languages import canonical, chain, chosen, direction


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("PT_br", "pt-BR"),
        ("zh-hant-hk", "zh-Hant-HK"),
        ("EN", "en"),
        ("es-419", "es-419"),
        ("iw", "he"),
        ("in_ID", "id-ID"),
        ("tl", "fil"),
        ("sh", "sr-Latn"),
    ],
)
def test_a_tag_is_written_in_one_way(tag: str, written: str) -> None:
    assert canonical(tag) == written


@pytest.mark.parametrize(
    "tag", ["", "e", "english", "en-", "en-GB-x-y", "de_DE.UTF-8", "pt-brasil", "zh-Hant-Hans", "1"]
)
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="pt-BR"):
        canonical(tag)


@pytest.mark.parametrize(
    ("asked", "available", "default", "found"),
    [
        ("pt-BR", {"pt", "en"}, "en", "pt"),
        ("pt-BR", {"pt-PT", "en"}, "en", "en"),
        ("pt-PT", {"pt-BR"}, None, None),
        ("pt", {"pt-BR", "pt-PT"}, None, "pt-BR"),
        ("pt-AO", {"pt-BR", "pt-PT"}, None, "pt-PT"),
        ("zh-HK", {"zh-Hans", "zh-Hant"}, None, "zh-Hant"),
        ("zh-TW", {"zh"}, "en", None),
        ("zh", {"zh-Hant", "zh-Hans"}, None, "zh-Hans"),
        ("zh-CN", {"zh"}, None, "zh"),
        ("es-MX", {"es"}, None, "es"),
        ("es-MX", {"es", "es-419"}, None, "es-419"),
        ("nn", {"nb"}, None, "nb"),
        ("no", {"nb"}, None, "nb"),
        ("nb", {"no"}, None, "no"),
        ("bs", {"hr"}, None, "hr"),
        ("hr", {"bs"}, None, None),
        ("sr", {"sr-Latn", "sr-Cyrl"}, None, "sr-Latn"),
        ("sr-Cyrl-RS", {"sr-Latn", "sr-Cyrl"}, None, "sr-Cyrl"),
        ("uk", {"ru"}, None, None),
        ("kk", {"ru"}, None, None),
        ("de-AT", {"de"}, None, "de"),
        ("en-GB", {"de"}, "de", "de"),
        ("ar-EG", {"ar"}, None, "ar"),
    ],
)
def test_the_language_that_its_readers_read(
    asked: str, available: set[str], default: str | None, found: str | None
) -> None:
    assert chosen(asked, available, default) == found


def test_a_chain_begins_with_the_tag_and_ends() -> None:
    for tag in (*ready.languages(), "zh-MO", "no", "nn", "bs-Latn-BA", "sr-Cyrl-BA", "pt-ST", "en-US"):
        steps = chain(tag)
        assert steps[0] == tag
        assert len(set(steps)) == len(steps) <= 4


def test_directions_are_those_of_cldr() -> None:
    for tag in (*ready.languages(), "ps", "sd", "ug", "yi", "az", "ku", "pa"):
        assert (
            direction(tag)
            == {"left-to-right": "ltr", "right-to-left": "rtl"}[Locale.parse(tag, sep="-").character_order]
        )
    assert direction("pa-Arab") == "rtl"
    assert direction("az-Arab") == "rtl"
    assert direction("uz-Latn") == "ltr"


def test_likely_scripts_agree_with_cldr() -> None:
    """A bare tag means what CLDR says, but for Serbian: a short message is written in Latin letters."""
    likely = get_global("likely_subtags")
    assert likely["pt"] == "pt_Latn_BR"
    assert likely["zh"] == "zh_Hans_CN"
    assert {likely[one].split("_")[1] for one in ("zh_TW", "zh_HK", "zh_MO")} == {"Hant"}
    assert likely["sr"] == "sr_Cyrl_RS"
