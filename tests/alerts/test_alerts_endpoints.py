"""`/v1/alert-rules`: rules of the code, and rows of what operators changed of them."""

import asyncio
from typing import Any

import pytest

from onesixty.alerts.endpoints import alert_routes
from onesixty.alerts.rules import RULES
from onesixty.alerts.service import Alerts
from onesixty.store.notes import NoNotes
from tests.alerts.conftest import World
from tests.http.asgi import Client
from tests.http.world import LIVE, front_over

PATH = "/v1/alert-rules/carrier_down"


def client_of(world: World) -> Client:
    """A node's API of alerts."""
    alerts = Alerts(world.store, world.clock, world.ids, world.another_watch())
    return Client(front_over(alert_routes(alerts, NoNotes()), clock=world.clock), LIVE)


async def test_rules_are_as_they_ship_until_they_are_changed(world: World) -> None:
    client = client_of(world)
    listed = (await client.get("/v1/alert-rules")).json
    assert ([rule["name"] for rule in listed["data"]], listed["next"]) == (list(RULES), None)
    page = (await client.get("/v1/alert-rules?limit=3")).json
    rest = (await client.get(f"/v1/alert-rules?after={page['next']}")).json
    assert [rule["name"] for rule in page["data"] + rest["data"]] == list(RULES)
    shipped = await client.get(PATH)
    assert (shipped.json["version"], shipped.headers["etag"]) == (0, '"0"')
    changed = await client.patch(PATH, {"threshold": 2.5, "muted_until": "2026-12-01T00:00:00+01:00"})
    assert changed.json == {
        **shipped.json,
        "threshold": 2.5,
        "muted_until": "2026-11-30T23:00:00.000Z",
        "version": 1,
    }
    assert (await client.get(PATH)).json == changed.json
    back = await client.patch(PATH, {"threshold": None, "muted_until": None, "enabled": False})
    assert back.json == {**shipped.json, "enabled": False, "version": 2}
    assert (await client.patch(PATH, {"enabled": None})).json["enabled"] is True
    assert (await client.get("/v1/alert-rules/none")).status == 404
    assert (await client.patch("/v1/alert-rules/none", {})).status == 404


@pytest.mark.parametrize(
    ("patch", "code", "param"),
    [
        ({"threshold": -1}, "invalid_field", "threshold"),
        ({"for_seconds": "5"}, "invalid_field", "for_seconds"),
        ({"muted_until": "tomorrow"}, "invalid_field", "muted_until"),
        ({"muted_until": "2026-12-01T00:00:00"}, "invalid_field", "muted_until"),
        ({"severity": "critical"}, "unknown_field", "severity"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(world: World, patch: Any, code: str, param: str) -> None:
    reply = await client_of(world).patch(PATH, patch)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param)


async def test_two_changes_of_one_rule_at_once_both_hold(world: World) -> None:
    """On two nodes; what neither names stays as it ships."""
    nodes = [client_of(world) for _ in range(2)]
    for threshold in range(1, 6):
        replies = await asyncio.gather(
            nodes[0].patch(PATH, {"threshold": threshold}),
            nodes[1].patch(PATH, {"for_seconds": threshold * 7}),
        )
        assert [reply.status for reply in replies] == [200, 200]
        for node in nodes:
            rule = (await node.get(PATH)).json
            assert (rule["threshold"], rule["for_seconds"]) == (threshold, threshold * 7)
            assert (rule["enabled"], rule["muted_until"]) == (True, None)
