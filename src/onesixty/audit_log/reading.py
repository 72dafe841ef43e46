"""Entries of the audit log as callers see them: pages, filters, and what is hidden from whom.

Rules kept here:
- a caller reads the log of the account in which it acts; an operator reads those of all accounts;
- what is internal is shown to operators alone. So are address and reason of who acted from another account: they
  concern that account;
- a personal value that was redacted is null. `redacted` says that there was one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from onesixty.audit_log.entry import INTERNAL, PERSONAL, Entry, digests_in, of_row, revealed
from onesixty.core import ids, times
from onesixty.core.errors import Problem
from onesixty.http.paging import cut
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time
from onesixty.store.contract import Store

#: The scope with which a caller reads the logs of all accounts, and what is internal.
OPERATOR: Final = "accounts"
#: How far the time in an entry's id may be before and after the entry's own time, in ms. Ids bound what a list reads,
#: and the entry's own time decides.
_APART_MS: Final = 60_000

Fields = dict[str, Any]


class AuditEntry(Answer):
    """An entry of the audit log."""

    id: str
    account_id: Annotated[str, Meta(description="The account in whose log it stands.")]
    sequence: Annotated[
        int | None, Meta(description="Its place in the log of the account; null until it is chained.")
    ]
    created_at: Time
    actor: Annotated[
        str,
        Meta(description="Who did it: `key:key_...`, `user:usr_...`, `cli`, `settings` or `onesixty`."),
    ]
    home: Annotated[str | None, Meta(description="The account of the actor, if it acted in another one.")]
    address: Annotated[str | None, Meta(description="The network address that the request came from.")]
    request_id: str | None
    action: Annotated[str, Meta(description="What was done: `made`, `changed`, `removed`, `read`, ...")]
    object: Annotated[str, Meta(description="The kind of thing that it was done to: `webhook`, `key`, ...")]
    object_id: str | None
    mode: Literal["live", "test"] | None
    reason: Annotated[str | None, Meta(description="Why, if it was said (`Onesixty-Reason`).")]
    before: Annotated[
        Fields | None,
        Meta(description="Fields before the change; those that differ, or all of what was removed."),
    ]
    after: Annotated[
        Fields | None,
        Meta(description="Fields after the change; those that differ, or all of what was made."),
    ]
    details: Annotated[
        Fields | None, Meta(description="What is to be said of it that is no change of fields.")
    ]
    redacted: Annotated[bool, Meta(description="Whether personal values of it were redacted.")]
    previous: Annotated[str | None, Meta(description="The hash of the entry before it.")]
    hash: Annotated[str | None, Meta(description="Its hash, which covers its content and `previous`.")]
    internal: Annotated[Fields | msgspec.UnsetType, Meta(description="Further fields, for operators.")] = (
        msgspec.UNSET
    )


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is about. Times are epoch milliseconds; `account_id` None: all accounts."""

    account_id: str | None
    actor: str | None = None
    action: str | None = None
    object: str | None = None
    object_id: str | None = None
    created_after: int | None = None
    created_before: int | None = None

    def passes(self, entry: Entry) -> bool:
        """Whether an entry passes the filters, apart from the account."""
        wanted = (
            (self.actor, entry.actor),
            (self.action, entry.action),
            (self.object, entry.object),
            (self.object_id, entry.object_id),
        )
        return (
            all(value is None or value == own for value, own in wanted)
            and (self.created_after is None or entry.at >= self.created_after)
            and (self.created_before is None or entry.at < self.created_before)
        )


class Reading:
    """Reads entries."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self, filters: Filters, limit: int, after: str | None
    ) -> tuple[Sequence[Entry], str | None]:
        """A page of entries, newest first, and the cursor of the next one."""
        above, below = ids.span(
            ids.AUDIT_ENTRY,
            filters.created_after,
            filters.created_before,
            after,
            early=_APART_MS,
            late=_APART_MS,
        )
        params: dict[str, Any] = {
            "below": below,
            "above": above,
            "created_after": filters.created_after,
            "created_before": filters.created_before,
            "actor": filters.actor,
            "action": filters.action,
            "object": filters.object,
            "most": limit + 1,
        }
        if filters.object_id is not None:
            name = "audit_list_about"
            params |= {"object_id": filters.object_id, "account_id": filters.account_id}
        elif filters.actor is not None:
            name = "audit_list_by"
            params["account_id"] = filters.account_id
        elif filters.account_id is not None:
            name = "audit_list_of"
            params |= {"account_id": filters.account_id, "object_id": None}
        else:
            name = "audit_list"
            params["object_id"] = None
        rows = [of_row(row) for row in await self._store.fetch(name, **params)]
        return cut(rows, limit, lambda entry: entry.id)

    async def get(self, entry_id: str, account_id: str | None) -> Entry:
        """One entry of an account, or of any if it is None. Raises Problem `not_found`."""
        rows = (
            await self._store.fetch("audit_get", id=entry_id) if ids.is_id(ids.AUDIT_ENTRY, entry_id) else []
        )
        entry = of_row(rows[0]) if rows else None
        if entry is None or account_id not in (None, entry.account_id):
            raise Problem("not_found", "Audit log entry not found.")
        return entry

    async def values(self, entries: Sequence[Entry]) -> dict[str, dict[str, tuple[str, str]]]:
        """The personal values of entries that are still known: by entry and digest, the salt and the value."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        if entries:
            rows = await self._store.fetch("audit_values_of", entry_ids=[entry.id for entry in entries])
            for entry_id, digest, _, salt, value in rows:
                found.setdefault(entry_id, {})[digest] = (salt, value)
        return found

    async def views(self, entries: Sequence[Entry], caller: Principal) -> list[AuditEntry]:
        """Entries as a caller sees them."""
        values = await self.values(entries)
        return [view(entry, values.get(entry.id, {}), caller) for entry in entries]


def sees_origin(entry: Entry, caller: Principal) -> bool:
    """Whether a caller sees from where an entry's actor came, and why."""
    return caller.operates(OPERATOR) or entry.home in (None, caller.home or caller.account_id)


def hidden(entry: Entry, caller: Principal) -> set[str | None]:
    """The digests whose values a caller may not see."""
    found: set[str | None] = set() if sees_origin(entry, caller) else {entry.address, entry.reason}
    if not caller.operates(OPERATOR):
        found |= {(msgspec.json.decode(entry.changes).get(INTERNAL) or {}).get(PERSONAL)}
    return found


def view(entry: Entry, values: dict[str, tuple[str, str]], caller: Principal) -> AuditEntry:
    """An entry as a caller sees it."""
    known = {digest: value for digest, (_, value) in values.items()}
    changes: Fields = revealed(msgspec.json.decode(entry.changes), known)
    operator = caller.operates(OPERATOR)
    own = sees_origin(entry, caller)
    internal = changes.get(INTERNAL) if operator else None
    return AuditEntry(
        id=entry.id,
        account_id=entry.account_id,
        sequence=entry.sequence,
        created_at=times.to_text(entry.at),
        actor=entry.actor,
        home=entry.home,
        address=known.get(entry.address or "") if own else None,
        request_id=entry.request_id or None,
        action=entry.action,
        object=entry.object,
        object_id=entry.object_id or None,
        mode=None if entry.test is None else "test" if entry.test else "live",
        reason=known.get(entry.reason or "") if own else None,
        before=changes.get("before"),
        after=changes.get("after"),
        details=changes.get("details"),
        internal=msgspec.UNSET if internal is None else revealed(msgspec.json.decode(internal), known),
        redacted=bool(digests_in(entry) - known.keys()),
        previous=entry.previous,
        hash=entry.hash,
    )
