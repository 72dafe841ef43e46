"""Message ids of eight characters, for customers of SMPP 3.3, whose message_id has room for no more (3.3, 5.2).

Rules kept here:
- the short id of a message, part or batch consists of the last 32 bits of its id, which are
  random: eight hexadecimal digits;
- it is unique within a credential while it is kept. It is written as a guard, in the unit of what it names. If the
  guard loses to another with the same short id, the submission is refused for now, so that the customer tries
  again and gets another id;
- customers without short ids pay nothing for them.
"""

from __future__ import annotations

import re
from typing import Final

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.store.contract import Store
from onesixty.store.units import Unit

#: How long a short id is kept.
KEPT_MS: Final = 10 * 86_400_000

_PLAIN: Final = str.maketrans("0123456789abcdefghjkmnpqrstvwxyz", "0123456789abcdefghijklmnopqrstuv")
_DIGITS: Final = 7  # of 5 bits
_SHORT: Final = re.compile(r"[0-9a-fA-F]{1,8}\Z")


def short_of(type_id: str) -> str:
    """The short id of a TypeID."""
    return f"{int(type_id[-_DIGITS:].translate(_PLAIN), 32) & 0xFFFFFFFF:08x}"


def guard(credential_id: str, type_id: str, now_ms: int) -> Write:
    """The guard that stores the short id of `type_id`. It loses if the credential has
    another with the same short id."""
    return "smpp_short_id_insert", (credential_id, short_of(type_id), type_id, now_ms, now_ms + KEPT_MS)


class ShortIds:
    """Finds the TypeIDs of short ids, and stores short ids that no message's unit stores."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def find(self, credential_id: str, asked: str) -> str | None:
        """The TypeID of a credential's short id; None if it is unknown. Leading zeros may be lost."""
        if _SHORT.match(asked) is None:
            return None
        rows = await self._store.fetch(
            "smpp_short_id", credential_id=credential_id, short_id=asked.lower().zfill(8)
        )
        return str(rows[0][0]) if rows else None

    async def keep(self, credential_id: str, type_id: str) -> bool:
        """Store the short id of a batch. False if that is not possible now."""
        unit = Unit(keys=(type_id,), guards=(guard(credential_id, type_id, self._clock.now_ms()),))
        return (await self._store.commit([unit]))[0] is True
