"""Redaction: the text and the number of a message leave everything that holds them (SEMANTICS, "Privacy").

Other parts that keep copies (outbox, idempotency) give their writes as functions of the message id, handed in
by `app.py`: the whole redaction is one unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from onesixty.core.contracts import Write

#: Writes that scrub what another part holds of a message.
Scrub = Callable[[str], Sequence[Write]]


def writes(
    message_id: str, version: int, at: int, scrubs: Sequence[Scrub]
) -> tuple[Write, tuple[Write, ...]]:
    """The guard and the writes that redact a message which has reached its end."""
    guard: Write = ("message_redact", (message_id, version, at))
    scrubbed: list[Write] = [("receipts_redact", (message_id,))]
    for scrub in scrubs:
        scrubbed += scrub(message_id)
    scrubbed.append(("redaction_note", ("redactions",)))
    return guard, tuple(scrubbed)
