"""Joins the parts of long messages: pure functions for the parts that carriers and SMPP customers cut.

Parts arrive out of order, doubled, late or never. Each part is a row from the moment it arrives. This module only
decides which of the waiting parts belong together.

Rules kept here:
- parts belong together if sender, recipient, link, reference and total agree (3GPP TS 23.040, 9.2.3.24.1 and
  9.2.3.24.8; SMPP 3.4, 5.3.2.22 to 5.3.2.24);
- the same part again, with the same content, is a repeat and adds nothing. If it comes over the session of the first
  one, it belongs to another message, because a peer does not repeat in a session what was acknowledged there;
- different content under a number that is taken, or a different total, is another message: references are reused;
- parts are looked at in the order in which they arrived, so that every reader finds the same messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from onesixty.core.channel import Place


class Piece(msgspec.Struct, frozen=True):
    """A part that waits. `digest` identifies its content. `at` is the time of arrival in epoch ms. `session` is the
    carrier's link that it came over, "" if that is not known."""

    id: str
    total: int
    number: int
    digest: str
    at: int
    session: str = ""


class Group(msgspec.Struct):
    """Parts of one message: `pieces` by their number, and `repeats`. `since` is when the
    first part arrived, in epoch ms."""

    total: int
    since: int
    pieces: dict[int, Piece] = {}
    repeats: list[Piece] = []

    @property
    def complete(self) -> bool:
        """Whether all parts have arrived."""
        return len(self.pieces) == self.total

    @property
    def in_order(self) -> list[Piece]:
        """The parts that have arrived, by their number."""
        return [self.pieces[number] for number in sorted(self.pieces)]

    @property
    def everything(self) -> list[Piece]:
        """The parts and their repeats."""
        return [*self.in_order, *self.repeats]


def place_key(place: Place, *between: str) -> str:
    """The key that parts of one message share: a digest of the place, and of the two ends in `between`."""
    return _digest(f"{place.bits}:{place.reference}", *between)


def content_digest(*parts: str | bytes) -> str:
    """A digest that tells one content from another."""
    return _digest(*parts)


def groups(pieces: Sequence[Piece]) -> list[Group]:
    """The messages that these parts belong to, oldest first. All parts are of one place."""
    found: list[Group] = []
    for piece in sorted(pieces, key=lambda one: (one.at, one.id)):
        for group in found:
            if group.total != piece.total:
                continue
            known = group.pieces.get(piece.number)
            if known is None:
                group.pieces[piece.number] = piece
                break
            if known.digest == piece.digest and not (piece.session and piece.session == known.session):
                group.repeats.append(piece)
                break
        else:
            found.append(Group(piece.total, piece.at, {piece.number: piece}))
    return found


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        octets = part.encode("utf-8", "replace") if isinstance(part, str) else part
        digest.update(len(octets).to_bytes(4, "big"))
        digest.update(octets)
    return digest.hexdigest()
