"""What follows from a change of a row, whichever feature it is of: an audit log needs one function."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from onesixty.core.contracts import Write
from onesixty.store.rows import RowChange
from tests.doors.smpp.esme import running
from tests.doors.smpp.test_smpp_door_api import Api


async def test_every_change_of_a_resource_is_told_with_who_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[RowChange] = []

    def note(change: RowChange) -> Sequence[Write]:
        told.append(change)
        return ()

    monkeypatch.setattr("onesixty.app.platform.ROW_EFFECTS", (note,))
    async with running(tmp_path) as node:
        live = Api(node, node.platform.new_keys[0].secret)
        told.clear()
        for method, path, body in (
            ("POST", "/v1/accounts", {"name": "Acme", "price_per_segment": "0.01"}),
            ("POST", "/v1/keys", {"name": "shop", "mode": "live"}),
            ("POST", "/v1/webhooks", {"url": "https://hooks.example/", "events": ["*"]}),
            ("POST", "/v1/numbers", {"number": "+15550001111"}),
            ("POST", "/v1/carriers", {"name": "more", "type": "simulator"}),
            ("POST", "/v1/routes", {"name": "more", "carriers": ["more"]}),
            ("POST", "/v1/smpp-credentials", {"system_id": "shop"}),
            ("PATCH", "/v1/alert-rules/carrier_down", {"for_seconds": 5}),
            ("PATCH", "/v1/carriers/more", {"enabled": False}),
            ("DELETE", "/v1/routes/more", None),
        ):
            status, answer = await live(method, path, body)
            assert status in (200, 201, 204), answer
    assert all(change.by is not None for change in told)
    assert [(change.table, change.kind) for change in told] == [
        ("keys", "made"),  # an account's first ones
        ("keys", "made"),
        ("accounts", "made"),
        ("keys", "made"),
        ("webhooks", "made"),
        ("numbers", "made"),
        ("carriers", "made"),
        ("routes", "made"),
        ("smpp_credentials", "made"),
        ("alert_rules", "made"),
        ("carriers", "changed"),
        ("routes", "removed"),
    ]
