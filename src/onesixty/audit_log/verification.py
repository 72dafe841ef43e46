"""Checks the audit log: every chain from its checkpoint to its head, every personal value, and what is not chained.

Rules kept here:
- it holds in every committed state, and runs beside a server: a chain is read up to the head that was read first, and
  read again if retention moved its beginning in the meantime;
- a fault names an entry, or the account if there is no entry to name;
- without the instance secret, signatures are not checked; everything else is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from onesixty.audit_log.chainer import ABOUT, ALTERED, LOST
from onesixty.audit_log.entry import BEGINNING, Entry, chain_hash, digest_of, digests_in, hashed_text, of_row
from onesixty.audit_log.signatures import CHECKPOINT, HEAD, Checkpoint, Head, Signer, holds
from onesixty.store.contract import Store

#: Entries that are read at once.
PAGE: Final = 1000
#: How many faults of one kind are looked for.
MOST: Final = 100
#: How often a chain is read again if its beginning moved.
_TRIES: Final = 5


class Fault(NamedTuple):
    """Something that must not be: the id of an entry or an account, and what is wrong with it."""

    id: str
    what: str


class Verdict(NamedTuple):
    """What a check found. `entries` is how many entries it read, `heads` where each chain ends."""

    entries: int
    heads: Sequence[Head]
    faults: Sequence[Fault]


async def verify(store: Store, signer: Signer | None, *, late_before: int) -> Verdict:
    """Check the whole audit log. An entry from before `late_before` must be chained. Only reads."""
    entries = 0
    heads: list[Head] = []
    faults: list[Fault] = []
    async for head in all_heads(store):
        checked, found = await _account(store, signer, head)
        heads.append(head)
        entries += checked
        faults += found
    faults += [
        Fault(str(row[0]), "the account has chained entries, and no head")
        for row in await store.fetch("audit_headless", most=MOST)
    ]
    faults += [
        Fault(str(row[0]), "the entry is not chained, and will not be")
        for row in await store.fetch("audit_unchained", late_before=late_before, most=MOST)
    ]
    faults += [
        Fault(str(row[0]), "a personal value belongs to no entry")
        for row in await store.fetch("audit_values_lost", most=MOST)
    ]
    for action in (ALTERED, LOST):
        rows = await store.fetch("audit_faults", object=ABOUT, action=action, most=MOST)
        faults += [
            Fault(str(row[0]), f"it says that an entry was {action} before it was chained") for row in rows
        ]
    return Verdict(entries, heads, faults)


async def all_heads(store: Store) -> AsyncIterator[Head]:
    """The heads of all accounts."""
    after = ""
    while True:
        rows = await store.fetch("audit_heads_all", after=after, most=PAGE)
        for row in rows:
            yield Head(**dict(zip(Head.__struct_fields__, row, strict=True)))
        if len(rows) < PAGE:
            return
        after = str(rows[-1][0])


async def head_of(store: Store, account_id: str) -> Head | None:
    """The head of an account's chain; None if nothing is chained yet."""
    rows = await store.fetch("audit_heads_of", account_ids=[account_id])
    return Head(**dict(zip(Head.__struct_fields__, rows[0], strict=True))) if rows else None


async def end_of(store: Store, account_id: str) -> Head:
    """The end of an account's chain; an empty one if nothing is chained yet."""
    head = await head_of(store, account_id)
    return head or Head(account_id=account_id, count=0, hash="", chained_at=0)


async def checkpoint_of(store: Store, account_id: str) -> Checkpoint | None:
    """Where an account's chain begins; None if nothing was removed."""
    rows = await store.fetch("audit_checkpoint_of", account_id=account_id)
    return Checkpoint(**dict(zip(Checkpoint.__struct_fields__, rows[0], strict=True))) if rows else None


async def _account(store: Store, signer: Signer | None, head: Head) -> tuple[int, list[Fault]]:
    """Check one chain, again if its beginning moves."""
    for remaining in reversed(range(_TRIES)):
        checkpoint = await checkpoint_of(store, head.account_id)
        entries, faults = await _chain(store, signer, head, checkpoint)
        moved = await checkpoint_of(store, head.account_id)
        if not faults or moved == checkpoint or not remaining:
            break
    later = await head_of(store, head.account_id)
    if later is None:
        return entries, [*faults, Fault(head.account_id, "the head of the account is gone")]
    beyond = await store.fetch("audit_chain", account_id=head.account_id, above=later.count, most=1)
    latest = await head_of(store, head.account_id)
    if beyond and latest == later:
        faults.append(Fault(str(beyond[0][0]), "the entry stands after the end of its chain"))
    return entries, faults


async def _chain(
    store: Store, signer: Signer | None, head: Head, checkpoint: Checkpoint | None
) -> tuple[int, list[Fault]]:
    faults: list[Fault] = []
    position, previous = 0, BEGINNING
    if signer is not None and not holds(signer, head.signed, head.signature, HEAD):
        faults.append(Fault(head.account_id, "the head of the chain was not signed by this installation"))
    if checkpoint is not None:
        position, previous = checkpoint.count, checkpoint.hash
        if signer is not None and not holds(signer, checkpoint.signed, checkpoint.signature, CHECKPOINT):
            faults.append(Fault(head.account_id, "the checkpoint was not signed by this installation"))
    read = 0
    while position < head.count:
        rows = await store.fetch("audit_chain", account_id=head.account_id, above=position, most=PAGE)
        entries = [entry for entry in map(of_row, rows) if (entry.sequence or 0) <= head.count]
        if not entries:
            break
        faults += await _values(store, entries)
        for entry in entries:
            fault = _fault(entry, position, previous)
            if fault is not None:
                faults.append(Fault(entry.id, fault))
                if len(faults) >= MOST:
                    return read, faults
            position, previous = entry.sequence or 0, entry.hash or BEGINNING
            read += 1
    if position != head.count or previous != head.hash:
        faults.append(
            Fault(
                head.account_id,
                f"the chain ends at entry {position}, and its head says that there are {head.count}"
                if position != head.count
                else "the last entry has another hash than the head of the chain",
            )
        )
    return read, faults


def _fault(entry: Entry, position: int, previous: str) -> str | None:
    """What is wrong with an entry that follows on `position` with the hash `previous`."""
    sequence = entry.sequence or 0
    if sequence != position + 1:
        return f"entries are missing between {position} and {sequence}"
    if entry.previous != previous:
        return "the entry does not follow on the one before it"
    if entry.hash != chain_hash(previous, hashed_text(entry, sequence)):
        return "the entry was changed"
    return None


async def _values(store: Store, entries: Sequence[Entry]) -> list[Fault]:
    """Check the personal values of entries that are still known."""
    rows = await store.fetch("audit_values_of", entry_ids=[entry.id for entry in entries])
    digests = {entry.id: digests_in(entry) for entry in entries} if rows else {}
    return [
        Fault(str(entry_id), "a personal value of the entry was changed")
        for entry_id, digest, _, salt, value in rows
        if digest not in digests[entry_id] or digest_of(salt, value) != digest
    ]
