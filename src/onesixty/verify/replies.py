"""Covers codes that people send back: some answer the text with the code that stands in it.

Rules kept here:
- the text of an incoming message that has a code of an open verification of its sender, or of one that ended a short
  while ago, is masked before it is written. So lists, events, webhooks, exports and binds show the mask;
- a code is found however a person writes it: with spaces, in other digits, among other words. A message of which a
  part is missing may have the one end of it, which is masked from half a code on;
- an answer is no check: it proves who has the number, and not who asked for the code;
- a number that several accounts send from belongs to one of them, so codes of all accounts are covered. In the
  sandbox anybody may send any text from any number: there, only those of the own account are, because a mask would
  tell others that they guessed a code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from onesixty.channels.sms.addresses import SAME_DIGITS, digits, same_number
from onesixty.channels.sms.content import BINARY, content_of
from onesixty.core.clock import Clock
from onesixty.core.message import Message
from onesixty.store.contract import Store
from onesixty.verify import codes
from onesixty.verify.covered import AFTER_END_MS, MASK
from onesixty.verify.secrets import Secrets
from onesixty.verify.verification import VERIFICATIONS, Verification


class CoveredReplies:
    """See `core.covered.Replies`."""

    def __init__(self, store: Store, clock: Clock, secrets: Secrets) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets

    async def cover(self, received: Sequence[Message]) -> None:
        """See the contract. One read for all messages."""
        by_digits: dict[str, list[Message]] = {}
        for message in received:
            ending = digits(message.sender)[-SAME_DIGITS:]
            if ending and message.encoding != BINARY:
                by_digits.setdefault(ending, []).append(message)
        if not by_digits:
            return
        rows = await self._store.fetch(
            "verifications_by_digits", digits=list(by_digits), since=self._clock.now_ms() - AFTER_END_MS
        )
        for one in map(VERIFICATIONS.read, rows):
            for number in filter(None, (one.recipient, one.other)):
                for message in by_digits.get(number[-SAME_DIGITS:], ()):
                    if _is_of(one, message) and same_number(message.sender, number):
                        message.text = codes.masked(message.text, self._said_of(one, message), MASK)

    def _said_of(self, one: Verification, message: Message) -> Iterator[str]:
        """What may stand in a message of the codes of a verification."""
        cut = content_of(message.content).total is not None
        for code in self._secrets.codes_of(one):
            yield code
            if cut:
                yield from codes.ends(code)


def _is_of(one: Verification, message: Message) -> bool:
    """Whether codes of a verification are covered in a message."""
    return one.test == message.test and (not one.test or one.account_id == message.account_id)
