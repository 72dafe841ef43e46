"""The definition of a route: which messages it takes (`match`), over which carriers, and its `priority`.

The API, the settings file and the rows of `routes` share this form.

Rules kept here:
- a missing filter matches everything; a filter with several values matches any of them; all filters of a route must
  match;
- carriers are tried by ascending `order`; those of the same order share messages by `weight`. A plain list of names
  is in that order;
- a carrier of a route may have a sender of its own, in the form in which messages of the carrier's channel show it;
- every fault is a `Problem` that names its field (`match.prefixes[1]`, `carriers[0].weight`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from onesixty.core.errors import Problem
from onesixty.http.validation import of_msgspec

#: The default priority of a route. Lower priorities are evaluated first.
PRIORITY: Final = 100
HIGHEST: Final = 1_000_000
MOST_CARRIERS: Final = 50
_MOST_VALUES: Final = 10_000

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_Time = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
_Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$|^001$", description="ISO 3166, or 001 for no country.")]
_Prefix = Annotated[str, Meta(pattern=r"^\+?[1-9][0-9]{0,14}$")]
_Network = Annotated[str, Meta(pattern=r"^[0-9]{5,6}$", description="MCC and MNC.")]
_Sender = Annotated[str, Meta(min_length=1, max_length=64)]
_Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Window(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"from_": "from"},
):
    """A time of day in a time zone, on some or all weekdays. A window that ends before it begins runs past midnight
    and belongs to the day on which it begins.
    """

    from_: _Time = "00:00"
    to: _Time = "24:00"
    weekdays: tuple[Weekday, ...] = ()
    zone: Annotated[str, Meta(max_length=64, description="An IANA time zone, for example Europe/Berlin.")] = (
        "UTC"
    )


class RouteMatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which messages a route takes. All given filters must match; a list matches if any of its values does. Without
    filters, a route takes every message.
    """

    countries: Annotated[
        tuple[_Country, ...], Meta(max_length=300, description="Countries of the recipient.")
    ] = ()
    prefixes: Annotated[
        tuple[_Prefix, ...],
        Meta(
            max_length=_MOST_VALUES,
            description="The beginning of the recipient's number; the longest match wins.",
        ),
    ] = ()
    networks: Annotated[
        tuple[_Network, ...], Meta(max_length=_MOST_VALUES, description="MCC and MNC, if known.")
    ] = ()
    senders: Annotated[
        tuple[_Sender, ...],
        Meta(max_length=_MOST_VALUES, description="Senders as in `from`; * matches any characters."),
    ] = ()
    sender_kinds: Annotated[
        tuple[Literal["alphanumeric", "numeric", "short_code"], ...], Meta(max_length=3)
    ] = ()
    accounts: Annotated[
        tuple[_Name, ...],
        Meta(
            max_length=_MOST_VALUES,
            description="Ids of accounts; other accounts cannot name the route either.",
        ),
    ] = ()
    classes: Annotated[tuple[Literal["otp", "transactional", "marketing"], ...], Meta(max_length=3)] = ()
    tags: Annotated[
        tuple[_Name, ...],
        Meta(max_length=100, description="The message must have at least one of these tags."),
    ] = ()
    times: Annotated[
        tuple[Window, ...],
        Meta(max_length=50, description="The message must be routed within one of these windows."),
    ] = ()


class RouteCarrier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A carrier of a route. Carriers are tried by ascending `order`; equal ones share messages by `weight`. With
    `sender`, messages go over this carrier with that sender."""

    carrier: str
    order: Annotated[int, Meta(ge=1, le=1000, description="Default: the position in the list.")] | None = None
    weight: Annotated[int, Meta(ge=1, le=10_000)] = 1
    sender: (
        Annotated[
            str, Meta(max_length=64, description="The sender on this carrier. Default: the message's own.")
        ]
        | None
    ) = None


class _Spec(msgspec.Struct, forbid_unknown_fields=True):
    carriers: Annotated[list[str | RouteCarrier], Meta(min_length=1, max_length=MOST_CARRIERS)]
    match: RouteMatch = RouteMatch()
    priority: Annotated[int, Meta(ge=0, le=HIGHEST)] = PRIORITY


class Placed(NamedTuple):
    """A carrier of a route, complete. `sender` is the sender to use there, None for the message's own."""

    carrier_id: str
    order: int
    weight: int
    sender: str | None = None


class KnownCarrier(NamedTuple):
    """A carrier that a route may name. `sender` brings a sender of its channel into the form that messages keep, and
    raises Problem for what is none."""

    id: str
    sender: Callable[[str], str]


class RouteSpec(msgspec.Struct):
    """The carriers, filters and priority of a route, validated."""

    carriers: list[Placed]
    match: RouteMatch
    priority: int

    @property
    def carriers_text(self) -> str:
        """The column `carriers`."""
        return msgspec.json.encode(shown(self.carriers)).decode()

    @property
    def match_text(self) -> str:
        """The column `match`."""
        return msgspec.json.encode(self.match).decode()


def check(fields: Mapping[str, Any], known: Mapping[str, KnownCarrier]) -> RouteSpec:
    """Validate `carriers`, `match` and `priority` as submitted; `known` are the carriers by name and by id. Raises
    Problem.
    """
    try:
        spec = msgspec.convert(fields, _Spec)
    except msgspec.ValidationError as error:
        raise of_msgspec(error) from None
    return checked(spec.carriers, spec.match, spec.priority, known)


def checked(
    carriers: Sequence[str | RouteCarrier],
    match: RouteMatch,
    priority: int,
    known: Mapping[str, KnownCarrier],
) -> RouteSpec:
    """Validate values that already have the right types. Raises Problem."""
    _check_times(match)
    return RouteSpec(_placed(carriers, known), match, priority)


def read(carriers: str, match: str, priority: int) -> RouteSpec:
    """The contents of the columns of a row."""
    named = msgspec.json.decode(carriers, type=list[str | RouteCarrier])
    return RouteSpec(
        [_place(entry, index) for index, entry in enumerate(named)],
        msgspec.json.decode(match, type=RouteMatch),
        priority,
    )


def shown(carriers: Iterable[Placed], names: Mapping[str, str] | None = None) -> list[Any]:
    """The carriers as submitted: names only, if each has an order of its own and none a sender."""
    listed = sorted(carriers, key=lambda placed: placed.order)
    named = [
        names.get(placed.carrier_id, placed.carrier_id) if names else placed.carrier_id for placed in listed
    ]
    if len({placed.order for placed in listed}) == len(listed) and not any(p.sender for p in listed):
        return named
    return [
        {"carrier": name, "order": placed.order, "weight": placed.weight}
        | ({"sender": placed.sender} if placed.sender else {})
        for name, placed in zip(named, listed, strict=True)
    ]


def _place(entry: str | RouteCarrier, index: int) -> Placed:
    if isinstance(entry, str):
        return Placed(entry, index + 1, 1)
    return Placed(entry.carrier, entry.order or index + 1, entry.weight, entry.sender)


def _placed(named: Sequence[str | RouteCarrier], known: Mapping[str, KnownCarrier]) -> list[Placed]:
    found: list[Placed] = []
    for index, entry in enumerate(named):
        placed = _place(entry, index)
        name, sender = placed.carrier_id, placed.sender
        param = f"carriers[{index}]" if isinstance(entry, str) else f"carriers[{index}].carrier"
        if name not in known:
            raise Problem("invalid_field", f"Unknown carrier `{name}`.", param=param)
        carrier = known[name]
        if any(carrier.id == other.carrier_id for other in found):
            raise Problem("invalid_field", f"Carrier `{name}` is listed twice.", param=param)
        if sender is not None:
            try:
                sender = carrier.sender(sender)
            except Problem as problem:
                problem.param = f"carriers[{index}].sender"
                raise
        found.append(placed._replace(carrier_id=carrier.id, sender=sender))
    return found


def _check_times(match: RouteMatch) -> None:
    for index, window in enumerate(match.times):
        param = f"match.times[{index}]"
        try:
            ZoneInfo(window.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Problem(
                "invalid_field", f"Unknown time zone `{window.zone}`.", param=f"{param}.zone"
            ) from None
        if window.from_ in (window.to, "24:00"):
            raise Problem(
                "invalid_field", "The window is empty: `from` and `to` are equal.", param=f"{param}.to"
            )
