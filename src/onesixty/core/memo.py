"""A door's memo on a message: data that the door needs again when the message ends or is queried.

`Message.origin` holds at most one. It is JSON; its member `door` names the door that wrote it, and all other
members belong to that door.

Rules kept here:
- only the door that wrote a memo reads it. For every other part it is opaque text;
- no business rule reads it;
- the name of the door is the first member, so that the owner of a memo is known without decoding it;
- members with their default are not stored, so a door can add members without a migration.
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
        """The memo, if this door wrote it."""
        if column is None or not column.startswith(self._begins):
            return None
        return self._decode(column)

    def write(self, memo: _Memo) -> str:
        """The text of the column."""
        return self._encode(memo).decode()
