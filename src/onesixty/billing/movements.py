"""What the ledger tells in the history of a message: what was held, charged and given back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from onesixty.core import money
from onesixty.core.history import CHARGED, PRICED, Entry
from onesixty.core.message import INBOUND, Message
from onesixty.store.contract import Store

#: The movements by the kind of their row (`billing.flat`), in the words of the API.
HOLD: Final = "hold"
REPRICE: Final = "reprice"
SETTLE: Final = "settle"
RELEASE: Final = "release"
ADJUST: Final = "adjust"
#: Of a message that moves no money: test traffic, or a price of 0.
NONE: Final = "none"
MOVEMENTS: Final = (HOLD, REPRICE, SETTLE, RELEASE, ADJUST, NONE)


async def movements(store: Store, message: Message) -> Sequence[Entry]:
    """The movements of the message's own account. Those of the accounts above it are not its business."""
    if message.direction == INBOUND:
        return ()
    found = [
        _entry(str(kind).partition(":")[0], held, charged, str(currency), at)
        for kind, held, charged, currency, at in await store.fetch("ledger_of_message", message_id=message.id)
        if str(kind).partition(":")[0] in MOVEMENTS
    ]
    if not found:
        found = [_entry(NONE, message.price, 0, message.currency, message.created_at)]
    return found


def _entry(movement: str, held: int, charged: int, currency: str, at: int) -> Entry:
    amount = -held if movement == RELEASE else charged or held
    fields = {"type": "priced", "movement": movement, "amount": money.to_text(amount), "currency": currency}
    return Entry(at, PRICED if movement in (HOLD, NONE, REPRICE) else CHARGED, fields)
