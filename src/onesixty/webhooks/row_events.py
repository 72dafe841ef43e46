"""Events of changes of rows: an account and its profile for those whom it concerns, and what operators set up.

Rules kept here:
- an event says what changed, by id, state and names of fields; it never repeats a value, so that it holds no secret
  and nothing that would have to be redacted. Who may see the values reads them;
- accounts, profiles, templates and verify profiles are events for webhooks of the account, too. Those above it get
  theirs in the feed;
- the account of the operator gets what concerns carriers and routes, in the feed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from onesixty.core import events
from onesixty.core.contracts import Write
from onesixty.core.tenant import Tenant
from onesixty.store.rows import MADE, RowChange
from onesixty.webhooks.effect import EventEffect

#: The event of the operator's account for a change of a table.
_OPERATORS: Final = {"carriers": events.CARRIER_CHANGED, "routes": events.ROUTE_CHANGED}
#: Fields that tell nothing.
_BESIDE: Final = frozenset({"version", "changed_at"})


class RowEvents:
    """See `store.rows.RowEffect`. `above` gives the ids of the accounts above one, `operator` the operator's."""

    def __init__(
        self, effect: EventEffect, above: Callable[[str], Sequence[str]], operator: Callable[[], str]
    ) -> None:
        self._effect = effect
        self._above = above
        self._operator = operator

    def effect(self, change: RowChange) -> list[Write]:
        """The events of a change."""
        if change.table == "accounts":
            return self._account(change)
        if change.table == "profiles":
            return self._profile(change)
        if change.table == "templates":
            return self._template(change)
        if change.table == "verify_profiles":
            return self._verify_profile(change)
        if change.table in _OPERATORS:
            tenant = Tenant(self._operator(), False)
            return self._effect.tell(tenant, _OPERATORS[change.table], _data(change), change.at)
        if change.table == "webhooks":
            row = _row(change)
            tenant = Tenant(row.account_id, bool(row.test))
            return self._effect.tell(tenant, events.WEBHOOK_CHANGED, _data(change), change.at)
        return []

    def _account(self, change: RowChange) -> list[Write]:
        row: Any = change.after
        if row is None:
            return []
        data = {"account_id": row.id, **_data(change), "state": row.state}
        writes = []
        if change.kind != MADE:
            writes += self._effect.announce(Tenant(row.id, False), events.ACCOUNT_CHANGED, data, change.at)
        parents: Sequence[str] = self._above(row.id)
        if change.kind == MADE and row.parent_id is not None:  # the tree does not know it yet
            parents = (row.parent_id, *self._above(row.parent_id))
        return [*writes, *self._parents(parents, "account", data, change.at)]

    def _profile(self, change: RowChange) -> list[Write]:
        row: Any = change.after
        if row is None:
            return []
        data = {"account_id": row.account_id, **_data(change), "state": row.state}
        own = self._effect.announce(Tenant(row.account_id, False), events.PROFILE_CHANGED, data, change.at)
        return [*own, *self._parents(self._above(row.account_id), "profile", data, change.at)]

    def _template(self, change: RowChange) -> list[Write]:
        row = _row(change)
        data = {**_data(change), "state": row.state, "number": row.number, "approved": row.approved}
        return self._effect.announce(Tenant(row.account_id, False), events.TEMPLATE_CHANGED, data, change.at)

    def _verify_profile(self, change: RowChange) -> list[Write]:
        row = _row(change)
        data = {**_data(change), "name": row.name}
        # What guards allow decides whom a user can reach: it is told by its parts.
        data["changed"] = [
            part
            for name in data["changed"]
            for part in (_parts(change, name) if name == "guards" else (name,))
        ]
        tenant = Tenant(row.account_id, bool(row.test))
        return self._effect.announce(tenant, events.VERIFY_PROFILE_CHANGED, data, change.at)

    def _parents(self, parents: Sequence[str], what: str, data: Mapping[str, Any], at: int) -> list[Write]:
        told = {"what": what, **data}
        return [
            write
            for parent in parents
            for write in self._effect.tell(Tenant(parent, False), events.SUBACCOUNT_CHANGED, told, at)
        ]


def _row(change: RowChange) -> Any:
    """The row that changed, as it is, or as it was if it is gone."""
    return change.after if change.after is not None else change.before


def _data(change: RowChange) -> dict[str, Any]:
    """What every event of a row says."""
    row = _row(change)
    return {
        "id": change.key,
        "action": change.kind,
        "version": getattr(row, "version", None),
        "changed": _changed(change.before, change.after),
    }


def _parts(change: RowChange, name: str) -> list[str]:
    """The names of the fields that differ within a field: `guards.countries`."""
    before, after = getattr(change.before, name), getattr(change.after, name)
    return [f"{name}.{part}" for part in _changed(before, after)]


def _changed(before: msgspec.Struct | None, after: msgspec.Struct | None) -> list[str]:
    """The names of the fields that differ."""
    if before is None or after is None:
        return []
    return [
        name
        for name in after.__struct_fields__
        if name not in _BESIDE and getattr(before, name, None) != getattr(after, name)
    ]
