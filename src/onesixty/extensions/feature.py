"""The extensions as a feature of a node: made from what was loaded, started, measured and stopped.

Rules kept here:
- an extension that cannot be made or started stops the start of the node, with an error that names it;
- steps and sinks start before the node takes messages, and stop after its last one, within a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from onesixty.extensions.contract import Host, Sink, Step
from onesixty.extensions.deliveries import Deliveries, ExtensionSink, Receiver
from onesixty.extensions.loading import Extension, ExtensionError, Extensions
from onesixty.extensions.placing import Placed, place
from onesixty.extensions.watched import Usage, WatchedStep
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.messages import drafts
from onesixty.ops.metrics import Metrics
from onesixty.webhooks.effect import EventRows
from onesixty.work.queue import WorkQueue

_MOMENTS = frozenset({drafts.SEND, drafts.EDIT, drafts.RELEASE, drafts.CARRIER})


class ExtensionsFeature(Feature):
    """The steps and sinks of one node. Installed types of carriers are in `Extensions.connectors`."""

    cleaners = ("extension_events_expire",)

    def __init__(self, node: Context, extensions: Extensions) -> None:
        self._extensions = extensions
        self._log = structlog.get_logger("onesixty.extensions")
        self._node = node
        #: What each extension has cost, by name.
        self.usage: dict[str, Usage] = {}
        self._parts: list[tuple[Extension, Step | Sink]] = []
        self._placed: list[Placed] = []
        for one in extensions.steps:
            host = self._host(one)
            step = _made(one, Step, host)
            self._parts.append((one, step))
            self._placed.append(_placed(one, step, host, self.usage[one.name]))
        receivers: dict[str, Receiver] = {}
        for one in extensions.sinks:
            sink = _made(one, Sink, self._host(one))
            self._parts.append((one, sink))
            receivers[one.name] = Receiver(sink, one.settings, self.usage[one.name])
        self._queue: WorkQueue | None = None
        self._deliveries: Deliveries | None = None
        if receivers:
            self._queue = queue = node.work_queue(ExtensionSink(node.store, receivers))
            self._deliveries = Deliveries(receivers, node.ids, queue.claim)

    def _host(self, one: Extension) -> Host:
        node = self._node
        host = Host(one.name, node.clock, node.random, self._log.bind(extension=one.name))
        self.usage[one.name] = Usage(host)
        return host

    def steps(self, standard: Sequence[drafts.Step]) -> tuple[drafts.Step, ...]:
        """The steps of onesixty and of the extensions, in their order. Raises ExtensionError."""
        return place(standard, self._placed)

    @property
    def event_rows(self) -> EventRows | None:
        """Writes what sinks get of an event; None if there are none."""
        return None if self._deliveries is None else self._deliveries.of

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.extension_seconds.read_from(self._seconds)
        metrics.extension_calls.read_from(self._calls)
        metrics.extension_waiting.read_from(self._waiting)

    def _seconds(self) -> Mapping[tuple[str, ...], float]:
        return {
            (name, part): seconds
            for name, usage in self.usage.items()
            for part, seconds in usage.seconds.items()
        }

    def _calls(self) -> Mapping[tuple[str, ...], float]:
        return {
            (name, result): count
            for name, usage in self.usage.items()
            for result, count in usage.results.items()
        }

    def _waiting(self) -> Mapping[tuple[str, ...], float]:
        lanes = () if self._queue is None else self._queue.all_lanes()
        return {(lane.name,): lane.held for lane in lanes}

    async def start(self) -> None:
        """Start all, in the order of their names."""
        for one in self._extensions.all:
            self._log.info(
                "extension_loaded",
                extension=one.name,
                kind=one.kind,
                package=one.package,
                version=one.version,
            )
        for one, part in self._parts:
            try:
                await part.start()
            except Exception as error:
                raise _error(one, "cannot be started", error) from error
        if self._queue is not None:
            await self._queue.start()

    async def stop(self, seconds: float) -> None:
        """Stop all. One that fails or hangs does not keep the others, or the node, from stopping."""
        if self._queue is not None:
            await self._queue.stop(seconds / 8)
        await asyncio.gather(*(self._stop(one, part, seconds / 8) for one, part in self._parts))

    async def _stop(self, one: Extension, part: Step | Sink, seconds: float) -> None:
        usage = self.usage[one.name]
        self._log.info(
            "extension_used",
            extension=one.name,
            **usage.results,
            **{f"{what}_seconds": round(spent, 3) for what, spent in usage.seconds.items()},
        )
        try:
            async with asyncio.timeout(seconds):
                await part.stop()
        except Exception as error:
            self._log.warning("extension_not_stopped", extension=one.name, error=type(error).__name__)


def _made(one: Extension, kind: type[Any], host: Host) -> Any:
    """The step or sink of an extension."""
    declared: Any = one.declared
    try:
        made = declared.make(one.settings, host)
    except Exception as error:
        raise _error(one, "cannot be made", error) from error
    if not isinstance(made, kind):
        raise ExtensionError(
            f"{one.about}: `make` must return an onesixty.extensions.{kind.__name__}, "
            f"and returns a {type(made).__name__}"
        )
    return made


def _placed(one: Extension, step: Step, host: Host, usage: Usage) -> Placed:
    unknown = sorted(step.again - _MOMENTS)
    if unknown:
        raise ExtensionError(f"{one.about}: there is no moment {unknown[0]}, which its `again` names")
    if step.reads and drafts.CARRIER in step.again:
        raise ExtensionError(f"{one.about}: a step that reads cannot judge at a change of carrier")
    declared: Any = one.declared
    return Placed(WatchedStep(step, host, usage), declared.before, declared.after, one.about)


def _error(one: Extension, what: str, error: Exception) -> ExtensionError:
    return ExtensionError(f"{one.about}: it {what} ({type(error).__name__}: {error})")
