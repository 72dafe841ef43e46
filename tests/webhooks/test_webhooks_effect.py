"""From a change of a message to the rows of its event and deliveries."""

import random
from functools import cache
from typing import Any

import msgspec
import pytest

from onesixty.channels.registry import standard
from onesixty.channels.sms.view import sms_view
from onesixty.core.clock import SystemClock
from onesixty.core.ids import IdSource
from onesixty.core.message import UNCLAIMED, Change
from onesixty.core.tenant import Tenant
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import EndpointTable
from onesixty.webhooks.policy import POLICY
from onesixty.webhooks.rows import NewDelivery, NewEvent, callback_lane
from onesixty.webhooks.secrets import sealed
from tests.support.sealing import KEYRING
from tests.webhooks.support import ACCOUNT, SECRET, World, message

AT = 1_700_000_001_000


@cache
def stored(id_: str) -> str:
    """The secret of a row, the same at each read."""
    return sealed(KEYRING, id_, SECRET)


def row(
    id_: str, types: list[str], *, account: str = ACCOUNT, test: bool = False, enabled: bool = True
) -> tuple[Any, ...]:
    events = msgspec.json.encode(types).decode()
    return (id_, account, "https://example.com/", events, stored(id_), int(enabled), int(test), None, None)


def run(rows: list[tuple[Any, ...]], event: str | None = "message.delivered", **fields: Any) -> list[Any]:
    table = EndpointTable(KEYRING)
    table.load(rows)
    effect = EventEffect(table, IdSource(SystemClock(), random.Random(1)), channels=standard())
    return effect(Change(before=None, after=message(**fields), event=event, at=AT))


def lanes(writes: list[Any]) -> list[str]:
    return [NewDelivery._make(write[1]).lane for write in writes if write[0] == "delivery_insert"]


def test_a_change_without_an_event_writes_nothing() -> None:
    assert run([row("whk_1", ["*"])], event=None) == []


def test_an_event_nobody_listens_to_is_kept() -> None:
    ((name, values),) = run([])
    assert name == "event_insert"
    event = NewEvent._make(values)
    id_, account, message_id, type_, sequence, test, _, at, state = event
    assert (account, message_id, type_, sequence, test, at) == (
        ACCOUNT,
        "msg_1",
        "message.delivered",
        2,
        False,
        AT,
    )
    assert state is not None
    assert len(state) < 60
    assert msgspec.json.decode(event.told()) == {
        "id": id_,
        "type": "message.delivered",
        "created_at": "2023-11-14T22:13:21.000Z",
        "sequence": 2,
        "data": sms_view(message()),
    }


def test_an_event_for_nobody_has_no_data_beside_its_state() -> None:
    table = EndpointTable(KEYRING)
    listening: set[Tenant] = set()
    effect = EventEffect(
        table, IdSource(SystemClock(), random.Random(1)), channels=standard(), listens=listening.__contains__
    )

    def made(**fields: Any) -> NewEvent:
        change = Change(before=None, after=message(**fields), event="message.delivered", at=AT)
        return NewEvent._make(effect(change)[0][1])

    assert (made().data, made().is_whole) == ("", False)
    assert made(status_callback="https://example.com/").is_whole
    assert made(encoding="binary").is_whole, "it has no state"
    listening.add(Tenant(ACCOUNT, False))
    assert made().is_whole
    listening.clear()
    table.load([row("whk_1", ["*"])])
    assert made().is_whole


def test_who_gets_it() -> None:
    """An event carries an id, a time and a sequence, and goes to those who asked for it."""
    rows = [
        row("whk_all", ["*"]),
        row("whk_this", ["message.sent", "message.delivered"]),
        row("whk_that", ["message.failed"]),
        row("whk_test", ["*"], test=True),
        row("whk_off", ["*"], enabled=False),
        row("whk_other", ["*"], account="acc_2"),
    ]
    assert lanes(run(rows)) == ["whk_all", "whk_this"]
    assert lanes(run(rows, event="message.failed")) == ["whk_all", "whk_that"]
    assert lanes(run(rows, test=True)) == ["whk_test"]
    assert lanes(run(rows, account_id="acc_2")) == ["whk_other"]
    assert lanes(run(rows, account_id="acc_3")) == []


def test_a_delivery_is_due_at_once_and_lives_72_hours() -> None:
    writes = run([row("whk_1", ["*"])])
    made = NewDelivery._make(writes[1][1])
    assert made == NewDelivery(
        made.id, writes[0][1][0], ACCOUNT, "whk_1", None, UNCLAIMED, AT, AT + POLICY.life_ms
    )
    assert made.id.startswith("dlv_")


def test_a_status_callback_has_a_lane_for_its_account_and_host() -> None:
    url = "https://hooks.example.com/a?b=1"
    writes = run([], status_callback=url)
    made = NewDelivery._make(writes[1][1])
    lane = made.lane
    assert (lane, made.target) == (f"{ACCOUNT} https://hooks.example.com", url)
    assert callback_lane(Tenant(ACCOUNT, False), "https://hooks.example.com/other") == lane
    assert callback_lane(Tenant("acc_2", False), url) != lane
    assert callback_lane(Tenant(ACCOUNT, True), url) != lane
    assert callback_lane(Tenant(ACCOUNT, False), "https://hooks.example.com:8443/") != lane


def test_the_table_follows_the_rows() -> None:
    table, heard = EndpointTable(KEYRING), []
    table.on_change(heard.append)
    table.load([row("whk_1", ["*"]), row("whk_2", ["*"])])
    table.load([row("whk_1", ["*"]), row("whk_2", ["*"])])
    table.load([row("whk_1", ["*"], enabled=False)])
    assert heard == [{"whk_1", "whk_2"}, {"whk_1", "whk_2"}]
    assert table.matching(Tenant(ACCOUNT, False), "message.sent") == ()
    assert table.get("whk_2") is None


@pytest.mark.parametrize("text", ["Your code is 482931", 'quotes " and \\u0041', "ä 💬 €"])
async def test_redaction_reaches_every_event_of_the_message(world: World, text: str) -> None:
    """Neither text nor number is left."""
    for status in ("sent", "delivered"):
        await world.happen(id="msg_a", text=text, status=status)
    await world.happen(id="msg_b", text=text)
    before = [msgspec.json.decode(body) for body in await world.bodies()]
    for _ in range(2):
        await world.redact("msg_a", AT)
    bodies = await world.bodies()
    after = [msgspec.json.decode(body) for body in bodies]
    for event, old in zip(after[:2], before[:2], strict=True):
        assert event["data"].pop("text") is None
        assert event["data"].pop("to") is None
        assert event["data"].pop("redacted_at") == "2023-11-14T22:13:21.000Z"
        for name in ("text", "to", "redacted_at"):
            del old["data"][name]
        assert event == old, "the rest stays"
    assert after[2] == before[2], "other messages stay"
    assert "+15551234567" not in bodies[0]


async def test_redaction_of_an_inbound_message_takes_who_sent_it(world: World) -> None:
    await world.happen(
        id="msg_a", direction="inbound", status="received", sender="+15557654321", recipient="12345"
    )
    await world.redact("msg_a", AT)
    ((data),) = [msgspec.json.decode(body)["data"] for body in await world.bodies()]
    assert (data["from"], data["to"], data["text"]) == (None, "12345", None)
