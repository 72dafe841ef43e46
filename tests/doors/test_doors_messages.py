"""/v1/messages: what is asked reaches the functions behind, and what they give is shown."""

from typing import Any, NamedTuple

import pytest

from onesixty.accounts.reach import messages_for
from onesixty.channels.registry import standard
from onesixty.channels.sms.orders import TextEdit
from onesixty.channels.sms.view import sms_view
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.doors.v1.messages import message_routes
from onesixty.messages.queries import Cost, Filters
from onesixty.store.notes import NoNotes
from tests.http.asgi import Client
from tests.http.world import LIVE, NARROW, TEST, Clock, front_over

ID = "msg_01h455vb4pex5vsknk084sn02q"
AFTER = "msg_01h455vb4pex5vsknk084sn02r"
HISTORY = {
    "message_id": ID,
    "status": "queued",
    "data": [{"at": "2026-11-23T00:00:00.000Z", "type": "accepted", "status": "queued"}],
}


class World:
    """The routes before what is behind; `counted` are the answers."""

    def __init__(self, routes: Any) -> None:
        self.counted: list[tuple[str, int]] = []
        count = lambda route, status, _seconds: self.counted.append((route, status))  # noqa: E731
        self.front = front_over(routes, clock=Clock(), count=count)

    def client(self, key: str = LIVE) -> Client:
        return Client(self.front, key)


class CarrierNamed(NamedTuple):
    """A carrier, as far as a filter needs it."""

    id: str


COST = [Cost("0.01", "EUR")]


class Behind:
    """Notes what was asked, and knows one message."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.refuses: str | None = None
        self.message = Message(
            id=ID,
            account_id="acc_1",
            test=False,
            sender="Brand",
            recipient="+15551234567",
            text="hello",
            encoding="gsm7",
            segments=1,
            class_="transactional",
            created_at=1_795_390_000_000,
            expires_at=1_795_390_001_000,
            status="queued",
        )

    async def get(self, *asked: Any) -> Message | None:
        self.asked.append(asked)
        tenant, id_ = asked
        return self.message if not tenant.test and id_ == ID else None

    async def find(self, *asked: Any) -> tuple[list[Message], str | None]:
        self.asked.append(asked)
        return ([], None) if asked[-1] == ID else ([self.message], ID)

    async def page(self, *asked: Any) -> tuple[list[Message], str | None, str | None]:
        tenant, filters, limit, place = asked
        self.asked.append((tenant, filters, limit, place.after))
        return ([], None, None) if place.after == ID else ([self.message], ID, place.before)

    async def carrier(self, name: str) -> Any:
        return CarrierNamed(f"car_{name}") if name == "acme" else None

    route = carrier

    async def costs(self, messages: list[Message]) -> dict[str, Any]:
        return {message.id: COST for message in messages}

    @property
    def shown(self) -> dict[str, Any]:
        """The message as an operator's key sees it."""
        cost = [cost._asdict() for cost in COST]
        return {**sms_view(self.message), "account_id": self.message.account_id, "cost": cost}

    async def history(self, *asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return HISTORY

    async def change(self, *asked: Any) -> Message:
        self.asked.append(asked)
        if self.refuses is not None:
            raise Problem(self.refuses)
        return self.message

    cancel = redact = change

    async def names(self) -> dict[str, str]:
        return {}


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def world(behind: Any) -> World:
    return World(
        message_routes(
            *(behind, behind, behind, behind, behind, standard(), NoNotes()),
            reach_of=messages_for((), lambda *_: None),
            templates=behind,
        )
    )


async def test_a_message_is_shown_to_its_account_and_mode(world: Any, behind: Behind) -> None:
    reply = await world.client().get(f"/v1/messages/{ID}")
    assert (reply.status, reply.json) == (200, behind.shown)
    assert world.counted[-1] == ("/v1/messages/{id}", 200)
    assert (await world.client(TEST).get(f"/v1/messages/{ID}")).json["code"] == "not_found"
    assert behind.asked == [(Tenant("acc_1", False), ID), (Tenant("acc_1", True), ID)]


async def test_ids_that_are_none_ask_nobody(world: Any, behind: Behind) -> None:
    for id_ in ("1", "key_01h455vb4pex5vsknk084sn02q", ID + "x", ID.upper(), "%00"):
        for method, path in (("GET", ""), ("GET", "/history"), ("POST", "/cancel"), ("POST", "/redact")):
            reply = await world.client().request(method, f"/v1/messages/{id_}{path}")
            assert (reply.status, reply.json["code"]) == (404, "not_found")
    assert not behind.asked


async def test_a_list_filters(world: Any, behind: Behind) -> None:
    reply = await world.client().get(
        "/v1/messages?status=queued&to=%2B15551234567&from=Brand&created_after=2026-11-23T00:00:00Z"
        "&created_before=2026-11-24T01:00:00%2B01:00&tag=a&reference=r%204711&batch_id=bat_1&direction=outbound"
        f"&limit=7&after={AFTER}&campaign_id=cmp_1&country=us&class=otp&error_code=undeliverable"
    )
    assert (reply.status, reply.json) == (
        200,
        {"data": [behind.shown], "next": ID, "previous": None},
    )
    wanted = Filters(
        statuses=("queued",),
        to="+15551234567",
        sender="Brand",
        created_after=1_795_392_000_000,
        created_before=1_795_478_400_000,
        tag="a",
        reference="r 4711",
        batch_id="bat_1",
        campaign_id="cmp_1",
        direction="outbound",
        country="US",
        class_="otp",
        error_code="undeliverable",
    )
    assert behind.asked == [(Tenant("acc_1", False), wanted, 7, AFTER)]
    await world.client().get("/v1/messages")
    assert behind.asked[-1] == (Tenant("acc_1", False), Filters(), 50, None)
    await world.client().get("/v1/messages?to=+15551234567&from=0015550001111&tag=&batch_id=")
    said = Filters(to="+15551234567", sender="+15550001111", tag="", batch_id="")
    assert behind.asked[-1] == (Tenant("acc_1", False), said, 50, None), (
        "as anybody may write it, and empty is not unsaid"
    )


async def test_operators_filter_by_carrier_and_route(world: Any, behind: Behind) -> None:
    """By name, or by an id that may be gone; others have no such filter."""
    await world.client().get("/v1/messages?carrier=acme&route=rte_01h455vb4pex5vsknk084sn02q")
    wanted = Filters(carrier_id="car_acme", route_id="rte_01h455vb4pex5vsknk084sn02q")
    assert behind.asked[-1] == (Tenant("acc_1", False), wanted, 50, None)
    reply = await world.client().get("/v1/messages?carrier=other")
    assert (reply.status, reply.json["param"]) == (422, "carrier")
    reply = await world.client(NARROW).get("/v1/messages?carrier=acme")
    assert (reply.status, reply.json["code"]) == (403, "forbidden")


async def test_what_changed_since_is_asked_within_a_time(world: Any, behind: Behind) -> None:
    reply = await world.client().get("/v1/messages?updated_after=2026-11-23T00:00:00Z")
    assert (reply.status, reply.json["param"]) == (422, "updated_after")
    assert "`created_after`" in reply.json["detail"]
    since = "2026-11-23T00:00:00Z"
    await world.client().get(
        f"/v1/messages?updated_after={since}&created_after={since}&from_prefix=Br&network=26201"
    )
    at = 1_795_392_000_000
    wanted = Filters(updated_after=at, created_after=at, sender_prefix="Br", network="26201")
    assert behind.asked[-1] == (Tenant("acc_1", False), wanted, 50, None)


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("false", False)])
async def test_what_was_sent_twice_perhaps_can_be_listed(
    said: str, meant: bool, world: Any, behind: Behind
) -> None:
    await world.client().get(f"/v1/messages?duplicates={said}")
    assert behind.asked[-1] == (Tenant("acc_1", False), Filters(duplicates=meant), 50, None)
    reply = await world.client().get("/v1/messages?duplicates=2")
    assert (reply.status, reply.json["param"]) == (422, "duplicates")


async def test_what_reports_count_can_be_listed(world: Any, behind: Behind) -> None:
    """By the sender that the recipient sees, and what has no country or network."""
    await world.client().get("/v1/messages?sender_shown=0015550001111&network=&country=")
    wanted = Filters(sender_shown="+15550001111", network="", country="")
    assert behind.asked[-1] == (Tenant("acc_1", False), wanted, 50, None)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        (f"after={AFTER}&before={AFTER}", "before"),
        (f"before={AFTER}&at=2026-11-23T00:00:00Z", "at"),
        ("at=yesterday", "at"),
        ("before=x", "before"),
        ("network=26", "network"),
        ("from_prefix=", "from_prefix"),
        ("status=sending", "status"),
        ("direction=up", "direction"),
        ("stauts=sent", "stauts"),
        ("sender=Brand", "sender"),
        ("created_after=yesterday", "created_after"),
        ("created_before=2026-11-24T00:00:00", "created_before"),
        ("created_before=2026-13-24T00:00:00Z", "created_before"),
        ("created_before=0001-01-01T00:00:00%2B23:59", None),
        ("limit=1000", "limit"),
        ("tag=" + "x" * 51, "tag"),
        ("reference=%00", "reference"),
        ("status=", "status"),
        ("tag=a&tag=b", "tag"),
        ("error_code=nothing", "error_code"),
        ("after=bat_01h455vb4pex5vsknk084sn02q", "after"),
        ("after=x", "after"),
        ("to=" + "1" * 65, "to"),
    ],
)
async def test_bad_filters_are_named(world: Any, behind: Behind, query: str, param: str | None) -> None:
    reply = await world.client().get(f"/v1/messages?{query}")
    if param is None:
        assert reply.status in (200, 422)
        return
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_parameter", param)
    assert not behind.asked


async def test_history_cancel_and_redact(world: Any, behind: Behind) -> None:
    client = world.client()
    assert (await client.get(f"/v1/messages/{ID}/history")).json == HISTORY
    for action in ("cancel", "redact"):
        reply = await client.post(f"/v1/messages/{ID}/{action}")
        assert (reply.status, reply.json["id"]) == (200, ID)
    assert behind.asked == [
        (Tenant("acc_1", False), ID, True),
        (Tenant("acc_1", False), ID),
        (Tenant("acc_1", False), ID, []),
    ]
    assert "cost" not in (await world.client(NARROW).get(f"/v1/messages/{ID}")).json
    await world.client(NARROW).get(f"/v1/messages/{ID}/history")
    assert behind.asked[-1] == (Tenant("acc_1", False), ID, False), "carriers are for operators"
    for code in ("too_late", "not_terminal"):
        behind.refuses = code
        reply = await client.post(f"/v1/messages/{ID}/cancel")
        assert (reply.status, reply.json["code"]) == (409, code)


async def test_reading_is_not_changing(world: Any) -> None:
    reader = world.client(NARROW)
    assert (await reader.get(f"/v1/messages/{ID}")).status == 200
    assert (await reader.post(f"/v1/messages/{ID}/cancel")).json["code"] == "forbidden"


async def test_a_change_says_what_is_to_be_different(world: Any, behind: Behind) -> None:
    client = world.client()
    body = {
        "from": "New", "text": "new", "scheduled_at": None, "tags": [], "reference": None, "class": "otp",
        "flash": True, "destination_port": 2948, "valid_for": 60,
    }  # fmt: skip
    reply = await client.patch(f"/v1/messages/{ID}", body)
    assert (reply.status, reply.json) == (200, behind.shown)
    wanted = TextEdit(
        sender="New", text="new", scheduled_at=None, tags=[], reference=None, class_="otp", flash=True,
        udh="0605040b840000", valid_for=60,
    )  # fmt: skip
    assert behind.asked == [(Tenant("acc_1", False), ID, wanted, None)]
    await client.patch(
        f"/v1/messages/{ID}", {"binary": "AQID", "udh": None, "scheduled_at": "2027-01-01T00:00:00Z"}
    )
    assert behind.asked[-1][2] == TextEdit(binary=b"\x01\x02\x03", udh=None, scheduled_at=1_798_761_600_000)
    cleared = dict.fromkeys(
        ("encoding", "language", "transliterate", "max_segments", "flash", "valid_for", "priority", "class", "tags",
         "status_callback", "on_unknown", "route", "text")
    )  # fmt: skip
    merge_patch = {"content-type": "application/merge-patch+json"}
    await client.patch(f"/v1/messages/{ID}", {**cleared, "binary": "AQID"}, headers=merge_patch)
    assert behind.asked[-1][2] == TextEdit(
        binary=b"\x01\x02\x03", encoding="auto", language=None, transliterate=False, max_segments=None,
        flash=False, valid_for=None, priority=0, class_="transactional", tags=[], status_callback=None,
        on_unknown=None, route=None,
    )  # fmt: skip
    behind.refuses = "too_late"
    assert (await client.patch(f"/v1/messages/{ID}", {"priority": 1})).json["code"] == "too_late"


async def test_a_change_of_nothing_changes_nothing(world: Any, behind: Behind) -> None:
    reply = await world.client().patch(f"/v1/messages/{ID}", {})
    assert (reply.status, reply.json) == (200, behind.shown)
    assert behind.asked == [(Tenant("acc_1", False), ID)]
    assert (await world.client(TEST).patch(f"/v1/messages/{ID}", {})).status == 404


async def test_a_change_may_be_of_one_version_alone(world: Any, behind: Behind) -> None:
    client = world.client()
    tag = (await client.get(f"/v1/messages/{ID}")).headers["etag"]
    assert tag == f'"{behind.message.version}"'
    reply = await client.patch(f"/v1/messages/{ID}", {"priority": 1}, headers={"If-Match": tag})
    assert (reply.status, reply.headers["etag"]) == (200, tag)
    assert behind.asked[-1][3] == {behind.message.version}
    assert (await client.patch(f"/v1/messages/{ID}", {}, headers={"If-Match": tag})).status == 200
    behind.asked.clear()
    other = await client.patch(f"/v1/messages/{ID}", {}, headers={"If-Match": '"99"'})
    assert (other.status, other.json["code"]) == (412, "precondition_failed")
    assert other.json["version"] == behind.message.version
    wrong = await client.patch(f"/v1/messages/{ID}", {"priority": 1}, headers={"If-Match": "99"})
    assert (wrong.json["code"], wrong.json["param"]) == ("invalid_parameter", "If-Match")
    assert len(behind.asked) == 1, "only the version was looked at"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"to": "+15551234567"}, "unknown_field", "to"),
        ({"to": None}, "unknown_field", "to"),
        ({"text": None}, "invalid_field", "text"),
        ({"text": None, "binary": None}, "invalid_field", "text"),
        ({"from": None}, "invalid_field", "from"),
        ({"text": "a\x00"}, "invalid_field", "text"),
        ({"text": "a", "binary": "AQID"}, "invalid_field", "text"),
        ({"binary": "?"}, "invalid_field", "binary"),
        ({"udh": "zz"}, "invalid_field", "udh"),
        ({"source_port": 1}, "missing_field", "destination_port"),
        ({"priority": 10}, "invalid_field", "priority"),
        ({"scheduled_at": "2027-01-01"}, "invalid_field", "scheduled_at"),
    ],
)
async def test_a_change_that_is_none_is_refused(
    world: Any, behind: Behind, body: dict[str, Any], code: str, param: str | None
) -> None:
    reply = await world.client().patch(f"/v1/messages/{ID}", body)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param), reply.body
    assert behind.asked == []
