"""What an installed package declares, and what it is given: the contract between onesixty and its extensions.

An entry point leads to one value: a `StepExtension`, a `ConnectorExtension` or a `SinkExtension`. The name of the
entry point is the name of the extension: in the settings, in metrics, in the log, as the rule of its refusals, and as
the type of its carriers.

Rules kept here:
- `api` is the version of this contract that the author wrote for, as a plain number. It never comes from onesixty, or
  every package would fit every version;
- a version changes only if an extension would have to change. Names may be added within a version;
- an extension gets its settings as its own struct, already checked, and a `Host`. It gets neither the store nor other
  parts of the node.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec
import structlog

from onesixty.carriers.registry import Seams, no_check, no_target
from onesixty.channels.sms.orders import SMS
from onesixty.core import events
from onesixty.core.clock import Clock, Random, SystemClock, system_random
from onesixty.core.contracts import Carrier
from onesixty.messages import drafts

#: The version of the contract in this release.
API_VERSION: Final = 1
#: The versions for which this release loads extensions.
SUPPORTED: Final = frozenset({API_VERSION})


class NoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of an extension that has none."""


S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T", bound="SinkSettings")


@dataclass(frozen=True, slots=True)
class Host:
    """What a step or sink is given beside its settings. `log` is a structlog logger that names the extension.

    The defaults are for tests of an extension.
    """

    name: str = "test"
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=system_random)
    log: Any = field(default_factory=lambda: structlog.get_logger("onesixty.extensions"))


# ---------------------------------------------------------------- steps


class Step(drafts.Step):
    """The step of an extension: a step of every message (`messages.drafts.Step`), with a start and a stop.

    `again`, `judges_hops`, `reads`, `read` and `judge` are those of every step. The name is that of the entry point;
    this one is for tests of an extension.
    """

    name = "test"

    async def start(self) -> None:
        """Open what the step needs. Called before the node takes messages; an exception stops the start."""

    async def stop(self) -> None:
        """Close it. Called after the node took its last message; canceled after an eighth of `shutdown_seconds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepExtension(Generic[S]):
    """An entry point of the group `onesixty.steps`.

    `before` and `after` name the steps between which it stands: those of onesixty (`messages.steps.standard`) or of
    other extensions. Without either, it stands where the message is complete, and before its price and route, which
    follow its changes; a step that `judges_hops` stands at the end.
    """

    api: int
    make: Callable[[S, Host], Step]
    settings: type[S] = NoSettings  # type: ignore[assignment]  # the default of S
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


# ---------------------------------------------------------------- connectors


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorExtension(Generic[S]):
    """An entry point of the group `onesixty.connectors`: a type of carriers.

    The fields are those of `carriers.registry.Connector`: `build` gets the carrier's id, its settings and the seams
    (clock, randomness, network), and opens nothing. `secrets` are the settings that are never shown. `target` returns
    where they are sent: if it changes, they have to be given again. `check` refuses settings that their types allow,
    with `invalid`.
    """

    api: int
    build: Callable[[str, S, Seams], Carrier]
    settings: type[S]
    secrets: tuple[str, ...] = ()
    simulated: bool = False
    check: Callable[[S, str], None] = no_check
    target: Callable[[S], object] = no_target
    #: The channel whose messages it carries.
    channel: str = SMS


# ---------------------------------------------------------------- sinks


class SinkSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which events a sink gets. The settings of a sink are a subclass, so that every sink is chosen for alike."""

    #: Types of events; empty: all.
    events: tuple[str, ...] = ()
    #: Ids of accounts; empty: all.
    accounts: tuple[str, ...] = ()
    mode: Literal["all", "live", "test"] = "all"

    def __post_init__(self) -> None:
        for type_ in self.events:
            if type_ not in events.TYPES:
                raise ValueError(f"unknown event type {type_}. The types are: {', '.join(events.TYPES)}")

    def wants(self, type_: str, account_id: str, test: bool) -> bool:
        """Whether the sink gets the events of this type of this account, of test traffic or live."""
        return (
            (not self.events or type_ in self.events)
            and (not self.accounts or account_id in self.accounts)
            and self.mode in ("all", "test" if test else "live")
        )


class Event(msgspec.Struct, frozen=True):
    """An event on its way to a sink. `body` is JSON: the body that webhooks get (docs/reference/webhooks.md), as it
    is now, after changes and redactions. `tries` is the number of attempts before this one."""

    id: str
    type: str
    account_id: str
    message_id: str | None
    body: bytes
    tries: int


class Again(Exception):
    """Raised by a sink: the receiver did not take the event. `after` is the pause that it asked for, in seconds."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(Exception):
    """Raised by a sink: the receiver will never take this event."""


class Sink(ABC):
    """Gets events, each until `deliver` returns.

    An event is written with the change that it is about, so a crash loses none. After one it may come twice: `id`
    tells. Events come in no promised order, and several at once; the body's `sequence` orders those of one message.
    """

    @abstractmethod
    async def deliver(self, event: Event) -> None:
        """Hand the event to the receiver. Return once it has it. Raises `Again` or `GiveUp`; any other exception is
        logged and means `Again`."""

    async def start(self) -> None:  # noqa: B027  (a sink may need none)
        """Open what the sink needs. An exception stops the start of the node."""

    async def stop(self) -> None:  # noqa: B027
        """Close it. No `deliver` is running. Canceled after an eighth of `shutdown_seconds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkExtension(Generic[T]):
    """An entry point of the group `onesixty.sinks`."""

    api: int
    make: Callable[[T, Host], Sink]
    settings: type[T] = SinkSettings  # type: ignore[assignment]  # the default of T


#: What an entry point may lead to.
Declared = StepExtension[Any] | ConnectorExtension[Any] | SinkExtension[Any]
