"""Numbers with a fixed fate: what simulated carriers do with each, from `fixed_numbers.toml`.

Rules kept here:
- a number has the same fate on every simulated carrier, whatever its shares say;
- a fate says what the network does; the platform determines the status from that. `ends` and `error` are the
  expected result for a message of one segment of class transactional, and a test checks them;
- docs/reference/fixed-numbers.md shows this table (a test compares them).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from onesixty.core import outcomes as o
from onesixty.simulator.behaviour import DELIVERED, Fate, ReceiptPlan

#: The beginning of every number; two digits follow.
PREFIX: Final = "+150001600"

#: What a handset may reply with instead of a plain text.
ECHO: Final = "echo"
LONG: Final = "long"
UNSUBSCRIBE: Final = "unsubscribe"


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The carrier's answer to a segment: an outcome of `core.outcomes`, its error code, and the carrier's own code.

    `taken`: if the outcome is unknown, whether the carrier has the segment nevertheless.
    """

    kind: str = o.ACCEPTED
    code: str | None = None
    carrier_code: str = "simulated"
    taken: bool = False


class FixedNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row. `answers` are the answers to the first, second, ... try of a segment; the last one repeats.
    `receipts` are (seconds after the answer, message_state). `rest` and `rest_receipts` are for the segments after
    the first, if their fate differs. `cannot_carry`: the carrier refuses the message before anything is sent.
    `reply` is the handset's answer a second later: a text, ECHO, LONG or UNSUBSCRIBE."""

    number: str
    group: str
    about: str
    ends: str
    error: str | None = None
    answers: tuple[Answer, ...] = (Answer(),)
    receipts: tuple[tuple[float, int], ...] = ((0.0, DELIVERED),)
    early: bool = False
    rest: Answer | None = None
    rest_receipts: tuple[tuple[float, int], ...] | None = None
    cannot_carry: bool = False
    reply: str | None = None

    @property
    def counts_tries(self) -> bool:
        """Whether the fate of a segment depends on how often it was sent."""
        return len(self.answers) > 1

    def fate(self, segment: int, tries: int, latency: float) -> Fate:
        """Return the fate of `segment` (from 0) at its try number `tries` (from 1); `latency` in seconds."""
        answer = self.answers[min(tries, len(self.answers)) - 1]
        receipts = self.receipts
        if segment and self.rest is not None:
            answer = self.rest
        if segment and self.rest_receipts is not None:
            receipts = self.rest_receipts
        if answer.kind != o.ACCEPTED and not answer.taken:
            return Fate(answer.kind, answer.code, latency, (), None, answer.carrier_code)
        arrives = next((after for after, state in receipts if state == DELIVERED), None)
        if not receipts:
            arrives = 0.0  # it reaches the handset, but no receipt says so
        start = latency / 2 if self.early else latency
        return Fate(
            answer.kind,
            answer.code,
            latency,
            tuple(ReceiptPlan(start + after, state) for after, state in receipts),
            None if arrives is None else start + arrives,
            answer.carrier_code,
        )


@cache
def fixed_numbers() -> dict[str, FixedNumber]:
    """Return every row by its number, in the order of the documentation page."""
    said = Path(__file__).with_name("fixed_numbers.toml").read_text(encoding="utf-8")
    rows = msgspec.toml.decode(said, type=dict[str, list[FixedNumber]])["numbers"]
    return {row.number: row for row in rows}


def fixed_number(number: str) -> FixedNumber | None:
    """Return the row of a number, or None."""
    return fixed_numbers().get(number) if number.startswith(PREFIX) else None


#: The titles of the groups, in the order of the documentation page.
GROUPS: Final[dict[str, str]] = {
    "delivered": "Delivered",
    "undelivered": "Accepted by the carrier, and not delivered",
    "failed": "Refused",
    "later": "Not at the first attempt",
    "unknown": "Unknown outcomes",
    "receipts": "Unusual receipts",
    "answers": "Handsets that reply",
}

#: The reply for LONG: more than one segment of UCS-2, with a character outside the basic plane.
LONG_ANSWER: Final = (
    "Спасибо за сообщение! Ответ длинный нарочно: его части приходят в неверном порядке, и одна из них дважды. "
    "Τα λέμε αύριο. 再见 👋"
)
