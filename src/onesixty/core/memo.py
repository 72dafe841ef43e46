"""A door's memo on a message: what the door has to know again when the message comes to an end or is asked about.

`Message.origin` holds at most one. It is JSON whose member `door` names the door that wrote it; all other members are
that door's own.

Rules kept here:
- only the door that wrote a memo reads it: to every other part it is a text, and to another door it is no memo;
- no rule of the business reads it;
- the name of the door stands first, so that telling whose a memo is costs no decoding;
- members left at their default are not stored, so a door can add members without a migration.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

_Memo = TypeVar("_Memo", bound=msgspec.Struct)


class Memos(Generic[_Memo]):
    """Reads and writes the memos of one door: a struct with `tag=<door>, tag_field="door"`."""

    __slots__ = ("_begins", "_decode", "_encode")

    def __init__(self, kind: type[_Memo]) -> None:
        config = kind.__struct_config__
        if config.tag_field != "door" or not isinstance(config.tag, str):
            raise TypeError(f"{kind.__name__} does not name its door: tag=..., tag_field='door'")
        self._begins = f'{{"door":"{config.tag}"'
        self._decode = msgspec.json.Decoder(kind).decode
        self._encode = msgspec.json.Encoder().encode

    def read(self, column: str | None) -> _Memo | None:
        """The memo, where this door wrote it."""
        if column is None or not column.startswith(self._begins):
            return None
        return self._decode(column)

    def write(self, memo: _Memo) -> str:
        """The text of the column."""
        return self._encode(memo).decode()
