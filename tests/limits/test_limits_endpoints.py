"""Limits over HTTP: who sets them, what is refused, what headers and `/v1/limits` say, and the clock."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.core import times
from onesixty.core.message import insertion
from tests.doors.office import Office
from tests.http.asgi import Client, Reply

SEND = {"from": "Acme", "to": "+15551234567", "text": "Hi"}
HOUR = 3600


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    await made.route()
    yield made
    await made.close()


async def customer(office: Office, limits: dict[str, Any], **fields: Any) -> tuple[str, Client]:
    made = await office.client().post(
        "/v1/accounts", {"name": "customer", "price_per_segment": "0.01", "limits": limits, **fields}
    )
    assert made.status == 201, made.json
    return made.json["id"], office.client(made.json["keys"][0]["secret"])


def refused(reply: Reply, code: str) -> int:
    """The seconds in Retry-After of a refusal."""
    assert (reply.status, reply.json["code"]) == (429, code), reply.json
    return int(reply.headers["retry-after"])


async def send(client: Client, **fields: Any) -> Reply:
    return await client.post("/v1/sms/send", SEND | fields)


async def uses(client: Client) -> dict[str, tuple[int, int]]:
    listed = await client.get("/v1/limits")
    assert listed.status == 200, listed.json
    return {one["name"]: (one["used"], one["remaining"]) for one in listed.json["data"]}


async def test_the_messages_of_a_day_end_at_the_midnight_of_the_account(office: Office) -> None:
    _, client = await customer(office, {"messages_per_day": 3}, time_zone="Europe/Berlin")
    assert [(await send(client)).status for _ in range(3)] == [202] * 3
    reply = await send(client)
    wait = refused(reply, "day_limit_reached")
    assert await uses(client) == {"messages_per_day": (3, 0)}
    resets = (await client.get("/v1/limits")).json["data"][0]["resets_at"]
    midnight = times.from_text(resets)
    assert 0 <= wait * 1000 - (midnight - office.clock.now_ms()) < 2000
    assert reply.headers["ratelimit"] == f'"day";r=0;t={wait}'
    assert reply.headers["ratelimit-policy"] == '"day";q=3;w=86400'
    preview = await client.post("/v1/sms/preview", SEND)
    assert preview.json["refusal"]["code"] == "day_limit_reached"
    office.clock.ms = midnight + 1
    assert (await send(client)).status == 202
    assert await uses(client) == {"messages_per_day": (1, 2)}


async def test_a_month_counts_on_after_its_days(office: Office) -> None:
    _, client = await customer(office, {"messages_per_day": 2, "messages_per_month": 3})
    assert [(await send(client)).status for _ in range(2)] == [202] * 2
    refused(await send(client), "day_limit_reached")
    office.clock.turn(24 * HOUR)
    assert (await send(client)).status == 202
    wait = refused(await send(client), "month_limit_reached")
    office.clock.turn(wait)
    assert (await send(client)).status == 202


async def test_a_batch_is_accepted_as_far_as_the_limit_goes(office: Office) -> None:
    _, client = await customer(office, {"messages_per_day": 5})
    reply = await client.post("/v1/sms/batch", {"messages": [SEND] * 8})
    assert (reply.json["accepted"], reply.json["refused"]) == (5, 3)
    assert {one["code"] for one in reply.json["refusals"]} == {"day_limit_reached"}


async def test_what_is_refused_for_another_reason_uses_nothing_up(office: Office) -> None:
    _, client = await customer(office, {"messages_per_day": 2, "segments_per_second": 5}, credit_limit="0.01")
    assert (await send(client, to="nobody")).json["code"] == "invalid_recipient"
    assert (await send(client)).status == 202
    for _ in range(3):
        assert (await send(client)).json["code"] == "insufficient_credit"
    assert (await uses(client))["messages_per_day"] == (1, 1)


async def test_segments_a_second(office: Office) -> None:
    _, client = await customer(office, {"segments_per_second": 4})
    long = {"text": "x" * 200}  # two segments
    assert [(await send(client, **long)).status for _ in range(2)] == [202, 202]
    assert refused(await send(client), "segments_limited") == 1
    office.clock.turn(0.25)
    assert (await send(client)).status == 202
    refused(await send(client), "segments_limited")
    office.clock.turn(10)
    huge = await send(client, text="x" * 900)  # six segments: more than a second's
    assert huge.status == 202
    office.clock.turn(0.5)
    refused(await send(client), "segments_limited")


async def test_requests_a_second_of_all_keys_of_an_account(office: Office) -> None:
    account_id, client = await customer(office, {"requests_per_second": 3})
    other = await office.client().post("/v1/keys", {"name": "two", "mode": "live", "account_id": account_id})
    second = office.client(other.json["secret"])
    replies = [await each.get("/v1/account") for each in (client, second, client, second)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert refused(replies[3], "rate_limited") == 1
    assert replies[2].headers["ratelimit"] == '"requests";r=0;t=1'
    assert replies[2].headers["ratelimit-policy"] == '"requests";q=3;w=1'
    office.clock.turn(1)
    assert (await second.get("/v1/account")).status == 200


async def test_waiting_and_scheduled_messages(office: Office) -> None:
    _, client = await customer(office, {"waiting_messages": 2, "scheduled_messages": 1})
    at = times.to_text(office.clock.now_ms() + HOUR * 1000)
    first = await send(client)
    assert [first.status, (await send(client)).status] == [202, 202]
    refused(await send(client), "too_many_waiting")
    later = await send(client, scheduled_at=at)
    assert later.status == 202
    assert refused(await send(client, scheduled_at=at), "too_many_scheduled") == 60
    assert await uses(client) == {"waiting_messages": (2, 0), "scheduled_messages": (1, 0)}
    for message in (first, later):
        assert (await client.post(f"/v1/messages/{message.json['id']}/cancel")).status == 200
    office.clock.turn(1)
    assert (await send(client)).status == 202
    assert (await send(client, scheduled_at=at)).status == 202


async def test_what_the_sweep_releases_leaves_less_room(office: Office) -> None:
    _, client = await customer(office, {"waiting_messages": 6})
    at = times.to_text(office.clock.now_ms() + HOUR * 1000)
    assert [(await send(client, scheduled_at=at)).status for _ in range(4)] == [202] * 4
    assert [(await send(client)).status for _ in range(2)] == [202] * 2
    office.clock.turn(HOUR + 1)
    await office.features.sweep.once()
    refused(await send(client), "too_many_waiting")
    assert await uses(client) == {"waiting_messages": (6, 0)}


async def test_limits_of_an_account_hold_for_those_below_it(office: Office) -> None:
    parent_id, parent = await customer(office, {"messages_per_day": 3})
    made = await parent.post(
        "/v1/subaccounts", {"name": "branch", "price_per_segment": "0.01", "limits": {"messages_per_day": 2}}
    )
    assert made.status == 201, made.json
    branch = office.client(made.json["keys"][0]["secret"])
    assert [(await send(branch)).status for _ in range(2)] == [202, 202]
    own = await send(branch)
    assert "2 messages a day" in own.json["detail"]
    refused(own, "day_limit_reached")
    assert (await send(parent)).status == 202
    refused(await send(parent), "day_limit_reached")
    more = {"limits": {"messages_per_day": 3}}
    at = f"/v1/subaccounts/{made.json['id']}"
    assert (await parent.patch(at, more)).status == 200
    above = await send(branch)
    refused(above, "day_limit_reached")
    assert "above" in above.json["detail"], "the limit of a parent is its own affair"
    too_many = await parent.patch(at, {"limits": {"messages_per_day": 4}})
    assert (too_many.status, too_many.json["param"]) == (422, "limits.messages_per_day")
    assert parent_id not in (await branch.get("/v1/limits")).body.decode()


async def test_a_test_key_does_not_use_up_the_limits_of_its_account(office: Office) -> None:
    made = await office.client().post(
        "/v1/accounts", {"name": "customer", "price_per_segment": "0.01", "limits": {"messages_per_day": 1}}
    )
    live, test = (office.client(key["secret"]) for key in made.json["keys"])
    assert [(await send(test)).status for _ in range(3)] == [202] * 3
    assert (await send(live)).status == 202
    refused(await send(live), "day_limit_reached")


async def test_a_key_has_limits_of_its_own(office: Office) -> None:
    made = await office.client().post(
        "/v1/keys", {"name": "app", "mode": "live", "limits": {"messages_per_day": 2}}
    )
    assert made.json["limits"]["messages_per_day"] == 2
    client = office.client(made.json["secret"])
    assert [(await send(client)).status for _ in range(2)] == [202, 202]
    refused(await send(client), "day_limit_reached")
    assert (await send(office.client())).status == 202, "other keys go on"
    assert await uses(client) == {"messages_per_day": (2, 0)}
    priced = {"name": "branch", "price_per_segment": "0.01"}
    branch = await office.client().post("/v1/subaccounts", priced)
    assert branch.status == 201, branch.json
    for call, path, body, what in (
        (client.post, "/v1/keys", {"name": "x", "mode": "live"}, "keys"),
        (client.patch, f"/v1/keys/{made.json['id']}", {"limits": None}, "keys"),
        (client.post, "/v1/smpp-credentials", {"system_id": "x"}, "credentials"),
        (client.post, "/v1/subaccounts", priced, "accounts"),
        (client.patch, f"/v1/subaccounts/{branch.json['id']}", {"limits": None}, "accounts"),
    ):
        reply = await call(path, body)
        assert reply.status == 403, "it cannot lift its limits"
        assert reply.json["detail"] == f"A key with limits of its own cannot make or change {what}."
    raised = await office.client().patch(f"/v1/keys/{made.json['id']}", {"limits": {"messages_per_day": 3}})
    assert raised.status == 200
    assert (await send(client)).status == 202
    refused(await send(client), "day_limit_reached")


async def test_what_a_key_has_waiting_and_scheduled(office: Office) -> None:
    """Also after an edit, a cancel, a release by the sweep, and a restart; other keys of the account go on."""
    limits = {"waiting_messages": 3, "scheduled_messages": 2}
    made = await office.client().post("/v1/keys", {"name": "app", "mode": "live", "limits": limits})
    assert made.status == 201, made.json
    client, other = office.client(made.json["secret"]), office.client()
    at = times.to_text(office.clock.now_ms() + HOUR * 1000)
    later = [await send(client, scheduled_at=at) for _ in range(2)]
    assert [reply.status for reply in later] == [202, 202]
    assert refused(await send(client, scheduled_at=at), "too_many_scheduled") == 60
    assert (await send(other, scheduled_at=at)).status == 202
    assert (await send(client)).status == 202
    assert await uses(client) == {"waiting_messages": (1, 2), "scheduled_messages": (2, 0)}
    assert await uses(other) == {}
    sooner = times.to_text(office.clock.now_ms() + HOUR * 500)
    edited = await client.patch(f"/v1/messages/{later[0].json['id']}", {"scheduled_at": sooner, "text": "Yo"})
    assert edited.status == 200, edited.json
    refused(await send(client, scheduled_at=at), "too_many_scheduled")
    assert (await other.post(f"/v1/messages/{later[1].json['id']}/cancel")).status == 200
    office.clock.turn(61)
    assert (await send(client, scheduled_at=at)).status == 202
    refused(await send(client, scheduled_at=at), "too_many_scheduled")
    office.clock.turn(HOUR / 2)
    await office.features.sweep.once()
    assert await uses(client) == {"waiting_messages": (2, 1), "scheduled_messages": (1, 1)}
    assert (await send(client)).status == 202
    assert refused(await send(client), "too_many_waiting") == 1
    assert (await send(other)).status == 202
    await office.features.limits.stop(1)
    await office.again()
    client = office.client(client.key)
    refused(await send(client), "too_many_waiting")
    assert await uses(client) == {"waiting_messages": (3, 0), "scheduled_messages": (1, 1)}
    raised = {"limits": {"waiting_messages": 4}}
    assert (await office.client().patch(f"/v1/keys/{made.json['id']}", raised)).status == 200
    assert (await send(client)).status == 202
    refused(await send(client), "too_many_waiting")


async def test_a_batch_of_a_key_is_accepted_as_far_as_its_room_goes(office: Office) -> None:
    limits = {"waiting_messages": 3}
    made = await office.client().post("/v1/keys", {"name": "app", "mode": "live", "limits": limits})
    client = office.client(made.json["secret"])
    reply = await client.post("/v1/sms/batch", {"messages": [SEND] * 5})
    assert (reply.json["accepted"], reply.json["refused"]) == (3, 2)
    assert {one["code"] for one in reply.json["refusals"]} == {"too_many_waiting"}
    preview = await client.post("/v1/sms/preview", SEND)
    assert preview.json["refusal"]["code"] == "too_many_waiting"


async def test_only_messages_of_such_a_key_name_it(office: Office) -> None:
    """The others go the fast way into the database."""
    for limits, named in (({}, False), ({"messages_per_day": 5}, False), ({"waiting_messages": 5}, True)):
        made = await office.client().post("/v1/keys", {"name": "app", "mode": "live", "limits": limits})
        assert (await send(office.client(made.json["secret"]))).status == 202
        sent = office.accepted[-1]
        assert sent.limited_by == (made.json["id"] if named else None)
        assert insertion(sent)[0] == ("message_insert" if named else "message_insert_plain")


async def test_a_limit_that_changes_applies_at_once(office: Office) -> None:
    account_id, client = await customer(office, {"messages_per_day": 1})
    assert (await send(client)).status == 202
    refused(await send(client), "day_limit_reached")
    for limits, statuses in (
        ({"messages_per_day": 3}, [202, 202, 429]),
        ({"messages_per_day": None}, [202] * 3),
    ):
        assert (await office.client().patch(f"/v1/accounts/{account_id}", {"limits": limits})).status == 200
        assert [(await send(client)).status for _ in range(3)] == statuses
    lower = {"limits": {"messages_per_day": 2}}
    await office.client().patch(f"/v1/accounts/{account_id}", lower)
    refused(await send(client), "day_limit_reached")


async def test_after_a_restart_the_day_goes_on(office: Office) -> None:
    _, client = await customer(office, {"messages_per_day": 100})
    assert [(await send(client)).status for _ in range(10)] == [202] * 10
    await office.features.limits.stop(1)
    await office.again()
    after = office.client(client.key)
    assert await uses(after) == {"messages_per_day": (10, 90)}
    reply = await after.post("/v1/sms/batch", {"messages": [SEND] * 95})
    assert reply.json["accepted"] == 90


async def test_limits_that_make_no_sense(office: Office) -> None:
    for limits, param in (
        ({"messages_per_day": -1}, "limits.messages_per_day"),
        ({"segments_per_second": 0}, "limits.segments_per_second"),
        ({"messages_per_year": 1}, "limits.messages_per_year"),
    ):
        reply = await office.client().post(
            "/v1/accounts", {"name": "x", "price_per_segment": "0.01", "limits": limits}
        )
        assert (reply.status, reply.json["param"]) == (422, param)


async def test_the_limits_of_another_key_and_account_are_seen_by_who_may(office: Office) -> None:
    account_id, client = await customer(office, {"messages_per_day": 9})
    fields = {"name": "app", "mode": "live", "limits": {"messages_per_day": 3}, "scopes": ["account:read"]}
    made = await client.post("/v1/keys", fields)
    key_id, restricted = made.json["id"], office.client(made.json["secret"])
    sending = await client.post("/v1/keys", fields | {"scopes": ["messages:send"]})
    assert (await send(office.client(sending.json["secret"]))).status == 202

    async def shown(by: Client, query: str) -> dict[str, tuple[int, int]]:
        reply = await by.get(f"/v1/limits?{query}")
        assert reply.status == 200, reply.json
        return {one["subject"]: (one["used"], one["remaining"]) for one in reply.json["data"]}

    of_account, other = {account_id: (1, 8)}, sending.json["id"]
    assert await shown(client, f"key_id={other}") == of_account | {other: (1, 2)}
    assert await shown(client, "") == of_account
    assert await shown(restricted, f"key_id={key_id}") == of_account | {key_id: (0, 3)}
    assert await shown(office.client(), f"account_id={account_id}&key_id={other}") == of_account | {
        other: (1, 2)
    }
    assert await shown(office.client(), f"account_id={account_id}") == of_account

    for by, query, status, code in (
        (restricted, f"key_id={other}", 403, "forbidden"),
        (client, f"account_id={office.features.accounts.operator().id}", 403, "forbidden"),
        (office.client(), f"key_id={other}", 422, "invalid_parameter"),
        (office.client(), "account_id=acc_none", 422, "invalid_parameter"),
        (client, "key=1", 422, "invalid_parameter"),
    ):
        reply = await by.get(f"/v1/limits?{query}")
        assert (reply.status, reply.json["code"]) == (status, code), reply.json
