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
- each account above the message's own pays too, its own price, by rows of the same kinds behind its level: `@1:hold`
  is the hold of the account directly above;
- test traffic never costs anything: it has no rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, Protocol

from onesixty.core import statuses
from onesixty.core.contracts import Consequences, Write
from onesixty.core.message import Change, Message
from onesixty.core.paid_above import shares_of

ChargeOn = Literal["sent", "delivered"]

_NOTHING: Final[tuple[Write, ...]] = ()


#: The kinds of movements: how often the price is held and charged by each.
_MOVES: Final = {"hold": (1, 0), "settle": (-1, 1), "release": (-1, 0), "adjust": (0, 1)}


class Slices(Protocol):
    """What messages reserved of credit. Implemented by `billing.credit.Credit`."""

    def slice_of(self, message: Message) -> tuple[int, int] | None:
        """The slice that a message has reserved from, and the lease that it needs; None without a limit."""

    def slices_above(self, message: Message) -> Mapping[int, tuple[int, int]]:
        """The same for the accounts above the message's own, by their level, 1 for the nearest; those without a limit
        are missing."""


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
        consequences = self._spent(after, moved) if self._slices is not None and moved else moved
        if after.paid_above is None:
            return consequences
        return self._with_above(change, consequences)

    def _spent(self, after: Message, moved: Sequence[Write]) -> Sequence[Write] | Consequences:
        """The rows of the message's own account. The first one is what was reserved: a hold, or a price that rose."""
        reserved = None if self._slices is None else self._slices.slice_of(after)
        if reserved is None:
            return moved
        (_, row), *others = moved
        return Consequences(writes=tuple(others), guards=(("ledger_spend", (*row, *reserved)),))

    def _with_above(
        self, change: Change, own: Sequence[Write] | Consequences
    ) -> Sequence[Write] | Consequences:
        """The rows of the message's own account, and those of the accounts above it. An account's parent never
        changes, so a level is one account."""
        before, after = change.before, change.after
        if after.test or after.direction != "outbound":
            return own
        kind = None if before is not None and before.status == after.status else self._kind(before, after)
        was = shares_of(None if before is None else before.paid_above)
        slices = {} if self._slices is None else self._slices.slices_above(after)
        writes, guards = (list(own), []) if not isinstance(own, Consequences) else (
            list(own.writes), list(own.guards)
        )  # fmt: skip
        for level, share in enumerate(shares_of(after.paid_above), 1):
            rows: list[tuple[str, int, int]] = []
            if before is not None and was[level - 1].price != share.price:
                rows.append((f"reprice:{after.version}", share.price - was[level - 1].price, 0))
            if kind is not None and share.price:
                held, charged = _MOVES[kind]
                rows.append((kind, held * share.price, charged * share.price))
            for place, (name, held, charged) in enumerate(rows):
                row = (
                    after.id,
                    f"@{level}:{name}",
                    share.account_id,
                    held,
                    charged,
                    share.currency,
                    change.at,
                )
                reserved = slices.get(level) if place == 0 else None
                if reserved is None:
                    writes.append(("ledger_insert", row))
                else:
                    guards.append(("ledger_spend", (*row, *reserved)))
        return Consequences(writes=tuple(writes), guards=tuple(guards)) if guards else writes

    def _moved(self, before: Message | None, after: Message, at: int) -> Sequence[Write]:
        """The ledger movement for a change from one status to another, at the current price of the message."""
        if before is not None and before.status == after.status:
            return _NOTHING
        if after.test or after.price == 0 or after.direction != "outbound":
            return _NOTHING
        kind = self._kind(before, after)
        if kind is None:
            return _NOTHING
        held, charged = _MOVES[kind]
        return (_row(after, kind, held * after.price, charged * after.price, at),)

    def _kind(self, before: Message | None, after: Message) -> str | None:
        """The kind of movement for a change from one status to another."""
        if before is None:
            return "hold"
        if self._charged(after):
            if self._charged(before):
                return None
            return "adjust" if before.status in statuses.TERMINAL else "settle"
        if after.status in statuses.TERMINAL and before.status not in statuses.TERMINAL:
            return "release"
        return None

    def _charged(self, message: Message) -> bool:
        if self._charge_on == "delivered":
            return message.status == statuses.DELIVERED
        return message.sent_at is not None or message.status == statuses.DELIVERED


def _row(message: Message, kind: str, held: int, charged: int, at: int) -> Write:
    return (
        "ledger_insert",
        (message.id, kind, message.account_id, held, charged, message.currency, at),
    )
