"""Numbers with a fixed fate: what simulated carriers do with each, as a table.

Rules kept here:
- the numbers stand in a range that can never be assigned (area code 500, exchange 016: an exchange never begins
  with 0), and the same fate awaits them on every simulated carrier, whatever its shares say;
- a fate says what the network does; which status follows is the platform's to find out: `ends` and `error` are
  what it should be for a message of one segment of class transactional, and a test holds them to it;
- docs/reference/fixed-numbers.md is made of this table (held equal by a test).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from onesixty.core import outcomes as o
from onesixty.core import statuses as s
from onesixty.simulator.behaviour import Fate, ReceiptPlan

#: What every number begins with; two digits follow.
PREFIX: Final = "+150001600"

#: SMPP 3.4, 5.2.28 (9: SMPP 5.0, 4.7.15).
_ENROUTE, _DELIVERED, _EXPIRED, _DELETED, _UNDELIVERABLE, _REJECTED, _SKIPPED = 1, 2, 3, 4, 5, 8, 9

_DELIVERED_AT_ONCE: Final = ((0.0, _DELIVERED),)

#: What a handset may answer with beside a plain text.
ECHO: Final = "echo"
LONG: Final = "long"
UNSUBSCRIBE: Final = "unsubscribe"


class Answer(NamedTuple):
    """What the carrier says to a segment: an outcome of `core.outcomes`, its error code and the carrier's own.

    `taken`: of an unknown outcome, whether the carrier has the segment all the same.
    """

    kind: str = o.ACCEPTED
    code: str | None = None
    carrier_code: str = "simulated"
    taken: bool = False


_TAKEN: Final = Answer()


class FixedNumber(NamedTuple):
    """A row. `answers` are those to the first, second, ... try of a segment, the last one repeats; `receipts` are
    (seconds after the answer, message_state). `rest` and `rest_receipts` are for the segments after the first,
    where they fare otherwise. `cannot_carry`: the carrier refuses it before anything is sent.
    `reply` is what the handset answers a second later: a text, ECHO, LONG or UNSUBSCRIBE.
    """

    number: str
    group: str
    about: str
    ends: str
    error: str | None = None
    answers: tuple[Answer, ...] = (_TAKEN,)
    receipts: tuple[tuple[float, int], ...] = _DELIVERED_AT_ONCE
    early: bool = False
    rest: Answer | None = None
    rest_receipts: tuple[tuple[float, int], ...] | None = None
    cannot_carry: bool = False
    reply: str | None = None

    @property
    def counts_tries(self) -> bool:
        """Whether the fate of a segment depends on how often it came."""
        return len(self.answers) > 1

    def fate(self, segment: int, tries: int, latency: float) -> Fate:
        """The fate of `segment` (from 0) at its try number `tries` (from 1); `latency` in seconds."""
        answer = self.answers[min(tries, len(self.answers)) - 1]
        receipts = self.receipts
        if segment and self.rest is not None:
            answer = self.rest
        if segment and self.rest_receipts is not None:
            receipts = self.rest_receipts
        if answer.kind != o.ACCEPTED and not answer.taken:
            return Fate(answer.kind, answer.code, latency, (), None, answer.carrier_code)
        arrives = next((after for after, state in receipts if state == _DELIVERED), None)
        if not receipts:
            arrives = 0.0  # the handset has it, and nobody says so
        start = latency / 2 if self.early else latency
        return Fate(
            answer.kind,
            answer.code,
            latency,
            tuple(ReceiptPlan(start + after, state) for after, state in receipts),
            None if arrives is None else start + arrives,
            answer.carrier_code,
        )


def _refused(code: str, carrier_code: str) -> tuple[Answer, ...]:
    return (Answer(o.PERMANENT, code, carrier_code),)


_THROTTLED: Final = Answer(o.THROTTLED, "carrier_throttled", "0x58")
_BUSY: Final = Answer(o.RETRYABLE, "carrier_busy", "0x8")
_LOST: Final = Answer(o.UNKNOWN, "outcome_unknown")
_LOST_AND_TAKEN: Final = Answer(o.UNKNOWN, "outcome_unknown", taken=True)


def _row(
    last: str, group: str, about: str, ends: str, error: str | None = None, **how: object
) -> FixedNumber:
    return FixedNumber(PREFIX + last, group, about, ends, error, **how)  # type: ignore[arg-type]


FIXED_NUMBERS: Final = (
    _row("01", "delivered", "Delivered at once.", s.DELIVERED),
    _row("02", "delivered", "Delivered after 30 s.", s.DELIVERED, receipts=((30.0, _DELIVERED),)),
    _row(
        "03", "delivered", "ENROUTE at once, delivered after 5 s.", s.DELIVERED,
        receipts=((0.0, _ENROUTE), (5.0, _DELIVERED)),
    ),
    _row(
        "11", "undelivered", "EXPIRED: the handset was off.", s.UNDELIVERED, "carrier_expired",
        receipts=((0.0, _EXPIRED),),
    ),
    _row("12", "undelivered", "DELETED.", s.UNDELIVERED, "carrier_deleted", receipts=((0.0, _DELETED),)),
    _row("13", "undelivered", "UNDELIV.", s.UNDELIVERED, "undeliverable", receipts=((0.0, _UNDELIVERABLE),)),
    _row("14", "undelivered", "REJECTD.", s.UNDELIVERED, "carrier_rejected", receipts=((0.0, _REJECTED),)),
    _row("15", "undelivered", "SKIPPED.", s.UNDELIVERED, "carrier_skipped", receipts=((0.0, _SKIPPED),)),
    _row(
        "16", "undelivered",
        "The first segment is delivered, all others are UNDELIV: a long text ends undelivered.",
        s.DELIVERED, rest_receipts=((0.0, _UNDELIVERABLE),),
    ),
    _row(
        "17", "undelivered",
        "The first segment is taken, all others are refused: a long text ends undelivered (`partially_refused`).",
        s.DELIVERED, rest=Answer(o.PERMANENT, "message_refused", "0x45"),
    ),
    _row("21", "failed", "The carrier refuses the message.", s.FAILED, "message_refused",
         answers=_refused("message_refused", "0x1")),
    _row("22", "failed", "The carrier refuses the recipient.", s.FAILED, "recipient_refused",
         answers=_refused("recipient_refused", "0xB")),
    _row("23", "failed", "The recipient opted out at the carrier.", s.FAILED, "recipient_opted_out",
         answers=_refused("recipient_opted_out", "0x412")),
    _row("24", "failed", "Every carrier of the route refuses the sender.", s.FAILED, "sender_refused",
         answers=_refused("sender_refused", "0xA")),
    _row("25", "failed", "Every carrier of the route refuses the submission.", s.FAILED, "carrier_refused",
         answers=_refused("carrier_refused", "0x45")),
    _row("26", "failed", "No carrier of the route can carry the text.", s.FAILED, "carrier_cannot_carry",
         cannot_carry=True),
    _row("31", "later", "Throttled at the first try, then delivered.", s.DELIVERED, answers=(_THROTTLED, _TAKEN)),
    _row("32", "later", "The carrier is busy at the first try, then delivered.", s.DELIVERED,
         answers=(_BUSY, _TAKEN)),
    _row("33", "later", "The carrier is busy at every try, until the validity passes.", s.EXPIRED,
         "validity_passed", answers=(_BUSY,)),
    _row(
        "41", "unknown",
        "The first answer is lost, and so was the segment: resent and delivered; with `on_unknown` hold it ends"
        " unconfirmed.",
        s.DELIVERED, answers=(_LOST, _TAKEN),
    ),
    _row(
        "42", "unknown",
        "The first answer is lost, and the handset has the message: the receipt that comes ends a held one; a"
        " resent one arrives twice.",
        s.DELIVERED, answers=(_LOST_AND_TAKEN, _TAKEN), receipts=((12.0, _DELIVERED),),
    ),
    _row("51", "receipts", "No receipt comes: unconfirmed after the carrier's `receipt_timeout_s`.",
         s.UNCONFIRMED, "receipt_timeout", receipts=()),
    _row("52", "receipts", "The receipt comes twice.", s.DELIVERED,
         receipts=((0.0, _DELIVERED), (1.0, _DELIVERED))),
    _row("53", "receipts", "The receipt comes before the answer.", s.DELIVERED, early=True),
    _row("54", "receipts", "DELIVRD is followed by an ENROUTE that it overtook.", s.DELIVERED,
         receipts=((0.0, _DELIVERED), (1.0, _ENROUTE))),
    _row("55", "receipts", "EXPIRED, and DELIVRD 5 s later: corrected to delivered.", s.DELIVERED,
         receipts=((0.0, _EXPIRED), (5.0, _DELIVERED))),
    _row("61", "answers", "The handset answers YES.", s.DELIVERED, reply="YES"),
    _row("62", "answers", "The handset answers STOP.", s.DELIVERED, reply="STOP"),
    _row(
        "63", "answers",
        "The handset answers STOP and unsubscribes at the carrier: what follows is refused"
        " (`recipient_opted_out`) until the handset sends START.",
        s.DELIVERED, reply=UNSUBSCRIBE,
    ),
    _row("64", "answers", "The handset answers with the text that it got.", s.DELIVERED, reply=ECHO),
    _row("65", "answers",
         "The handset answers with a long Unicode text, whose parts come in the wrong order and one twice.",
         s.DELIVERED, reply=LONG),
)  # fmt: skip

BY_NUMBER: Final[dict[str, FixedNumber]] = {row.number: row for row in FIXED_NUMBERS}

#: What the groups are, in the order of the page.
GROUPS: Final[dict[str, str]] = {
    "delivered": "Delivered",
    "undelivered": "Taken by the carrier, and not delivered",
    "failed": "Refused",
    "later": "Not at the first try",
    "unknown": "An outcome that nobody saw",
    "receipts": "Receipts that behave otherwise",
    "answers": "Handsets that answer",
}

#: The answer of LONG: more than one segment of UCS-2, with a character outside the basic plane.
LONG_ANSWER: Final = (
    "Спасибо за сообщение! Ответ длинный нарочно: его части приходят в неверном порядке, и одна из них дважды. "
    "Τα λέμε αύριο. 再见 👋"
)
