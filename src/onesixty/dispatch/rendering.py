"""Renders a message for one hop: all of its segments, or the rest of them.

Rules kept here (docs/reference/text.md):
- test traffic is rendered for simulated carriers only, whatever routing decided (promise 9);
- a message in several segments has one reference for all of them, and a new one for each carrier that gets it;
- the hop says which sender is used;
- a covered message (`core.covered`) is rendered with its real characters, which its row does not have;
- a message of which a carrier took some segments continues with the rest under its reference and its sender. If the
  carrier's settings have changed so that it would cut the message differently, it cannot continue, and refuses.
"""

from __future__ import annotations

from onesixty.core.contracts import Carrier, Refusal
from onesixty.core.covered import Revealer, Unrevealable
from onesixty.core.hop import Hop
from onesixty.dispatch.lane import Item
from onesixty.dispatch.references import References


def render(
    carrier: Carrier, hop: Hop, item: Item, references: References, revealer: Revealer
) -> Refusal | None:
    """Render the item for this carrier, as the hop to it says. Returns the reason if the carrier cannot carry it."""
    message, rest = item.message, item.rest
    if message.test and not carrier.simulated:
        return Refusal("carrier_cannot_carry", "Test traffic can use only simulated carriers.")
    try:
        revealed = revealer.reveal(message)
    except Unrevealable as error:
        return Refusal("bad_message", str(error))
    item.revealed = None if revealed is message else revealed
    message = revealed
    item.carrier, item.hop = carrier, hop
    if rest is not None:
        rendered = carrier.render(message, rest.sender or message.sender, rest.reference)
        if isinstance(rendered, Refusal):
            return rendered
        if rendered.units != rest.segments:
            return Refusal("carrier_cannot_carry", "The carrier would now split the message differently.")
        item.concat_reference, item.rendered, item.pending = rest.reference, rendered, list(rest.pending)
        return None
    sender = hop.sender or message.sender
    if message.segments > 1:
        item.concat_reference = references.next(sender, message.recipient)
    rendered = carrier.render(message, sender, item.concat_reference)
    if not isinstance(rendered, Refusal) and message.segments == 1 < rendered.units:
        # Priced as one segment, but this carrier's alphabet or octets need several.
        item.concat_reference = references.next(sender, message.recipient)
        rendered = carrier.render(message, sender, item.concat_reference)
    if isinstance(rendered, Refusal):
        return rendered
    item.rendered = rendered
    item.pending = list(range(rendered.units))
    return None
