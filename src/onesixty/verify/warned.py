"""What a verify profile warns of: the sentences by their codes. The console has words for each in its languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
    "cannot_start": "No verification can be started. {error}",
    "hash_too_long": "With the hash of an app, texts in these languages need more than one segment: {languages}.",
}


def warned(code: str, **values: str | int | list[str]) -> Remark:
    """A warning of a profile."""
    return remark(SENTENCES, code, **values)
