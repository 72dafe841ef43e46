"""Every export of a list: its lines are those of the list, for the same filters and the same callers; it can be
continued, is compressed if asked, and is noted in the audit log with what names a person apart."""

import csv
import gzip
import io
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from onesixty.core import ids
from onesixty.doors.v1 import SEND_PATH
from onesixty.http import exports
from onesixty.store.units import Unit
from onesixty.verify.guards.facts import Stop
from onesixty.verify.guards.tables import BLOCKS
from tests.doors.office import Office
from tests.http.asgi import Reply
from tests.http.world import SEND

TO = "+15557654321"
ROWS = 3
#: The id of the account that a new database has.
OPERATOR_ID = "{operator}"
#: The lists: `{webhook}` is the id of the endpoint that the town has.
LISTS = {
    "messages": "/v1/messages",
    "refusals": "/v1/refusals",
    "batches": "/v1/batches",
    "verifications": "/v1/verifications",
    "deliveries": "/v1/webhooks/{webhook}/deliveries",
    "numbers": "/v1/numbers",
    "adjustments": "/v1/adjustments",
    "verify_blocks": "/v1/verify-blocks",
    "alerts": "/v1/alerts",
}
#: For each list a filter that some of its rows pass, and its value.
FILTERS = {
    "messages": ("to", TO),
    "refusals": ("to", TO),
    "batches": ("created_after", "2020-01-01T00:00:00Z"),
    "verifications": ("to", TO),
    "deliveries": ("types", "message.canceled"),
    "numbers": ("number", "0001"),
    "adjustments": ("account_id", OPERATOR_ID),
    "verify_blocks": ("action", "block"),
    "alerts": ("status", "firing"),
}
#: Filters that have a value if they are not given.
DEFAULTS = {"verify_blocks": {"standing": False}}
#: Filters whose values name nobody.
PLAIN = frozenset(
    (
        *("status", "held_for", "created_after", "created_before", "updated_after", "tag", "reference"),
        *("reference_prefix", "batch_id", "campaign_id", "direction", "country", "class_", "error_code"),
        *("network", "carrier", "route", "duplicates", "mode", "code", "door", "request_id", "state"),
        *("profile_id", "guard", "channel", "counted_as", "types", "message_id", "event_id", "account_id"),
        *("action", "standing", "format", "after"),
    )
)
#: Filters that name a person in one list and nobody in another: the `number` of one's own numbers.
OWN = {("NumberExport", "number")}


class Town(Office):
    """A node with rows in every list. `webhook` is the id of its endpoint."""

    webhook = ""


@pytest.fixture
async def town(engine_url: str) -> AsyncIterator[Town]:
    office = await Town.open(engine_url)
    await office.route()
    client = office.client()
    hook = {"url": "https://shop.example.com/hook", "events": ["*"]}
    office.webhook = (await client.post("/v1/webhooks", hook)).json["id"]
    await client.post(
        "/v1/verify-profiles",
        {"name": "login", "application": "Acme", "sender": "+15550009999", "guards": {"countries": ["US"]}},
    )
    for place in range(ROWS):
        office.clock.turn(1)
        for to in (TO, "+15551234567"):
            sent = await client.post(SEND_PATH, {**SEND, "to": to, "text": f"=m{place}"})
            assert (await client.post(f"/v1/messages/{sent.json['id']}/cancel")).status == 200
            assert (await client.post(SEND_PATH, {**SEND, "to": to, "text": ""})).status == 422
        batch = {"from": "Shop", "text": "We are closed", "to": [TO]}
        assert (await client.post("/v1/sms/batch", batch)).status == 202
        made = await client.post("/v1/numbers", {"number": f"+1555000{place:04}", "keywords": ["a", "b"]})
        assert made.status == 201, made.body
        booked = {
            "account_id": office.account_id,
            "amount": f"{place + 1}.00",
            "currency": "EUR",
            "reason": "top-up",
        }
        made = await client.post("/v1/adjustments", booked)
        assert made.status == 201, made.body
        await stopped(office, place)
    for to in (TO, "+15551234567"):
        started = await client.post("/v1/verifications", {"to": to})
        assert started.status == 201, started.body
    await office.features.refusals.trace.stop()
    yield office
    await office.close()


async def stopped(office: Office, place: int) -> None:
    """Something that guards stopped, and an alert."""
    now = office.clock.now_ms()
    stop = Stop(
        id=ids.lowest_at(ids.VERIFY_BLOCK, now),
        account_id=office.account_id,
        test=False,
        profile_id=None,
        guard="range_score",
        key=f"key-{place}",
        subject=f"+4915{place}",
        action="hold" if place else "block",
        reason="The range was attacked.",
        created_at=now,
        ends_at=now + 60_000,
    )
    alert = (
        ids.lowest_at(ids.ALERT, now),
        *("carrier_down", "acme", f"carrier_down {place}", "critical", "It is down.", "0 of 2", now),
    )
    writes = (("verify_blocks_insert", BLOCKS.values(stop)), ("alert_open", alert))
    assert await office.store.commit([Unit((stop.id,), writes=writes)]) == [True]


def path_of(office: Town, name: str) -> str:
    return LISTS[name].format(webhook=office.webhook)


def filter_of(office: Town, name: str) -> tuple[str, str]:
    filter_, value = FILTERS[name]
    return filter_, value.format(operator=office.account_id)


async def lines_of(office: Office, path: str, key: str | None = None) -> list[dict[str, Any]]:
    reply = await office.client(key).get(path)
    assert reply.status == 200, reply.body
    return [json.loads(line) for line in reply.body.splitlines()]


def rows_of(reply: Reply) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reply.body.decode(), newline=""), strict=True))


async def test_lines_are_the_rows_of_the_list(town: Town) -> None:
    client = town.client()
    for name in LISTS:
        path = path_of(town, name)
        filter_, value = filter_of(town, name)
        for query in ("", f"&{filter_}={quote(value)}"):
            listed = (await client.get(f"{path}?limit=200{query}")).json["data"]
            assert len(listed) > 1 or (name, query != "") in (
                ("verifications", True),
                ("numbers", True),
                ("verify_blocks", True),
            ), name
            lines = await lines_of(town, f"{path}/export?format=jsonl{query}")
            assert [
                {field: line[field] for field in one} for line, one in zip(lines, listed, strict=True)
            ] == (listed), name
            reply = await client.get(f"{path}/export?format=csv{query}")
            assert [row["id"] for row in rows_of(reply)] == [one["id"] for one in listed], name
        assert reply.headers["content-type"] == "text/csv; charset=utf-8"
        assert reply.headers["content-disposition"] == f'attachment; filename="{name.replace("_", "-")}.csv"'
        assert (reply.headers["cache-control"], reply.headers["vary"]) == ("no-store", "accept-encoding")


async def test_every_field_of_the_list_has_its_column(town: Town) -> None:
    """Messages have theirs in `test_doors_export`."""
    for name in LISTS.keys() - {"messages"}:
        path = path_of(town, name)
        one = (await town.client().get(path)).json["data"][0]
        reply = await town.client().get(f"{path}/export?format=csv")
        assert list(rows_of(reply)[0]) == list(one), name
    (row,) = rows_of(await town.client().get("/v1/numbers/export?format=csv&number=0001"))
    assert (row["number"], row["keywords"], row["test"]) == ("+15550000001", "a; b", "false")
    (row, _) = rows_of(await town.client().get("/v1/verifications/export?format=csv"))
    (send,) = json.loads(row["sends"])
    assert send["status"]


async def test_an_export_goes_on_where_it_broke_off_and_is_compressed_if_asked(town: Town) -> None:
    client = town.client()
    for name in LISTS:
        path = f"{path_of(town, name)}/export"
        for format_ in ("csv", "jsonl"):
            whole = (await client.get(f"{path}?format={format_}")).body
            lines = whole.splitlines(keepends=True)
            if format_ == "csv":
                lines = lines[1:]
            first = (await lines_of(town, f"{path}?format=jsonl"))[0]["id"]
            rest = (await client.get(f"{path}?format={format_}&after={first}")).body
            assert rest == b"".join(lines[1:]), name
            packed = await client.get(f"{path}?format={format_}", headers={"accept-encoding": "gzip"})
            assert packed.headers["content-encoding"] == "gzip"
            assert gzip.decompress(packed.body) == whole
        for query, param in (
            ("color=1", "color"),
            ("format=xml", "format"),
            ("after=zzz", "after"),
            ("limit=2", "limit"),
        ):
            reply = await client.get(f"{path}?{query}")
            assert (reply.status, reply.json["code"], reply.json["param"]) == (
                422,
                "invalid_parameter",
                param,
            )


async def test_many_pages_come_as_one_stream(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from onesixty.alerts import endpoints as alerts
    from onesixty.doors.v1 import batches, export
    from onesixty.http import resource_exports
    from onesixty.refusals import endpoints as refusals
    from onesixty.verify import endpoints as verifications
    from onesixty.webhooks import endpoints as webhooks

    whole = {
        name: (await town.client().get(f"{path_of(town, name)}/export?format=csv")).body for name in LISTS
    }
    for module in (alerts, batches, export, resource_exports, refusals, verifications, webhooks):
        monkeypatch.setattr(module, "PAGE", 1)
    for name, body in whole.items():
        assert (await town.client().get(f"{path_of(town, name)}/export?format=csv")).body == body, name


async def test_each_export_is_noted_with_what_names_a_person_apart(town: Town) -> None:
    for name in LISTS:
        filter_, value = filter_of(town, name)
        query = f"?format=csv&{filter_}={quote(value)}"
        assert (await town.client().get(f"{path_of(town, name)}/export{query}")).status == 200
        await town.features.audit_log.chainer.chain()
        (entry,) = (await town.client().get(f"/v1/audit?action=exported&object={name}")).json["data"]
        assert entry["details"] == {"format": "csv", filter_: value} | DEFAULTS.get(name, {})
        assert entry["object_id"] == (town.webhook if name == "deliveries" else None)
    wanted = {"value": TO, "dry_run": True}
    assert (await town.client().post("/v1/audit/redact", wanted)).json["entries"] == 3
    assert (await town.client().post("/v1/audit/redact", {"value": TO})).status == 200
    body = (await town.client().get("/v1/audit?action=exported&limit=200")).body
    assert TO.encode() not in body


def test_every_filter_says_whether_it_names_a_person() -> None:
    """A new filter is marked `PERSONAL`, or it is in the list of those that name nobody."""
    found = [
        query for query in exports.ExportQuery.__subclasses__() if query.__module__.startswith("onesixty.")
    ]
    assert len(found) == len(LISTS)
    for query in found:
        for given, field in query.model_fields.items():
            name = given.removesuffix("_not")
            personal = exports.PERSONAL in field.metadata
            plain = {name, f"{name}_"} & PLAIN or (query.__name__, name) in OWN
            assert personal is not bool(plain), f"{query.__name__}.{name}"


async def test_operators_export_what_belongs_to_other_accounts(town: Town) -> None:
    client = town.client()
    customer = (await client.post("/v1/accounts", {"name": "shop", "price_per_segment": "0.01"})).json["id"]
    key = {"account_id": customer, "mode": "live", "name": "k"}
    theirs = (
        await client.post(
            "/v1/keys", {**key, "scopes": ["messages:send", "messages:read", "account:read", "verify:read"]}
        )
    ).json["secret"]
    assert (await town.client(theirs).post(SEND_PATH, SEND)).status == 202
    assert (await town.client(theirs).post(SEND_PATH, {**SEND, "text": ""})).status == 422
    batch = {"from": "Shop", "text": "We are closed", "to": [TO]}
    assert (await town.client(theirs).post("/v1/sms/batch", batch)).status == 202
    assigned = await client.post("/v1/numbers", {"number": "+15550007777", "account_id": customer})
    assert assigned.status == 201, assigned.body
    await town.features.refusals.trace.stop()
    booked = {"account_id": customer, "amount": "5.00", "currency": "EUR", "reason": "top-up"}
    assert (await client.post("/v1/adjustments", booked)).status == 201
    for name in ("messages", "refusals", "batches", "numbers"):
        path = f"{LISTS[name]}/export"
        own = await lines_of(town, path, theirs)
        assert own, name
        assert [one["id"] for one in await lines_of(town, f"{path}?account_id={customer}")] == [
            one["id"] for one in own
        ]
        every = path if name == "numbers" else f"{path}?account_id=*"
        assert {one["account_id"] for one in await lines_of(town, every)} == {customer, town.account_id}
        refused = await town.client(theirs).get(f"{path}?account_id={town.account_id}")
        assert (refused.status, refused.json["param"]) == (403, "account_id")
    path = "/v1/adjustments/export"
    (booked,) = await lines_of(town, path, theirs)
    assert await lines_of(town, f"{path}?account_id={customer}") == [booked]
    assert len(await lines_of(town, path)) == ROWS
    refused = await town.client(theirs).get(f"{path}?account_id={town.account_id}")
    assert (refused.status, refused.json["param"]) == (403, "account_id")
    assert (await town.client(theirs).get("/v1/alerts/export")).status == 403
    assert await lines_of(town, "/v1/verify-blocks/export", theirs) == []
    assert "carrier" not in own[0]
    assert "carrier" not in rows_of(await town.client(theirs).get("/v1/numbers/export?format=csv"))[0]
    assert "carrier" in rows_of(await client.get("/v1/numbers/export?format=csv"))[0]
    (row, *_) = rows_of(await client.get(f"/v1/messages/export?format=csv&account_id={customer}"))
    assert (row["account_id"], row["route"]) == (customer, "default")
    assert "account_id" not in rows_of(await town.client(theirs).get("/v1/messages/export?format=csv"))[0]
    await town.features.audit_log.chainer.chain()
    there = (await client.get(f"/v1/audit?account_id={customer}&action=exported&limit=200")).json["data"]
    read = [(entry["object"], entry["home"]) for entry in there]
    for name in ("messages", "refusals", "batches", "numbers"):
        assert (name, town.account_id) in read, f"who read {name} stands in the log of whose they are"
