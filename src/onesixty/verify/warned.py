"""What a verify profile warns of: the sentences by their codes. The console has words for each in its languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from onesixty.core.errors import Problem
from onesixty.core.remarks import Remark, remark

#: Codes, and names of values, stay as they are.
SENTENCES: Final[Mapping[str, str]] = {
    "no_sender": "Text messages are refused: set `sender`, or a default sender of the account.",
    "no_sender_to": "Text messages to {countries} are refused: set `sender`, or a default sender of the account.",
    "long_life": "A life of {life_seconds} s breaks NIST SP 800-63B and OWASP ASVS 6.5.5, which allow 10 minutes.",
    "guessable": "One of {one_of:,} verifications can be guessed: use a longer code, more kinds of characters, or "
    "fewer checks.",
    "letters": "Android offers to fill in a code only if it has a digit: use `digits` or `both`.",
    "email_no_factor": "A code by email proves an address and is no second factor: NIST SP 800-63B does not allow it "
    "for that.",
    "no_country": "No country is allowed yet, so no text message goes to a real carrier. Set `guards.countries`.",
    "abused_countries": "Artificial traffic to {countries} is common. Set `guards.budget_day`.",
    "template_gone": "No verification can be started: there is no such template.",
    "template_not_approved": "No verification can be started: no version of the template is approved.",
    "template_unfit": "No verification can be started: the template is not for one-time codes, or its text does not "
    "have the code.",
    "template_needs": "No verification can be started: the template needs a variable that verifications do not have: "
    "{variable}.",
    "template_value": "No verification can be started: the value does not fit the variable of the template: "
    "{variable}.",
    "template_too_long": "No verification can be started: the text has more segments than its template allows.",
    "hash_too_long": "With the hash of an app, texts in these languages need more than one segment: {languages}.",
}

#: Why a template makes no text, by the error and by what is at fault besides the template itself.
_UNUSABLE: Final[Mapping[str, str]] = {
    "unknown_template": "template_gone",
    "template_not_approved": "template_not_approved",
    "text_too_long": "template_too_long",
    "missing_field": "template_needs",
    "invalid_field": "template_value",
}
_VARIABLES: Final = "variables."


def unusable(problem: Problem) -> Remark:
    """The warning of a profile whose template makes no text."""
    code, param = _UNUSABLE.get(problem.code), problem.param or ""
    if code in ("template_needs", "template_value"):
        if param.startswith(_VARIABLES):
            return warned(code, variable=param.removeprefix(_VARIABLES))
        code = None
    return warned(code or "template_unfit")


def warned(code: str, **values: str | int | list[str]) -> Remark:
    """A warning of a profile."""
    return remark(SENTENCES, code, **values)
