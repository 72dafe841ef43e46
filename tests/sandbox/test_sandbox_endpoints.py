"""/v1/sandbox: handsets of simulated carriers over the API, fixed numbers, scenarios."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.carriers.simulator import SimulatorCarrier, SimulatorSettings
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import Submission
from onesixty.core.tenant import Tenant
from onesixty.simulator.fixed import fixed_numbers
from tests.carriers.conformance import Host, message
from tests.doors.office import Office
from tests.support.waiting import wait_until_async

QUICK = SimulatorSettings(
    latency_ms=1, latency_jitter_ms=0, receipt_delay_ms=1, receipt_jitter_ms=0, receipt_repeat_s=0.05
)
NUMBER = "+15551234567"
PATH = "/v1/sandbox/handsets/15551234567/messages"


class Sandboxed(Office):
    """The API with one simulated carrier behind it."""

    host: Host
    carrier: SimulatorCarrier

    async def start(self) -> None:
        self.host = Host()
        self.carrier = SimulatorCarrier(
            "car_sim", QUICK, clock=SystemClock(), random=random.Random(1), sandbox=self.sandbox
        )
        await self.carrier.start(self.host)
        await wait_until_async(self.carrier.capacity)

    async def deliver(
        self, text: str = "hello", *, account: str = "", test: bool = False, to: str = NUMBER, number: int = 1,
        sender: str = "+15550009999",
    ) -> None:  # fmt: skip
        """A message arrives at its handset."""
        account = account or (await self.client().get("/v1/account")).json["id"]
        one = message(
            text, number=number, sender=sender, account_id=account, test=test, recipient=to, country="US"
        )
        rendered = self.carrier.render(one, one.sender, 7)
        pending = list(range(one.segments))
        before = len(self.host.receipts)
        self.carrier.submit(Submission(one, rendered, pending, 1, 7, 60_000, 0))  # type: ignore[arg-type]
        await wait_until_async(lambda: len(self.host.receipts) == before + one.segments)


@pytest.fixture
async def office() -> AsyncIterator[Sandboxed]:
    made = await Sandboxed.open()
    await made.start()
    yield made
    await made.features.sandbox.stage.stop()
    await made.carrier.stop(0)
    await made.close()


async def shown(office: Office, path: str = PATH, key: str | None = None) -> Any:
    reply = await office.client(key).get(path)
    assert reply.status == 200, reply.body
    return reply.json["data"]


async def test_a_handset_shows_what_arrived(office: Sandboxed) -> None:
    await office.deliver("Grüße 👋 " + "lang " * 40)
    (one,) = await shown(office)
    assert one["text"] == "Grüße 👋 " + "lang " * 40
    assert (one["direction"], one["from"], one["encoding"]) == ("received", "+15550009999", "ucs2")
    assert one["parts"] > 1
    assert one["missing_parts"] == 0
    (handset,) = await shown(office, "/v1/sandbox/handsets")
    assert (handset["number"], handset["country"], handset["network"][:3]) == (NUMBER, "US", "310")
    assert (handset["messages"], handset["test"]) == (1, False)


async def test_handsets_belong_to_an_account_and_a_mode(office: Sandboxed) -> None:
    """A tenant sees his own; an operator everybody's."""
    made = await office.client().post("/v1/accounts", {"name": "other", "price_per_segment": "1"})
    other = made.json["keys"]
    await office.deliver("mine")
    await office.deliver("mine, a test", test=True, number=2)
    await office.deliver("theirs", account=made.json["id"], number=3)
    secrets = {key["mode"]: key["secret"] for key in other}
    assert [one["text"] for one in await shown(office)] == ["mine"]
    assert [one["text"] for one in await shown(office, key=office.test)] == ["mine, a test"]
    assert [one["text"] for one in await shown(office, key=secrets["live"])] == ["theirs"]
    assert await shown(office, key=secrets["test"]) == []
    assert {one["text"] for one in await shown(office, f"{PATH}?all=true")} == {
        "mine", "mine, a test", "theirs",
    }  # fmt: skip
    assert len(await shown(office, "/v1/sandbox/handsets?all=true")) == 3
    for key, code in ((office.test, "wrong_mode"), (secrets["live"], "forbidden")):
        assert (await office.client(key).get(f"{PATH}?all=true")).json["code"] == code


async def test_handsets_come_in_pages(office: Sandboxed) -> None:
    for number in range(5):
        await office.deliver(to=f"+155512345{number:02d}", number=number)
    first = (await office.client().get("/v1/sandbox/handsets?limit=3")).json
    rest = (await office.client().get(f"/v1/sandbox/handsets?limit=3&after={first['next']}")).json
    assert [one["number"][-1] for one in first["data"] + rest["data"]] == ["4", "3", "2", "1", "0"]
    assert rest["next"] is None


async def test_messages_of_a_handset_come_in_pages(office: Sandboxed) -> None:
    """Pages join to the whole, also while messages arrive and parts are missing."""
    for number in range(5):
        await office.deliver(f"m{number}", number=number)
    client = office.client()
    assert len(await shown(office)) == 5
    first = (await client.get(f"{PATH}?limit=2")).json
    await office.deliver("later", number=9)
    second = (await client.get(f"{PATH}?limit=2&after={first['next']}")).json
    last = (await client.get(f"{PATH}?limit=2&after={second['next']}")).json
    found = [*first["data"], *second["data"], *last["data"]]
    assert [one["text"] for one in found] == ["m4", "m3", "m2", "m1", "m0"]
    assert [one["sequence"] for one in found] == sorted((one["sequence"] for one in found), reverse=True)
    assert last["next"] is None
    for query, param in (("after=msg_1", "after"), ("after=1", "after"), ("limit=201", "limit")):
        refused = await client.get(f"{PATH}?{query}")
        assert (refused.status, refused.json["param"]) == (422, param), query


async def test_a_handset_answers_who_wrote_last(office: Sandboxed) -> None:
    await office.deliver()
    text = "Да! " + "long answer 👋 " * 10
    reply = await office.client().post(PATH, {"text": text})
    assert (reply.status, reply.json["to"], reply.json["direction"]) == (202, "+15550009999", "sent")
    parts = office.host.inbounds
    assert len(parts) == reply.json["parts"] > 1
    assert {(p.sender, p.recipient, p.data_coding) for p in parts} == {(NUMBER, "+15550009999", 8)}
    assert b"".join(p.payload for p in parts).decode("utf-16-be") == text
    account = (await office.client().get("/v1/account")).json["id"]
    assert {p.conversation for p in parts} == {Tenant(account, False)}
    assert [one["direction"] for one in await shown(office)] == ["sent", "received"]


async def test_a_handset_that_nobody_wrote_to_can_write_first(office: Sandboxed) -> None:
    refused = await office.client(office.test).post(PATH, {"text": "START"})
    assert (refused.status, refused.json["code"], refused.json["param"]) == (422, "missing_field", "to")
    reply = await office.client(office.test).post(PATH, {"to": "40404", "text": "START"})
    assert reply.status == 202
    (part,) = office.host.inbounds
    assert (part.payload, part.udh, part.data_coding, part.recipient) == (b"START", b"", 0, "40404")
    assert part.conversation is not None
    assert part.conversation.test


async def test_a_name_cannot_be_answered(office: Sandboxed) -> None:
    await office.deliver(sender="Acme")
    reply = await office.client().post(PATH, {"text": "hi"})
    assert (reply.status, reply.json["code"]) == (422, "invalid_field")
    assert "Acme" in reply.json["detail"]
    assert (await office.client().post(PATH.replace("15551234567", "12"), {"text": "x"})).status == 422


async def test_the_numbers_with_a_fixed_fate_are_listed(office: Sandboxed) -> None:
    listed = await shown(office, "/v1/sandbox/numbers", office.test)
    assert [one["number"] for one in listed] == [row.number for row in fixed_numbers().values()]
    assert not [one["about"] for one in listed if "`" in one["about"]], "the marks are the documentation's"


async def test_a_scenario_plays_and_stops(office: Sandboxed) -> None:
    client = office.client()
    assert (await client.get("/v1/sandbox/scenario")).status == 404
    steps = [{"do": "down", "carrier": "car_sim", "for": "1h"}, {"at": "1h", "do": "up"}]
    begun = await client.post("/v1/sandbox/scenario", {"name": "outage", "steps": steps})
    assert (begun.status, begun.json["state"], begun.json["lasts"]) == (202, "running", 3600)
    await wait_until_async(lambda: not office.carrier.up)
    again = await client.post("/v1/sandbox/scenario", {"steps": []})
    assert (again.status, again.json["code"]) == (409, "conflict")
    stopped = await client.post("/v1/sandbox/scenario/stop")
    assert (stopped.status, stopped.json["state"]) == (200, "stopped")
    assert office.carrier.up
    assert (await client.get("/v1/sandbox/scenario")).json["steps"][0]["done_at"] is not None


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"steps": [{"do": "explode"}]}, "invalid_field", "steps[0].do"),
        ({"steps": [{"do": "down", "carrier": "acme"}]}, "invalid_field", "steps"),
        ({"steps": [{"do": "behave", "set": {"loss": 2}}]}, "invalid_field", "steps"),
        ({"steps": [{"do": "behave", "set": {"window": 2}}]}, "invalid_field", "steps"),
        ({"steps": [{"do": "up", "at": "25:00"}]}, "invalid_field", "steps"),
        ({"steps": [{"do": "up", "for": 1}]}, "unknown_field", "steps[0].for"),
        ({"traffic": {}}, "invalid_field", "traffic"),
        ({"what": 1}, "unknown_field", "what"),
    ],
)
async def test_a_scenario_that_cannot_play_is_refused(
    office: Sandboxed, body: Any, code: str, param: str
) -> None:
    reply = await office.client().post("/v1/sandbox/scenario", body)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param), reply.json
    assert (await office.client(office.test).post("/v1/sandbox/scenario", body)).json["code"] == (
        "wrong_mode"
    )


async def test_a_handset_is_found_however_its_number_is_written(office: Sandboxed) -> None:
    await office.deliver("hello")
    for written in ("15551234567", "+15551234567", "0015551234567"):
        (one,) = await shown(office, f"/v1/sandbox/handsets/{written}/messages")
        assert one["text"] == "hello", written
