"""Covered text: characters of a message that its row does not have, because nobody who reads rows may see them.

The text of such a message has a mask in their place, as long as they are, so that segments and price are right. The
memo of its door (`Message.origin`) says how to get the characters. Only who wrote the memo can read it: the revealer.

Rules kept here:
- the message that is kept, shown, exported and told is the covered one. Only dispatch asks for the real characters,
  at each attempt, and only the connector gets them;
- what a carrier answers is covered before anybody keeps it;
- what a handset sends back is covered before it is stored;
- `core`, `messages` and `dispatch` know nothing of what is covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onesixty.core.message import Message


class Unrevealable(Exception):
    """The characters cannot be found: what they follow from is gone. The text says nothing of them."""


class Revealer(Protocol):
    """Puts the real characters into covered messages. Implemented by `verify.covered.Covered`."""

    def reveal(self, message: Message) -> Message:
        """The message as its recipient shall read it; itself if it is not covered. Raises Unrevealable."""

    def cover(self, message: Message, said: str) -> str:
        """What a carrier said about a message, with the covered characters masked."""


class Replies(Protocol):
    """Covers what people send back of covered messages. Implemented by `verify.replies.CoveredReplies`."""

    async def cover(self, received: Sequence[Message]) -> None:
        """Mask such characters in the texts of incoming messages that nobody has seen yet. Raises StoreError."""


class NothingCovered:
    """No message is covered."""

    def reveal(self, message: Message) -> Message:
        """Itself."""
        return message

    def cover(self, message: Message, said: str) -> str:
        """The same."""
        return said
