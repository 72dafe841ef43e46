"""A second channel, as small as one can be: notes to `@name`, with a title and a body, in pages of 100 characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from onesixty.core.channel import Address, Channel, Composed, Missing, Received
from onesixty.core.contracts import IncomingMessage, Refusal, Rendered
from onesixty.core.errors import Problem
from onesixty.core.message import Message, public_view
from onesixty.core.orders import Edit, Order
from onesixty.core.storable import storable
from tests.support.message_path import FakeCarrier

PAGE = 100


class NoteContent(msgspec.Struct, frozen=True):
    """What a note has besides its body."""

    title: str


class NoteOrder(Order, kw_only=True):
    """A note to send."""

    channel: ClassVar[str] = "note"

    title: str = ""
    body: str


class NoteEdit(Edit, kw_only=True):
    """The changes to a waiting note."""

    channel: ClassVar[str] = "note"

    title: str | UnsetType = UNSET
    body: str | UnsetType = UNSET


class IncomingNote(IncomingMessage, kw_only=True):
    """A note to one of our names."""

    channel: ClassVar[str] = "note"

    title: str = ""
    body: str


class Asked(msgspec.Struct):
    """What an edit asks of a note."""

    title: str
    body: str


class Notes(Channel[NoteOrder | Asked, NoteEdit]):
    """The channel."""

    name = "note"

    def address(self, written: str) -> Address:
        name = written.strip().casefold()
        if not (name.startswith("@") and name[1:].isalnum()):
            raise Problem("invalid_recipient", "A note goes to an @name.", param="to")
        return name, None

    def sender(self, written: str) -> str:
        if not written.strip():
            raise Problem("invalid_sender", "A note has a sender.", param="from")
        return written.strip()

    def compose(self, asked: NoteOrder | Asked) -> Composed:
        if not asked.body:
            raise Problem("text_empty", param="body")
        return Composed(asked.body, "utf8", -(-len(asked.body) // PAGE), content_of(asked.title))

    def identity(self, incoming: IncomingNote) -> tuple[str | bytes, ...]:
        return incoming.title, incoming.body

    def received(self, parts: Sequence[IncomingNote], missing: Missing | None = None) -> Received:
        (note,) = parts
        body, content = storable(note.body), content_of(storable(note.title))
        return Received(body, "utf8", -(-len(body) // PAGE), content, None, body)

    def reworded(self, message: Message, edit: NoteEdit) -> Asked:
        title = title_of(message) or "" if isinstance(edit.title, UnsetType) else edit.title
        return Asked(title, message.text if isinstance(edit.body, UnsetType) else edit.body)

    def same_address(self, one: str | None, other: str | None) -> bool | None:
        return self.kept_address(one) == self.kept_address(other) if one and other else None

    def address_key(self, written: str) -> str:
        return self.kept_address(written)

    def kept_address(self, written: str) -> str:
        return f"@{written.removeprefix('@').casefold()}"

    def view(self, message: Message) -> dict[str, Any]:
        return public_view(message, {"title": title_of(message), "pages": message.segments})


def content_of(title: str) -> str | None:
    """The column `content` of a note."""
    return msgspec.json.encode(NoteContent(title)).decode() if title else None


def title_of(message: Message) -> str | None:
    """The title of a note."""
    return None if message.content is None else msgspec.json.decode(message.content, type=NoteContent).title


class Pages(Rendered, kw_only=True):
    """A note as its carrier gets it."""

    pages: list[str]


class NoteCarrier(FakeCarrier):
    """A carrier of notes."""

    channel = "note"

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        if self.refuses is not None:
            return self.refuses
        text = message.text
        pages = [text[at : at + PAGE] for at in range(0, len(text), PAGE)]
        return Pages(len(pages), sender, pages=pages)
