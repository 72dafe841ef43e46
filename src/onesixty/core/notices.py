"""Notices: what the steps told about a message besides refusing it. A message without any has NULL in its column.

Four kinds:
- `warning`: something that the caller should know. It changes nothing;
- `change`: a step changed what was asked for, for example the characters of the text;
- `deferred`: the message waits until `until`;
- `held`: the message waits for a person; `code` is what it is held for (`statuses.REVIEW`).

Rules kept here:
- a notice is written for the sender of the message: it names neither carriers nor costs;
- its text may quote the message, so redaction removes the notices of a message whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from onesixty.core import times

WARNING: Final = "warning"
CHANGE: Final = "change"
DEFERRED: Final = "deferred"
HELD: Final = "held"
KINDS: Final = (WARNING, CHANGE, DEFERRED, HELD)


class Replaced(msgspec.Struct, frozen=True):
    """A character of the text, what stands in its place ("" if it was removed), and how often."""

    character: str
    replacement: str
    count: int


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One notice. `rule` is the name of the step, `code` a word for programs, `text` a sentence for people, `field`
    the field of a send that it is about. `at` is when it was told, `until` the time of a deferral, both in epoch ms.
    `replaced` are the characters that a change of the text replaced."""

    kind: str
    rule: str
    code: str
    text: str
    at: int
    field: str | None = None
    until: int | None = None
    replaced: tuple[Replaced, ...] = ()


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(tuple[Notice, ...]).decode


def to_column(notices: Sequence[Notice]) -> str | None:
    """The column `notices`; None if there are none."""
    return _encode(notices).decode() if notices else None


def of_column(column: str | None) -> tuple[Notice, ...]:
    """The notices in a column `notices`."""
    return () if column is None else _decode(column)


def shown(column: str) -> list[dict[str, Any]]:
    """The notices as the message object shows them."""
    return [_shown(notice) for notice in _decode(column)]


def in_brief(column: str) -> list[dict[str, Any]]:
    """The same without their texts, for an answer that redaction does not reach."""
    return [{name: one[name] for name in one if name != "text"} for one in shown(column)]


def _shown(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "rule": notice.rule,
        "code": notice.code,
        "text": notice.text,
        "field": notice.field,
        "until": times.text_or_none(notice.until),
    }


def replaced(column: str | None) -> list[dict[str, Any]]:
    """The characters that were replaced in the text, as the answer to a request with `transliterate` shows them."""
    return [msgspec.structs.asdict(one) for notice in of_column(column) for one in notice.replaced]


def deferred_until(notices: Iterable[Notice]) -> int | None:
    """The latest time to which any of these notices defers, in epoch ms."""
    return max((notice.until for notice in notices if notice.until is not None), default=None)
