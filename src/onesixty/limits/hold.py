"""The limits as a hold of messages: each accepted message counts for its key or SMPP credential, for its account, and
for every account above.

Rules kept here (docs/decisions/0127):
- only new messages count: what becomes of a message later gives nothing back, except that it waits no longer;
- test messages count for their key or credential, and not for accounts;
- a message that comes to wait by a change (a release, a deferral) is never refused, and counts from its commit on;
- if one limit refuses, those that have taken the message give it back;
- an account without limits costs one look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Container, Iterable, Mapping, Sequence
from typing import ClassVar, Final

from onesixty.accounts import Account, Accounts
from onesixty.core import statuses
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.hop import Hop
from onesixty.core.limits import NONE, Limits
from onesixty.core.message import Message
from onesixty.core.paid_above import Held
from onesixty.core.tenant import Tenant
from onesixty.limits.arrivals import STOCKED
from onesixty.limits.filling import Filling
from onesixty.limits.meter import Meter
from onesixty.messages.drafts import Draft

#: Seconds for which messages wait for a database that does not answer.
PATIENCE: Final = 5.0

#: How many messages of one caller may arrive in one step of the loop, about.
SOON: Final = 64

#: Seconds after which the meter of a key or credential that is not used is dropped.
FORGET: Final = 3600.0


class LimitHold:
    """The limits of this node, as a hold (messages.holds), and as a follower of events (webhooks.rows) and of
    arrivals (limits.arrivals)."""

    name = "limits"
    follows: ClassVar[Container[str]] = STOCKED.keys()

    def __init__(self, accounts: Accounts, filling: Filling, clock: Clock) -> None:
        self._accounts = accounts
        self._filling = filling
        self._clock = clock
        self._version: object = None
        #: By account: its own meter and those of the accounts above. Accounts without limits are missing.
        self._chains: Mapping[str, tuple[Meter, ...]] = {}
        self._of_accounts: dict[str, Meter] = {}
        self._of_grants: dict[str, Meter] = {}
        #: The meters of keys and credentials for the messages that are taken next in this turn of the loop. The
        #: message is kept with its meter, so that its identity stays its own.
        self._granted: dict[int, tuple[Message, Meter]] = {}
        #: What each message on its way to disk has taken: meters, status, segments.
        self._reserved: dict[int, tuple[tuple[Meter, ...], str, int]] = {}

    # ------------------------------------------------------------ meters

    def meters(self) -> Iterable[Meter]:
        """All meters."""
        self._look()
        return (*self._of_accounts.values(), *self._of_grants.values())

    def meter_of(self, account_id: str) -> Meter | None:
        """The meter of an account's own limits."""
        self._look()
        return self._of_accounts.get(account_id)

    def chain_of(self, account_id: str) -> tuple[Meter, ...]:
        """The meters of an account and those above it."""
        if self._accounts.version != self._version:
            self._look()
        return self._chains.get(account_id, ())

    def of_grant(self, grant: Grant, account_id: str) -> Meter | None:
        """The meter of a key or SMPP credential, if it has limits."""
        if grant.limits == NONE:
            return None
        found = self._of_grants.get(grant.id)
        if found is None or found.limits != grant.limits:
            account = self._accounts.book[account_id]
            fresh = self._new(grant.id, (account_id,), grant.limits, account, granted=True)
            if found is not None:
                self._filling.leave(found)
            found = self._of_grants[grant.id] = fresh
        return found

    def forget(self) -> None:
        """Drop the meters of keys and credentials that were not used for long."""
        now = self._clock.monotonic()
        for subject, meter in list(self._of_grants.items()):
            if now - meter.used_at > FORGET:
                self._drop(subject)

    def _drop(self, subject: str) -> None:
        """Drop the meter of a key or credential: its slices and its shares of rates go back."""
        meter = self._of_grants.pop(subject)
        self._filling.leave(meter)
        self._filling.free(meter)

    def _look(self) -> None:
        """Take in what changed in the accounts."""
        version = self._accounts.version
        if version == self._version:
            return
        self._version = version
        tree, book = self._accounts.tree, self._accounts.book
        fresh: dict[str, Meter] = {}
        for account in book.values():
            limits = account.settings.limits.of_messages
            if limits == NONE:
                continue
            below = () if account.operator else tree.below(account.id)
            accounts = (account.id, *below)
            known = self._of_accounts.pop(account.id, None)
            if known is not None and known.limits == limits and known.zone == account.time_zone:
                known.accounts = accounts
                fresh[account.id] = known
                continue
            if known is not None:
                self._filling.leave(known)
            fresh[account.id] = self._new(account.id, accounts, limits, account)
        for gone in self._of_accounts.values():
            self._filling.leave(gone)
            self._filling.free(gone)
        for subject, meter in list(self._of_grants.items()):
            if book[meter.accounts[0]].time_zone != meter.zone:  # its days begin at another time
                self._drop(subject)
        self._of_accounts = fresh
        chains: dict[str, tuple[Meter, ...]] = {}
        for account_id in book if fresh else ():
            chain = [fresh[one] for one in (account_id, *tree.above.get(account_id, ())) if one in fresh]
            if chain:
                chains[account_id] = tuple(chain)
        self._chains = chains

    def _new(
        self,
        subject: str,
        accounts: tuple[str, ...],
        limits: Limits,
        account: Account,
        *,
        granted: bool = False,
    ) -> Meter:
        meter = Meter(
            subject,
            accounts,
            limits,
            account.time_zone,
            self._clock.monotonic(),
            self._clock.now_ms(),
            granted=granted,
        )
        self._filling.enter(meter)
        return meter

    # ------------------------------------------------------------ the hold

    def concerns(self, message: Message) -> bool:
        """See Holds."""
        return not message.test and bool(self.chain_of(message.account_id))

    def may_wait(self, account_id: str, grant: Grant | None) -> bool:
        """See Holds."""
        meters = self.chain_of(account_id)
        granted = None if grant is None else self.of_grant(grant, account_id)
        if granted is not None:
            meters = (granted, *meters)
        now = self._clock.monotonic() if meters else 0.0
        return any(meter.lacks(SOON, now) for meter in meters)

    def short(self, drafts: Sequence[Draft]) -> Awaitable[None] | None:
        """See Holds."""
        if self._accounts.version != self._version:
            self._look()
        if self._granted:
            self._granted = {}
        needed: dict[Meter, dict[str, int]] = {}
        for draft in drafts:
            if draft.refusal is not None:
                continue
            message = draft.message
            order = draft.order
            grant = None if order is None else order.grant
            if grant is not None and (meter := self.of_grant(grant, message.account_id)) is not None:
                self._granted[id(message)] = (message, meter)
                _add(needed, meter, message.status)
            if self._chains and not message.test:
                for meter in self._chains.get(message.account_id, ()):
                    _add(needed, meter, message.status)
        if not needed:
            return None
        tasks = [task for meter, needs in needed.items() for task in self._filling.tasks(meter, needs)]
        return self._filled(tasks) if tasks else None

    def take(self, message: Message, hops: Sequence[Hop] = (), held: Held | None = None) -> None:
        """Count a new message. Raises Problem: `segments_limited`, `day_limit_reached`, `month_limit_reached`,
        `too_many_waiting`, `too_many_scheduled`, or `unavailable` if the database does not say."""
        meters = self._chains.get(message.account_id, ()) if self._chains and not message.test else ()
        granted = self._granted.pop(id(message), None) if self._granted else None
        if granted is not None and granted[0] is message:
            meters = (granted[1], *meters)
        if not meters:
            return
        now, segments = self._clock.monotonic(), max(1, message.segments)
        for index, meter in enumerate(meters):
            own = meter.subject == message.account_id or meter.subject not in self._of_accounts
            try:
                meter.take(message, now, own)
            except Problem:
                for taken in meters[:index]:
                    taken.dropped(message.status, segments)
                raise
        self._reserved[id(message)] = (meters, message.status, segments)

    def kept(self, message: Message) -> None:
        """See Holds."""
        found = self._reserved.pop(id(message), None) if self._reserved else None
        if found is not None:
            for meter in found[0]:
                meter.kept(found[1])

    def dropped(self, message: Message) -> None:
        """See Holds."""
        found = self._reserved.pop(id(message), None) if self._reserved else None
        if found is not None:
            for meter in found[0]:
                meter.dropped(found[1], found[2])

    # ------------------------------------------------------------ messages that were accepted before

    def listening(self) -> bool:
        """See Follower."""
        return bool(self._chains)

    def told(self, type_: str, tenant: Tenant) -> None:
        """A message came to wait, or to be scheduled. One that a rule deferred at its acceptance counts twice: the
        rows are counted a little sooner then."""
        if not tenant.test:
            for meter in self.chain_of(tenant.account_id):
                stock = meter.stocks.get(STOCKED[type_])
                if stock is not None:
                    stock.came()

    def came(self, subject: str, status: str) -> None:
        """A message of a key or credential came to a status. One that this node has no meter of has nothing to count:
        its meter begins with the rows."""
        meter = self._of_grants.get(subject)
        stock = None if meter is None else meter.stocks.get(status)
        if stock is not None:
            stock.came()

    # ------------------------------------------------------------ previews

    async def check(self, draft: Draft) -> None:
        """Raise Problem if the draft would be refused now. Nothing stays reserved."""
        while (short := self.short((draft,))) is not None:  # asks again: others take meanwhile
            await short
        self.take(draft.message)
        self.dropped(draft.message)

    async def _filled(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.wait(tasks, timeout=PATIENCE)
        self._filling.give_up(tasks)


def _add(needed: dict[Meter, dict[str, int]], meter: Meter, status: str) -> None:
    needs = needed.setdefault(meter, {"": 0})
    needs[""] += 1
    if status in (statuses.QUEUED, statuses.SCHEDULED):
        needs[status] = needs.get(status, 0) + 1
