"""Scenarios: what happens to simulated carriers and when, as data read from TOML or JSON.

Rules kept here:
- a step does one thing at one time; `at` is an offset from the start (`90`, `"90s"`, `"1m30s"`) or a time of day
  in UTC (`"12:00"`, `"12:00:30"`: the next one);
- a step with `for` is undone after that time; at the end of a scenario (`lasts`, or after the last of its steps)
  every carrier is as configured again;
- an unknown field, step or behaviour is refused when the scenario is read, never ignored when it plays.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple, TypeVar

import msgspec

from onesixty.core.message import CLASSES
from onesixty.http.validation import of_msgspec
from onesixty.simulator.behaviour import Behaviour
from onesixty.simulator.networks import countries

S = TypeVar("S", bound=msgspec.Struct)

#: The longest scenario in seconds, and the most steps that it may have.
LONGEST: Final = 7 * 86_400.0
MOST_STEPS: Final = 1_000
#: The most messages that a fast run sends: they are all in memory.
MOST_MESSAGES: Final = 200_000
DAY: Final = 86_400

_DURATION: Final = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
_TIME_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")

When = float | int | str
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Number = Annotated[str, msgspec.Meta(min_length=2, max_length=20)]

#: Stands for every running simulated carrier.
EVERY: Final = "*"


class _Step(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    at: When = 0


class Down(_Step, kw_only=True, forbid_unknown_fields=True, tag="down"):
    """The carrier's link is down."""

    carrier: str = EVERY
    for_: When | None = msgspec.field(default=None, name="for")


class Up(_Step, kw_only=True, forbid_unknown_fields=True, tag="up"):
    """It is up again."""

    carrier: str = EVERY


class Behave(_Step, kw_only=True, forbid_unknown_fields=True, tag="behave"):
    """The carrier behaves as configured but for `set` (settings of a simulated carrier's network)."""

    set: dict[str, Any]
    carrier: str = EVERY
    for_: When | None = msgspec.field(default=None, name="for")


class Restore(_Step, kw_only=True, forbid_unknown_fields=True, tag="restore"):
    """It behaves as configured."""

    carrier: str = EVERY


class Send(_Step, kw_only=True, forbid_unknown_fields=True, tag="send"):
    """A handset sends a message."""

    from_: Number = msgspec.field(name="from")
    to: Number
    text: Text


Step = Down | Up | Behave | Restore | Send


class Traffic(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Messages that a fast run sends: `rate` a second, evenly, from the scenario's start for `for`.

    `to` are numbers, or ISO 3166 codes for numbers of that country drawn by chance.
    """

    rate: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 10
    for_: When = msgspec.field(default="1m", name="for")
    from_: str = msgspec.field(default="Acme", name="from")
    to: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=1000)] = (
        "US",
        "DE",
        "GB",
        "IN",
        "BR",
    )
    texts: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=100)] = (
        "Your verification code is 482931",
    )
    classes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("transactional",)
    on_unknown: str | None = None
    valid_for: Annotated[int, msgspec.Meta(ge=1, le=604_800)] | None = None


class Scenario(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A scenario. `seed` makes chance repeat itself in a fast run; `starts_at` is its time of day there.

    `carriers` are those of a fast run, as `[[carriers]]` of the settings; empty: those of a first start.
    """

    name: Annotated[str, msgspec.Meta(max_length=100)] = "scenario"
    seed: int = 1
    starts_at: str = "09:00"
    lasts: When | None = None
    steps: Annotated[list[Step], msgspec.Meta(max_length=MOST_STEPS)] = []
    traffic: Traffic | None = None
    carriers: list[dict[str, Any]] = []


class Cue(NamedTuple):
    """A step on the timeline: seconds after the start, and what it does. `undone` marks the end of a `for`."""

    at: float
    step: Step
    undone: bool = False


def read_toml(text: str) -> Scenario:
    """Parse a scenario from TOML. Raises ValueError that names the place."""
    try:
        return check(convert(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not TOML: {error}") from None


def read_json(text: str | bytes) -> Scenario:
    """Parse a scenario from JSON. Raises ValueError that names the place."""
    try:
        return check(convert(msgspec.json.decode(text)))
    except msgspec.DecodeError as error:
        raise ValueError(f"not JSON: {error}") from None


def convert(data: object) -> Scenario:
    """Convert decoded TOML or JSON to a scenario. Raises ValueError naming the field."""
    return _converted(data, Scenario)


def check(scenario: Scenario) -> Scenario:
    """Check what the types cannot express, and return the scenario. Raises ValueError."""
    for number, step in enumerate(scenario.steps, 1):
        try:
            moment(step.at, 0)
            if isinstance(step, Down | Behave) and step.for_ is not None:
                duration(step.for_)
            if isinstance(step, Behave):
                behaviour_of(step.set)
        except ValueError as error:
            raise ValueError(f"step {number}: {error}") from None
    if _TIME_OF_DAY.fullmatch(scenario.starts_at) is None:
        raise ValueError(f"starts_at: {scenario.starts_at!r} is not a time of day such as 09:00")
    timeline(scenario, 0)
    if scenario.traffic is not None:
        _check_traffic(scenario.traffic)
    return scenario


def _check_traffic(traffic: Traffic) -> None:
    count = duration(traffic.for_) * traffic.rate
    if count > MOST_MESSAGES:
        raise ValueError(f"traffic: {count:.0f} messages exceed the maximum of {MOST_MESSAGES}")
    for to in traffic.to:
        if not to.startswith("+") and to not in countries():
            raise ValueError(f"traffic: {to!r} is neither a number nor one of {', '.join(countries())}")
    for class_ in traffic.classes:
        if class_ not in CLASSES:
            raise ValueError(f"traffic: {class_!r} is not one of the classes {', '.join(CLASSES)}")


def behaviour_of(changes: Mapping[str, object]) -> Behaviour:
    """Return the behaviour that a step sets. Raises ValueError naming the field."""
    return _converted(dict(changes), Behaviour)


def _converted(data: object, into: type[S]) -> S:
    try:
        return msgspec.convert(data, into)
    except msgspec.ValidationError as error:
        raise ValueError(of_msgspec(error, into.__struct_encode_fields__).detail.rstrip(".")) from None


def duration(value: When) -> float:
    """Return seconds: from a number, or from text like 90s, 1m30s, 2h. Raises ValueError."""
    if isinstance(value, str):
        found = _DURATION.fullmatch(value.replace(" ", ""))
        if found is None or not any(found.groups()):
            raise ValueError(f"{value!r} is not a duration such as 90s, 1m30s or 2h")
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        value = hours * 3600 + minutes * 60 + seconds
    if not 0 <= value <= LONGEST:
        raise ValueError(f"a duration must be between 0 and {LONGEST:.0f} s")
    return float(value)


def time_of_day(value: str) -> int:
    """Return the seconds since midnight of text like 12:00 or 12:00:30. Raises ValueError."""
    found = _TIME_OF_DAY.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is not a time of day such as 12:00")
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)


def moment(value: When, now_ms: int) -> float:
    """Return the seconds after a start at `now_ms` (epoch ms): of an offset, or of the next such time of day in
    UTC."""
    if isinstance(value, str) and ":" in value:
        return (time_of_day(value) - now_ms / 1000) % DAY
    return duration(value)


def timeline(scenario: Scenario, now_ms: int) -> list[Cue]:
    """Return the steps ordered by time, with a second cue for the end of each `for`, for a start at `now_ms`.
    Raises ValueError."""
    cues: list[Cue] = []
    for step in scenario.steps:
        at = moment(step.at, now_ms)
        cues.append(Cue(at, step))
        if isinstance(step, Down | Behave) and step.for_ is not None:
            cues.append(Cue(at + duration(step.for_), step, undone=True))
    return sorted(cues, key=lambda cue: cue.at)


def length(scenario: Scenario, cues: list[Cue]) -> float:
    """Return the length of the scenario in seconds."""
    last = max((cue.at for cue in cues), default=0.0)
    return last if scenario.lasts is None else max(last, duration(scenario.lasts))
