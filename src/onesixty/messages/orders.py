"""What a door asks of intake: an order for one message, already of the right types but not yet judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from onesixty.core.content import Content
from onesixty.core.contracts import Write
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.text import Replacement


class Replay(Exception):
    """The order's idempotency key was taken before: the door answers with the first answer's bytes."""


class Idempotency(Protocol):
    """A door's guard against sending twice: written with the message, in the message's own unit."""

    @property
    def lock(self) -> str:
        """What two requests with the same key share; units with one lock never share a group."""

    def guard(self, message: Message) -> Write:
        """The conditional insert that keeps the answer for `message`."""


class SendOrder(msgspec.Struct, kw_only=True):
    """One message to send. `scheduled_at` in epoch ms, `valid_for` in seconds, None where nothing was said.

    `binary` are the octets of a message that is none of text; its `text` is then empty. `content` is what the
    door asks for beside plain text; the shift tables in it are for intake to find, by `language`. `message_id`
    is given by who has to know it before (batches), `origin` by a door that has to know its message again. `carrier`
    is the one carrier that an operator tries: past all routes, and free of charge. `had_segments` are those that a
    message whose words stay has already.
    `changes` is written by intake: what transliteration replaced.
    `guards` are further guards of the message's unit: what they write happens with the message or not at all.
    """

    tenant: Tenant
    sender: str
    recipient: str
    text: str
    scheduled_at: int | None = None
    valid_for: int | None = None
    priority: int = 0
    class_: str | None = None
    encoding: str = "auto"
    max_segments: int | None = None
    had_segments: int = 0
    reference: str | None = None
    tags: list[str] = []
    status_callback: str | None = None
    on_unknown: str | None = None
    route: str | None = None
    carrier: str | None = None
    content: Content | None = None
    binary: bytes | None = None
    language: str | None = None
    transliterate: bool = False
    changes: tuple[Replacement, ...] = ()
    origin: str | None = None
    message_id: str | None = None
    batch_id: str | None = None
    idempotency: Idempotency | None = None
    guards: Callable[[Message], tuple[Write, ...]] | None = None
