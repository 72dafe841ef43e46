"""Reads messages: one, and many by filters. The history of one is in `messages.histories`.

Lists are read by the index that leads with the account, or, for all accounts together, by the primary key: an id
holds its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from onesixty.core import ids, money, statuses
from onesixty.core.carrier_ids import id_keys
from onesixty.core.message import Message, from_row
from onesixty.core.tenant import Reach, Tenant
from onesixty.store import slices
from onesixty.store.contract import Row, Store

#: How far the time in an id may be before and after the time of its message, in ms. A batch gives its messages ids of
#: the time at which it began; other ids are made right after the time was read. Ids bound what a list reads, and the
#: message's own time decides (docs/decisions/0134-histories-and-searches.md).
_EARLY_MS: Final = 10_000
_LATE_MS: Final = 1_000


#: What messages can be counted by.
Group = Literal["status", "class", "country", "network", "direction", "error_code"]


class Filters(msgspec.Struct, kw_only=True):
    """The filters of a list. None is no filter. Times are in epoch ms."""

    #: Any of these statuses; empty is no filter.
    statuses: tuple[str, ...] = ()
    held_for: str | None = None
    to: str | None = None
    sender: str | None = None
    #: The sender that the recipient sees, as statistics count it.
    sender_shown: str | None = None
    created_after: int | None = None
    created_before: int | None = None
    tag: str | None = None
    reference: str | None = None
    batch_id: str | None = None
    campaign_id: str | None = None
    direction: str | None = None
    country: str | None = None
    class_: str | None = None
    error_code: str | None = None
    network: str | None = None
    carrier_id: str | None = None
    route_id: str | None = None
    #: Accepted, queued, sent, ended or redacted since.
    updated_after: int | None = None
    #: Digits that the recipient's or the sender's number contains.
    number_part: str | None = None
    reference_prefix: str | None = None
    sender_prefix: str | None = None
    #: Whether an attempt was repeated although an earlier one may have arrived.
    duplicates: bool | None = None
    #: Values that are left out. A message without a value passes, unless an empty country, network or error code is
    #: left out.
    status_not: tuple[str, ...] = ()
    held_for_not: tuple[str, ...] = ()
    to_not: tuple[str, ...] = ()
    sender_not: tuple[str, ...] = ()
    sender_shown_not: tuple[str, ...] = ()
    direction_not: tuple[str, ...] = ()
    tag_not: tuple[str, ...] = ()
    batch_id_not: tuple[str, ...] = ()
    country_not: tuple[str, ...] = ()
    network_not: tuple[str, ...] = ()
    class_not: tuple[str, ...] = ()
    error_code_not: tuple[str, ...] = ()
    carrier_id_not: tuple[str, ...] = ()
    route_id_not: tuple[str, ...] = ()
    oldest_first: bool = False

    @property
    def passing(self) -> list[str] | None:
        """The statuses that pass; None: all."""
        if not self.statuses and not self.status_not:
            return None
        return [each for each in self.statuses or statuses.ALL if each not in self.status_not]

    @property
    def left_out(self) -> dict[str, list[str]]:
        """What is left out besides statuses, by the params of the statements."""
        return {name: list(getattr(self, name)) for name in _NEGATED}


#: The negated filters that statements know.
_NEGATED: Final = tuple(
    name for name in Filters.__struct_fields__ if name.endswith("_not") and name != "status_not"
)


class Place(NamedTuple):
    """Where a page of a list is: behind the cursor `after`, before the cursor `before`, or from the time `at` on, in
    epoch ms. At most one is set; none is the beginning."""

    after: str | None = None
    before: str | None = None
    at: int | None = None

    def start(self, oldest_first: bool) -> str | None:
        """The cursor of a page that begins with a time: later messages first, or earlier ones."""
        if self.at is None:
            return None
        return ids.lowest_at(ids.MESSAGE, self.at if oldest_first else self.at + 1)


class Cost(NamedTuple):
    """An amount of money as the API shows it."""

    amount: str
    currency: str


class Queries:
    """Reads messages. Every query is bound to a tenant; one message and lists can also be read in all accounts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, reach: Tenant | Reach, message_id: str) -> Message | None:
        """A message, or None."""
        rows = await self._store.fetch(
            "message_of_account", id=message_id, account_id=reach.account_id, test=int(bool(reach.test))
        )
        return from_row(rows[0]) if rows else None

    async def of_any_account(self, message_ids: Sequence[str]) -> list[Message]:
        """Messages of any account and mode, for operators who look for one."""
        return [from_row(row) for row in await self._store.fetch("messages_by_id", ids=list(message_ids))]

    async def of_carrier_ids(self, carrier_ids: Sequence[str], given: str, most: int) -> list[Message]:
        """Messages of any account to which one of these carriers gave this id, in any notation."""
        keys = id_keys(given)
        if not keys or not carrier_ids:
            return []
        rows = await self._store.fetch(
            "messages_of_match", carrier_ids=list(carrier_ids), match_ids=list(keys), count=most
        )
        return await self.of_any_account([str(row[0]) for row in rows]) if rows else []

    async def message_of_event(self, tenant: Tenant, event_id: str) -> str | None:
        """The id of the message that an event of this tenant tells of."""
        rows = await self._store.fetch("message_of_event", id=event_id, **tenant.params)
        return rows[0][0] if rows else None

    async def find(
        self, reach: Tenant | Reach, filters: Filters, limit: int, after: str | None
    ) -> tuple[list[Message], str | None]:
        """The messages of a list and the cursor of the next page, which is None at the end.

        The cursor is the id of the last message that was looked at. If few messages pass the filters, a page may be
        shorter than `limit` although more pages follow. Raises StoreError.
        """
        above, below = _span(filters, after)
        statement, narrow = _narrowest(filters, reach)
        if filters.oldest_first:
            statement += "_oldest"
        if narrow:
            rows, next_ = slices.cut(
                await self._page(statement, reach, filters, below, above, count=limit + 1), limit
            )
        else:
            rows, next_ = await slices.page(
                above,
                below,
                limit,
                ends=lambda above, below, count: self._ends(reach, filters, above, below, count),
                rows=lambda above, below, count: self._page(
                    statement, reach, filters, below, above, count=count
                ),
                oldest_first=filters.oldest_first,
            )
        return [from_row(row) for row in rows], next_

    async def page(
        self, reach: Tenant | Reach, filters: Filters, limit: int, place: Place
    ) -> tuple[list[Message], str | None, str | None]:
        """A page of a list, in the order of `filters`, with the cursors of the page after it and of the one before
        it; each is None if there is no such page. Raises StoreError."""
        if place.before is None:
            after = place.after or place.start(filters.oldest_first)
            found, next_ = await self.find(reach, filters, limit, after)
            return found, next_, after and (found[0].id if found else after)
        turned = msgspec.structs.replace(filters, oldest_first=not filters.oldest_first)
        found, previous = await self.find(reach, turned, limit, place.before)
        found.reverse()
        return (
            found,
            found[-1].id if found else place.before,
            previous and (found[0].id if found else previous),
        )

    async def counts(
        self, reach: Tenant | Reach, filters: Filters, after: str | None, by: Group = "status"
    ) -> tuple[dict[str, int], str | None]:
        """The messages of a list by one of their values, newest first as far as one call reads, and the cursor at
        which another call goes on; None at the end. Messages without a value are counted under "". Raises
        StoreError."""
        filters = msgspec.structs.replace(filters, oldest_first=False)
        above, below = _span(filters, after)
        found: dict[str, int] = {}
        for _ in range(slices.SLICES):
            end = slices.end_of(await self._ends(reach, filters, above, below, slices.SLICE))
            statement = _of("messages_counts_repeated" if filters.duplicates else "messages_counts", reach)
            for value, count in await self._page(statement, reach, filters, below, end or above, group_by=by):
                found[value] = found.get(value, 0) + count
            if end is None:
                return found, None
            below = end
        return found, below

    async def _ends(
        self, reach: Tenant | Reach, filters: Filters, above: str, below: str, count: int
    ) -> list[Row]:
        """The id at which a read ends that looks at so many messages; none if it reaches the end of the list."""
        account = {} if reach.account_id is None else {"account_id": reach.account_id}
        if filters.duplicates:  # only counts read these in slices
            statement = _of("messages_slice_repeated", reach)
            return await self._store.fetch(
                statement, **account, test=int(bool(reach.test)), below=below, above=above, count=count
            )
        statement = _of("messages_slice", reach) + ("_oldest" if filters.oldest_first else "")
        return await self._store.fetch(statement, **account, below=below, above=above, count=count)

    async def _page(
        self,
        statement: str,
        reach: Tenant | Reach,
        filters: Filters,
        below: str,
        above: str,
        **asked: int | str,
    ) -> list[Row]:
        """What a statement finds. `asked` is what it asks for beside the filters."""
        passing, left_out = filters.passing, filters.left_out
        every = statement.removesuffix("_oldest").endswith(_ALL)
        return await self._store.fetch(
            statement,
            **({} if every else {"account_id": reach.account_id}),
            test=int(bool(reach.test)),
            below=below,
            above=above,
            any_status=int(passing is None),
            statuses=passing or [],
            held_for=filters.held_for,
            recipient=filters.to,
            sender=filters.sender,
            sender_shown=filters.sender_shown,
            tag=filters.tag,
            reference=filters.reference,
            batch_id=filters.batch_id,
            campaign_id=filters.campaign_id,
            direction=filters.direction,
            country=filters.country,
            class_=filters.class_,
            error_code=filters.error_code,
            network=filters.network,
            carrier_id=filters.carrier_id,
            route_id=filters.route_id,
            created_after=filters.created_after,
            created_before=filters.created_before,
            updated_after=filters.updated_after,
            number_part=None if filters.number_part is None else f"%{filters.number_part}%",
            reference_prefix=filters.reference_prefix,
            sender_prefix=filters.sender_prefix,
            duplicates=None if filters.duplicates is None else int(filters.duplicates),
            leaves_out=int(any(left_out.values())),
            **left_out,
            **asked,
        )

    async def costs(self, messages: Sequence[Message]) -> dict[str, list[Cost]]:
        """What carriers take for these messages, by id: a sum for each currency. It is one read, however many there
        are. Messages that cost nothing are left out."""
        found: dict[str, list[Cost]] = {}
        tried = [message.id for message in messages if message.attempts]
        if tried:
            for id_, currency, micros in await self._store.fetch("costs_of_messages", ids=tried):
                found.setdefault(str(id_), []).append(Cost(money.to_text(micros), str(currency)))
        return found


def _span(filters: Filters, after: str | None) -> tuple[str, str]:
    """The ids between which a list is read, from a cursor on."""
    return ids.span(
        ids.MESSAGE,
        filters.created_after,
        filters.created_before,
        after,
        oldest_first=filters.oldest_first,
        early=_EARLY_MS,
        late=_LATE_MS,
    )


#: What the names of statements over all accounts end with.
_ALL: Final = "_all"


def _of(statement: str, reach: Tenant | Reach) -> str:
    """The statement for one account, or for all."""
    return statement if reach.account_id is not None else statement + _ALL


def _narrowest(filters: Filters, reach: Tenant | Reach) -> tuple[str, bool]:
    """The statement that reads the fewest rows for these filters, and whether an index of its own bounds them. There
    is one for each index that can help."""
    if filters.batch_id is not None:
        return "messages_list_batch", True
    if filters.reference is not None and reach.account_id is not None:
        return "messages_list_reference", True
    if filters.duplicates:
        return _of("messages_list_repeated", reach), True
    return _of("messages_list", reach), False
