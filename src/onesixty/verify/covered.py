"""Texts whose code is covered: the mask, the memo, and the revealer that puts the code in at each attempt.

    message.text                       # "Acme: ****** is your code.": what is kept and shown
    covered.reveal(message).text       # "Acme: 482931 is your code.": for the connector alone

Rules kept here:
- the mask has one `*` for each character of the code. It is one septet in GSM-7 and one unit in UCS-2, as the
  characters of codes are, so a covered text has the segments of the real one;
- the memo says where the code stands and what it follows from. It has no code: a caller's own code is sealed in it;
- numbers with covered messages are remembered as long as answers are covered (`replies`), so that captures of their
  traffic are covered, too. The text that a receipt repeats is covered in any case. While numbers are more than can be
  remembered, every number is covered;
- the text of a covered message cannot be edited: the code would stand elsewhere, or nowhere.
"""

from __future__ import annotations

from collections import OrderedDict
from copy import copy
from typing import Final

import msgspec
from msgspec import UNSET

from onesixty.channels.sms.addresses import SAME_DIGITS
from onesixty.channels.sms.orders import TextEdit
from onesixty.core.clock import Clock
from onesixty.core.covered import Unrevealable
from onesixty.core.errors import Problem
from onesixty.core.memo import Memos
from onesixty.core.message import Message
from onesixty.core.orders import Edit, Fact
from onesixty.messages.drafts import CARRIER, EDIT, Draft, Moment, Step
from onesixty.sealing.keyring import Unopenable
from onesixty.verify.codes import Alphabet
from onesixty.verify.secrets import Secrets

MASK: Final = "*"
#: How long after its end the codes of a verification are covered: people answer late.
AFTER_END_MS: Final = 3_600_000
#: How many numbers are remembered.
MOST_REMEMBERED: Final = 100_000

_AT_EDITS: Final[frozenset[Moment]] = frozenset({EDIT})
_AT_CARRIERS: Final[frozenset[Moment]] = frozenset({CARRIER})


class Memo(msgspec.Struct, tag="verify", tag_field="door", kw_only=True, frozen=True, omit_defaults=True):
    """The memo of a covered message. `at` are the places of the code in the text, in code points. `avoid` are the
    carriers that had their chance before: the message goes over another one, or not at all."""

    id: str
    generation: int
    seed: str
    key: str
    alphabet: Alphabet
    length: int
    at: tuple[int, ...]
    sealed: str | None = None
    avoid: tuple[str, ...] = ()


MEMOS: Final = Memos(Memo)


class Covered:
    """See `core.covered.Revealer`."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        #: Until when a number is covered, by its last digits; the one revealed first comes first. And until when all
        #: numbers are.
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._all_until = 0

    def reveal(self, message: Message) -> Message:
        """See the contract. Costs nothing for a message without a memo."""
        memo = MEMOS.read(message.origin)
        if memo is None:
            return message
        self._remember(message.recipient, message.expires_at + AFTER_END_MS)
        revealed = copy(message)
        revealed.text = placed(message.text, memo.at, self._code(memo))
        return revealed

    def cover(self, message: Message, said: str) -> str:
        """See the contract."""
        memo = MEMOS.read(message.origin)
        if memo is None:
            return said
        try:
            return said.replace(self._code(memo), MASK * memo.length)
        except Unrevealable:
            return said

    def covers(self, number: str) -> bool:
        """Whether a number, in any notation, may have a code, or answer with one."""
        until = self._numbers.get(number[-SAME_DIGITS:], 0)
        return self._clock.now_ms() < max(until, self._all_until)

    def _code(self, memo: Memo) -> str:
        secrets = self._secrets
        try:
            if memo.sealed is not None:
                return secrets.opened(memo.sealed, memo.id)
            return secrets.derived(memo.id, memo.generation, memo.seed, memo.key, memo.alphabet, memo.length)
        except Unopenable:
            raise Unrevealable("The secret with which the code was made is gone.") from None

    def _remember(self, number: str, until: int) -> None:
        """A message is valid until its verification ends, whose `until` this is."""
        numbers, digits = self._numbers, number[-SAME_DIGITS:]
        numbers[digits] = max(until, numbers.get(digits, 0))
        numbers.move_to_end(digits)
        if len(numbers) > MOST_REMEMBERED:
            _, forgotten = numbers.popitem(last=False)
            self._all_until = max(self._all_until, forgotten)


def placed(text: str, at: tuple[int, ...], code: str) -> str:
    """The text with the code at these places."""
    length = len(code)
    for start in at:
        text = text[:start] + code + text[start + length :]
    return text


class CoveredText(Step):
    """Refuses edits of the text of a covered message."""

    name = "covered"
    again = _AT_EDITS

    def judge(self, draft: Draft) -> None:
        if draft.edit is None or MEMOS.read(draft.message.origin) is None:
            return
        param = _of_the_text(draft.edit)
        if param is not None:
            raise Problem(
                "too_late",
                "The text of a verification cannot be changed. Cancel the verification and start another one.",
                param=param,
            )

    def depends_on(self) -> frozenset[Fact]:
        return frozenset()  # it judges edits alone


class OtherCarrier(Step):
    """Keeps a message that a missing report sent again away from the carriers that had it."""

    name = "other_carrier"
    again = _AT_CARRIERS
    judges_hops = True

    def judge(self, draft: Draft) -> None:
        memo = MEMOS.read(draft.message.origin)
        if memo is not None and memo.avoid:
            draft.keep_hops(lambda hop: hop.carrier_id not in memo.avoid)

    def depends_on(self) -> frozenset[Fact]:
        return frozenset()  # an order that avoids carriers is judged alone


def _of_the_text(edit: Edit) -> str | None:
    """The field of an edit that changes the text, or what depends on it."""
    if edit.origin is not UNSET:
        return "origin"
    own = frozenset(TextEdit.__struct_fields__) - frozenset(Edit.__struct_fields__)
    return min((name for name in edit.fields if name in own), default=None)
