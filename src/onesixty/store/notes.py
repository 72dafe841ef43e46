"""Notes for the audit log: what an actor did that changed no row of a resource, and what a feature needs to note it.

Rules kept here:
- a change of a resource's row needs no note: `store.rows` hands it to the audit log (`RowEffect`);
- a note about something that is written is written with it, in one unit (`writes`). A note about something that only
  happened (a read, a refused sign-in) is a unit of its own (`record`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec

from onesixty.core.contracts import Write
from onesixty.store.rows import By

#: Characters of a personal value. A longer value cannot be found by redaction: the index of the values ends here.
LONGEST: Final = 200


class Note(msgspec.Struct, kw_only=True, frozen=True):
    """Something that an actor did. `by.account_id` is the account in whose log it stands.

    `action` is a verb in the past (`started`), `object` the word for what it was done to (`job`), in the singular.
    `details` are shown to who may read the log. The texts in `personal` are shown too, and can be redacted.
    `internal` is shown to operators alone. None of them may hold a secret. `test` is None for what belongs to both
    modes.
    """

    by: By
    action: str
    object: str
    object_id: str = ""
    details: Mapping[str, Any] = {}
    personal: Mapping[str, Any] = {}
    internal: Mapping[str, Any] = {}
    test: bool | None = None


class Notes(Protocol):
    """Writes notes into the audit log: `audit_log.recording.Recording`."""

    def writes(self, note: Note) -> list[Write]:
        """The writes of a note, for the unit of what it is about."""

    async def record(self, note: Note) -> None:
        """Write a note on its own. Raises StoreError."""


class NoNotes:
    """Notes of a node without an audit log, as in tests of one part."""

    def writes(self, note: Note) -> list[Write]:
        """See Notes."""
        return []

    async def record(self, note: Note) -> None:
        """See Notes."""
