"""The flat price and its ledger: held at acceptance, settled with the status, in the same transaction.

Rules kept here (docs/explanation/promises.md, 5):
- a message has at most one row of each kind: `hold` at acceptance, then `settle` or `release`, later perhaps
  `adjust`; the key (message, kind) makes a second one impossible;
- a waiting message that is edited, or released, is priced again: a row `reprice:` with its
  version holds the difference;
- money is charged when a carrier took the message (`charge_on` sent, the default) or when it was delivered; the hold
  of a message that no carrier took is released;
- a late DELIVRD is charged by an `adjust` row if the hold was released before;
- what a message reserved of its account's credit names the slice that it came from, and guards the unit
  (billing/credit.py);
- test traffic never costs anything: it has no rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

from onesixty.core import statuses
from onesixty.core.contracts import Consequences, Write
from onesixty.core.message import Change, Message

ChargeOn = Literal["sent", "delivered"]

_NOTHING: Final[tuple[Write, ...]] = ()


class Slices(Protocol):
    """What messages reserved of credit. Implemented by `billing.credit.Credit`."""

    def slice_of(self, message: Message) -> tuple[int, int] | None:
        """The slice that a message has reserved from, and the lease that it needs; None without a limit."""


class LedgerEffect:
    """The effect that writes the ledger rows of a change. A row is (message, kind, account, held, charged, ...)."""

    def __init__(self, charge_on: ChargeOn = "sent", slices: Slices | None = None) -> None:
        self._charge_on = charge_on
        self._slices = slices

    def __call__(self, change: Change) -> Sequence[Write] | Consequences:
        before, after = change.before, change.after
        moved = self._moved(before, after, change.at)
        if before is not None and before.price != after.price and not after.test:
            repriced = _row(after, f"reprice:{after.version}", after.price - before.price, 0, change.at)
            moved = (repriced, *moved)
        if self._slices is not None and moved:
            reserved = self._slices.slice_of(after)
            if reserved is not None:
                return _spent(moved, reserved)
        return moved

    def _moved(self, before: Message | None, after: Message, at: int) -> Sequence[Write]:
        """The ledger movement for a change from one status to another, at the current price of the message."""
        if before is not None and before.status == after.status:
            return _NOTHING
        if after.test or after.price == 0 or after.direction != "outbound":
            return _NOTHING
        if before is None:
            return (_row(after, "hold", after.price, 0, at),)
        charged_before = self._charged(before)
        if self._charged(after):
            if charged_before:
                return _NOTHING
            if before.status in statuses.TERMINAL:
                return (_row(after, "adjust", 0, after.price, at),)
            return (_row(after, "settle", -after.price, after.price, at),)
        if after.status in statuses.TERMINAL and before.status not in statuses.TERMINAL:
            return (_row(after, "release", -after.price, 0, at),)
        return _NOTHING

    def _charged(self, message: Message) -> bool:
        if self._charge_on == "delivered":
            return message.status == statuses.DELIVERED
        return message.sent_at is not None or message.status == statuses.DELIVERED


def _spent(rows: Sequence[Write], reserved: tuple[int, int]) -> Consequences:
    """The first row is what was reserved: a hold, or a price that rose."""
    (_, row), *others = rows
    return Consequences(writes=tuple(others), guards=(("ledger_spend", (*row, *reserved)),))


def _row(message: Message, kind: str, held: int, charged: int, at: int) -> Write:
    return (
        "ledger_insert",
        (message.id, kind, message.account_id, held, charged, message.currency, at),
    )
