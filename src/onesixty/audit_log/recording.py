"""Makes entries: of each change of a resource's row, and of notes (`store.notes`).

Rules kept here:
- an entry and what it is about are one unit, so that neither exists without the other;
- an entry is written unchained, with a row in `audit_pending` that names it and bears a signature of its content.
  So the change of one account waits for no other, and what happens to an entry before it is chained is found;
- a change of a row shows the fields that differ, before and after; a new or removed row shows all of them. In a
  field of settings, only the settings that differ;
- what a table declares as secret is shown as a mask, what it declares as personal can be redacted, and what it
  declares as internal is shown to operators alone (`store.table.Audited`). It is hashed like a personal value, so
  that others can verify the entry without it;
- the entry of a row stands in the log of the account that the row belongs to, whoever changed it; that of a row
  without an account in the log of who changed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Final

import msgspec

from onesixty.audit_log.entry import INTERNAL, Entry, Value, Values, hashed_text
from onesixty.audit_log.signatures import ENTRY, Signer
from onesixty.core import ids
from onesixty.core.actor import ONESIXTY
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.store.contract import Store
from onesixty.store.notes import Note
from onesixty.store.rows import By, RowChange
from onesixty.store.units import StoreError, Unit

#: Shown in place of a secret.
MASK: Final = "********"
#: The fields that every entry has a place of its own for.
_BESIDE: Final = frozenset({"id", "account_id", "test", "version", "created_at", "changed_at"})
#: Octets of `changes`. In a larger one, the longest fields are left out.
MOST: Final = 64 * 1024
#: The account of what onesixty does before there is an account.
NOBODY: Final = ""

_text: Final = msgspec.json.Encoder().encode


class Recording:
    """Makes entries of one node. See the module."""

    def __init__(
        self, store: Store, clock: Clock, id_source: IdSource, entropy: Callable[[int], bytes], signer: Signer
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = id_source
        self._entropy = entropy
        self._signer = signer

    def effect(self, change: RowChange) -> Sequence[Write]:
        """The writes of the entry for a change of a row; none if nothing changed that the log shows."""
        account_id = _account_of(change)
        id_ = self._ids.new(ids.AUDIT_ENTRY)
        values = Values(id_, account_id, self._entropy)
        changes = _changes(change, values)
        if not changes:
            return ()
        row = change.after if change.after is not None else change.before
        test = getattr(row, "test", None)
        return self._writes(
            id_, account_id, change.by, change.at, values,
            action=change.kind,
            object=change.one.lower().replace(" ", "_"),
            object_id=change.key,
            test=None if test is None else bool(test),
            changes=changes,
        )  # fmt: skip

    def writes(self, note: Note) -> list[Write]:
        """See `store.notes.Notes`."""
        by = note.by
        id_ = self._ids.new(ids.AUDIT_ENTRY)
        values = Values(id_, by.account_id, self._entropy)
        shown = {**_builtins(note.details), **values.hide(_builtins(note.personal))}
        changes: dict[str, Any] = {"details": shown} if shown else {}
        if note.internal:
            changes[INTERNAL] = {"details": _builtins(note.internal)}
        return self._writes(
            id_, by.account_id, by, self._clock.now_ms(), values,
            action=note.action, object=note.object, object_id=note.object_id, test=note.test, changes=changes,
        )  # fmt: skip

    async def record(self, note: Note) -> None:
        """See `store.notes.Notes`."""
        writes = self.writes(note)
        (result,) = await self._store.commit([Unit((str(writes[0][1][0]),), writes=tuple(writes))])
        if isinstance(result, StoreError):
            raise result

    def _writes(
        self,
        id_: str,
        account_id: str,
        by: By | None,
        at: int,
        values: Values,
        *,
        action: str,
        object: str,  # noqa: A002
        object_id: str,
        test: bool | None,
        changes: dict[str, Any],
    ) -> list[Write]:
        if INTERNAL in changes:
            changes[INTERNAL] = values.hide(_text(changes[INTERNAL]).decode())
        entry = Entry(
            id=id_,
            account_id=account_id,
            at=at,
            actor=(ONESIXTY if by is None else by.actor).text,
            home=None if by is None else by.home or (by.account_id if by.account_id != account_id else None),
            address=None if by is None else values.optional(by.address),
            request_id="" if by is None else by.request_id,
            action=action,
            object=object,
            object_id=object_id,
            test=None if test is None else int(test),
            reason=None if by is None else values.optional(by.reason),
            changes=_bounded(changes),
        )
        witness = self._signer.sign(hashed_text(entry, 0).encode(), ENTRY)
        return [
            ("audit_entry_insert", entry_row(entry)),
            *(
                ("audit_value_insert", value_row(value))
                for value in values.taken
                if value.digest in entry.changes or value.digest in (entry.address, entry.reason)
            ),
            ("audit_pending_insert", (entry.id, account_id, at, witness)),
        ]


def entry_row(entry: Entry) -> tuple[object, ...]:
    """An entry as the params of `audit_entry_insert`."""
    return msgspec.structs.astuple(entry)


def value_row(value: Value) -> tuple[object, ...]:
    """A personal value as the params of `audit_value_insert`."""
    return msgspec.structs.astuple(value)


def _account_of(change: RowChange) -> str:
    row = change.after if change.after is not None else change.before
    if change.table == "accounts":
        return change.key
    owner = getattr(row, "account_id", None)
    return str(owner) if owner else NOBODY if change.by is None else change.by.account_id


# ------------------------------------------------------------ before and after


def _changes(change: RowChange, values: Values) -> dict[str, Any]:
    """What the log shows of a change of a row; empty if nothing changed that it shows."""
    before, after = _fields(change, change.before), _fields(change, change.after)
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    shown_before, shown_after = _shown(change, change.before), _shown(change, change.after)
    masked = change.audited.secrets if change.shows is None else change.audited.secrets - _given(change)
    found: dict[str, Any] = {}
    for name in differing:
        one, other = _differing(
            before.get(name), after.get(name), shown_before.get(name), shown_after.get(name), change.kind
        )
        part = found.setdefault(INTERNAL, {}) if name in change.audited.internal else found
        if change.before is not None:
            part.setdefault("before", {})[name] = _veiled(name, one, masked, change.audited.personal, values)
        if change.after is not None:
            part.setdefault("after", {})[name] = _veiled(name, other, masked, change.audited.personal, values)
    if not differing and change.before is not None and change.after is not None:
        return {}
    return found or {"after" if change.after is not None else "before": {}}


def _fields(change: RowChange, row: msgspec.Struct | None) -> dict[str, Any]:
    """The fields of a row as they are, to compare them. Settings in a column of JSON are compared one by one."""
    if row is None:
        return {}
    found = {
        name: value
        for name, value in msgspec.to_builtins(row, str_keys=True).items()
        if name not in _BESIDE and value is not None
    }
    for name in change.audited.documents:
        if isinstance(found.get(name), str):
            found[name] = msgspec.json.decode(found[name])
    return found


def _shown(change: RowChange, row: msgspec.Struct | None) -> dict[str, Any]:
    """The fields of a row as the log shows them, apart from masks and personal values."""
    if row is None:
        return {}
    return {**_fields(change, row), **({} if change.shows is None else _builtins(change.shows(row)))}


def _differing(before: Any, after: Any, one: Any, other: Any, kind: str) -> tuple[Any, Any]:
    """Two values as shown; of two objects, only the members that differ."""
    if kind != "changed" or not all(isinstance(value, dict) for value in (before, after, one, other)):
        return one, other
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: one.get(name) for name in names}, {name: other.get(name) for name in names}


def _given(change: RowChange) -> set[str]:
    """The fields that the feature itself prepares for the log."""
    row = change.after if change.after is not None else change.before
    return set() if change.shows is None else set(change.shows(row))


def _veiled(name: str, value: Any, masked: Set[str], personal: Set[str], values: Values) -> Any:
    if value is None:
        return None
    if name in masked:
        return MASK
    return values.hide(value) if name in personal else value


def _builtins(value: Mapping[str, object]) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(dict(value), str_keys=True)
    return built


def _bounded(changes: dict[str, Any]) -> str:
    """`changes` as JSON. If it is too long, its longest fields are left out."""
    text = _text(changes)
    if len(text) <= MOST:
        return text.decode()
    places = [
        (len(_text(value)), part, name)
        for part in (changes.get(key) for key in ("before", "after", "details"))
        if isinstance(part, dict)
        for name, value in part.items()
    ]
    excess = len(text) - MOST
    for length, part, name in sorted(places, key=lambda place: place[0], reverse=True):
        part[name] = {"left_out_octets": length}
        excess -= length - 40
        if excess <= 0:
            break
    return _text(changes).decode()
