"""Reports as the API shows them: what a caller may ask for, and the answer.

Rules kept here:
- an account sees its own figures and, if it asks, those of the accounts below it; from the operator's account these
  are all. An account that the caller does not cover does not exist for it;
- costs, carriers and routes are for operators, in the operator's own account;
- carriers and routes are shown by their names, and taken by name or id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from onesixty.accounts.service import Accounts
from onesixty.core import ids, statuses, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http import moments
from onesixty.http.scopes import Principal
from onesixty.statistics import periods
from onesixty.statistics.bodies import Amount, FigureQuery, Report, ReportQuery, ReportRow, Seconds
from onesixty.statistics.counting import CARRIER, DELIVERY, SENDING, TIMES
from onesixty.statistics.dimensions import ACCOUNT, DIMENSIONS, OF_OPERATORS, STATUS
from onesixty.statistics.report import Asked, Read, Reports, Row, money_view

#: The scopes of operators that see costs and carriers, and the scope for the accounts below.
OPERATORS: Final = ("accounts", "carriers")
BELOW: Final = "subaccounts:enter"
#: The span of a report that names none, in ms.
DEFAULT_MS: Final = 7 * 86_400_000


class Names(Protocol):
    """The names of carriers and routes by id (`network.configs.Configs`)."""

    async def names(self) -> Mapping[str, str]:
        """All of them."""


class Reporting:
    """Makes reports for callers."""

    def __init__(self, reports: Reports, accounts: Accounts, names: Names, clock: Clock) -> None:
        self._reports = reports
        self._accounts = accounts
        self._names = names
        self._clock = clock

    async def report(self, caller: Principal, query: ReportQuery) -> Report:
        """The report that a caller asks for. Raises Problem and StoreError."""
        end = moments.of_query(query.end, "end")
        end = self._clock.now_ms() if end is None else end
        start = moments.of_query(query.start, "start")
        known, asked = await self._asked(caller, query, end - DEFAULT_MS if start is None else start, end)
        return report_view(asked, await self._reports.messages(asked), known, query.rows)

    async def check(self, caller: Principal, query: ReportQuery, begin: int, end: int) -> None:
        """Raise Problem if the caller may not have this report, or there is none of this span."""
        _, asked = await self._asked(caller, query, begin, end)
        self._reports.check(asked)

    def zone(self, caller: Principal, name: str | None) -> ZoneInfo:
        """The time zone of a report. Raises Problem `invalid_parameter`."""
        return zone_of(name or self._accounts.book[caller.account_id].time_zone)

    async def _asked(
        self, caller: Principal, query: ReportQuery, begin: int, end: int
    ) -> tuple[Mapping[str, str], Asked]:
        known = await self._names.names() if operates(caller) else {}
        asked = asked_of(caller, query, self._accounts, known)
        zone = self.zone(caller, query.zone)
        return known, msgspec.structs.replace(
            asked, begin=begin, end=end, step=query.step, zone=zone, times=query.times
        )


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name. Raises Problem `invalid_parameter`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder
        raise Problem("invalid_parameter", "Not a time zone of the IANA database.", param="zone") from None


def operates(caller: Principal) -> bool:
    return any(caller.operates(scope) for scope in OPERATORS)


def asked_of(caller: Principal, query: FigureQuery, accounts: Accounts, names: Mapping[str, str]) -> Asked:
    """What a query asks for. Raises Problem."""
    operator = operates(caller)
    by = tuple(dict.fromkeys(part.strip() for part in (query.by or "").split(",") if part.strip()))
    filters = {
        name: value
        for name in DIMENSIONS
        if name != ACCOUNT and (value := getattr(query, "class_" if name == "class" else name)) is not None
    }
    for name in by:
        if name not in DIMENSIONS:
            raise Problem(
                "invalid_parameter",
                f"Unknown dimension `{name}`. They are {', '.join(DIMENSIONS)}.",
                param="by",
            )
    if not operator and (hidden := OF_OPERATORS.intersection((*by, *filters))):
        raise Problem("forbidden", "Carriers and routes are shown to operators only.", param=min(hidden))
    for name in OF_OPERATORS:
        if filters.get(name):
            filters[name] = _id_of(filters[name], name, names)
    if filters.get("country"):
        filters["country"] = filters["country"].upper()
    if filters.get(STATUS) and filters[STATUS] not in statuses.ALL:
        raise Problem("invalid_parameter", f"Unknown status `{filters[STATUS]}`.", param=STATUS)
    if caller.test and query.mode == "live":
        raise Problem("wrong_mode", "A test key can read only test traffic.", param="mode")
    return Asked(
        accounts=_accounts(caller, query, accounts, operator),
        test=caller.test if query.mode is None else query.mode == "test",
        operator=operator,
        by=by,
        filters=filters,
    )


def _accounts(
    caller: Principal, query: FigureQuery, accounts: Accounts, operator: bool
) -> tuple[str, ...] | None:
    """The accounts to count; None for all."""
    wanted = query.account_id or caller.account_id
    if (query.below or wanted != caller.account_id) and not operator and BELOW not in caller.scopes:
        raise Problem(
            "forbidden",
            f"Other accounts need the scope `{BELOW}`.",
            param="below" if query.below else "account_id",
        )
    if not accounts.tree.covers(caller.account_id, wanted):
        raise Problem("invalid_parameter", "Unknown account.", param="account_id")
    if not query.below:
        return (wanted,)
    if operator and accounts.book[wanted].operator:
        return None
    below = list(accounts.book) if accounts.book[wanted].operator else [wanted, *accounts.tree.below(wanted)]
    return tuple(below)


def _id_of(name: str, what: str, names: Mapping[str, str]) -> str:
    """The id of a carrier or route by its name or id; it may be of one that no longer exists."""
    prefix = ids.CARRIER if what == "carrier" else ids.ROUTE
    if ids.is_id(prefix, name):
        return name
    found = next((id_ for id_, known in names.items() if known == name and ids.is_id(prefix, id_)), None)
    if found is None:
        raise Problem("invalid_parameter", f"Unknown {what}.", param=what)
    return found


def report_view(asked: Asked, read: Read, names: Mapping[str, str], limit: int) -> Report:
    """A report as the API shows it."""
    return Report(
        as_of=times.to_text(read.as_of),
        complete=read.complete,
        start=_local(read.begin, asked.zone),
        end=_local(read.end, asked.zone),
        step=asked.step,
        zone=asked.zone.key,
        mode="test" if asked.test else "live",
        by=list(asked.by),
        data=[_row_view(row, asked, read, names) for row in read.rows[:limit]],
        left_out=max(0, len(read.rows) - limit),
    )


def _row_view(row: Row, asked: Asked, read: Read, names: Mapping[str, str]) -> ReportRow:
    seconds = {of: Seconds(**row.seconds(of)) if read.times else UNSET for of in TIMES}
    return ReportRow(
        start=_local(row.begin, asked.zone),
        end=_local(row.end, asked.zone),
        messages=row.messages,
        segments=row.segments,
        statuses=in_order(row.statuses),
        price=[Amount(**amount) for amount in money_view(row.price)],
        cost=[Amount(**amount) for amount in money_view(row.cost)] if asked.operator else UNSET,
        delivery_seconds=seconds[DELIVERY],
        sending_seconds=seconds[SENDING],
        carrier_seconds=seconds[CARRIER],
        **named(row.values, names),
    )


def named(values: Mapping[str, str | None], names: Mapping[str, str]) -> dict[str, str | None]:
    """The values of dimensions as fields of a row: carriers and routes by name."""
    return {
        "class_" if name == "class" else name: names.get(value, value)
        if name in OF_OPERATORS and value is not None
        else value
        for name, value in values.items()
    }


def in_order(found: Mapping[str, int]) -> dict[str, int]:
    return {status: found[status] for status in statuses.ALL if found.get(status)}


def _local(at: int, zone: ZoneInfo) -> str:
    return periods.local_text(at // 60_000, zone)
