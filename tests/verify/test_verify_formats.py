"""The last line that phones read: how it is written, what a profile may say, and what a whole text looks like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.verify.findings import Finding
from onesixty.verify.formats import Formats, Sample, check_formats, check_text, check_texts, last_lines
from onesixty.verify.origin_bound import Bound, read_anywhere, read_line

SITE = Formats(domain="example.com")
APP = Formats(android_hashes=("Iyrw0/SRopH",))
BOTH = Formats(domain="example.com", android_hashes=("Iyrw0/SRopH", "OXC8BLsvqMI"))


def sample(text: str, code: str = "123456") -> Sample:
    at = text.find(code)
    return Sample(text, [] if at < 0 else [(at, at + len(code))])


def codes(found: list[Finding], level: str | None = None) -> list[str]:
    return [each.code for each in found if level in (None, each.level)]


@pytest.mark.parametrize(
    ("formats", "app_hash", "line"),
    [
        (Formats(), None, ""),
        (SITE, None, "\n@example.com #123456"),
        (Formats(domain="example.com", embedded="pay.example"), None, "\n@example.com #123456 @pay.example"),
        (
            Formats(domain="example.com", embedded="pay.example", embedded_style="percent"),
            None,
            "\n@example.com #123456 %pay.example",
        ),
        (APP, None, "\nIyrw0/SRopH"),
        (BOTH, None, "\n@example.com #123456"),
        (BOTH, "OXC8BLsvqMI", "\nOXC8BLsvqMI"),
        (Formats(android_hashes=("Iyrw0/SRopH", "OXC8BLsvqMI")), None, ""),  # which app is not known
    ],
)
def test_one_format_a_message(formats: Formats, app_hash: str | None, line: str) -> None:
    assert last_lines(formats, "123456", app_hash) == line


def test_the_line_costs_host_and_code_and_four() -> None:
    assert len(last_lines(SITE, "123456")) == len("example.com") + len("123456") + 4 == 21
    assert len(last_lines(APP, "123456")) == 12


@pytest.mark.parametrize(
    ("formats", "code", "app_hash", "param"),
    [
        (SITE, "12#456", None, "code"),
        (SITE, "123 456", None, "code"),
        (SITE, "", None, "code"),
        (SITE, "123456", "Iyrw0/SRopH", "app_hash"),
    ],
)
def test_what_no_line_can_say(formats: Formats, code: str, app_hash: str | None, param: str) -> None:
    with pytest.raises(Problem) as refused:
        last_lines(formats, code, app_hash)
    assert (refused.value.code, refused.value.param) == ("invalid_field", param)


@pytest.mark.parametrize(
    "formats",
    [
        Formats(),
        SITE,
        BOTH,
        Formats(domain="xn--exmple-cua.com"),
        Formats(domain="localhost"),
        Formats(domain="a-b.example.co.uk", embedded="pay.example"),
    ],
)
def test_profiles_that_may_be_saved(formats: Formats) -> None:
    check_formats(formats)


@pytest.mark.parametrize(
    ("formats", "param", "says"),
    [
        (Formats(domain="https://example.com"), "formats.domain", "without scheme"),
        (Formats(domain="example.com/login"), "formats.domain", "without scheme"),
        (Formats(domain="me@example.com"), "formats.domain", "without scheme"),
        (Formats(domain="example.com:8443"), "formats.domain", "port"),
        (Formats(domain="exämple.com"), "formats.domain", "xn--exmple-cua.com"),
        (Formats(domain="Example.com"), "formats.domain", "`example.com`"),
        (Formats(domain="example.com."), "formats.domain", "no name of a host"),
        (Formats(domain="-a.com"), "formats.domain", "no name of a host"),
        (Formats(domain="example"), "formats.domain", "no name of a host"),
        (Formats(domain="192.0.2.1"), "formats.domain", "IP address"),
        (Formats(embedded="pay.example"), "formats.domain", "needs `domain`"),
        (Formats(domain="example.com", embedded="pay"), "formats.embedded", "no name of a host"),
        (Formats(android_hashes=("Iyrw0/SRop=",)), "formats.android_hashes[0]", "onesixty verify hash"),
        (Formats(android_hashes=("Iyrw0/SRopH",) * 2), "formats.android_hashes", "twice"),
    ],
)
def test_profiles_that_may_not(formats: Formats, param: str, says: str) -> None:
    with pytest.raises(Problem) as refused:
        check_formats(formats)
    assert refused.value.param == param
    assert says in refused.value.detail


# ---------------------------------------------------------------- whole texts


@pytest.mark.parametrize("formats", [Formats(), SITE, APP, BOTH])
def test_a_good_text_has_no_findings(formats: Formats) -> None:
    assert (
        check_text(sample("Acme: your code is 123456. It is valid for 10 minutes."), formats, "123456") == []
    )


def test_a_text_with_a_hash_is_one_segment() -> None:
    text = "Acme: your code is 123456. "
    room = 160 - 12
    assert codes(check_text(sample(text.ljust(room, "x")), APP, "123456"), "error") == []
    found = check_text(sample(text.ljust(room + 1, "x")), APP, "123456")
    assert codes(found, "error") == ["retriever_too_long"]
    assert "2 segments" in found[0].text


def test_a_text_of_one_segment_can_have_too_many_bytes() -> None:
    thai = "รหัส 123456 " + "ก" * 40
    assert codes(check_text(sample(thai), APP, "123456")) == ["retriever_bytes"]


def test_a_long_name_shows_in_the_language_where_it_does_not_fit() -> None:
    name = "The Application of Acme Incorporated"
    texts = {
        "en": f"{name}: your code is 123456. Valid for 10 minutes.",
        "fr": f"{name}: votre code de vérification est 123456. Il expire dans 10 minutes. Ne le partagez pas.",
    }
    found = check_texts({language: sample(text) for language, text in texts.items()}, APP, "123456")
    assert [(each.code, each.language) for each in found if each.level == "error"] == []
    longer = {language: sample(text + " " + name) for language, text in texts.items()}
    found = check_texts(longer, APP, "123456")
    assert [(each.code, each.language) for each in found if each.level == "error"] == [
        ("retriever_too_long", "fr")
    ]


def test_each_line_that_a_text_may_end_with_is_checked() -> None:
    long = sample("Acme: your code is 123456. ".ljust(150, "x"))
    assert codes(check_texts({"en": long}, BOTH, "123456")) == ["retriever_too_long"]


def test_another_code_for_a_site_in_the_text_is_found() -> None:
    found = check_text(sample("Type @example.org #1 or code 123456."), SITE, "123456")
    assert codes(found, "error") == ["origin_not_first"]
    assert found[-1].words == "@example.org #1"


def test_a_code_that_a_segment_cuts_is_found() -> None:
    text = "Acme: code ".ljust(150, "x") + " 123456." + " y" * 10
    assert "code_cut" in codes(check_text(sample(text), Formats(), "123456"))
    line = "Acme: your code is 123456. ".ljust(135, "x")
    framed = Formats(domain="example.com", embedded="pay.example")
    found = [each for each in check_text(sample(line), framed, "123456") if each.code == "code_cut"]
    assert [each.words for each in found] == ["123456"]
    assert found[0].start > len(line)


def test_a_text_without_the_code_is_no_text_of_the_retriever() -> None:
    assert codes(check_text(sample("Acme says hello."), APP, "123456"), "error") == ["code_missing"]


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="@#"), max_size=60),
    code=st.text("234679ACDEFGHJKMNPQRTWXY", min_size=4, max_size=10),
    frame=st.sampled_from([None, "pay.example"]),
)
def test_both_readers_read_what_was_written(text: str, code: str, frame: str | None) -> None:
    formats = Formats(domain="shop.example.com", embedded=frame)
    whole = text + last_lines(formats, code)
    wanted = Bound("shop.example.com", code, frame)
    assert read_line(whole) == wanted
    assert read_anywhere(whole) == wanted
