"""The verifications of a restored database: those that were open at the backup end.

Rules kept here:
- a code that was sent before the backup, or may have been sent since, may have been approved since. It must approve
  once, so it approves nothing any more, and no send of it follows;
- they end as if their life were over, with the reason `restored`: the first sweep of a node ends them, with their
  events and figures. A start makes another verification, with another code;
- a message that has such a code (`is_of_one`) cannot be released: it would bring a code that is void;
- repeating this step changes nothing.
"""

from __future__ import annotations

from onesixty.core.clock import Clock
from onesixty.core.message import Message
from onesixty.store.contract import Store
from onesixty.verify.covered import MEMOS
from onesixty.verify.verification import RESTORED


def is_of_one(message: Message) -> bool:
    """Whether a message has the code of a verification."""
    return MEMOS.read(message.origin) is not None


async def end(store: Store, clock: Clock) -> int:
    """End the open verifications. Returns how many. Raises StoreError."""
    ended = await store.execute("verifications_end_at_restore", now=clock.now_ms(), reason=RESTORED)
    return len(ended)
