"""The table of parts from handsets that wait for the others of their message.

What a person said is sealed until it is a message: only then is it known whether a code has to be covered in it
(`core.covered`), and a code may be cut by the end of a part.
"""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.store.table import Table


class WaitingPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a long message, from its arrival until it is joined. `digest` tells its content from another one;
    `part` is the `InboundMessage`."""

    id: str
    place: str
    total: int
    number: int
    digest: str
    part: str
    received_at: int
    due_at: int


#: A part whose secret is lost is empty, and counts as one that never arrived.
PARTS: Final = Table("inbound_parts", WaitingPart, sealed=("part",))
TABLES: Final = (PARTS,)
