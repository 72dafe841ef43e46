"""Notes at the start of a node what was changed while none ran: the settings, the schema, a restored database.

Rules kept here:
- the state that was noted last is a value of `meta`, written in the unit of the note. The first start only writes it;
- settings that belong to one machine (addresses, folders, logs, processes) are left out, since the nodes of a
  database may differ in them. Secrets are masked: the log says that there is one, not that it was changed;
- carriers and routes of the settings file are rows, and leave entries of their own.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from pydantic import SecretStr

from onesixty.audit_log.recording import MASK
from onesixty.core.actor import CLI, ONESIXTY, SETTINGS
from onesixty.core.contracts import Write
from onesixty.ops.settings import Settings
from onesixty.store.contract import Store
from onesixty.store.migrations import head
from onesixty.store.notes import Note, Notes
from onesixty.store.rows import By
from onesixty.store.units import StoreError, Unit

#: The value of `meta`.
KEY: Final = "audit_noted"
#: What the names of settings of one machine contain, and settings that are rows or hold anything.
_LOCAL: Final = (
    "listen",
    "dir",
    "log_",
    "processes",
    "database_url",
    "faults",
    "extensions",
    "carriers",
    "routes",
)


class Noted(msgspec.Struct, kw_only=True):
    """What was noted last."""

    settings: dict[str, Any] = {}
    schema: str = ""
    restored_at: str = ""


async def note_start(store: Store, settings: Settings, notes: Notes, account_id: str) -> None:
    """Note in the log of the operator's account what changed since the last start. Raises StoreError."""
    found: dict[str, Any] = dict(await store.fetch("audit_meta"))
    stored = found.get(KEY)
    now = Noted(settings=shared(settings), schema=head(), restored_at=str(found.get("restored_at") or ""))
    text = msgspec.json.encode(now)
    writes: list[Write] = [("audit_meta_put", (KEY, text.decode()))]
    if stored is not None:
        now = msgspec.json.decode(text, type=Noted)  # as it reads when it comes back
        before = msgspec.json.decode(stored, type=Noted)
        if before == now:
            return
        for note in _notes(before, now, account_id):
            writes += notes.writes(note)
    (result,) = await store.commit([Unit((KEY,), writes=tuple(writes))])
    if isinstance(result, StoreError):
        raise result


def shared(settings: Settings) -> dict[str, Any]:
    """The settings that the nodes of a database share, as they may be shown."""
    found: dict[str, Any] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if any(part in name for part in _LOCAL) or value is None:
            continue
        found[name] = MASK if isinstance(value, SecretStr) else msgspec.to_builtins(value, enc_hook=str)
    return found


def _notes(before: Noted, now: Noted, account_id: str) -> list[Note]:
    found: list[Note] = []
    details: dict[str, Any]
    names = [
        name
        for name in sorted({*before.settings, *now.settings})
        if before.settings.get(name) != now.settings.get(name)
    ]
    if names:
        details = {
            "before": {name: before.settings.get(name) for name in names},
            "after": {name: now.settings.get(name) for name in names},
        }
        by = By(account_id, SETTINGS)
        found.append(Note(by=by, action="changed", object="settings", details=details))
    if before.schema != now.schema:
        details = {"before": {"schema": before.schema}, "after": {"schema": now.schema}}
        by = By(account_id, ONESIXTY)
        found.append(Note(by=by, action="migrated", object="database", details=details))
    if before.restored_at != now.restored_at:
        by = By(account_id, CLI)
        details = {"at": now.restored_at}
        found.append(Note(by=by, action="restored", object="database", details=details))
    return found
