"""Reports over the boxes: what is asked for, the plan of how it is read, and the rows that come of it.

Rules kept here:
- a report is answered from one combination that is kept, in one statement: all its figures are of one moment;
- it reads the widest boxes that fit (`levels.py`), so weeks cost little more than days;
- its span begins and ends with a box: it is widened to full minutes or quarters of an hour, and says so;
- what it asks for is checked before anything is read: dimensions that are not kept together, a span with too many
  periods, and boxes of a minute that are past their time have errors of their own;
- rows are ordered by time, then by the number of messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from onesixty.core import money
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.kit.durations import percentile
from onesixty.statistics import levels, periods
from onesixty.statistics.counter import COUNTING, State
from onesixty.statistics.counting import DURATIONS, MINUTE, MINUTE_MS, QUARTER, TIMES
from onesixty.statistics.dimensions import ACCOUNT, DIMENSIONS, STATUS, Kept, covering
from onesixty.statistics.levels import Part
from onesixty.store.contract import Store

#: Periods of one report: all minutes of two days, all quarters of an hour of a month, all hours of four.
MOST_PERIODS: Final = 3000
#: The shares of percentiles, by their names.
PERCENTILES: Final = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
#: The ages of what is on its way, each with the minutes below which it lies.
AGES: Final = {"under_1_minute": 1, "under_10_minutes": 10, "under_1_hour": 60, "under_1_day": 1440}
OLDER: Final = "older"

_DIMENSIONS: Final = tuple(name for name in DIMENSIONS if name != STATUS)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a report asks for. `accounts` are those to count, None for all. `filters` are values by dimension; an
    empty value finds messages without one. `begin` and `end` are epoch ms. Without a step there is one period.
    `times` asks for times (`counting.TIMES`), too: there are many more of their buckets than boxes.
    """

    accounts: tuple[str, ...] | None
    test: bool
    operator: bool
    by: tuple[str, ...] = ()
    filters: Mapping[str, str] = {}
    begin: int = 0
    end: int = 0
    step: str | None = None
    zone: ZoneInfo = ZoneInfo("UTC")
    times: bool = True


class Row(msgspec.Struct, kw_only=True):
    """A row of a report. `values` are those of the dimensions that it asks by; money is micro-units by currency."""

    begin: int
    end: int
    values: dict[str, str | None]
    messages: int = 0
    segments: int = 0
    statuses: dict[str, int] = {}
    price: dict[str, int] = {}
    cost: dict[str, int] = {}
    times: dict[str, dict[int, int]] = {}

    def seconds(self, of: str) -> dict[str, float | None]:
        """The percentiles of one of its `counting.TIMES` in seconds."""
        buckets = self.times.get(of, {})
        return {
            name: None if (found := percentile(buckets, share)) is None else round(found / 1000, 3)
            for name, share in PERCENTILES.items()
        }


class Read(msgspec.Struct, kw_only=True):
    """A report that was read: its moment in epoch ms, whether all messages are counted, its span in epoch ms."""

    as_of: int
    complete: bool
    begin: int
    end: int
    times: bool
    rows: list[Row]


class Waiting(msgspec.Struct, kw_only=True):
    """A row of what is on its way. `oldest` is the minute of the oldest message since 1970."""

    values: dict[str, str | None]
    messages: int = 0
    segments: int = 0
    statuses: dict[str, int] = {}
    ages: dict[str, int] = {}
    oldest: int | None = None


_Group = list[Any]
_groups_of = msgspec.json.Decoder(list[_Group]).decode
_sums_of = msgspec.json.Decoder(list[tuple[int, list[tuple[int, int, int, int, int, int]]]]).decode
_times_of = msgspec.json.Decoder(list[tuple[int, list[tuple[int, int, int, int]]]]).decode
_encode = msgspec.json.Encoder().encode


class Reports:
    """Reads reports."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def check(self, asked: Asked) -> None:
        """Raise Problem if there is no such report, as far as that is known without reading."""
        _kept(asked)
        _span(asked, 0)

    async def messages(self, asked: Asked) -> Read:
        """Read a report. Raises Problem `report_not_kept`, `report_too_long`, `invalid_parameter`; StoreError."""
        kept = await self._smallest(asked)
        ((*row, _),) = await self._store.fetch("statistics_state")
        state = State.of(tuple(row))
        span, begin, end = _span(asked, state.minutes_from)
        beginnings = periods.starts(begin, end, asked.step, asked.zone)
        stretches = periods.stretches(beginnings, end)
        # what was folded then stays so, whatever is folded until the boxes are read
        parts = (
            levels.minutes(stretches)
            if span == MINUTE
            else levels.parts(stretches, hours_folded=state.hours_folded, days_folded=state.days_folded)
        )
        uses: dict[tuple[int, ...], list[Part]] = {}
        for part in parts:
            uses.setdefault(part.boxes, []).append(part)
        now = self._clock.now_ms()
        ((phase, oldest, groups, sums, times),) = await self._store.fetch(
            "statistics_report",
            **_params(asked, kept),
            parts=_encode(list(uses)).decode(),
            times=int(kept.times and asked.times),
        )
        found = _Rows(asked, [*beginnings, end], _groups_of(groups))
        read = list(uses.values())
        for (place, period), boxes in _boxes(read, sums).items():
            if any(boxes):
                found.add(place, period, *boxes)
        for (place, period, bucket), messages in _buckets(read, times).items():
            if messages:
                found.add_time(place, period, bucket, messages)
        return Read(
            as_of=now if oldest is None else min(now, oldest),
            complete=phase == COUNTING,
            begin=begin * MINUTE_MS,
            end=end * MINUTE_MS,
            times=kept.times and asked.times,
            rows=found.ordered(),
        )

    async def pending(self, asked: Asked, statuses: Sequence[str]) -> tuple[int, bool, list[Waiting]]:
        """What is on its way: the moment, whether all messages are counted, and the rows. Raises Problem
        `report_not_kept`; StoreError."""
        kept = await self._smallest(asked)
        now = self._clock.now_ms()
        ((phase, oldest, groups, sums),) = await self._store.fetch(
            "statistics_pending", **_params(asked, kept), pending=list(statuses)
        )
        rows: dict[tuple[str | None, ...], Waiting] = {}
        known = {group[0]: group for group in _groups_of(groups)}
        as_of = now if oldest is None else min(now, oldest)
        for place, minute, messages, segments in msgspec.json.decode(
            sums, type=list[tuple[int, int, int, int]]
        ):
            values, status = _values(known[place], asked.by)
            row = rows.get(tuple(values.values()))
            if row is None:
                row = rows[tuple(values.values())] = Waiting(
                    values=values, ages=dict.fromkeys((*AGES, OLDER), 0)
                )
            row.messages += messages
            row.segments += segments
            row.statuses[status] = row.statuses.get(status, 0) + messages
            age = as_of // MINUTE_MS - minute
            row.ages[next((name for name, below in AGES.items() if age < below), OLDER)] += messages
            row.oldest = minute if row.oldest is None else min(minute, row.oldest)
        ordered = sorted((row for row in rows.values() if row.messages), key=lambda row: -row.messages)
        return as_of, phase == COUNTING, ordered

    async def _smallest(self, asked: Asked) -> Kept:
        """The combination that answers a report with the fewest boxes. Raises Problem, StoreError."""
        found = _kept(asked)
        if asked.accounts is not None:
            return found[0]
        if asked.times:
            found = [kept for kept in found if kept.times] or found
        if len(found) == 1:
            return found[0]
        rows = await self._store.fetch(
            "statistics_series_sizes", kept=[kept.name for kept in found], test=int(asked.test)
        )
        sizes = {str(name): int(series) for name, series in rows}
        # One without series holds nothing that was counted.
        return min(
            (kept for kept in found if kept.name in sizes),
            key=lambda kept: sizes[kept.name],
            default=found[0],
        )


def _boxes(read: Sequence[Sequence[Part]], sums: str) -> dict[tuple[int, int], list[int]]:
    """Messages, segments, price and cost by group and period. `read` are the parts that use what was read."""
    found: dict[tuple[int, int], list[int]] = {}
    for number, rows in _sums_of(sums):
        for part in read[number]:
            first, sign = part.first, part.sign
            for place, period, messages, segments, price, cost in rows:
                key = (place, first + period)
                sum_ = found.get(key)
                if sum_ is None:
                    found[key] = [sign * messages, sign * segments, sign * price, sign * cost]
                else:
                    sum_[0] += sign * messages
                    sum_[1] += sign * segments
                    sum_[2] += sign * price
                    sum_[3] += sign * cost
    return found


def _buckets(read: Sequence[Sequence[Part]], sums: str) -> dict[tuple[int, int, int], int]:
    """Messages by group, period and bucket of times."""
    found: dict[tuple[int, int, int], int] = {}
    for number, rows in _times_of(sums):
        for part in read[number]:
            first, sign = part.first, part.sign
            for place, period, bucket, messages in rows:
                key = (place, first + period, bucket)
                found[key] = found.get(key, 0) + sign * messages
    return found


class _Rows:
    """The rows of a report while they are added up."""

    def __init__(self, asked: Asked, bounds: Sequence[int], groups: Sequence[_Group]) -> None:
        self._bounds = bounds
        self._groups = {group[0]: group for group in groups}
        self._shown = {group[0]: _values(group, asked.by) for group in groups}
        self._rows: dict[tuple[Any, ...], Row] = {}

    def add(self, place: int, period: int, messages: int, segments: int, price: int, cost: int) -> None:
        row, status = self._row(place, period)
        currency, cost_currency = self._groups[place][-2:]
        row.messages += messages
        row.segments += segments
        row.statuses[status] = row.statuses.get(status, 0) + messages
        if price:
            row.price[currency] = row.price.get(currency, 0) + price
        if cost:
            row.cost[cost_currency] = row.cost.get(cost_currency, 0) + cost

    def add_time(self, place: int, period: int, bucket: int, messages: int) -> None:
        row, _ = self._row(place, period)
        which, duration = divmod(bucket, DURATIONS)
        buckets = row.times.setdefault(TIMES[which], {})
        buckets[duration] = buckets.get(duration, 0) + messages

    def ordered(self) -> list[Row]:
        return sorted(
            (row for row in self._rows.values() if row.messages or row.cost),
            key=lambda row: (row.begin, -row.messages, [value or "" for value in row.values.values()]),
        )

    def _row(self, place: int, period: int) -> tuple[Row, str]:
        values, status = self._shown[place]
        key = (period, *values.values())
        row = self._rows.get(key)
        if row is None:
            begin, end = self._bounds[period] * MINUTE_MS, self._bounds[period + 1] * MINUTE_MS
            row = self._rows[key] = Row(begin=begin, end=end, values=values)
        return row, status


def _values(group: _Group, by: Sequence[str]) -> tuple[dict[str, str | None], str]:
    """The values of a group by dimension, and its status."""
    status = group[len(_DIMENSIONS) + 1]
    named = dict(zip(_DIMENSIONS, group[1:], strict=False))
    named[STATUS] = status
    return {name: named[name] for name in by}, status


def _kept(asked: Asked) -> list[Kept]:
    """The combinations that can answer a report. Raises Problem if there is none."""
    wanted = {*asked.by, *asked.filters}
    if asked.accounts is not None:
        wanted.add(ACCOUNT)
    found = covering(wanted, operator=asked.operator)
    if not found:
        names = ", ".join(f"`{name}`" for name in sorted(wanted - {ACCOUNT}))
        raise Problem("report_not_kept", f"The statistics do not keep {names} together.", param="by")
    return found


def _span(asked: Asked, minutes_from: int) -> tuple[int, int, int]:
    """The span of the boxes, and the first and the last minute of the report, widened to full boxes."""
    box = MINUTE if asked.step == periods.MINUTE else QUARTER
    begin = asked.begin // MINUTE_MS // box * box
    end = -(-asked.end // (MINUTE_MS * box)) * box
    if end <= begin:
        raise Problem("invalid_parameter", "`end` must be later than `start`.", param="end")
    if asked.step is not None and (end - begin) // periods.SHORTEST[asked.step] > MOST_PERIODS:
        raise Problem(
            "report_too_long", f"A report has at most {MOST_PERIODS} steps. Use a longer step.", param="step"
        )
    if box == MINUTE and begin < minutes_from:
        raise Problem(
            "report_too_long", "Boxes of a minute are kept for two days. Use a longer step.", param="start"
        )
    return box, begin, end


def _params(asked: Asked, kept: Kept) -> dict[str, Any]:
    """The params of a statement that the choice of series needs."""
    by = {f"by_{name}": int(name in asked.by) for name in _DIMENSIONS}
    filters = {
        "class_" if name == "class" else name: asked.filters.get(name)
        for name in (*_DIMENSIONS, STATUS)
        if name != ACCOUNT
    }
    return {
        **by,
        **filters,
        "kept": kept.name,
        "test": int(asked.test),
        "any_account": int(asked.accounts is None),
        "accounts": list(asked.accounts or ()),
    }


def money_view(amounts: Mapping[str, int]) -> list[dict[str, str]]:
    """Amounts as the API shows them."""
    return [
        {"amount": money.to_text(amount), "currency": currency}
        for currency, amount in sorted(amounts.items())
    ]
