"""A row of work in memory, and the writes that claim it and give it back."""

from __future__ import annotations

from typing import Any

import msgspec

from onesixty.core.contracts import Write


class Item(msgspec.Struct):
    """A row of `work` that this process has claimed: the columns of `work_waiting`, in their order.

    `lane` names the receiver: each lane is isolated from all others. `subject` is the id of what the work is about:
    an event, a message, an alert, a job. The sink defines what `kind`, `target`, `body` and `addresses` mean.
    `addresses` is a separate column because redaction removes it. `content` is what the sink keeps with it in memory.
    """

    id: str
    lane: str
    account_id: str
    subject: str
    kind: str | None
    target: str | None
    body: str | None
    addresses: str | None
    tries: int
    claim: int
    expires_at: int
    content: Any = None


def claim(item: Item) -> Write:
    """A guard that claims the row. It is lost if another process took it."""
    return "work_claim", (item.id, item.claim)


def release(item: Item) -> Write:
    """Give a claimed row back."""
    return "work_release", (item.id, item.claim)


def done(item: Item, status: str, at: int, code: int | None, error: str | None) -> Write:
    """End the work as `delivered` or `failed`."""
    return "work_done", (item.id, item.claim, status, item.tries, at, code, error)


def forget(item: Item) -> Write:
    """Delete the row: the work is done, and no later read needs it."""
    return "work_forget", (item.id, item.claim)


def retry(item: Item, due_at: int, code: int | None, error: str | None) -> Write:
    """Plan the next attempt at `due_at`, after a failed one."""
    return "work_retry", (item.id, item.claim, item.tries, due_at, code, error)
