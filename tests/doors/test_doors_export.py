"""GET /v1/messages/export: every message once, as CSV or JSON Lines, resumable, harmless to spreadsheets."""

import csv
import gzip
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.core.message import public_view
from onesixty.messages.export import COLUMNS, PAGE, csv_lines
from onesixty.store.units import Unavailable
from tests.doors.shop import Shop
from tests.http.world import NARROW, TEST
from tests.support.message_path import Node

PATH = "/v1/messages/export"
FORMULA = '=HYPERLINK("http://evil.example","win")'


@pytest.fixture
async def shop(engine_url: str) -> AsyncIterator[Shop]:
    node = await Node.start(engine_url)
    node.carrier.connected = False
    yield Shop(node)
    await node.close()


async def fill(shop: Shop, count: int) -> list[str]:
    orders = [shop.node.order(f"m{place}", account_id="acc_1") for place in range(count)]
    return [message.id for message in await shop.node.intake.accept(orders)][::-1]  # type: ignore[union-attr]


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


async def test_every_message_once_over_many_pages_in_both_formats(shop: Shop) -> None:
    made = await fill(shop, 2 * PAGE + 7)
    reply = await shop.get(PATH, NARROW)
    assert reply.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in reply.body.splitlines()]
    assert [line["id"] for line in lines] == made
    assert lines[0] == (await shop.get(f"/v1/messages/{made[0]}")).json
    reply = await shop.get(f"{PATH}?format=csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="messages.csv"'
    assert [row["id"] for row in rows_of(reply.body)] == made
    assert (await shop.get(PATH, TEST)).body == b""
    assert rows_of((await shop.get(f"{PATH}?format=csv", TEST)).body) == []


async def test_an_export_goes_on_where_it_broke_off(shop: Shop) -> None:
    made = await fill(shop, PAGE + 20)
    whole = (await shop.get(f"{PATH}?format=csv")).body
    rest = (await shop.get(f"{PATH}?format=csv&after={made[PAGE + 4]}")).body
    assert rest
    assert whole.endswith(rest)
    assert not rest.startswith(b"id,")


async def test_filters_are_those_of_the_list(shop: Shop) -> None:
    await fill(shop, 3)
    await shop.node.send("other", account_id="acc_1", reference="r1", tags=["a", "b"])
    for query in ("reference=r1", "tag=a", "reference=r1&status=queued&country=us&class=transactional"):
        (row,) = rows_of((await shop.get(f"{PATH}?format=csv&{query}")).body)
        assert (row["text"], row["tags"]) == ("other", "a; b")
    assert (await shop.get(f"{PATH}?error_code=canceled")).body == b""
    for query, param in (
        ("color=1", "color"),
        ("format=xml", "format"),
        ("created_after=x", "created_after"),
        ("after=zzz", "after"),
    ):
        reply = await shop.get(f"{PATH}?{query}")
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_parameter", param)


async def test_it_is_compressed_if_asked(shop: Shop) -> None:
    await fill(shop, PAGE + 1)
    plain = await shop.get(PATH)
    assert "content-encoding" not in plain.headers
    for accepts, packed in (("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False)):
        reply = await shop.client().get(PATH, headers={"accept-encoding": accepts})
        assert (reply.headers.get("content-encoding") == "gzip") is packed
        assert (gzip.decompress(reply.body) if packed else reply.body) == plain.body


async def test_a_cell_is_never_a_formula(shop: Shop) -> None:
    texts = [FORMULA, "+1+2", "-1", "@SUM(A1)", "\tx", 'quote " and, comma\nand line', "plain"]
    made = [await shop.node.send(text, account_id="acc_1") for text in texts]
    rows = rows_of((await shop.get(f"{PATH}?format=csv")).body)[::-1]
    assert [row["text"] for row in rows] == [f"'{text}" for text in texts[:5]] + texts[5:]
    assert {row["to"] for row in rows} == {"+15551234567"}, "a phone number is no formula"
    assert len(rows) == len(made)


async def test_the_columns_are_the_fields_of_the_message(shop: Shop) -> None:
    message = await shop.node.send(account_id="acc_1")
    view: dict[str, Any] = public_view(message)
    assert set(COLUMNS) == set(view) - {"error"} | {"error_code", "error_retryable", "carrier_code"}
    view["error"] = {"code": "undeliverable", "retryable": False, "carrier_code": "-5"}
    row = dict(zip(COLUMNS, next(csv.reader([csv_lines([view])])), strict=True))
    assert (row["error_code"], row["error_retryable"], row["carrier_code"]) == (
        "undeliverable",
        "false",
        "'-5",
    )


async def test_a_store_that_is_away_is_answered_so(shop: Shop) -> None:
    async def fetch(*_: object, **__: object) -> None:
        raise Unavailable("away")

    shop.node.store.fetch = fetch  # type: ignore[attr-defined]
    reply = await shop.get(PATH)
    assert (reply.status, reply.json["code"]) == (503, "unavailable")


async def test_operators_see_the_names_of_carrier_and_route_and_tenants_do_not(shop: Shop) -> None:
    """In exports and in the history."""
    (id_,) = await fill(shop, 1)
    (row,) = rows_of((await shop.get(f"{PATH}?format=csv")).body)
    assert (row["carrier"], row["route"]) == ("acme", "default")
    (line,) = (await shop.get(PATH)).body.splitlines()
    assert (json.loads(line)["carrier"], json.loads(line)["route"]) == ("acme", "default")
    shop.node.carrier.script = shop.node.carrier.accept
    shop.node.carrier.come_and_go(True)
    await shop.node.until_status(id_, "sent")  # type: ignore[arg-type]
    history = f"/v1/messages/{id_}/history"
    seen = (await shop.get(history)).body
    assert b'"carrier":"acme"' in seen
    assert b'"route":"default"' in seen

    (line,) = (await shop.get(PATH, NARROW)).body.splitlines()
    assert not {"carrier", "route"} & json.loads(line).keys()
    (row,) = rows_of((await shop.get(f"{PATH}?format=csv", NARROW)).body)
    assert not {"carrier", "route"} & row.keys()
    hidden = (await shop.get(history, NARROW)).body
    for name in (b"acme", b"car_a", b"rte_default", b'"carrier', b'"route'):
        assert name not in hidden
