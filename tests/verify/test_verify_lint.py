"""What keeps phones from finding a code: each breaker is found, with its words, and good texts pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.verify import findings
from onesixty.verify.findings import Finding
from onesixty.verify.lint import lint


def look(text: str, code: str = "123456") -> list[Finding]:
    at = text.index(code)
    return lint(text, [(at, at + len(code))])


@pytest.mark.parametrize(
    "text",
    [
        "Acme: your code is 123456. It is valid for 10 minutes.",
        "Acme: code 123456, valid 5 min. Don't share it.",
        "Acme: Ihr Bestätigungscode 123456 ist 10 Minuten gültig.",
        "Acme: koodi 123456. Voimassa 5 minuuttia.",
        "Acme: codul 123456 expiră în 10 minute.",
        "رمز التحقق 123456 صالح لمدة 10 دقائق.",
        "קוד אימות 123456 בתוקף ל-10 דקות.",
        "รหัส 123456 ใช้ได้ภายใน 5 นาที",
        "【Acme】验证码123456，5分钟内有效，请勿泄露。",
        "[Acme] 인증번호 123456, 타인에게 알려주지 마세요.",
        "Acme: code 123456 for the payment of EUR 1,250.00 to Shop.",
        "Acme: code 123456 to pay 1.250,00 € to Shop.",
        "Acme: your code is 123456.\n@example.com #123456",
        "Acme: your code is 123456.\nIyrw0/1234H",
    ],
)
def test_good_texts(text: str) -> None:
    assert look(text) == []


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("Acme: code 123456. Call 0800 123 123 for help.", "other_digits", "0800 123 123"),
        ("Acme 2026: code 123456.", "other_digits", "2026"),
        ("Acme: code 123456 for order 99417.", "other_digits", "99417"),
        ("Pay EUR 12.50 with the code 123456.", "amount_before_code", "EUR 12.50"),
        ("Acme: code 123456. See https://acme.example/x", "link", "https://acme.example/x"),
        ("Acme: code 123456. See acme.com/x now", "link", "acme.com/x"),
        ("Acme: code 123456 🎉", "emoji", "🎉"),
        ("Acme: code AB123456 now.", "code_touched", "B123456 "),
        ("Acme: code A-123456 now.", "code_touched", "-123456 "),
        ("Acme: code 123456-7.", "code_touched", "123456-7"),
        ("Acme: code 123456 10 minutes.", "code_touched", "123456 10"),
        ("רמז code \u200f123456.", "bidi_touches", "\u200f123456."),
        ("كود code 123456 لمدة ١٠ دقائق.", "foreign_digits", "١٠"),
        ("Welcome to Acme! Your code is 123456.", "code_late", "123456"),
        ("Acme: 123456. Don't share it.", "no_word_for_code", "123456"),
    ],
)
def test_what_breaks_readers(text: str, code: str, words: str) -> None:
    found = {each.code: each for each in look(text)}
    assert code in found, found
    assert found[code].words == words
    assert text[found[code].start : found[code].end] == words
    assert found[code].level == "warning"


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("123", "code_length"),
        ("12345678901", "code_length"),
        ("ABCDEF", "code_without_digit"),
        ("١٢٣٤٥٦", "code_foreign_digits"),
        ("123-456", "code_divided"),
        ("123 456", "code_divided"),
    ],
)
def test_the_form_of_the_code(code: str, finding: str) -> None:
    assert finding in [each.code for each in look(f"Acme: your code is {code}.", code)]


def test_a_code_on_a_line_of_its_own() -> None:
    found = [each.code for each in look("Your code for Acme:\n123456\nDon't share it.")]
    assert "code_alone" in found


def test_findings_come_in_the_order_of_the_text() -> None:
    found = look("In 2026 pay EUR 12.50 with 123456 at www.acme.com 🎉")
    assert [each.start for each in found] == sorted(each.start for each in found)
    assert {"other_digits", "amount_before_code", "no_word_for_code", "link", "emoji"} <= {
        each.code for each in found
    }


def test_without_a_code_nothing_is_said() -> None:
    assert lint("Call 0800 123 123.", []) == []


@given(before=st.text(max_size=40), after=st.text(max_size=40), code=st.text(min_size=1, max_size=12))
def test_any_text_can_be_looked_at(before: str, after: str, code: str) -> None:
    text = before + code + after
    for finding in lint(text, [(len(before), len(before) + len(code))]):
        assert finding.words == text[finding.start : finding.end]
        assert finding.text.endswith(".")


def test_every_code_of_a_finding_is_in_the_list() -> None:
    folder = Path(findings.__file__).parent
    source = "".join((folder / name).read_text() for name in ("lint.py", "formats.py"))
    made = set(re.findall(r'_warning\("(\w+)"|code="(\w+)"', source))
    assert {first or second for first, second in made} == set(findings.CODES)
