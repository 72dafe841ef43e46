"""Redaction: the text and the number of a message leave everything that holds them (SEMANTICS, "Privacy").

Other parts that keep copies (events, idempotency, refusals) give their writes as functions of the message, handed
in by `app`: the whole redaction is one unit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from onesixty.core.contracts import Write
from onesixty.core.message import Message

#: Writes that scrub what another part holds of a message.
Scrub = Callable[[Message], Sequence[Write]]
#: Deletes what another part keeps of a message outside the database; it gets the message as it was.
Forget = Callable[[Message], Awaitable[None]]


def writes(message: Message, at: int, scrubs: Sequence[Scrub]) -> tuple[Write, tuple[Write, ...]]:
    """The guard and the writes that redact a message which has reached its end."""
    guard: Write = ("message_redact", (message.id, message.version, at))
    scrubbed: list[Write] = [("receipts_redact", (message.id,))]
    for scrub in scrubs:
        scrubbed += scrub(message)
    scrubbed.append(("redaction_note", ("redactions",)))
    return guard, tuple(scrubbed)
