"""Checks of what traffic needs: carriers that are connected, and webhooks that take what they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from onesixty.core.contracts import CarrierState
from onesixty.doctor.checks import (
    ERROR,
    OK,
    SKIPPED,
    WARNING,
    Finding,
    Installation,
    Values,
    listed,
    span,
    store_of,
)

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
        return Finding(
            WARNING, "carriers_disabled", "No carrier is enabled.", "Create one: `onesixty carrier create`."
        )
    return Finding(
        SKIPPED,
        "carriers_enabled",
        f"{len(names)} enabled: {listed(names)}. Only a running node knows their state.",
        "Ask the node with a key: set ONESIXTY_KEY. Or check one: `onesixty carrier check NAME`.",
        {"count": len(names), "carriers": names},
    )


def carriers_finding(states: Mapping[str, CarrierState]) -> Finding:
    """The finding for the running carriers, by name."""
    if not states:
        return Finding(
            WARNING,
            "carriers_none",
            "No carrier runs on this node.",
            "Create one: `onesixty carrier create`.",
        )
    down = {name: state for name, state in states.items() if not state.connected}
    partly = {
        name: state for name, state in states.items() if state.connected and state.binds_bound < state.binds
    }
    remedy = "Find the reason: `onesixty carrier check NAME`."
    if down:
        level = ERROR if len(down) == len(states) else WARNING
        told = [f"{name} ({state.last_error or 'not connected'})" for name, state in down.items()]
        return Finding(
            level,
            "carriers_down",
            f"{len(down)} of {len(states)} are down: {listed(told)}.",
            remedy,
            {"down": len(down), "all": len(states), "carriers": [_down(*one) for one in down.items()]},
        )
    if partly:
        told = [f"{name} ({state.binds_bound} of {state.binds} binds)" for name, state in partly.items()]
        rows = [
            {"state": "partly", "name": name, "bound": state.binds_bound, "binds": state.binds}
            for name, state in partly.items()
        ]
        return Finding(
            WARNING, "carriers_partly", f"Binds are missing: {listed(told)}.", remedy, {"carriers": rows}
        )
    names = list(states)
    return Finding(
        OK,
        "carriers_connected",
        f"{len(names)} connected: {listed(names)}.",
        None,
        {"count": len(names), "carriers": names},
    )


def _down(name: str, state: CarrierState) -> Values:
    if state.last_error is None:
        return {"state": "down", "name": name}
    return {"state": "down_with", "name": name, "error": state.last_error}


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
        return Finding(OK, "webhooks_well", "No webhook fails.")
    told, failing = [], []
    for id_, account_id, _url, enabled, failing_since, paused_at, paused_reason in rows:
        since, reason = paused_at or failing_since, paused_reason or "switched off"
        state = "paused" if paused_at else "failing" if enabled else f"disabled ({reason})"
        ago = f" for {span((now - since) / 1000)}" if since else ""
        told.append(f"{id_} of {account_id} {state}{ago}")
        failing.append(
            {
                "state": "paused" if paused_at else "failing" if enabled else "disabled",
                "webhook": id_,
                "account": account_id,
                **({"for_seconds": (now - since) / 1000} if paused_at or enabled else {"reason": reason}),
            }
        )
    return Finding(
        WARNING,
        "webhooks_failing",
        f"{len(rows)} {'webhook does' if len(rows) == 1 else 'webhooks do'} not take events: {listed(told)}.",
        "Tell its owner: `onesixty webhook deliveries ID` shows the answers. What was missed can be replayed.",
        {"count": len(rows), "webhooks": failing},
    )
