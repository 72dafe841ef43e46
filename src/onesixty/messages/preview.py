"""What a send would do, without doing it: the message it would make or the refusal it would meet, and the bill.

Rules kept here:
- intake itself judges, so that a preview always agrees with the send;
- nothing is kept: no place in a lane, no row, no id that a caller sees;
- a refused order is described as far as possible: a text that is too long still shows its segments.
"""

from __future__ import annotations

import msgspec

from onesixty import numbers, text
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.messages.intake import Intake
from onesixty.messages.orders import SendOrder


class Preview(msgspec.Struct, kw_only=True):
    """Exactly one of `message` and `refusal` is set. `costs` is None without a text, or for a
    text that cannot be encoded."""

    message: Message | None
    refusal: Problem | None
    costs: text.Costs | None
    number: numbers.Lookup


async def preview(order: SendOrder, intake: Intake) -> Preview:
    """Judge the order as a send would judge it now."""
    draft = await intake.foresee(order)
    return Preview(
        message=draft.message if draft.refusal is None else None,
        refusal=draft.refusal,
        costs=_costs(order),
        number=numbers.look_up(order.recipient),
    )


def _costs(order: SendOrder) -> text.Costs | None:
    if order.binary is not None or not order.text:
        return None
    try:
        return text.costs(order.text, order.encoding, order.language)  # type: ignore[arg-type]
    except (text.NotInAlphabet, text.UnknownLanguage):
        pass  # then show the costs in the encoding that fits
    except text.TextError:
        return None
    try:
        return text.costs(order.text)
    except text.TextError:
        return None
