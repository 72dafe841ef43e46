"""Reads a provider's answer to a submission: the outcome of each segment.

Rules kept here:
- only tables decide: by the HTTP status, by the word for the state, and by the provider's own code;
- the provider's code takes precedence over the HTTP status. An answer that is in no table is throttled (429,
  503), retryable (other 5xx, 408), or refused, so that the next carrier is tried (the rest);
- 504 is unknown: the gateway that answers did not see the provider's own answer (RFC 9110, 15.6.5);
- if the answer says that the message was taken, but has no id where one should be, the message counts as taken:
  sending it again would deliver it twice. If the answer lacks the word that should say whether it was taken, it
  is unknown;
- if the provider returns an id for each segment, each segment gets its own; if it returns one id, all get that id.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from onesixty.carriers.http.paths import each_of, text_at
from onesixty.carriers.http.settings import Answers
from onesixty.carriers.refusals import CODES, DEFAULT, outcome_kind
from onesixty.core import outcomes
from onesixty.core.outcomes import Outcome

#: A value that the table `statuses` may have beside the codes of refusals.
UNKNOWN_CODE: Final = "outcome_unknown"
STATUS_CODES: Final = (*CODES, UNKNOWN_CODE)
#: The longest pause of a lane for a Retry-After, in seconds.
LONGEST_PAUSE: Final = 300.0
#: How many characters of a provider's id and code are kept.
LONGEST_ID: Final = 255
LONGEST_CODE: Final = 64

_RANGE: Final = re.compile(r"([1-5]\d\d)(?:-([1-5]\d\d))?")


class Answer(msgspec.Struct):
    """The HTTP answer: the status, the whole body, and Retry-After in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None


def parse_statuses(key: str) -> range:
    """Return the HTTP statuses of `404` or `200-299`. Raises ValueError with a sentence."""
    match = _RANGE.fullmatch(key)
    if match is None or (match[2] and match[2] < match[1]):
        raise ValueError(f"{key!r} is not an HTTP status or a range of statuses")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


class Reader:
    """Reads the answers of one link."""

    def __init__(self, settings: Answers) -> None:
        self._settings = settings
        self._success = frozenset(status for key in settings.success for status in parse_statuses(key))
        self._statuses: dict[int, str] = {}
        for statuses, code in sorted(
            ((parse_statuses(key), code) for key, code in settings.statuses.items()),
            key=lambda row: -len(row[0]),
        ):
            self._statuses.update(dict.fromkeys(statuses, code))

    def outcomes(self, answer: Answer, segments: int) -> list[Outcome]:
        """Return the outcome of each of `segments` segments, in order."""
        document = self._document(answer.body)
        if answer.status not in self._success:
            return [self._refused(answer, document)] * segments
        if not self._settings.parts:
            return [self._of(answer, document)] * segments
        parts = [self._of(answer, part) for part in each_of(document, self._settings.parts)]
        if not parts:
            return [self._of(answer, document)] * segments
        whole = _whole(parts)
        # The provider cut the message differently: segments without an id get the last id, further ids are dropped.
        return [whole[min(segment, len(whole) - 1)] for segment in range(segments)]

    def _document(self, body: bytes) -> Any:
        if self._settings.text:
            return body.decode("utf-8", "replace")
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def _of(self, answer: Answer, document: Any) -> Outcome:
        """Return the outcome that one part of a successful answer describes."""
        settings = self._settings
        if settings.state:
            word = self._text(document, settings.state)
            if word is None:
                return Outcome(outcomes.UNKNOWN, code=UNKNOWN_CODE, carrier_code=f"http {answer.status}")
            if word not in settings.state_ok:
                return self._refused(answer, document)
        found = self._text(document, settings.id)
        return Outcome(outcomes.ACCEPTED, carrier_message_id=found[:LONGEST_ID] if found else None)

    def _refused(self, answer: Answer, document: Any) -> Outcome:
        settings = self._settings
        said = next((code for path in settings.code if (code := self._text(document, path))), None)
        code = settings.codes.get(said) if said is not None else None
        if code is None:
            code = self._statuses.get(answer.status) or _default(answer.status)
        carrier_code = _printable(said) if said else f"http {answer.status}"
        if code == UNKNOWN_CODE:
            return Outcome(outcomes.UNKNOWN, code=code, carrier_code=carrier_code)
        kind = outcome_kind(code)
        pause = None
        if kind != outcomes.PERMANENT and answer.retry_after is not None:
            pause = min(answer.retry_after, LONGEST_PAUSE)
        return Outcome(kind, code=code, carrier_code=carrier_code, retry_after=pause)

    def _text(self, document: Any, path: str) -> str | None:
        if not path or document is None:
            return None
        if not self._settings.text:
            return text_at(document, path)
        match = re.search(path, document)
        return match[1] if match else None


def _whole(parts: list[Outcome]) -> list[Outcome]:
    """Return the outcomes of parts that may differ. A refused part is never sent alone: if some parts were taken,
    the others are refused for good."""
    if all(part.kind == outcomes.ACCEPTED for part in parts):
        return parts
    if not any(part.kind == outcomes.ACCEPTED for part in parts):
        return [next(part for part in parts)] * len(parts)
    return [
        part
        if part.kind == outcomes.ACCEPTED
        else Outcome(outcomes.PERMANENT, code="message_refused", carrier_code=part.carrier_code)
        for part in parts
    ]


def _default(status: int) -> str:
    if status in (429, 503):
        return "carrier_throttled"
    if status == 504:
        return UNKNOWN_CODE
    if status >= 500 or status == 408:
        return "carrier_busy"
    return "message_refused" if status in (413, 422) else DEFAULT


def _printable(text: str) -> str:
    return "".join(character for character in text[:LONGEST_CODE] if character.isprintable())
