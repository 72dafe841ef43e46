"""Reads the figures of verifications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.store.contract import Store
from onesixty.verify.bodies import VerifyFigures, VerifyReport
from onesixty.verify.counting import COUNTED, HOUR_MS

DAY_MS: Final = 24 * HOUR_MS
#: The longest span of a report.
LONGEST_MS: Final = 92 * DAY_MS

#: The dimensions and the column of each.
_COLUMNS: Final[Mapping[str, str]] = {
    "hour": "hour",
    "day": "hour",
    "profile": "profile_id",
    "channel": "channel",
    "country": "country",
    "network": "network",
    "carrier": "carrier_id",
}
_CARRIER: Final = "carrier"
_ROW: Final = ("hour", "profile_id", "channel", "country", "network", "carrier_id", *COUNTED)


class Figures:
    """The figures of an account."""

    def __init__(self, store: Store, carrier_name: Callable[[str], str]) -> None:
        """`carrier_name` is the name of a carrier for people."""
        self._store = store
        self._carrier_name = carrier_name

    async def report(
        self, tenant: Tenant, by: str | None, start: int, end: int, profile_id: str | None, *, operator: bool
    ) -> VerifyReport:
        """Figures by dimensions, between two times that are widened to whole hours. `operator` says whether the
        caller may see carriers. Raises Problem."""
        dimensions = _dimensions(by, operator=operator)
        start, end = start - start % HOUR_MS, -(-end // HOUR_MS) * HOUR_MS
        if not start < end <= start + LONGEST_MS:
            raise Problem(
                "invalid_parameter", "`start` must be before `end`, by 92 days at most.", param="start"
            )
        rows = await self._store.fetch(
            "verify_counts_of", **tenant.params, since=start, until=end, profile_id=profile_id
        )
        groups: dict[tuple[Any, ...], Counter[str]] = {}
        for row in rows:
            values = dict(zip(_ROW, row, strict=True))
            key = tuple(self._value(dimension, values) for dimension in dimensions)
            groups.setdefault(key, Counter()).update({name: values[name] for name in COUNTED})
        if not dimensions and not groups:
            groups[()] = Counter()
        data = [
            _figures(dict(zip(dimensions, key, strict=True)), counts)
            for key, counts in sorted(groups.items(), key=lambda item: tuple(map(str, item[0])))
        ]
        return VerifyReport(start=times.to_text(start), end=times.to_text(end), data=data)

    def _value(self, dimension: str, values: Mapping[str, Any]) -> Any:
        value = values[_COLUMNS[dimension]]
        if dimension == "hour":
            return times.to_text(value)
        if dimension == "day":
            return times.to_text(value - value % DAY_MS)
        if dimension == _CARRIER and value:
            return self._carrier_name(value)
        return value or None


def _dimensions(by: str | None, *, operator: bool) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(name.strip() for name in (by or "").split(",") if name.strip()))
    known = [name for name in _COLUMNS if operator or name != _CARRIER]
    for name in found:
        if name not in known:
            raise Problem(
                "invalid_parameter",
                f"`by` cannot be `{name[:20]}`. It may be: {', '.join(known)}.",
                param="by",
            )
    return found


def _figures(dimensions: Mapping[str, Any], counts: Counter[str]) -> VerifyFigures:
    judged = counts["started"] - counts["blocked"] - counts["canceled"] - counts["unreported"]
    approved = counts["approved"]
    fields: dict[str, Any] = {name: counts[name] for name in COUNTED if name != "approval_ms"}
    return VerifyFigures(
        **dimensions,
        **fields,
        judged=judged,
        conversion=round(approved / judged, 4) if judged > 0 else None,
        seconds_to_approval=round(counts["approval_ms"] / approved / 1000, 1) if approved else None,
    )
