"""Checks of what traffic needs: carriers that are connected, and webhooks that take what they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from onesixty.core.contracts import CarrierState
from onesixty.doctor.checks import ERROR, OK, SKIPPED, WARNING, Finding, Installation, listed, span, store_of

#: The most webhooks that a finding counts.
MOST: Final = 100


async def carriers(installation: Installation) -> Finding:
    """Whether the carriers are connected."""
    if installation.node is not None:
        return carriers_finding(installation.node.carriers())
    store = store_of(installation)
    if isinstance(store, Finding):
        return store
    names = [row[0] for row in await store.fetch("doctor_carriers")]
    if not names:
        return Finding(WARNING, "No carrier is enabled.", "Create one: `onesixty carrier create`.")
    return Finding(
        SKIPPED,
        f"{len(names)} enabled: {listed(names)}. Only a running node knows their state.",
        "Ask the node with a key: set ONESIXTY_KEY. Or check one: `onesixty carrier check NAME`.",
    )


def carriers_finding(states: Mapping[str, CarrierState]) -> Finding:
    """The finding for the running carriers, by name."""
    if not states:
        return Finding(WARNING, "No carrier runs on this node.", "Create one: `onesixty carrier create`.")
    down = [
        f"{name} ({state.last_error or 'not connected'})"
        for name, state in states.items()
        if not state.connected
    ]
    partly = [
        f"{name} ({state.binds_bound} of {state.binds} binds)"
        for name, state in states.items()
        if state.connected and state.binds_bound < state.binds
    ]
    remedy = "Find the reason: `onesixty carrier check NAME`."
    if down:
        level = ERROR if len(down) == len(states) else WARNING
        return Finding(level, f"{len(down)} of {len(states)} are down: {listed(down)}.", remedy)
    if partly:
        return Finding(WARNING, f"Binds are missing: {listed(partly)}.", remedy)
    return Finding(OK, f"{len(states)} connected: {listed(list(states))}.")


async def webhooks(installation: Installation) -> Finding:
    """Whether webhooks fail, in all accounts."""
    store = store_of(installation)
    if isinstance(store, Finding):
        return store
    rows = await store.fetch("doctor_webhooks", count=MOST)
    return webhooks_finding(rows, installation.clock.now_ms())


def webhooks_finding(rows: list[tuple[Any, ...]], now: int) -> Finding:
    """The finding for the rows of `doctor_webhooks`."""
    if not rows:
        return Finding(OK, "No webhook fails.")
    told = []
    for id_, account_id, _url, enabled, failing_since, paused_at, reason in rows:
        since = paused_at or failing_since
        state = "paused" if paused_at else "failing" if enabled else f"disabled ({reason})"
        ago = f" for {span((now - since) / 1000)}" if since else ""
        told.append(f"{id_} of {account_id} {state}{ago}")
    return Finding(
        WARNING,
        f"{len(rows)} {'webhook does' if len(rows) == 1 else 'webhooks do'} not take events: {listed(told)}.",
        "Tell its owner: `onesixty webhook deliveries ID` shows the answers. What was missed can be replayed.",
    )
