"""What carriers do now and did within the last hour: figures, types with their forms, and checks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import jsonschema
import pytest

from onesixty.carriers.forms import form
from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.settings import MASK
from onesixty.core import outcomes
from onesixty.core.contracts import BindState, Finding
from onesixty.core.errors import Problem
from onesixty.kit.observer import Observer
from onesixty.network import type_endpoints
from onesixty.network.figures import KINDS, MOST_ERRORS, SLOTS, STEP, CarrierFigures, Failure
from onesixty.ops.metrics import Metrics
from tests.doors.office import Office
from tests.http.world import Clock


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    await made.route()
    yield made
    await made.close()


class Rig:
    """The figures of one carrier, looked at once a second."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.ms -= self.clock.ms % (STEP * 1000)
        self.observer = Observer(Metrics())
        self.observer.carrier_names["car_1"] = "acme"
        self.figures = CarrierFigures(self.observer, self.clock)
        self.figures.look()

    def passes(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.turn(1)
            self.figures.look()

    def sends(self, count: int, kind: str = outcomes.ACCEPTED, seconds: float = 0.02) -> None:
        for _ in range(count):
            self.observer.outcome("car_1", kind)
            self.observer.answered("car_1", seconds)


def test_segments_are_counted_by_ten_seconds() -> None:
    rig = Rig()
    for _ in range(STEP):
        rig.sends(3)
        rig.passes(1)
    assert rig.figures.per_second("car_1")["accepted"] == pytest.approx(3, abs=0.4)
    rig.sends(2, outcomes.PERMANENT)
    rig.sends(1, outcomes.UNKNOWN)
    rig.sends(1, outcomes.RETRYABLE)
    rig.sends(4, outcomes.THROTTLED)
    rig.observer.receipt("car_1", "matched")
    rig.observer.receipt("car_1", "unmatched")
    rig.passes(STEP)
    last = rig.figures.slot
    series = rig.figures.series("car_1", last - 3, last + 1)
    assert {kind: sum(series[kind]) for kind in KINDS} == {
        "accepted": 30, "refused": 2, "throttled": 4, "failed": 2, "receipts": 1
    }  # fmt: skip
    assert rig.figures.series("car_9", last - 3, last)["accepted"] == [0, 0, 0]


def test_an_hour_is_kept_and_then_forgotten() -> None:
    rig = Rig()
    rig.sends(5)
    rig.passes(1)
    first = rig.figures.slot
    rig.clock.turn(SLOTS * STEP - STEP)
    rig.figures.look()
    assert rig.figures.series("car_1", first, first + 1)["accepted"] == [5]
    rig.clock.turn(STEP)
    rig.figures.look()
    assert rig.figures.series("car_1", first, first + 1)["accepted"] == [0]
    assert rig.figures.answer_times("car_1") is None


def test_times_of_answers_and_receipts() -> None:
    rig = Rig()
    rig.sends(1)
    rig.passes(1)
    rig.sends(90, seconds=0.02)
    rig.sends(10, seconds=2.0)
    for ms in (100, 200, 300):
        rig.observer.receipt_time("car_1", ms)
    rig.passes(1)
    answers = rig.figures.answer_times("car_1")
    assert answers is not None
    assert (0.005 < answers.p50 <= 0.03, 1.0 < answers.p95 <= 2.5) == (True, True)
    receipts = rig.figures.receipt_times("car_1")
    assert receipts is not None
    assert (receipts.p50, receipts.p95) == (0.2, 0.3)
    for _ in range(1000):
        rig.observer.receipt_time("car_1", 1)
    assert len(rig.observer.take_receipt_times()["car_1"]) < 100


def test_errors_of_an_hour_are_bounded() -> None:
    rig = Rig()
    rig.observer.failure("car_1", "carrier_busy", "ESME_RMSGQFUL")
    rig.observer.failure("car_1", "carrier_busy", "ESME_RMSGQFUL")
    rig.observer.failure("car_1", "recipient_refused", None)
    rig.passes(1)
    assert rig.figures.errors("car_1") == [
        Failure("carrier_busy", "ESME_RMSGQFUL", 2),
        Failure("recipient_refused", "", 1),
    ]
    for number in range(5000):
        rig.observer.failure("car_1", "message_refused", f"code {number}")
    rig.passes(1)
    found = rig.figures.errors("car_1")
    assert len(found) <= MOST_ERRORS
    assert sum(one.times for one in found) >= 4000
    rig.clock.turn(3600)
    rig.figures.look()
    assert rig.figures.errors("car_1") == []


async def test_one_call_shows_all_carriers(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    network = office.features.network
    (carrier,) = await office.features.configs.carriers()
    bind = BindState(
        name="1", type="transceiver", bound=False, since=office.clock.now_ms(), in_flight=0, window=10,
        paused=False, last_error="refused",
    )  # fmt: skip
    monkeypatch.setattr(network.carriers, "bind_states", lambda _: [bind])
    send = {"from": "Acme", "to": "+15551234567", "text": "Hi"}
    assert (await office.client().post("/v1/sms/send", send)).status == 202
    office.node.observer.outcome(carrier.id, outcomes.PERMANENT)
    office.node.observer.failure(carrier.id, "recipient_refused", "E1")
    office.clock.turn(3)
    network.figures.look()
    reply = await office.client().get("/v1/carrier-states")
    (shown,) = reply.json["data"]
    assert (shown["name"], shown["type"], shown["enabled"], shown["paused"]) == (
        "acme", "simulator", True, None
    )  # fmt: skip
    assert (shown["queue"]["waiting"], shown["queue"]["by_class"]["transactional"]) == (1, 1)
    assert (shown["queue"]["oldest_seconds"], shown["queue"]["breaker"]) == (3.0, "closed")
    assert shown["binds"][0]["last_error"] == "refused"
    assert shown["errors"] == [{"code": "recipient_refused", "carrier_code": "E1", "count": 1}]
    series = (await office.client().get("/v1/carrier-series?minutes=1&carrier=acme")).json
    assert (series["step_seconds"], len(series["data"][0]["refused"])) == (STEP, 6)
    office.clock.turn(STEP)
    series = (await office.client().get("/v1/carrier-series?minutes=1")).json
    assert sum(series["data"][0]["refused"]) == 1
    unknown = await office.client().get("/v1/carrier-states?carrier=none")
    assert (unknown.status, unknown.json["param"]) == (422, "carrier")


async def test_a_removed_carrier_does_nothing(office: Office) -> None:
    client = office.client()
    made = (await client.post("/v1/carriers", {"name": "gone", "type": "simulator"})).json
    for call in ("carrier-states", "carrier-series"):
        assert len((await client.get(f"/v1/{call}?carrier={made['id']}")).json["data"]) == 1
    assert (await client.delete(f"/v1/carriers/{made['id']}")).status == 204
    for call in ("carrier-states", "carrier-series"):
        reply = await client.get(f"/v1/{call}?carrier={made['id']}")
        assert (reply.status, reply.json["data"]) == (200, [])
        assert (await client.get(f"/v1/{call}?carrier=gone")).status == 422


@pytest.mark.parametrize("type_", BUILT_IN.types)
def test_every_setting_of_every_type_has_its_words(type_: str) -> None:
    connector = BUILT_IN.connector(type_)
    found = form(type_, connector)
    jsonschema.Draft202012Validator.check_schema(found)
    assert set(found["properties"]) == set(connector.settings.__struct_fields__)
    groups = {group["name"] for group in found["x-groups"]}
    for name, said in found["properties"].items():
        assert said["title"], name
        assert said["description"], name
        assert said["x-group"] in groups - {"other"}, name
    assert {n for n, said in found["properties"].items() if said.get("x-secret")} == set(connector.secrets)


async def test_the_types_of_carriers_are_listed(office: Office) -> None:
    listed = (await office.client().get("/v1/carrier-types")).json["data"]
    types = {one["type"]: one for one in listed}
    assert list(types) == list(BUILT_IN.types)
    assert (types["smpp"]["source"], types["twilio"]["source"]) == ("built_in", "profile")
    assert types["simulator"]["simulated"] is True
    assert types["smpp"]["settings"]["required"] == ["host", "system_id"]
    assert types["smpp"]["settings"]["properties"]["port"]["maximum"] == 65535


async def test_a_carrier_is_checked_before_it_is_kept(office: Office) -> None:
    client = office.client()
    nothing = (await client.post("/v1/carriers/check", {"carrier": "acme"})).json
    assert (nothing["ok"], nothing["carrier"], nothing["findings"][0]["level"]) == (True, "acme", "note")
    smpp = {"host": "127.0.0.1", "port": 1, "system_id": "x", "password": "hush", "bind_timeout_s": 2}
    reply = await client.post("/v1/carriers/check", {"type": "smpp", "settings": smpp})
    assert (reply.json["ok"], reply.json["carrier"]) == (False, None)
    assert b"hush" not in reply.body
    assert len(await office.features.configs.carriers()) == 1
    for body, param in (
        ({}, "carrier"),
        ({"carrier": "acme", "type": "smpp"}, "carrier"),
        ({"carrier": "none"}, "carrier"),
        ({"type": "none"}, "type"),
        ({"type": "smpp", "settings": {"host": "a"}}, "settings.system_id"),
        ({"type": "simulator", "to": "x"}, "to"),
    ):
        refused = await client.post("/v1/carriers/check", body)
        assert (refused.status, refused.json["param"]) == (422, param), refused.body
    entries = (await client.get("/v1/audit?action=checked")).json["data"]
    assert len(entries) == 2


async def test_a_check_of_a_change_needs_the_secrets_for_another_host(office: Office) -> None:
    client = office.client()
    settings = {"host": "127.0.0.1", "port": 1, "system_id": "x", "password": "hush", "bind_timeout_s": 2}
    made = await client.post("/v1/carriers", {"name": "other", "type": "smpp", "settings": settings})
    assert made.status == 201
    slower = {"window": 5, "password": MASK}
    reply = await client.post("/v1/carriers/check", {"carrier": "other", "settings": slower})
    assert (reply.status, reply.json["ok"]) == (200, False)
    moved = {"carrier": "other", "settings": {"host": "127.0.0.2"}}
    refused = await client.post("/v1/carriers/check", moved)
    assert (refused.status, refused.json["param"]) == (422, "settings.password")


async def test_a_message_is_sent_only_for_who_may_probe(office: Office) -> None:
    made = await office.client().post("/v1/keys", {"name": "k", "mode": "live", "scopes": ["carriers"]})
    body = {"carrier": "acme", "to": "+15551234567"}
    refused = await office.client(made.json["secret"]).post("/v1/carriers/check", body)
    assert (refused.status, refused.json["scope"]) == (403, "desk")
    assert (await office.client().post("/v1/carriers/check", body)).status == 200


async def test_checks_are_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    network = office.features.network
    checks = type_endpoints.Checks(
        office.node, configs=office.features.configs, connectors=BUILT_IN, running=network.carriers
    )

    async def slow(*_: Any) -> list[Finding]:
        with pytest.raises(Problem, match="rate_limited"):
            await checks.check(type_endpoints.CheckBody(carrier="acme"))
        return []

    monkeypatch.setattr(type_endpoints.Checks, "_findings", slow)
    monkeypatch.setattr(checks, "_free", 1)
    assert (await checks.check(type_endpoints.CheckBody(carrier="acme")))[1].ok is True
