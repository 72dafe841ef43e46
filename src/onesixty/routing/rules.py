"""Rules: routes prepared for matching, and the index that finds the few rules that can match a message.

Rules kept here:
- the order in which routes are evaluated: by `priority`, then more kinds of filters first, then the narrower
  destination (network, longer prefix, country), then `default` before others without filters, then the older
  route;
- the index lists a rule under its most selective filter, so that a message meets only rules that agree in it: a
  thousand routes of a hundred countries cost a look-up and the rules of one country;
- the rule itself returns the first filter that a message fails: matching and explaining use the same code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from onesixty.core.channel import Channels
from onesixty.core.message import Message
from onesixty.routing.spec import WEEKDAYS, RouteMatch, Window

#: The route that is evaluated first among those without filters.
DEFAULT: Final = "default"

_MINUTE_MS: Final = 60_000

#: Where a rule or route stands in the order of evaluation: the smaller one is evaluated first.
Key = tuple[int, int, int, int, int, str]


class Named(NamedTuple):
    """The fields of a route that a rule needs."""

    id: str
    name: str
    priority: int
    created_at: int
    match: RouteMatch


class _Times:
    """Time windows; the result is cached for one minute of the clock."""

    __slots__ = ("_minute", "_open", "_windows")

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = [
            (ZoneInfo(w.zone), _minutes(w.from_), _minutes(w.to), frozenset(map(WEEKDAYS.index, w.weekdays)))
            for w in windows
        ]
        self._minute = -1
        self._open = False

    def include(self, now: int) -> bool:
        """Whether a window is open at `now` (epoch ms)."""
        minute = now // _MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._open = any(self._is_open(now, *window) for window in self._windows)
        return self._open

    @staticmethod
    def _is_open(now: int, zone: ZoneInfo, begin: int, end: int, weekdays: frozenset[int]) -> bool:
        local = datetime.fromtimestamp(now / 1000, zone)
        at, day = local.hour * 60 + local.minute, local.weekday()
        if begin < end:
            return begin <= at < end and (not weekdays or day in weekdays)
        if at < end:
            day = (day - 1) % 7  # the window began yesterday
        elif at < begin:
            return False
        return not weekdays or day in weekdays


#: Fields of an edit (`core.orders.Edit`) that filters depend on: a change of one of them chooses the route again.
FILTERED: Final = frozenset({"sender", "class_", "tags"})


class Rule:
    """A route as one row of the table, with those of its prefixes that have one length.

    A route whose prefixes have several lengths becomes several rules, so that the index finds each with one look-up.
    """

    __slots__ = (
        "accounts", "channels", "classes", "countries", "filtered", "networks", "patterns", "place", "prefix_length",
        "prefixes", "rank", "route_id", "sender_kinds", "senders", "sort_key", "tags", "times",
    )  # fmt: skip

    def __init__(self, place: int, route: Named, prefix_length: int, channels: Channels) -> None:
        match = route.match
        self.channels = channels
        self.place = place
        self.route_id = route.id
        self.prefix_length = prefix_length
        self.prefixes = frozenset(p for p in map(_digits, match.prefixes) if len(p) == prefix_length) or None
        self.countries = frozenset(match.countries) or None
        self.networks = frozenset(match.networks) or None
        self.accounts = frozenset(match.accounts) or None
        self.classes = frozenset(match.classes) or None
        self.sender_kinds = frozenset(match.sender_kinds) or None
        self.tags = frozenset(match.tags) or None
        self.times = _Times(match.times) if match.times else None
        exact = [sender for sender in match.senders if "*" not in sender]
        patterns = [sender for sender in match.senders if "*" in sender]
        self.senders = frozenset(exact) if match.senders else None
        self.patterns = (
            re.compile("|".join(".*".join(map(re.escape, p.split("*"))) for p in patterns), re.DOTALL)
            if patterns
            else None
        )
        self.filtered = match != RouteMatch()
        self.sort_key = _key(route, prefix_length)
        self.rank = 0

    def fails(self, message: Message, now: int) -> str | None:
        """The first filter that the message does not match; None if it matches all."""
        if self.prefixes is not None and (
            message.recipient[1 : 1 + self.prefix_length] not in self.prefixes
            or not self.channels[message.channel].numbers
        ):
            return "prefixes"
        if self.countries is not None and message.country not in self.countries:
            return "countries"
        if self.networks is not None and message.network not in self.networks:
            return "networks"
        if self.accounts is not None and message.account_id not in self.accounts:
            return "accounts"
        if self.classes is not None and message.class_ not in self.classes:
            return "classes"
        if (
            self.senders is not None
            and message.sender not in self.senders
            and (self.patterns is None or self.patterns.fullmatch(message.sender) is None)
        ):
            return "senders"
        if self.sender_kinds is not None:
            kind = self.channels[message.channel].sender_kind(message.sender)
            if kind not in self.sender_kinds:
                return "sender_kinds"
        if self.tags is not None and (message.tags is None or self.tags.isdisjoint(_tags(message.tags))):
            return "tags"
        if self.times is not None and not self.times.include(now):
            return "times"
        return None


_tags = msgspec.json.Decoder(list[str]).decode


class Rules:
    """All rules of a table, in order, and the index."""

    def __init__(self, routes: Iterable[Named], channels: Channels) -> None:
        rules = [rule for place, route in enumerate(routes) for rule in _rules_of(place, route, channels)]
        rules.sort(key=lambda rule: rule.sort_key)
        for rank, rule in enumerate(rules):
            rule.rank = rank
        self.all: Final = tuple(rules)
        #: Whether any rule has a filter.
        self.filtered: Final = any(rule.filtered for rule in rules)
        #: Whether all filters look only at what several messages have in common: at no recipient and no time.
        self.by_facts: Final = all(rule.prefixes is None and rule.times is None for rule in rules)
        self._any: list[Rule] = []
        self._by_prefix: dict[str, list[Rule]] = {}
        self._by_network: dict[str, list[Rule]] = {}
        self._by_account: dict[str, list[Rule]] = {}
        self._by_country: dict[str, list[Rule]] = {}
        self._by_sender: dict[str, list[Rule]] = {}
        for rule in rules:
            self._file(rule)
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def _file(self, rule: Rule) -> None:
        for keys, index in (
            (rule.prefixes, self._by_prefix),
            (rule.networks, self._by_network),
            (rule.accounts, self._by_account),
            (rule.countries, self._by_country),
            (rule.senders if rule.patterns is None else None, self._by_sender),
        ):
            if keys is not None:
                for key in keys:
                    index.setdefault(key, []).append(rule)
                return
        self._any.append(rule)

    def candidates(self, message: Message) -> Sequence[Rule]:
        """The rules that the index finds for the message, in order."""
        found = [self._any] if self._any else []
        for length in self._lengths:
            rules = self._by_prefix.get(message.recipient[1 : 1 + length])
            if rules is not None:
                found.append(rules)
        for index, key in (
            (self._by_country, message.country),
            (self._by_account, message.account_id),
            (self._by_network, message.network),
            (self._by_sender, message.sender),
        ):
            if index and key is not None and (rules := index.get(key)) is not None:
                found.append(rules)
        if len(found) == 1:
            return found[0]
        return sorted((rule for rules in found for rule in rules), key=_rank_of)

    def matching(self, message: Message, now: int) -> Iterator[Rule]:
        """The rules that match the message, in order."""
        return (rule for rule in self.candidates(message) if rule.fails(message, now) is None)


def key_of(route: Named) -> Key:
    """Where a route stands in the order of evaluation: where its first rule does, that of its longest prefixes."""
    return _key(route, max(_lengths(route)))


def _key(route: Named, prefix_length: int) -> Key:
    match = route.match
    filters = sum(map(bool, (
        match.senders, match.sender_kinds, match.accounts, match.classes, match.tags, match.times,
        match.countries or match.prefixes or match.networks,
    )))  # fmt: skip
    narrow = 100 if match.networks else 1 + prefix_length if prefix_length else int(bool(match.countries))
    last = match == RouteMatch() and route.name != DEFAULT
    return route.priority, -filters, -narrow, int(last), route.created_at, route.id


def _lengths(route: Named) -> set[int]:
    return {len(_digits(prefix)) for prefix in route.match.prefixes} or {0}


def _rules_of(place: int, route: Named, channels: Channels) -> Iterator[Rule]:
    return (Rule(place, route, length, channels) for length in _lengths(route))


def _rank_of(rule: Rule) -> int:
    return rule.rank


def _digits(prefix: str) -> str:
    return prefix.removeprefix("+")


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])
