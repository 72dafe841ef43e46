"""`/v1/carrier-states` and `/v1/carrier-series`, for operators: what carriers do now on the node that answers.

One call is for all carriers, so a page may ask every two seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Final

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.responses import Response

from onesixty.core import ids, times
from onesixty.core.clock import Clock
from onesixty.core.contracts import BindState, CarrierConfig, CarrierState
from onesixty.core.errors import Problem
from onesixty.dispatch.carrier_queue import CarrierQueue
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.http import bodies, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time, named, one_of
from onesixty.network.configs import Configs
from onesixty.network.figures import SLOTS, STEP, CarrierFigures, Spread
from onesixty.network.running import RunningCarriers
from onesixty.ops.metrics import BREAKER_STATES
from onesixty.pauses.in_force import PausesInForce

Operator = Annotated[Principal, Depends(Requires("carriers"))]

#: Seconds of a minute by a slot.
_SLOTS_A_MINUTE: Final = 60 // STEP


class LiveBind(Answer):
    """A bind of a carrier."""

    name: Annotated[str, Meta(description="As in attempts and pauses.")]
    type: Annotated[str, one_of(("transceiver", "transmitter", "receiver"))]
    bound: bool
    since: Annotated[Time | None, Meta(description="Since when it is bound, or lost.")]
    in_flight: int
    window: int
    paused: bool
    last_error: Annotated[str | None, Meta(description="Why it is not bound.")]


class LiveQueue(Answer):
    """What waits for a carrier in the memory of this node."""

    waiting: Annotated[int, Meta(description="Messages in the lane.")]
    by_class: Annotated[dict[str, int], Meta(description="The same by class of messages.")]
    more: Annotated[bool, Meta(description="Whether further messages wait in the database.")]
    oldest_seconds: Annotated[
        float | None,
        Meta(
            description="How long the oldest message has waited, of those in the lane and in the database, also "
            "while the carrier is paused. The database is looked at every 15 seconds. null: none waits."
        ),
    ]
    breaker: Annotated[
        str,
        one_of(BREAKER_STATES),
        Meta(description="`open`: the carrier is taken out after failures; `half_open`: it is tried again."),
    ]
    slowed: Annotated[bool, Meta(description="Whether the carrier asked to slow down, and the lane waits.")]


class Rates(Answer):
    """Segments a second by outcome, and receipts, over the last ten seconds."""

    accepted: float
    refused: float
    throttled: float
    failed: Annotated[float, Meta(description="Failed for now, or without a known outcome.")]
    receipts: float


class LiveTimes(Answer):
    """The median and the 95th percentile, in seconds."""

    p50: float
    p95: float


class LiveError(Answer):
    """How often a carrier did not take a segment, within the last hour."""

    code: Annotated[str, named("ErrorCode")] | None
    carrier_code: Annotated[str | None, Meta(description="The carrier's own code.")]
    count: int


class LiveCarrier(Answer):
    """What a carrier does now, on the node that answers."""

    id: str
    name: str
    type: str
    enabled: bool
    paused: Annotated[str | None, Meta(description="`pause` or `drain` if an operator stopped it.")]
    state: CarrierState | None
    binds: Annotated[list[LiveBind], Meta(description="Of a carrier over SMPP.")]
    queue: LiveQueue | None
    per_second: Rates
    answer_seconds: Annotated[
        LiveTimes | None, Meta(description="From a segment to its answer, within five minutes.")
    ]
    receipt_seconds: Annotated[
        LiveTimes | None, Meta(description="From an answer to its receipt: the last ones within an hour.")
    ]
    errors: Annotated[list[LiveError], Meta(description="Of the last hour, most frequent first.")]


class CarrierStates(Answer):
    """What all carriers do now."""

    as_of: Time
    data: list[LiveCarrier]


class CarrierSeries(Answer):
    """Counts of one carrier by time: a number for each step, the oldest first."""

    id: str
    name: str
    accepted: list[int]
    refused: list[int]
    throttled: list[int]
    failed: list[int]
    receipts: list[int]


class SeriesOfCarriers(Answer):
    """Counts of all carriers by time."""

    as_of: Time
    start: Annotated[Time, Meta(description="When the first step begins.")]
    step_seconds: int
    data: list[CarrierSeries]


class StatesQuery(bodies.Query):
    """`?carrier=acme`."""

    carrier: Annotated[
        str | None,
        Field(
            max_length=100,
            description="Only this one, by id or name. With the id of a removed carrier, `data` is empty.",
        ),
    ] = None


class SeriesQuery(StatesQuery):
    """`?minutes=60&carrier=acme`."""

    minutes: Annotated[int, Field(ge=1, le=60, description="How far back.")] = 60


class Live:
    """Reads what carriers do."""

    def __init__(
        self,
        configs: Configs,
        running: RunningCarriers,
        dispatcher: Dispatcher,
        figures: CarrierFigures,
        pauses: PausesInForce,
        clock: Clock,
    ) -> None:
        self._configs = configs
        self._running = running
        self._queues = dispatcher.queues
        self._oldest = dispatcher.oldest
        self._figures = figures
        self._pauses = pauses
        self._clock = clock

    async def chosen(self, carrier: str | None) -> list[CarrierConfig]:
        """All carriers, or the one that is asked for; none for the id of a removed one. Raises Problem
        `invalid_parameter` for an unknown name."""
        configs = await self._configs.carriers()
        if carrier is None:
            return configs
        found = [config for config in configs if carrier in (config.id, config.name)]
        if not found and not ids.is_id(ids.CARRIER, carrier):
            raise Problem("invalid_parameter", f"Unknown carrier `{carrier}`.", param="carrier")
        return found

    def state(self, config: CarrierConfig) -> LiveCarrier:
        """What a carrier does now."""
        figures = self._figures
        queue = self._queues.get(config.id)
        return LiveCarrier(
            id=config.id,
            name=config.name,
            type=config.type,
            enabled=config.enabled,
            paused=self._pauses.mode(config.id),
            state=self._running.state(config.id),
            binds=[_bind(bind) for bind in self._running.bind_states(config.id)],
            queue=None if queue is None else self._queue(queue),
            per_second=Rates(**figures.per_second(config.id)),
            answer_seconds=_times(figures.answer_times(config.id)),
            receipt_seconds=_times(figures.receipt_times(config.id)),
            errors=[
                LiveError(code=one.code or None, carrier_code=one.carrier_code or None, count=one.times)
                for one in figures.errors(config.id)
            ],
        )

    def _queue(self, queue: CarrierQueue) -> LiveQueue:
        oldest = self._oldest.of(queue)
        depths = queue.lane.depths()
        return LiveQueue(
            waiting=sum(depths.values()),
            by_class=depths,
            more=bool(queue.waiting),
            oldest_seconds=None if oldest is None else round((self._clock.now_ms() - oldest) / 1000, 1),
            breaker=queue.breaker.state,
            slowed=queue.paused_until > self._clock.monotonic(),
        )

    def series(self, configs: Iterable[CarrierConfig], minutes: int) -> SeriesOfCarriers:
        """The counts of some carriers."""
        last = self._figures.slot
        first = last - min(minutes * _SLOTS_A_MINUTE, SLOTS - 1)
        data = [
            CarrierSeries(id=config.id, name=config.name, **self._figures.series(config.id, first, last))
            for config in configs
        ]
        return SeriesOfCarriers(
            as_of=times.to_text(self._clock.now_ms()),
            start=times.to_text(first * STEP * 1000),
            step_seconds=STEP,
            data=data,
        )


def live_routes(live: Live, now_ms: Callable[[], int]) -> openapi.Router:
    """The routes."""
    router = openapi.Router("carriers", "/v1")
    router.describe(lambda: openapi.of_struct(CarrierStates, SeriesOfCarriers))

    @router.get("/carrier-states", responses=openapi.answers(200, "CarrierStates", "All carriers."))
    async def read_carrier_states(_: Operator, query: Annotated[StatesQuery, Query()]) -> Response:
        """Get what carriers do now, on the node that answers: binds, queue, rates, times, errors.

        One call is for all carriers, so it may be made every few seconds.
        """
        data = [live.state(config) for config in await live.chosen(query.carrier)]
        return json_answer(CarrierStates(as_of=times.to_text(now_ms()), data=data))

    @router.get("/carrier-series", responses=openapi.answers(200, "SeriesOfCarriers", "All carriers."))
    async def read_carrier_series(_: Operator, query: Annotated[SeriesQuery, Query()]) -> Response:
        """Get what carriers did within the last hour, on the node that answers, by ten seconds.

        The counts are kept in memory: after a start they begin anew. `GET /v1/reports/messages` counts for good.
        """
        return json_answer(live.series(await live.chosen(query.carrier), query.minutes))

    return router


def _bind(bind: BindState) -> LiveBind:
    return LiveBind(
        name=bind.name,
        type=bind.type,
        bound=bind.bound,
        since=times.text_or_none(bind.since),
        in_flight=bind.in_flight,
        window=bind.window,
        paused=bind.paused,
        last_error=bind.last_error,
    )


def _times(spread: Spread | None) -> LiveTimes | None:
    return None if spread is None else LiveTimes(p50=round(spread.p50, 4), p95=round(spread.p95, 4))
