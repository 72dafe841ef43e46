"""Chains new entries: gives each its place in its account's chain, the hash before it, and its own.

Rules kept here:
- an account's chain has no gaps and grows only at its end. The head is the guard: of two nodes that chain at the
  same time, one loses and looks again. So no lease is needed, and a node that dies leaves its entries to the others;
- entries are chained in the order of their commits, a moment after them. What two nodes committed at the same time
  has no order of its own, and gets one here;
- `audit_pending` says which entries there must be, and what they were. An entry that was changed or is gone before
  it is chained leaves an entry of its own (`audit_entry` `altered`, `lost`), so that it stays known;
- the head is signed, and written to the log of the node, so that it stands apart from the chain;
- a node looks at once after it wrote entries itself, and for those of other nodes now and then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from onesixty.audit_log.entry import BEGINNING, Entry, chain_hash, hashed_text, of_row
from onesixty.audit_log.recording import entry_row
from onesixty.audit_log.signatures import ENTRY, Head, Signer, signed_head
from onesixty.core import ids
from onesixty.core.actor import ONESIXTY
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.kit.observer import Observer
from onesixty.sealing.keyring import UnknownKey
from onesixty.store.contract import Row, Store
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError, Unit

#: Seconds between two looks of a node at whether it wrote entries, and at those of other nodes.
INTERVAL: Final = 0.5
OTHERS_EVERY: Final = 5.0
#: Entries for one look.
PAGE: Final = 200
#: Looks in a row that may lose against another node.
TRIES: Final = 20

#: What `object` and `action` say of an entry about a fault.
ABOUT: Final = "audit_entry"
ALTERED: Final = "altered"
LOST: Final = "lost"


class Waiting(msgspec.Struct, frozen=True):
    """A row of `audit_pending`, and its entry if that is still there."""

    place: int
    id: str
    account_id: str
    at: int
    witness: str
    entry: Entry | None


class _Chained(NamedTuple):
    """What chains an account's entries: the unit, the head after it, how many entries, and those about faults."""

    unit: Unit
    head: Head
    entries: int
    faults: list[Entry]


class Chainer:
    """Chains entries in `rounds`."""

    def __init__(
        self, store: Store, clock: Clock, id_source: IdSource, signer: Signer, observer: Observer
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = id_source
        self._signer = signer
        self._observer = observer
        self._wrote = True
        self._looked_at = -float("inf")
        self._log = structlog.get_logger("onesixty.audit_log")
        self.rounds = Rounds(store, "audit_log", INTERVAL, self.look)
        store.subscribe("audit_pending_insert", self._written)

    def _written(self, _rows: list[Row]) -> None:
        self._wrote = True

    async def look(self) -> None:
        """Chain what waits, if it is time. Raises StoreError."""
        now = self._clock.monotonic()
        if not self._wrote and now - self._looked_at < OTHERS_EVERY:
            return
        self._wrote, self._looked_at = False, now
        try:
            await self.chain()
        except BaseException:
            self._wrote = True
            raise

    async def chain(self) -> int:
        """Chain all that waits. Returns how many entries. Raises StoreError."""
        done = lost = 0
        while lost < TRIES:
            waiting = [_waiting(row) for row in await self._store.fetch("audit_pending_page", count=PAGE)]
            chained = await self._chained(waiting) if waiting else []
            if not chained:
                return done
            results = await self._store.commit([each.unit for each in chained])
            won = 0
            for each, result in zip(chained, results, strict=True):
                if isinstance(result, StoreError):
                    raise result
                if result:
                    won += each.entries
                    self._tell(each)
            done += won
            lost += not won
            if len(waiting) < PAGE and all(results):
                return done
        self._wrote = True  # others are faster: look again in the next round
        return done

    async def _chained(self, waiting: Sequence[Waiting]) -> list[_Chained]:
        """What chains the entries that wait, account by account."""
        by_account: dict[str, list[Waiting]] = {}
        for row in waiting:
            by_account.setdefault(row.account_id, []).append(row)
        found = await self._store.fetch("audit_heads_of", account_ids=list(by_account))
        heads = {row[0]: Head(**dict(zip(Head.__struct_fields__, row, strict=True))) for row in found}
        chained = []
        for id_, rows in by_account.items():
            try:
                chained.append(self._account(id_, rows, heads.get(id_)))
            except (
                UnknownKey
            ) as error:  # another node signed it: this one leaves it to those that know the key
                self._log.warning("audit_log_waits_for_key", account=id_, reason=str(error))
        return chained

    def _account(self, account_id: str, rows: Sequence[Waiting], head: Head | None) -> _Chained:
        count, previous = (0, BEGINNING) if head is None else (head.count, head.hash)
        guards: list[Write] = []
        writes: list[Write] = []
        faults: list[Entry] = []
        for row in rows:
            guards.append(("audit_pending_take", (row.place, row.id)))
            if row.entry is None:
                faults.append(self._fault(account_id, row.id, LOST))
                continue
            if not self._signer.verify(hashed_text(row.entry, 0).encode(), row.witness, ENTRY):
                faults.append(self._fault(account_id, row.id, ALTERED))
            count += 1
            hash_ = chain_hash(previous, hashed_text(row.entry, count))
            guards.append(("audit_entry_chain", (row.id, count, previous, hash_)))
            previous = hash_
        for place, fault in enumerate(faults):
            count += 1
            hash_ = chain_hash(previous, hashed_text(fault, count))
            faults[place] = msgspec.structs.replace(fault, sequence=count, previous=previous, hash=hash_)
            writes.append(("audit_entry_insert", entry_row(faults[place])))
            previous = hash_
        after = signed_head(
            Head(account_id=account_id, count=count, hash=previous, chained_at=self._clock.now_ms()),
            self._signer,
        )
        ended = (after.count, after.hash, after.chained_at, after.signature)
        if head is None:
            guards.append(("audit_head_begin", (account_id, *ended)))
        else:
            guards.append(("audit_head_move", (account_id, head.count, head.hash, *ended)))
        unit = Unit((f"audit {account_id}",), tuple(guards), tuple(writes))
        return _Chained(unit, after, count - (0 if head is None else head.count), faults)

    def _fault(self, account_id: str, entry_id: str, action: str) -> Entry:
        return Entry(
            id=self._ids.new(ids.AUDIT_ENTRY),
            account_id=account_id,
            at=self._clock.now_ms(),
            actor=ONESIXTY.text,
            home=None,
            address=None,
            request_id="",
            action=action,
            object=ABOUT,
            object_id=entry_id,
            test=None,
            reason=None,
            changes="{}",
        )

    def _tell(self, chained: _Chained) -> None:
        head = chained.head
        self._observer.audit_entries(chained.entries)
        self._log.info("audit_log_chained", account=head.account_id, count=head.count, hash=head.hash)
        for fault in chained.faults:
            self._observer.audit_fault(fault.action)
            self._log.error(f"audit_log_entry_{fault.action}", account=head.account_id, entry=fault.object_id)


def _waiting(row: tuple[Any, ...]) -> Waiting:
    own, entry = row[:5], row[5:]
    place, id_, account_id, at, witness = own
    return Waiting(place, id_, account_id, at, witness, None if entry[0] is None else of_row(entry))
