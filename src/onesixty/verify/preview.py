"""What a text of a profile looks like: its words, its segments, and what phones will not read of it.

Rules kept here:
- a preview is worded with a code that no verification has;
- what keeps phones from reading a format that the profile asks for is an error, and such a profile is not saved. All
  else warns.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from onesixty.core.errors import Problem
from onesixty.core.remarks import Remark
from onesixty.text import Count, count
from onesixty.verify import codes
from onesixty.verify.binding import BindTo
from onesixty.verify.findings import Finding
from onesixty.verify.formats import Formats, Sample, check_text, check_texts, last_lines
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.texts import Texts, Values, Worded, Wording, with_ending
from onesixty.verify.warned import unusable, warned

#: What a template may ask for, with short values.
_BOUND: Final = (
    BindTo(amount="1.00", currency="EUR", payee="A"),
    BindTo(device="A"),
    BindTo(text="A"),
)


class Preview(NamedTuple):
    """A text with the mask of its code, its language, what it costs, and what was found."""

    text: str
    language: str
    size: Count
    findings: list[Finding]


def preview(profile: VerifyProfile, wording: Wording, app_hash: str | None = None) -> Preview:
    """The text of a profile in one language, as its verifications send it. Raises Problem."""
    words = wording.worded(_values(profile), profile.code_length)
    code = _code(profile)
    whole = with_ending(
        words, lambda given: last_lines(profile.formats, given, app_hash), profile.code_length
    )
    findings = check_text(_sample(profile, words), profile.formats, code, app_hash)
    return Preview(whole.text, words.language, count(whole.text), findings)


def check_words(profile: VerifyProfile, wording: Wording) -> None:
    """Raise Problem if no verification of the profile could be worded, or if phones would not read a format of it, in
    its own language."""
    try:
        words = _words(profile, wording)
    except Problem as problem:
        detail = f"The template does not fit the profile. {problem.detail}"
        raise Problem("invalid_field", detail, param="template") from None
    if profile.formats == Formats():
        return
    found = check_texts({words.language: _sample(profile, words)}, profile.formats, _code(profile))
    for finding in found:
        if finding.level == "error":
            raise Problem("invalid_field", finding.text, param="formats", extra={"language": words.language})


def _words(profile: VerifyProfile, wording: Wording) -> Worded:
    """The words of a verification of the profile that is bound to nothing, or to what its template asks for. Raises
    Problem if there are none."""
    problems = []
    for bound in (None, *_BOUND):
        try:
            return wording.worded(_values(profile)._replace(bound=bound), profile.code_length)
        except Problem as problem:
            problems.append(problem)
    raise next((each for each in problems if each.code != "missing_field"), problems[0])


def warnings(profile: VerifyProfile, texts: Texts) -> list[Remark]:
    """What is wrong with the words of a profile: those of its template can change after it is saved."""
    if profile.template is None and not profile.formats.android_hashes:
        return []
    try:
        samples = {
            language: _sample(profile, _words(profile, wording))
            for language, wording in texts.wordings(profile.tenant, profile.template).items()
        }
    except Problem as problem:
        return [unusable(problem)]
    if not profile.formats.android_hashes:
        return []
    found = check_texts(samples, profile.formats, _code(profile))
    unfit = sorted({finding.language for finding in found if finding.level == "error"})
    return [warned("hash_too_long", languages=unfit)] if unfit else []


def _sample(profile: VerifyProfile, words: Worded) -> Sample:
    return Sample(words.with_code(_code(profile)), [(at, at + profile.code_length) for at in words.at])


def _values(profile: VerifyProfile) -> Values:
    return Values(profile.application, profile.life * 1000)


def _code(profile: VerifyProfile) -> str:
    """A code of the profile's form, which no verification has but by chance."""
    return codes.CHARACTERS[profile.alphabet][: profile.code_length]
