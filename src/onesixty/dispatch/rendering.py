"""From a message to what one carrier gets of it: all of its segments, or the rest of them.

Rules kept here (docs/reference/text.md):
- test traffic is rendered for simulated carriers only, whatever routing has said (promise 9);
- a message in several segments has one reference for all of them, new for each carrier that gets it;
- what a carrier took a part of goes on with the rest under its reference; a carrier whose settings have changed
  so that it would cut the message otherwise cannot go on, and refuses.
"""

from __future__ import annotations

from onesixty.core.contracts import Carrier, Refusal
from onesixty.dispatch.lane import Item
from onesixty.dispatch.references import References


def render(carrier: Carrier, item: Item, references: References) -> Refusal | None:
    """Set what the item hands to this carrier, or tell why the carrier cannot carry it."""
    message, rest = item.message, item.rest
    if message.test and not carrier.simulated:
        return Refusal("carrier_cannot_carry", "Test traffic can use only simulated carriers.")
    if rest is not None:
        rendered = carrier.render(message, rest.reference)
        if isinstance(rendered, Refusal):
            return rendered
        if len(rendered.payloads) != rest.segments:
            return Refusal("carrier_cannot_carry", "The carrier would now split the message differently.")
        item.concat_reference, item.rendered, item.pending = rest.reference, rendered, list(rest.pending)
        return None
    if message.segments > 1:
        item.concat_reference = references.next(message.sender, message.recipient)
    rendered = carrier.render(message, item.concat_reference)
    if not isinstance(rendered, Refusal) and message.segments == 1 < len(rendered.payloads):
        # Priced as one segment, but this carrier's alphabet or octets make more of it.
        item.concat_reference = references.next(message.sender, message.recipient)
        rendered = carrier.render(message, item.concat_reference)
    if isinstance(rendered, Refusal):
        return rendered
    item.rendered = rendered
    item.pending = list(range(len(rendered.payloads)))
    return None
