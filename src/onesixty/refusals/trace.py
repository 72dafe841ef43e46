"""Takes refusals from the doors and writes a bounded number of them, in batches and apart from the request.

Rules kept here (docs/decisions/0090-refusals.md):
- a refusal costs its request no write: it is kept in memory, and written with others a second later;
- a node writes at most `PER_WRITE` rows a second, however many requests it refuses;
- per account, door and code, a burst of `BURST` refusals is kept, then `PER_SECOND` a second. The rest is counted,
  and one row a minute holds the count;
- per account and mode, the newest `kept` rows are kept;
- a crash loses the refusals in memory; a stop writes them, and an unavailable database is waited for.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Final

import msgspec
import structlog

from onesixty import numbers
from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.kit.observer import Observer
from onesixty.refusals.refusal import Refusal, insert_row
from onesixty.store.contract import Store
from onesixty.store.unanswered import one_in_time
from onesixty.store.units import StoreError, Unit

#: Seconds between two writes, and the rows per write.
INTERVAL: Final = 1.0
PER_WRITE: Final = 200
#: Refusals of one account, door and code that are kept each: the burst, and the rate a second after it.
BURST: Final = 1000
PER_SECOND: Final = 1.0
#: Seconds between two rows that hold a count, and between two checks for rows beyond `kept`.
SUMMARY: Final = 60.0
#: Limits of memory: refusals that wait to be written, and groups of account, door and code.
MOST_WAITING: Final = 10_000
MOST_GROUPS: Final = 2_000
#: Characters kept of a value that a caller wrote.
LONGEST: Final = 200
LONGEST_DETAIL: Final = 500

#: The tenant, the door and the code.
_Key = tuple[Tenant, str, str]


class _Group:
    """The refusals of one tenant, door and code: a token bucket that limits how many are kept, the last refusal
    kept, and the number not kept since the last summary.
    """

    __slots__ = ("at", "beyond", "last", "tokens")

    def __init__(self, at: float) -> None:
        self.tokens = float(BURST)
        self.at = at
        self.last: Refusal | None = None
        self.beyond = 0

    def take(self, now: float) -> bool:
        self.tokens = min(BURST, self.tokens + (now - self.at) * PER_SECOND)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Trace:
    """The trace of refusals. Doors call `wants`, and then `keep`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        new_id: Callable[[str], str],
        observer: Observer,
        *,
        kept: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`kept` is how many rows are kept per account and mode; 0 only counts."""
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._observer = observer
        self._kept = kept
        self._sleep = sleep
        self._waiting: deque[Refusal] = deque()
        self._groups: OrderedDict[_Key, _Group] = OrderedDict()
        self._written: set[Tenant] = set()
        self._summed_at = clock.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("onesixty.refusals")

    def wants(self, tenant: Tenant | None, door: str, code: str) -> bool:
        """Count a refusal. Returns whether it should be kept, with `keep`. Cheap, because a flood of refusals calls
        only this.

        A refusal without a tenant is only counted.
        """
        self._observer.refusal(door, code)
        if tenant is None or not self._kept:
            return False
        group = self._group((tenant, door, code))
        if len(self._waiting) < MOST_WAITING and group.take(self._clock.monotonic()):
            return True
        group.beyond += 1
        self._observer.refusals_not_kept(1)
        return False

    def keep(
        self,
        problem: Problem,
        *,
        tenant: Tenant,
        door: str,
        operation: str,
        request_id: str,
        caller: str,
        answer: str,
        rule: str,
        sender: str | None = None,
        recipient: str | None = None,
        param: str | None = None,
    ) -> None:
        """Keep a refusal that `wants` accepted. `rule` is used if the problem names none; `param` replaces the
        problem's.
        """
        refusal = Refusal(
            id=self._new_id(ids.REFUSAL),
            account_id=tenant.account_id,
            test=tenant.test,
            door=door,
            operation=operation,
            request_id=request_id,
            caller=caller,
            answer=answer,
            code=problem.code,
            param=_clean(param or problem.param),
            rule=problem.rule or rule,
            detail=_clean(problem.detail, LONGEST_DETAIL),
            sender=_address(sender),
            recipient=_address(recipient),
        )
        self._group((tenant, door, problem.code)).last = refusal
        self._waiting.append(refusal)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write_until_done())

    def forget(self, tenant: Tenant, number: str, at: int) -> None:
        """Redact a number in refusals that are not written yet."""
        self._waiting = deque(
            msgspec.structs.replace(one, recipient=None, detail=None, redacted_at=at)
            if (one.tenant, one.recipient) == (tenant, number)
            else one
            for one in self._waiting
        )

    async def stop(self) -> None:
        """Write the waiting refusals, as far as the database accepts them now."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._sum_up()
        while self._waiting and await self._write():
            pass

    # ------------------------------------------------------------ bounds

    def _group(self, key: _Key) -> _Group:
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(self._clock.monotonic())
            while len(self._groups) > MOST_GROUPS:
                self._groups.popitem(last=False)
        return group

    def _sum_up(self) -> None:
        """One row per group in which refusals were not kept: a copy of the last one kept, with the count."""
        self._summed_at = self._clock.monotonic()
        for group in self._groups.values():
            if group.beyond and group.last is not None:
                id_ = self._new_id(ids.REFUSAL)
                alike = {"id": id_, "param": None, "detail": None, "sender": None, "recipient": None}
                self._waiting.append(msgspec.structs.replace(group.last, **alike, count=group.beyond))
            group.beyond = 0

    # ------------------------------------------------------------ writing

    async def _write_until_done(self) -> None:
        try:
            while self._waiting or any(group.beyond for group in self._groups.values()):
                await self._sleep(INTERVAL)
                if self._clock.monotonic() - self._summed_at >= SUMMARY:
                    self._sum_up()
                    await self._trim()
                await self._write()
        except Exception:
            self._log.exception("refusals_failed")
        finally:
            self._task = None

    async def _write(self) -> bool:
        """Write the oldest refusals. False if the database does not accept them now."""
        rows = list(islice(self._waiting, PER_WRITE))
        if not rows or not self._store.healthy:
            return not rows
        writes = tuple(("refusal_insert", insert_row(one)) for one in rows)
        result = await one_in_time(self._store.commit([Unit(keys=("refusals",), writes=writes)]))
        if isinstance(result, StoreError) and result.retryable:
            return False
        left = [self._waiting.popleft() for _ in rows]  # new refusals are appended in the meantime
        if result is not True:
            self._observer.refusals_not_kept(len(rows))
            self._log.warning("refusals_not_written", count=len(rows), reason=str(result))
            return True
        self._written.update(one.tenant for one in rows)
        # A refusal that was being written while its number was redacted is written again without it.
        changed = [now for written, now in zip(rows, left, strict=True) if now is not written]
        self._waiting.extendleft(reversed(changed))
        return True

    async def _trim(self) -> None:
        """Delete the oldest rows of accounts that have more than `kept`."""
        for tenant in list(self._written):
            try:
                await self._store.execute("refusals_trim", **tenant.params, kept=self._kept)
            except StoreError:
                return  # the next check does it
            self._written.discard(tenant)


def _address(text: str | None) -> str | None:
    """A sender or recipient as a message would show it."""
    return None if text is None else _clean(numbers.displayed(text))


def _clean(text: str | None, longest: int = LONGEST) -> str | None:
    """A value that a caller wrote, in a form that both engines can store, truncated."""
    return None if text is None else text[:longest].replace("\x00", "\ufffd")
