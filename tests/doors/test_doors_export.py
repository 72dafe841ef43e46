"""GET /v1/messages/export: every message once, as CSV or JSON Lines, resumable, harmless to spreadsheets."""

import csv
import gzip
import io
import json
from typing import Any

from onesixty.doors.v1 import SEND_PATH
from onesixty.http.exports import PAGE
from onesixty.messages.export import COLUMNS, MESSAGES
from onesixty.store.units import Unavailable
from tests.doors.office import Office
from tests.http.world import SEND
from tests.support.waiting import wait_until_async

PATH = "/v1/messages/export"
FORMULA = '=HYPERLINK("http://evil.example","win")'


async def fill(office: Office, count: int) -> list[str]:
    return [await send(office, f"m{place}") for place in range(count)][::-1]


async def send(office: Office, text: str = "hello", **fields: Any) -> str:
    reply = await office.client().post(SEND_PATH, {**SEND, "text": text, **fields})
    assert reply.status == 202, reply.body
    return str(reply.json["id"])


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


async def test_every_message_once_over_many_pages_in_both_formats(office: Office) -> None:
    made = await fill(office, 2 * PAGE + 7)
    reply = await office.client(await office.reader()).get(PATH)
    assert reply.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in reply.body.splitlines()]
    assert [line["id"] for line in lines] == made
    assert lines[0] == (await office.client(await office.reader()).get(f"/v1/messages/{made[0]}")).json
    reply = await office.client().get(f"{PATH}?format=csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="messages.csv"'
    assert [row["id"] for row in rows_of(reply.body)] == made
    assert (await office.client(office.test).get(PATH)).body == b""
    assert rows_of((await office.client(office.test).get(f"{PATH}?format=csv")).body) == []


async def test_an_export_goes_on_where_it_broke_off(office: Office) -> None:
    made = await fill(office, PAGE + 20)
    whole = (await office.client().get(f"{PATH}?format=csv")).body
    rest = (await office.client().get(f"{PATH}?format=csv&after={made[PAGE + 4]}")).body
    assert rest
    assert whole.endswith(rest)
    assert not rest.startswith(b"id,")


async def test_filters_are_those_of_the_list(office: Office) -> None:
    await fill(office, 3)
    await send(office, "other", reference="r1", tags=["a", "b"])
    for query in ("reference=r1", "tag=a", "reference=r1&status=queued&country=us&class=transactional"):
        (row,) = rows_of((await office.client().get(f"{PATH}?format=csv&{query}")).body)
        assert (row["text"], row["tags"]) == ("other", "a; b")
    assert (await office.client().get(f"{PATH}?error_code=canceled")).body == b""
    for query, param in (
        ("color=1", "color"),
        ("format=xml", "format"),
        ("created_after=x", "created_after"),
        ("after=zzz", "after"),
    ):
        reply = await office.client().get(f"{PATH}?{query}")
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_parameter", param)


async def test_it_is_compressed_if_asked(office: Office) -> None:
    await fill(office, PAGE + 1)
    plain = await office.client().get(PATH)
    assert "content-encoding" not in plain.headers
    for accepts, packed in (("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False)):
        reply = await office.client().get(PATH, headers={"accept-encoding": accepts})
        assert (reply.headers.get("content-encoding") == "gzip") is packed
        assert (gzip.decompress(reply.body) if packed else reply.body) == plain.body


async def test_a_cell_is_never_a_formula(office: Office) -> None:
    texts = [FORMULA, "+1+2", "-1", "@SUM(A1)", "\tx", 'quote " and, comma\nand line', "plain"]
    made = [await send(office, text) for text in texts]
    rows = rows_of((await office.client().get(f"{PATH}?format=csv")).body)[::-1]
    assert [row["text"] for row in rows] == [f"'{text}" for text in texts[:5]] + texts[5:]
    assert {row["to"] for row in rows} == {"+15551234567"}, "a phone number is no formula"
    assert len(rows) == len(made)


async def test_the_columns_are_the_fields_of_the_message(office: Office) -> None:
    view: dict[str, Any] = (await office.client().post(SEND_PATH, SEND)).json
    del view["message_id"], view["recipient"]
    own = {
        "template_id",
        "template_version",
        "error_code",
        "error_retryable",
        "carrier_code",
        "channel_fields",
    }
    assert set(COLUMNS) == set(view) - {"error", "template"} | own
    view["error"] = {"code": "undeliverable", "retryable": False, "carrier_code": "-5"}
    row = dict(zip(COLUMNS, next(csv.reader([MESSAGES.csv([view])])), strict=True))
    assert (row["error_code"], row["error_retryable"], row["carrier_code"]) == (
        "undeliverable",
        "false",
        "'-5",
    )


async def test_a_store_that_is_away_is_answered_so(office: Office) -> None:
    async def fetch(*_: object, **__: object) -> None:
        raise Unavailable("away")

    office.store.fetch = fetch  # type: ignore[attr-defined]
    reply = await office.client().get(PATH)
    assert (reply.status, reply.json["code"]) == (503, "unavailable")


async def test_operators_see_the_names_of_carrier_and_route_and_tenants_do_not() -> None:
    """In exports and in the history."""
    office = await Office.open()
    await office.route(runs=True)
    (id_,) = await fill(office, 1)
    (row,) = rows_of((await office.client().get(f"{PATH}?format=csv")).body)
    assert (row["carrier"], row["route"]) == ("acme", "default")
    (line,) = (await office.client().get(PATH)).body.splitlines()
    assert (json.loads(line)["carrier"], json.loads(line)["route"]) == ("acme", "default")
    history = f"/v1/messages/{id_}/history"

    async def attempted() -> bool:
        return b'"attempt"' in (await office.client().get(history)).body

    await wait_until_async(attempted, what="an attempt")
    seen = (await office.client().get(history)).body
    assert b'"carrier":"acme"' in seen
    assert b'"route":"default"' in seen

    (line,) = (await office.client(await office.reader()).get(PATH)).body.splitlines()
    assert not {"carrier", "route"} & json.loads(line).keys()
    (row,) = rows_of((await office.client(await office.reader()).get(f"{PATH}?format=csv")).body)
    assert not {"carrier", "route"} & row.keys()
    hidden = (await office.client(await office.reader()).get(history)).body
    for name in (b"acme", b"car_", b"rte_", b'"carrier', b'"route'):
        assert name not in hidden
    await office.close()
