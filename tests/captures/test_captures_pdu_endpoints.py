"""The PDUs of a capture over the API: found, paired, taken apart, and masked as the file is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from onesixty.captures.captures import Capture, Via
from onesixty.smpp import constants as c
from onesixty.smpp.codec import encode
from onesixty.smpp.link import Link
from onesixty.smpp.pdu import Pdu
from tests.doors.office import Office

US, THEM = ("127.0.0.1", 41000), ("127.0.0.1", 2775)
OUT, IN = "out", "in"


class Rig:
    """A capture of a carrier, into which a test writes frames."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.at = 1_000.0
        self.carrier_id: str | None = None

    def begin(self, *, bodies: bool = False) -> Capture:
        captures = self.office.features.captures.captures
        return captures.begin(
            {"carrier": "acme"}, carrier_id="car_1", number=None, seconds=60, most=1_000_000, bodies=bodies,
            who="key_1",
        )  # fmt: skip

    def sees(self, capture: Capture, direction: str, pdu: Pdu) -> None:
        link: Any = SimpleNamespace(local=US, peer=THEM)
        self.at += 0.04
        via = Via(carrier_id=self.carrier_id, bind="1")
        assert capture.see(cast(Link, link), direction, encode(pdu), self.at, lambda _: via)

    def bound(self, capture: Capture) -> None:
        self.sees(capture, OUT, Pdu(c.BIND_TRANSCEIVER, 0, 1, {"system_id": "onesixty", "password": "hush"}))
        self.sees(capture, IN, Pdu(c.BIND_TRANSCEIVER_RESP, 0, 1, {"system_id": "smsc"}))

    def sent(
        self, capture: Capture, sequence: int, to: str, status: int = 0, text: bytes = b"code 1"
    ) -> None:
        fields = {"source_addr": "Acme", "destination_addr": to, "short_message": text}
        self.sees(capture, OUT, Pdu(c.SUBMIT_SM, 0, sequence, fields))  # type: ignore[arg-type]
        answer: dict[str, Any] = {} if status else {"message_id": "4f2a"}
        self.sees(capture, IN, Pdu(c.SUBMIT_SM_RESP, status, sequence, answer))


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    office = await Office.open(data_dir=tmp_path)
    await office.route()
    made = Rig(office)
    (config,) = await office.features.configs.carriers()
    made.carrier_id = config.id
    yield made
    office.features.captures.captures.close()
    await office.close()


async def test_pdus_are_listed_and_paired(rig: Rig) -> None:
    client = rig.office.client()
    capture = rig.begin()
    path = f"/v1/captures/{capture.id}/pdus"
    assert (await client.get(path)).json == {"data": [], "next": None}
    rig.bound(capture)
    rig.sent(capture, 2, "15550001")
    first, second, third, fourth = (await client.get(path)).json["data"]
    assert (first["number"], first["direction"], first["command"], first["pair"]) == (
        1, "out", "bind_transceiver", 2
    )  # fmt: skip
    assert (first["status"], second["status"], second["direction"]) == (None, "ESME_ROK", "in")
    assert (first["carrier"], first["bind"], first["peer"]) == ("acme", "1", "127.0.0.1:2775")
    assert (third["sender"], third["recipient"], third["pair_ms"]) == ("Acme", "15550001", 40)
    assert (fourth["pair"], third["masked"], first["masked"], second["masked"]) == (
        3, ["text"], ["password"], []
    )  # fmt: skip
    rig.sent(capture, 3, "15550002")  # the file grows while it is read
    page = (await client.get(f"{path}?limit=4")).json
    assert ([one["number"] for one in page["data"]], page["next"]) == ([1, 2, 3, 4], "4")
    rest = (await client.get(f"{path}?limit=4&after={page['next']}")).json
    assert ([one["number"] for one in rest["data"]], rest["next"]) == ([5, 6], None)


async def test_pdus_are_found(rig: Rig) -> None:
    client = rig.office.client()
    capture = rig.begin()
    rig.bound(capture)
    rig.sent(capture, 2, "15550001")
    rig.sent(capture, 3, "15550002", c.ESME_RTHROTTLED)
    path = f"/v1/captures/{capture.id}/pdus"
    for query, numbers in (
        ("command=submit_sm", [3, 5]),
        ("sequence=3", [5, 6]),
        ("number=%2B15550001", [3, 4]),
        ("number=999", []),
        ("failed=true", [5, 6]),
        ("failed=true&command=submit_sm_resp", [6]),
        ("command=submit_sm&after=3", [5]),
    ):
        found = (await client.get(f"{path}?{query}")).json["data"]
        assert [one["number"] for one in found] == numbers, query
    for query, param in (("command=hello", "command"), ("after=x", "after"), ("number=1", "number")):
        refused = await client.get(f"{path}?{query}")
        assert (refused.status, refused.json["param"]) == (422, param)


async def test_a_pdu_is_taken_apart_with_what_is_masked(rig: Rig) -> None:
    client = rig.office.client()
    for bodies in (False, True):
        capture = rig.begin(bodies=bodies)
        rig.bound(capture)
        rig.sent(capture, 2, "15550001", text=b"Your code is 482931")
        path = f"/v1/captures/{capture.id}/pdus"
        bind = await client.get(f"{path}/1")
        fields = {field["name"]: field for field in bind.json["fields"]}
        assert (fields["password"]["value"], fields["password"]["masked"]) == (None, "password")
        assert (fields["system_id"]["value"], fields["system_id"]["masked"]) == ('"onesixty"', None)
        assert b"hush" not in bind.body
        octets = bytes.fromhex(bind.json["octets"])
        assert octets[fields["password"]["start"] : fields["password"]["end"]] == b"XXXX\0"
        sent = (await client.get(f"{path}/3")).json
        text = next(field for field in sent["fields"] if field["name"] == "short_message")
        if bodies:
            assert (text["value"], text["masked"], sent["masks"]) == ('"Your code is 482931"', None, [])
        else:
            assert (text["value"], text["masked"]) == (None, "text")
            assert sent["masks"] == [{"start": text["start"], "end": text["end"], "why": "text"}]
            assert "482931" not in str(sent)


async def test_of_a_receipt_the_rest_is_shown(rig: Rig) -> None:
    capture = rig.begin()
    said = b"id:4f2a stat:DELIVRD err:000 text:Your code is 482931"
    fields: dict[str, Any] = {"esm_class": 4, "source_addr": "15550001", "short_message": said}
    rig.sees(capture, IN, Pdu(c.DELIVER_SM, 0, 1, fields))
    shown = (await rig.office.client().get(f"/v1/captures/{capture.id}/pdus/1")).json
    text = next(field for field in shown["fields"] if field["name"] == "short_message")
    assert (text["value"][:34], text["masked"]) == ('"id:4f2a stat:DELIVRD err:000 text', "text")
    assert "482931" not in str(shown)


async def test_looking_is_noted_once_and_ends_with_the_capture(rig: Rig) -> None:
    client = rig.office.client()
    capture = rig.begin()
    rig.bound(capture)
    path = f"/v1/captures/{capture.id}"
    for _ in range(2):
        assert (await client.get(f"{path}/pdus")).status == 200
        assert (await client.get(f"{path}/pdus/1")).status == 200
    entries = (await client.get(f"/v1/audit?action=read&object_id={capture.id}")).json["data"]
    assert len(entries) == 1
    assert (await client.get(f"{path}/pdus/3")).status == 404
    assert (await client.get(f"{path}/pdus/0")).status == 422
    index = rig.office.features.captures.captures.pdus(capture.id)
    capture.path.unlink()
    assert (await client.get(f"{path}/pdus")).status == 404
    assert (await client.delete(path)).status == 204
    assert (await client.get(f"{path}/pdus")).status == 404
    assert len(index) == 2


async def test_only_the_captures_looked_at_last_are_indexed(rig: Rig) -> None:
    captures = rig.office.features.captures.captures
    made = [rig.begin() for _ in range(4)]
    first = captures.pdus(made[0].id)
    assert captures.pdus(made[0].id) is first
    for one in made[1:]:
        captures.pdus(one.id)
    assert captures.pdus(made[0].id) is not first


async def test_captures_are_filtered_and_paged(rig: Rig) -> None:
    client = rig.office.client()
    captures = rig.office.features.captures.captures
    of = {"seconds": 60, "most": 1_000_000, "bodies": False, "who": "key_1"}
    made = [
        captures.begin({"carrier": "acme"}, carrier_id=rig.carrier_id, number=None, **of).id,  # type: ignore[arg-type]
        captures.begin({"carrier": "acme", "bind": "1"}, carrier_id=rig.carrier_id, number=None, **of).id,  # type: ignore[arg-type]
        captures.begin({"credential": "smpp_1"}, carrier_id=None, number=None, **of).id,  # type: ignore[arg-type]
        captures.begin({"message_id": "msg_1"}, carrier_id=None, number="15550001", **of).id,  # type: ignore[arg-type]
    ]
    captures.stop(made[0])

    async def listed(query: str) -> list[str]:
        return [one["id"] for one in (await client.get(f"/v1/captures?{query}")).json["data"]]

    assert await listed("") == made[::-1]
    assert await listed("status=stopped") == [made[0]]
    assert await listed("carrier=acme&status=running") == [made[1]]
    assert await listed(f"carrier={rig.carrier_id}") == [made[1], made[0]]
    assert await listed("credential=smpp_1") == [made[2]]
    assert await listed("message_id=msg_1") == [made[3]]
    assert await listed("message_id=msg_2") == []
    page = (await client.get("/v1/captures?limit=3")).json
    assert ([one["id"] for one in page["data"]], page["next"]) == (made[:0:-1], made[1])
    assert (await client.get(f"/v1/captures?limit=3&after={page['next']}")).json["next"] is None
    assert await listed(f"limit=3&after={page['next']}") == [made[0]]
    refused = await client.get("/v1/captures?after=nonsense")
    assert (refused.status, refused.json["param"]) == (422, "after")
