"""`/v1/adjustments`: top-ups and corrections of accounts' balances, booked by operators.

Rules kept here:
- an adjustment is booked once and never changes; a wrong one is corrected by another;
- its ledger row, and the change of what the account may spend, are written in its transaction;
- a key sees the adjustments of its own account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

from msgspec import Meta

from onesixty.accounts import Account
from onesixty.accounts.reach import SCOPE, AccountFilter, AccountQuery, account_for
from onesixty.billing.tables import Adjustment
from onesixty.core import ids, money
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.http.exports import ExportQuery, Table, columns_of
from onesixty.http.resource import GET, LIST, MAKE, ByVerb, Made, Resource
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Time, shown_fields
from onesixty.store.rows import Rows

#: The largest amount of an adjustment, in micro-units.
MOST: Final = 1_000_000_000 * money.MICRO

_Amount = Annotated[
    str,
    Meta(
        max_length=20,
        description="A decimal string. A negative amount takes from the balance.",
        examples=["100.00"],
    ),
]


class NewAdjustment(Body):
    """An amount to book on the balance of an account."""

    account_id: Annotated[str, Meta(min_length=1, max_length=40, description="The account.")]
    amount: _Amount
    currency: Annotated[
        str,
        Meta(pattern="^[A-Z]{3}$", description="ISO 4217: the currency of the account.", examples=["EUR"]),
    ]
    reason: Annotated[str, Meta(min_length=1, max_length=200, description="Why, in words.")]
    reference: (
        Annotated[str, Meta(min_length=1, max_length=100, description="The number of a payment or invoice.")]
        | None
    ) = None


class AdjustmentView(Answer):
    """A booked amount."""

    id: str
    account_id: str
    amount: _Amount
    currency: Annotated[str, Meta(description="ISO 4217.")]
    reason: str
    reference: str | None
    made_by: Annotated[str, Meta(description="The id of the key or user that booked it.")]
    created_at: Time


class AdjustmentQuery(AccountQuery):
    """The query of `GET /v1/adjustments`."""

    kind = ids.ADJUSTMENT


class AdjustmentExport(ExportQuery, AccountFilter):
    """The query of an export."""

    kind = ids.ADJUSTMENT


#: What an export has.
TABLE: Final = Table("adjustments", columns_of(AdjustmentView))


class Adjustments(Resource[Adjustment, NewAdjustment, Body, AdjustmentView]):
    """`/v1/adjustments`."""

    path, tag, one, many, scope, reads = (
        "/v1/adjustments", "accounts", "adjustment", "adjustments", SCOPE, "account:read"
    )  # fmt: skip
    verbs = (MAKE, LIST, GET)
    new, fields, shown, query = NewAdjustment, Body, AdjustmentView, AdjustmentQuery
    list_name = "AdjustmentList"
    about = ByVerb(
        make="Book an adjustment: a top-up or a correction of an account's balance.\n\nIt can be spent at once. "
        "Send an `Idempotency-Key`, so that a repeated request books nothing twice. An adjustment cannot be "
        "changed: book another one to correct it.",
        list="List adjustments, newest first.\n\nOther accounts need the scope `accounts`.",
    )

    def __init__(
        self, rows: Rows[Adjustment], book: Mapping[str, Account], booked: Callable[[str], None]
    ) -> None:
        """`booked` is called with the account of each adjustment that this process booked."""
        super().__init__(rows)
        self._book = book
        rows.on_written(self._written)
        self._booked = booked

    def reach(self, caller: Principal) -> Reach:
        return Reach(None if caller.operates(SCOPE) else caller.account_id)

    async def page(
        self, caller: Principal, query: AdjustmentQuery
    ) -> tuple[Sequence[Adjustment], str | None]:
        account_id = account_for(caller, query.account_id, self._book, "invalid_parameter")
        return await self.rows.page(query.limit, query.after, Reach(account_id))

    async def made(self, body: NewAdjustment, caller: Principal) -> Made:
        account = self._book.get(body.account_id)
        if account is None:
            raise Problem("invalid_field", "Unknown account.", param="account_id")
        if body.currency != account.currency:
            raise Problem(
                "invalid_field", f"The currency of the account is {account.currency}.", param="currency"
            )
        row = Adjustment(
            id=self.rows.new_id(),
            account_id=account.id,
            amount=_micros(body.amount),
            currency=account.currency,
            reason=body.reason,
            reference=body.reference,
            made_by=caller.actor.who,
            created_at=self.rows.now(),
        )
        booked = ("ledger_book", (row.id, row.account_id, row.amount, row.currency, row.created_at))
        return Made(
            row, writes=(booked, ("credit_add", (row.account_id, row.amount))), keys=(row.account_id,)
        )

    def view(self, row: Adjustment, caller: Principal) -> AdjustmentView:
        return AdjustmentView(**shown_fields(AdjustmentView, row) | {"amount": money.to_text(row.amount)})

    async def _written(self, before: Adjustment | None, after: Adjustment | None) -> None:
        if after is not None:
            self._booked(after.account_id)


def _micros(amount: str) -> int:
    try:
        micros = money.from_text(amount)
    except ValueError:
        micros = 0
    if micros == 0 or abs(micros) > MOST:
        detail = f"`amount` must be an amount other than 0, up to {MOST // money.MICRO}."
        raise Problem("invalid_field", detail, param="amount")
    return micros
