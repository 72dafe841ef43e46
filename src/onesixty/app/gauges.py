"""The gauges of a node: what is read from its parts when somebody asks for the metrics, and only then."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from onesixty.ops.metrics import BREAKER_STATES

if TYPE_CHECKING:
    from onesixty.app.platform import Platform


def read_from(node: Platform) -> None:
    """Connect the gauges of `node.metrics` to the parts of the node, which have been built."""
    metrics = node.metrics
    node.store.subscribe("event_insert", node.observers.events)
    metrics.outbox_pending.read_from(
        lambda: {(): node.observers.webhooks.pending + node.webhook_queue.state()["waiting"]}
    )
    metrics.store_oldest.read_from(lambda: {(): node.store.unanswered()})
    metrics.ready.read_from(lambda: {(): int(node.ready())})
    metrics.lane_depth.read_from(
        lambda: {
            (node.links.name(line.id), class_): depth
            for line in node.dispatcher.lines.values()
            for class_, depth in line.lane.depths().items()
        }
    )
    metrics.in_flight.read_from(lambda: {(n,): s.in_flight for n, s in node.links.states().items()})
    metrics.window.read_from(lambda: {(n,): s.window for n, s in node.links.states().items()})
    metrics.tolerated.read_from(lambda: {(n,): s.tolerated for n, s in node.links.states().items()})
    metrics.binds.read_from(
        lambda: {
            (name, kind): count
            for name, state in node.links.states().items()
            for kind, count in (("bound", state.binds_bound), ("configured", state.binds))
        }
    )
    metrics.smpp_customer_binds.read_from(
        lambda: {(kind,): n for kind, n in Counter(bind.kind for bind in node.binds).items()}
    )
    metrics.smpp_connections.read_from(lambda: {(): 0 if node.smpp is None else node.smpp.door.connections})
    metrics.bind_deliveries_waiting.read_from(lambda: {(): node.bind_queue.state()["waiting"]})
    metrics.breaker_state.read_from(
        lambda: {
            (node.links.name(line.id),): BREAKER_STATES[line.breaker.state]
            for line in node.dispatcher.lines.values()
        }
    )
    metrics.paused.read_from(
        lambda: {k: float(n) for k, n in Counter((p.kind, p.mode) for p in node.links.standing.rows).items()}
    )
    metrics.sweep_lag.read_from(lambda: {("messages",): node.observers.lag_seconds})
