"""Reads lists of verifications.

Rules kept here:
- ids bound what is read, and the verification's own time decides;
- every figure of `GET /v1/reports/verifications` that counts verifications has a list with as many rows:
  `counted_as` judges as `counting` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from onesixty.core import ids, times
from onesixty.core.tenant import Tenant
from onesixty.store import slices
from onesixty.store.contract import Row, Store
from onesixty.verify import verification as v
from onesixty.verify.verification import VERIFICATIONS, Verification

#: How long after its time a verification may have its id, in ms. An id is never made before.
_LATE_MS: Final = 1_000

#: The figures that count verifications.
CountedAs = Literal[
    "started", "judged", "approved", "failed", "exhausted", "expired", "canceled", "blocked", "unreported"
]
#: Those that say something of conversion. Of the expired ones, the unreported are left out.
JUDGED: Final = (v.APPROVED, v.FAILED, v.EXHAUSTED, v.EXPIRED)
_STATUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "started": v.STATUSES,
    "judged": JUDGED,
    "unreported": (v.EXPIRED,),
}
#: The figures that take the unreported ones alone, or leave them out.
_UNREPORTED: Final = {"judged": 0, "unreported": 1}


class Filters(msgspec.Struct, kw_only=True, frozen=True):
    """The filters of a list. None is no filter; an empty country or network means none. Times are epoch ms, the first
    inclusive. Those that end in `_not` are values that are left out; what has no value passes."""

    to: str | None = None
    status: str | None = None
    profile_id: str | None = None
    reference: str | None = None
    guard: str | None = None
    channel: str | None = None
    country: str | None = None
    network: str | None = None
    counted_as: CountedAs | None = None
    created_after: int | None = None
    created_before: int | None = None
    status_not: tuple[str, ...] = ()
    profile_id_not: tuple[str, ...] = ()
    guard_not: tuple[str, ...] = ()
    channel_not: tuple[str, ...] = ()
    country_not: tuple[str, ...] = ()
    network_not: tuple[str, ...] = ()

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that pass."""
        named = v.STATUSES if self.status is None else (self.status,)
        counted: tuple[str, ...] = v.STATUSES
        if self.counted_as is not None:
            counted = _STATUSES.get(self.counted_as, (self.counted_as,))
        return tuple(status for status in named if status in counted and status not in self.status_not)


#: The negated filters that statements know; statuses are in `Filters.statuses`.
_NEGATED: Final = tuple(
    name for name in Filters.__struct_fields__ if name.endswith("_not") and name != "status_not"
)


class Listing:
    """The lists of verifications of accounts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self, tenant: Tenant, filters: Filters, limit: int, after: str | None
    ) -> tuple[list[Verification], str | None]:
        """A page of a tenant's verifications, newest first, and the cursor of the next one."""
        first, below = ids.span(
            ids.VERIFICATION, filters.created_after, filters.created_before, after, late=_LATE_MS
        )
        wanted = {**tenant.params, **_params(filters)}
        if filters.to is not None:  # one has few
            found = await self._store.fetch(
                "verifications_list_to",
                **wanted,
                recipient=filters.to,
                first=first,
                below=below,
                most=limit + 1,
            )
            page, next_ = slices.cut(found, limit)
            return [VERIFICATIONS.read(row) for row in page], next_

        async def ends(first: str, below: str, count: int) -> list[Row]:
            return await self._store.fetch(
                "verifications_slice", account_id=tenant.account_id, first=first, below=below, count=count
            )

        async def rows(first: str, below: str, count: int) -> list[Row]:
            return await self._store.fetch(
                "verifications_list", **wanted, first=first, below=below, most=count
            )

        found, next_ = await slices.page(first, below, limit, ends=ends, rows=rows)
        return [VERIFICATIONS.read(row) for row in found], next_


def _params(filters: Filters) -> dict[str, Any]:
    counted_as = filters.counted_as or ""
    return {
        "statuses": list(filters.statuses),
        "counted": int(bool(counted_as)),
        "unreported": _UNREPORTED.get(counted_as),
        "profile_id": filters.profile_id,
        "reference": filters.reference,
        "guard": filters.guard,
        "channel": filters.channel,
        "country": filters.country,
        "network": filters.network,
        **{name: list(getattr(filters, name)) for name in _NEGATED},
        "created_after": filters.created_after or 0,
        "created_before": times.NEVER if filters.created_before is None else filters.created_before,
    }
