"""The audit log of an account as CSV or JSON Lines, in the order of its chain, with its count and last hash.

Rules kept here:
- a line of JSON also has the text that was hashed (`hashed`) and the salts of personal values, so that who has the
  file can verify it without onesixty: the hash of a line is SHA-256 over `previous`, a line feed and `hashed`;
- the last line says how many entries there were, and the last hash. Kept elsewhere, it shows later that nothing was
  cut off. With filters, lines are missing, and the last line says the same;
- what a caller may not see of an entry is not in the file, and its salt is not: its digest alone tells nothing;
- a page is read, written and forgotten, so the length of a log does not matter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from onesixty.audit_log.entry import Entry, hashed_text, of_row
from onesixty.audit_log.reading import Filters, Reading, hidden, view
from onesixty.audit_log.signatures import Checkpoint, Head
from onesixty.audit_log.verification import checkpoint_of, end_of
from onesixty.core import times
from onesixty.http.exports import PAGE, Table, json_lines
from onesixty.http.scopes import Principal
from onesixty.store.contract import Store

#: The last row of a CSV file has `head` as its id.
TABLE: Final = Table(
    "audit_log",
    (
        *("sequence", "id", "created_at", "account_id", "actor", "home", "address", "request_id", "action"),
        *("object", "object_id", "mode", "reason", "before", "after", "details", "redacted", "previous"),
        "hash",
    ),
)
HEAD: Final = "head"


class Export:
    """Exports of logs."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store = store
        self._reading = reading

    async def json_lines(self, account_id: str, filters: Filters, caller: Principal) -> AsyncIterator[bytes]:
        """A log as JSON Lines."""
        head, checkpoint = await self._ends(account_id)
        async for page in self._pages(head, checkpoint, filters):
            values = await self._reading.values(page)
            yield json_lines(_line(entry, values.get(entry.id, {}), caller) for entry in page)
        yield json_lines([{HEAD: head_view(head, checkpoint)}])

    async def csv(self, account_id: str, filters: Filters, caller: Principal) -> AsyncIterator[bytes]:
        """A log as CSV."""
        head, checkpoint = await self._ends(account_id)
        yield TABLE.head().encode()
        async for page in self._pages(head, checkpoint, filters):
            values = await self._reading.values(page)
            yield TABLE.csv(view(entry, values.get(entry.id, {}), caller) for entry in page).encode()
        yield csv_end(account_id, head.count, head.hash).encode()

    async def _ends(self, account_id: str) -> tuple[Head, Checkpoint | None]:
        """The end and the beginning of an account's chain."""
        checkpoint = await checkpoint_of(self._store, account_id)
        return await end_of(self._store, account_id), checkpoint

    async def _pages(
        self, head: Head, checkpoint: Checkpoint | None, filters: Filters
    ) -> AsyncIterator[Sequence[Entry]]:
        above = 0 if checkpoint is None else checkpoint.count
        while above < head.count:
            rows = await self._store.fetch("audit_chain", account_id=head.account_id, above=above, most=PAGE)
            entries = [entry for entry in map(of_row, rows) if (entry.sequence or 0) <= head.count]
            if not entries:
                return
            above = entries[-1].sequence or head.count
            found = [entry for entry in entries if filters.passes(entry)]
            if found:
                yield found


def head_view(head: Head, checkpoint: Checkpoint | None) -> dict[str, Any]:
    """The end and the beginning of a chain, as answers and exports show them."""
    return {
        "account_id": head.account_id,
        "count": head.count,
        "hash": head.hash or None,
        "chained_at": times.to_text(head.chained_at) if head.chained_at else None,
        "signature": head.signature or None,
        "removed": 0 if checkpoint is None else checkpoint.count,
        "removed_hash": None if checkpoint is None else checkpoint.hash,
        "removed_until": None if checkpoint is None else times.to_text(checkpoint.until),
    }


def _line(entry: Entry, values: dict[str, tuple[str, str]], caller: Principal) -> dict[str, Any]:
    line: dict[str, Any] = msgspec.to_builtins(view(entry, values, caller))
    away = hidden(entry, caller)
    line["hashed"] = hashed_text(entry, entry.sequence or 0)
    line["personal"] = {
        digest: {"salt": salt, "value": value}
        for digest, (salt, value) in values.items()
        if digest not in away
    }
    return line


def csv_end(account_id: str, count: int, last: str) -> str:
    """The last line: how many entries there are, and the last hash."""
    return TABLE.csv([{"id": HEAD, "sequence": count, "account_id": account_id, "hash": last}])
