"""`/v1/retention` and `/v1/subaccounts/{account_id}/retention`: for how many days the data of each account is kept.

Rules kept here:
- an operator with the scope `accounts` reads and changes the times of every account; a key sees those of its own;
- with the scope `subaccounts`, an account reads and changes the times of the accounts below it, within the same
  bounds;
- a time is within the bounds of the settings, and events are kept no longer than messages;
- an account without times of its own is shown with the operator's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from msgspec import Meta
from msgspec.structs import replace

from onesixty.accounts import Account, Accounts
from onesixty.accounts.reach import SCOPE
from onesixty.core import ids
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery, cut
from onesixty.http.resource import CHANGE, GET, LIST, ByVerb, Changed, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body
from onesixty.ops.settings import Settings
from onesixty.retention.kinds import LEAST, MOST, bounds_of, days_of, longest
from onesixty.retention.tables import Rule
from onesixty.store.rows import By, Rows

_EXAMPLES: Final = {
    "bodies": 30, "messages": 400, "inbound": 400, "events": 30, "deliveries": 30, "receipts": 90, "refusals": 30,
    "audit": 730,
}  # fmt: skip


def _own(about: str, kind: str) -> Meta:
    bounds = f"{LEAST[kind]} to {MOST}; 0 keeps them forever; null: as long as the operator's settings say."
    return Meta(ge=0, le=MOST, description=f"{about} {bounds}", examples=[_EXAMPLES[kind]])


_Bodies = Annotated[int, _own("Days after which text and number of an ended message are redacted.", "bodies")]
_Messages = Annotated[int, _own("Days for which messages are kept, with what belongs to them.", "messages")]
_Inbound = Annotated[int, _own("Days for which incoming messages are kept.", "inbound")]
_Events = Annotated[int, _own("Days for which events are kept.", "events")]
_Deliveries = Annotated[int, _own("Days for which deliveries of events are kept.", "deliveries")]
_Receipts = Annotated[int, _own("Days for which delivery reports are kept as they arrived.", "receipts")]
_Refusals = Annotated[int, _own("Days for which refusals are kept.", "refusals")]
_Audit = Annotated[int, _own("Days for which entries of the audit log are kept.", "audit")]


class RetentionFields(Body):
    """The times of an account; null restores the operator's."""

    bodies: _Bodies | None = None
    messages: _Messages | None = None
    inbound: _Inbound | None = None
    events: _Events | None = None
    deliveries: _Deliveries | None = None
    receipts: _Receipts | None = None
    refusals: _Refusals | None = None
    audit: _Audit | None = None


class DaysInForce(Answer):
    """The days in force by kind, the account's own or the operator's. 0 is forever."""

    bodies: _Bodies
    messages: _Messages
    inbound: _Inbound
    events: _Events
    deliveries: _Deliveries
    receipts: _Receipts
    refusals: _Refusals
    audit: _Audit


class Retention(Answer):
    """For how many days the data of an account is kept. Null: as long as the operator's settings say."""

    account_id: str
    bodies: _Bodies | None
    messages: _Messages | None
    inbound: _Inbound | None
    events: _Events | None
    deliveries: _Deliveries | None
    receipts: _Receipts | None
    refusals: _Refusals | None
    audit: _Audit | None
    in_force: DaysInForce
    version: Annotated[int, Meta(description="Increases with every change; 0 for an unchanged account.")]


class RetentionQuery(PageQuery):
    """The query of `GET /v1/retention`."""

    kind = ids.ACCOUNT


class RetentionResource(Resource[Rule, Body, RetentionFields, Retention]):
    """`/v1/retention`."""

    path, tag, one, many, scope, reads = (
        "/v1/retention", "accounts", "retention", "retention", SCOPE, "account:read"
    )  # fmt: skip
    verbs: ClassVar[Sequence[str]] = (LIST, GET, CHANGE)
    key = "account_id"
    new, fields, shown, query = Body, RetentionFields, Retention, RetentionQuery
    list_name, change_name = "RetentionList", "RetentionChange"
    operations = ByVerb(list="list_retention", get="get_retention", change="change_retention")
    about = ByVerb(
        list="List for how long the data of accounts is kept.\n\nOther accounts need the scope `accounts`.",
        get="Get for how long the data of an account is kept.",
        change="Change for how long the data of an account is kept.\n\nThe change takes effect at the next round, "
        "within a minute. A shorter time deletes older data for good; a longer one brings nothing back.",
    )

    def __init__(self, rows: Rows[Rule], book: Mapping[str, Account], settings: Settings) -> None:
        super().__init__(rows)
        self._book = book
        self._settings = settings

    async def find(self, caller: Principal, key: str) -> Rule:
        if key not in self._book or (key != caller.account_id and not caller.operates(SCOPE)):
            raise Problem("not_found", "Account not found.")
        return await self.rows.find(key) or Rule(account_id=key)

    async def page(self, caller: Principal, query: RetentionQuery) -> tuple[Sequence[Rule], str | None]:
        if not caller.operates(SCOPE):
            return [await self.find(caller, caller.account_id)], None
        known = {row.account_id: row for row in await self.rows.all()}
        accounts = sorted(id_ for id_ in self._book if query.after is None or id_ > query.after)
        found = [known.get(id_) or Rule(account_id=id_) for id_ in accounts[: query.limit + 1]]
        return cut(found, query.limit, lambda row: row.account_id)

    async def changed(
        self, row: Rule, fields: RetentionFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        own = {kind: getattr(fields, kind) for kind in LEAST}
        for kind, days in own.items():
            if days is not None and kind in said:
                self._check(kind, days)
        after = replace(row, **own)
        for kind in ("messages", "inbound"):
            kept = after.days(kind)
            if kept is not None and after.events is not None and longest(kept, after.events) != kept:
                raise Problem(
                    "invalid_field", f"`events` must not exceed `{kind}`: their events are kept no longer.",
                    param="events",
                )  # fmt: skip
        return Changed(after, self._writes(row, after))

    def _check(self, kind: str, days: int) -> None:
        """Raises Problem."""
        bounds = bounds_of(self._settings, kind)
        if not bounds.allow(days):
            allowed = f"{bounds.least} to {bounds.most or MOST} days" + (
                "" if bounds.most else ", or 0 (forever)"
            )
            raise Problem("invalid_field", f"`{kind}` must be {allowed}.", param=kind)

    def _writes(self, before: Rule, after: Rule) -> list[Write]:
        """What belongs to a change: rounds under the old rules take no further mark, and the accounts that this one
        joins are looked through again."""
        was, is_ = days_of(self._settings, before), days_of(self._settings, after)
        writes: list[Write] = [("retention_rules_changed", ("",))]
        if before.version == 0:
            writes.append(("retention_mark_begin", (before.account_id,)))
        return (
            writes
            + [("retention_floor_reset", (kind, days)) for kind, days in is_.items() if days != was[kind]]
            + [("retention_floor_reset", ("batches", is_["messages"]))]
        )

    async def save(self, before: Rule, changed: Changed, by: By) -> Rule:
        if before.version == 0:
            row = replace(changed.row, version=1)
            return await self.rows.add(row, by=by, keys=("retention marks",), writes=changed.writes)
        return await super().save(before, changed, by)

    def view(self, row: Rule, caller: Principal) -> Retention:
        own = {kind: row.days(kind) for kind in LEAST}
        in_force = DaysInForce(**days_of(self._settings, row))
        return Retention(account_id=row.account_id, **own, in_force=in_force, version=row.version)


class SubaccountRetention(RetentionResource):
    """`/v1/subaccounts/{account_id}/retention`."""

    path, tail, scope, reads, verbs = "/v1/subaccounts", "/retention", "subaccounts", "", (GET, CHANGE)
    operations = ByVerb(get="get_subaccount_retention", change="change_subaccount_retention")
    about = ByVerb(
        get="Get for how long the data of a sub-account is kept.",
        change="Change for how long the data of a sub-account is kept.\n\nThe operator's bounds apply. The change "
        "takes effect at the next round, within a minute. A shorter time deletes older data for good; a longer one "
        "brings nothing back.",
    )

    def __init__(self, rows: Rows[Rule], accounts: Accounts, settings: Settings) -> None:
        super().__init__(rows, accounts.book, settings)
        self._tree = accounts.tree

    async def find(self, caller: Principal, key: str) -> Rule:
        if key == caller.account_id or not self._tree.covers(caller.account_id, key):
            raise Problem("not_found", "Account not found.")
        return await self.rows.find(key) or Rule(account_id=key)


def retention_routes(
    rows: Rows[Rule], accounts: Accounts, settings: Settings, idempotency: Idempotency
) -> Router:
    """The routes."""
    router = routes(RetentionResource(rows, accounts.book, settings), idempotency)
    return routes(SubaccountRetention(rows, accounts, settings), idempotency, router)
