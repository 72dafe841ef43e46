"""The answers of `/v1/sandbox`."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from onesixty.core import statuses
from onesixty.http.openapi import REF, Schema, of_struct
from onesixty.http.structs import Answer, Time, named, one_of
from onesixty.simulator.behaviour import Behaviour
from onesixty.simulator.fixed import GROUPS
from onesixty.simulator.scenario import Scenario

_SINCE_START: Final = Meta(description="Seconds after the start.")


class Handset(Answer):
    """A handset behind a simulated carrier."""

    number: str
    country: str | None
    network: Annotated[str, Meta(description="MCC and MNC of its fictional operator.")]
    network_name: str
    carrier: Annotated[str | None, Meta(description="The carrier that last reached the handset.")]
    messages: int
    last_at: Time | None
    account_id: str
    test: bool


class HandsetMessage(Answer, rename={"sender": "from"}):
    """A message as a handset shows it."""

    sequence: Annotated[
        int,
        Meta(
            description="Counts the messages of all handsets since the start of the node: by it you know a message "
            "again, while its parts arrive."
        ),
    ]
    direction: Annotated[str, one_of(("received", "sent"))]
    sender: str
    to: str
    text: Annotated[
        str, Meta(description="The text of the parts received so far; octets of a binary message in hex.")
    ]
    encoding: Annotated[str, one_of(("gsm7", "ucs2", "binary"))]
    flash: Annotated[bool, Meta(description="Displayed at once and not stored (class 0).")]
    parts: int
    missing_parts: int
    at: Time
    carrier: str
    message_id: Annotated[
        str | None,
        Meta(description="The message that was delivered; null for messages that the handset sent."),
    ]
    account_id: str
    test: bool


class FixedNumber(Answer):
    """A number with a fixed outcome."""

    number: str
    group: Annotated[str, one_of(GROUPS)]
    about: str
    ends: Annotated[str, one_of(sorted(statuses.TERMINAL))]
    error: Annotated[str, named("ErrorCode")] | None


class ScenarioStep(Answer):
    """A step and its result."""

    at: Annotated[float, _SINCE_START]
    what: str
    done_at: Annotated[float | None, _SINCE_START]
    problem: Annotated[str | None, Meta(description="Why the step failed.")]


class ScenarioStatus(Answer):
    """A scenario that is playing or was played."""

    name: str
    state: Annotated[str, one_of(("running", "done", "stopped"))]
    started_at: Time
    ended_at: Time | None
    lasts: Annotated[float, Meta(description="Seconds.")]
    steps: list[ScenarioStep]


def schemas() -> dict[str, Schema]:
    """The schemas, for the OpenAPI document."""
    found = of_struct(Scenario, Behaviour, ScenarioStatus, pages=[Handset, HandsetMessage, FixedNumber])
    found["Behave"]["properties"]["set"] = {"$ref": REF.format(name="Behaviour")}
    for name in ("traffic", "carriers"):  # only for fast runs on the command line
        del found["Scenario"]["properties"][name]
    del found["Traffic"]
    return found
