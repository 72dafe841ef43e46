"""Bad input to POST /v1/sms/send: each gets its documented answer, on the hot path and through FastAPI alike."""

import json
from typing import Any

import pytest

from onesixty.core.errors import CATALOGUE
from tests.http.world import LIVE, NARROW, PUBLIC_URL, REVOKED, SEND, TEST, Clock


def but(**fields: Any) -> bytes:
    return json.dumps({**SEND, **{name.rstrip("_"): value for name, value in fields.items()}}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in SEND.items() if key != name}).encode()


DEEP = b"[" * 2000 + b"]" * 2000

#: (what, body, status, code, param)
BODIES: list[tuple[str, bytes, int, str, str | None]] = [
    ("no body", b"", 400, "bad_json", None),
    ("only spaces", b"  ", 400, "bad_json", None),
    ("half a document", b'{"from": "A", ', 400, "bad_json", None),
    ("two documents", b"{} {}", 400, "bad_json", None),
    ("single quotes", b"{'from': 'A'}", 400, "bad_json", None),
    ("NaN", b'{"priority": NaN}', 400, "bad_json", None),
    ("not UTF-8", b'{"from": "A", "to": "+15551234567", "text": "\xff\xfe"}', 400, "bad_json", None),
    ("a lone surrogate", b'{"from": "A", "to": "+15551234567", "text": "\\ud83d"}', 400, "bad_json", None),
    ("a byte order mark", b"\xef\xbb\xbf{}", 400, "bad_json", None),
    ("deep nesting", DEEP, 400, "bad_json", None),
    ("deep nesting in a field", b'{"from": ' + DEEP + b"}", 400, "bad_json", None),
    ("an array", b"[]", 422, "invalid_field", None),
    ("a string", b'"hello"', 422, "invalid_field", None),
    ("null", b"null", 422, "invalid_field", None),
    ("no fields", b"{}", 422, "missing_field", "to"),
    ("no from", without("from"), 422, "missing_field", "from"),
    ("no to", without("to"), 422, "missing_field", "to"),
    ("no text", without("text"), 422, "missing_field", "text"),
    ("unknown field", but(colour="red"), 422, "unknown_field", "colour"),
    ("a field of a later feature", but(fallback="email"), 422, "unknown_field", "fallback"),
    ("a misspelled field", but(scheduledAt="2030-01-01T00:00:00Z"), 422, "unknown_field", "scheduledAt"),
    ("to is a number", but(to=15551234567), 422, "invalid_field", "to"),
    ("from is null", but(from_=None), 422, "missing_field", "from"),
    ("text is a list", but(text=["a"]), 422, "invalid_field", "text"),
    ("text is an object", but(text={"a": 1}), 422, "invalid_field", "text"),
    ("priority is a string", but(priority="1"), 422, "invalid_field", "priority"),
    ("priority is true", but(priority=True), 422, "invalid_field", "priority"),
    ("priority is 1.5", but(priority=1.5), 422, "invalid_field", "priority"),
    ("priority is -1", but(priority=-1), 422, "invalid_field", "priority"),
    ("priority is 10", but(priority=10), 422, "invalid_field", "priority"),
    ("priority has 400 digits", b'{"priority": ' + b"9" * 400 + b"}", 422, "invalid_field", "priority"),
    ("class is unknown", but(class_="urgent"), 422, "invalid_field", "class"),
    ("encoding is unknown", but(encoding="utf-8"), 422, "invalid_field", "encoding"),
    ("valid_for is 0", but(valid_for=0), 422, "invalid_field", "valid_for"),
    ("valid_for is text", but(valid_for="10m"), 422, "invalid_field", "valid_for"),
    ("max_segments is 0", but(max_segments=0), 422, "invalid_field", "max_segments"),
    ("max_segments is 256", but(max_segments=256), 422, "invalid_field", "max_segments"),
    ("reference is too long", but(reference="x" * 256), 422, "invalid_field", "reference"),
    ("eleven tags", but(tags=["t"] * 11), 422, "invalid_field", "tags"),
    ("a tag too long", but(tags=["ok", "t" * 51]), 422, "invalid_field", "tags[1]"),
    ("an empty tag", but(tags=[""]), 422, "invalid_field", "tags[0]"),
    ("a tag that is no string", but(tags=["a", 2]), 422, "invalid_field", "tags[1]"),
    ("tags are a string", but(tags="a"), 422, "invalid_field", "tags"),
    ("on_unknown is unknown", but(on_unknown="drop"), 422, "invalid_field", "on_unknown"),
    ("route is empty", but(route=""), 422, "invalid_field", "route"),
    ("a time without a zone", but(scheduled_at="2030-01-01T00:00:00"), 422, "invalid_field", "scheduled_at"),
    ("no time", but(scheduled_at="tomorrow"), 422, "invalid_field", "scheduled_at"),
    ("a time as a number", but(scheduled_at=1893456000), 422, "invalid_field", "scheduled_at"),
    ("a NUL in the text", but(text="a\x00b"), 422, "invalid_field", "text"),
    ("a NUL in a tag", but(tags=["a", "\x00"]), 422, "invalid_field", "tags"),
    ("a NUL in the reference", but(reference="\x00"), 422, "invalid_field", "reference"),
    # what intake judges, through the door
    ("no number", but(to="hello"), 422, "invalid_recipient", "to"),
    ("an empty number", but(to=""), 422, "invalid_recipient", "to"),
    ("a number too short", but(to="+1555"), 422, "invalid_recipient", "to"),
    ("a number too long", but(to="+1555123456789012"), 422, "invalid_recipient", "to"),
    ("a number without its country", but(to="5551234567"), 422, "invalid_recipient", "to"),
    ("a country code that is none", but(to="+999123456789"), 422, "invalid_recipient", "to"),
    ("two numbers", but(to="+15551234567,+15551234568"), 422, "invalid_recipient", "to"),
    ("a NUL in the number", but(to="+1555\x001234567"), 422, "invalid_field", "to"),
    ("an empty sender", but(from_=""), 422, "invalid_sender", "from"),
    ("a sender too long", but(from_="TwelveLetter"), 422, "invalid_sender", "from"),
    ("a forbidden character in the sender", but(from_="Brand\n"), 202, "", None),
    ("an emoji in the sender", but(from_="Brand😀"), 422, "invalid_sender", "from"),
    ("an empty text", but(text=""), 422, "text_empty", "text"),
    ("a text over the limit", but(text="x" * 1600), 422, "text_too_long", "text"),
    ("a text over its own limit", but(text="x" * 161, max_segments=1), 422, "text_too_long", "text"),
    ("an emoji in gsm7", but(text="😀", encoding="gsm7"), 422, "not_encodable", "text"),
    (
        "a time in the past",
        but(scheduled_at="2020-01-01T00:00:00Z"),
        422,
        "scheduled_in_past",
        "scheduled_at",
    ),
    (
        "the first time there is",
        but(scheduled_at="0001-01-01T00:00:00+14:00"),
        422,
        "scheduled_in_past",
        "scheduled_at",
    ),
    (
        "the last time there is",
        but(scheduled_at="9999-12-31T23:59:59-14:00"),
        422,
        "scheduled_too_far",
        "scheduled_at",
    ),
]


@pytest.mark.parametrize(
    ("body", "status", "code", "param"), [pytest.param(*row[1:], id=row[0]) for row in BODIES]
)
async def test_each_bad_body_gets_its_documented_answer(
    world: Any, body: bytes, status: int, code: str, param: str | None
) -> None:
    """Every error says whether a retry can help."""
    reply = await world.client().post("/v1/sms/send", raw=body, headers={"content-type": "application/json"})
    if status == 202:
        assert reply.status == 202, reply.body
        return
    problem = reply.json
    assert (reply.status, problem["code"], problem["param"]) == (status, code, param)
    assert_problem(reply, code)
    good = await world.client().post("/v1/sms/send", SEND)
    assert good.status == 202, "everyone else is served on"


def assert_problem(reply: Any, code: str) -> None:
    """RFC 9457, section 3.1, and our own members."""
    problem, kind = reply.json, CATALOGUE[code]
    assert reply.headers["content-type"] == "application/problem+json"
    assert problem["type"] == problem["doc_url"] == f"{PUBLIC_URL}/docs/errors#{code}"
    assert (problem["title"], problem["status"]) == (kind.title, kind.status) == (kind.title, reply.status)
    assert problem["retryable"] is kind.retryable
    assert problem["detail"]
    assert problem["request_id"] == reply.headers["x-request-id"]
    assert "ratelimit" in reply.headers
    assert "ratelimit-policy" in reply.headers
    assert ("retry-after" in reply.headers) == (reply.status in (429, 503))
    assert ("www-authenticate" in reply.headers) == (reply.status == 401)


KEYS = [
    ("no header", {"authorization": None}, 401, "unauthorized"),
    ("empty header", {"authorization": ""}, 401, "unauthorized"),
    ("no key", {"authorization": "Bearer "}, 401, "unauthorized"),
    ("another scheme", {"authorization": "Basic dXNlcjpwYXNz"}, 401, "unauthorized"),
    ("a key without a scheme", {"authorization": LIVE}, 401, "unauthorized"),
    ("a wrong key", {"authorization": f"Bearer {LIVE}x"}, 401, "unauthorized"),
    ("a key that is not ASCII", {"authorization": "Bearer \xe4\xf6\xfc"}, 401, "unauthorized"),
    ("a very long key", {"authorization": "Bearer " + "x" * 5000}, 401, "unauthorized"),
    ("a revoked key", {"authorization": f"Bearer {REVOKED}"}, 401, "key_revoked"),
    ("a key without the scope", {"authorization": f"Bearer {NARROW}"}, 403, "forbidden"),
]


@pytest.mark.parametrize(("headers", "status", "code"), [pytest.param(*row[1:], id=row[0]) for row in KEYS])
async def test_each_bad_key_gets_its_documented_answer(
    world: Any, headers: dict[str, str], status: int, code: str
) -> None:
    reply = await world.client().post("/v1/sms/send", SEND, headers=headers)
    assert reply.status == status
    assert_problem(reply, code)
    assert not world.orders


async def test_the_scheme_is_written_as_one_likes(world: Any) -> None:
    for header in (f"bearer {LIVE}", f"BEARER {LIVE}", f"Bearer   {LIVE}"):
        assert (
            await world.client().post("/v1/sms/send", SEND, headers={"authorization": header})
        ).status == 202


async def test_a_key_decides_account_and_mode(world: Any) -> None:
    await world.client(TEST).post("/v1/sms/send", SEND)
    await world.client(LIVE).post("/v1/sms/send", SEND)
    assert [order.tenant for order in world.orders] == [
        (world.account_id, True),
        (world.account_id, False),
    ]


MEDIA = [
    (None, 415),
    ("text/plain", 415),
    ("application/x-www-form-urlencoded", 415),
    ("application/json; charset=latin-1", 415),
    ("application/json; charset=utf-8", 202),
    ('application/json;charset="UTF-8"', 202),
    ("Application/JSON", 202),
]


@pytest.mark.parametrize(("content_type", "status"), MEDIA)
async def test_the_body_has_to_be_json(world: Any, content_type: str | None, status: int) -> None:
    reply = await world.client().post("/v1/sms/send", SEND, headers={"content-type": content_type})
    assert reply.status == status
    if status == 415:
        assert_problem(reply, "unsupported_media_type")


async def test_a_body_is_refused_by_its_announced_length_without_being_read(world: Any) -> None:
    reply = await world.client().post(
        "/v1/sms/send", chunks=[b"{"], then="hang", headers={"content-length": str(10**12)}
    )
    assert_problem(reply, "body_too_large")
    assert reply.headers["connection"] == "close"


async def test_a_body_is_refused_by_what_really_comes(world: Any) -> None:
    """Chunked, without a length, or with a length that lies: what counts is what arrives."""
    chunks = [b" " * 1000] * 10
    for headers in ({}, {"content-length": "20"}):
        reply = await world.client().post("/v1/sms/send", chunks=list(chunks), headers=headers)
        assert_problem(reply, "body_too_large")
    at_the_limit = json.dumps(SEND).encode().ljust(4096)
    assert (await world.client().post("/v1/sms/send", raw=at_the_limit)).status == 202
    reply = await world.client().post("/v1/sms/send", raw=at_the_limit + b" ")
    assert_problem(reply, "body_too_large")


async def test_a_body_in_pieces_is_put_together(world: Any) -> None:
    whole = json.dumps(SEND).encode()
    pieces = [whole[i : i + 1] for i in range(len(whole))]
    assert (await world.client().post("/v1/sms/send", chunks=pieces)).status == 202


async def test_a_body_that_stops_coming_is_given_up(world: Any) -> None:
    reply = await world.client().post("/v1/sms/send", chunks=[b'{"from"'], then="hang")
    assert_problem(reply, "request_timeout")


async def test_a_client_that_hangs_up_midway_is_let_go(world: Any) -> None:
    reply = await world.client().post("/v1/sms/send", chunks=[b'{"from"'], then="hang up")
    assert reply.status == 0
    assert world.counted[-1][1] == 499
    assert not world.orders


async def test_paths_and_methods_that_are_none(world: Any) -> None:
    client = world.client()
    assert_problem(await client.get("/v1/nothing"), "not_found")
    assert_problem(await client.get("/v1/sms/send/"), "not_found")
    assert_problem(await client.get("/nothing"), "not_found")
    reply = await client.get("/v1/sms/send")
    assert_problem(reply, "method_not_allowed")
    assert reply.headers["allow"] == "POST"
    assert_problem(await world.client(None).get("/v1/nothing"), "unauthorized")


async def test_what_nobody_expected_shows_nothing_of_itself(world: Any) -> None:
    async def fail(orders: Any) -> Any:
        raise RuntimeError("password=hunter2")

    intake = world.features.path.intake
    accept, intake.accept = intake.accept, fail
    reply = await world.client().post("/v1/sms/send", SEND)
    assert_problem(reply, "internal_error")
    assert b"hunter2" not in reply.body
    assert (reply.status, world.counted[-1]) == (500, ("/v1/sms/send", 500))
    intake.accept = accept
    assert (await world.client().post("/v1/sms/send", SEND)).status == 202


async def test_a_rate_over_the_limit_is_told_with_a_time_to_come_back(world: Any) -> None:
    from tests.http.world import SLOW

    client = world.client(SLOW)
    replies = [await client.post("/v1/sms/send", SEND) for _ in range(3)]
    assert [reply.status for reply in replies] == [202, 202, 429]
    assert replies[0].headers["ratelimit-policy"] == '"default";q=2;w=1'
    assert [reply.headers["ratelimit"] for reply in replies] == [
        '"default";r=1;t=1',
        '"default";r=0;t=1',
        '"default";r=0;t=1',
    ]
    assert_problem(replies[2], "rate_limited")
    assert replies[2].headers["retry-after"] == "1"
    assert (await world.client().post("/v1/sms/send", SEND)).status == 202, "other keys are not held up"
    clock: Clock = world.clock
    clock.turn(1)
    assert (await client.post("/v1/sms/send", SEND)).status == 202


async def test_guessing_keys_is_slowed_by_address(world: Any) -> None:
    guesser = world.client("os_live_wrong")
    statuses = [(await guesser.post("/v1/sms/send", SEND)).status for _ in range(101)]
    assert statuses == [401] * 100 + [429]
    assert (await world.client().post("/v1/sms/send", SEND)).status == 202, "a right key passes all the same"
    other = world.client("os_live_wrong", address="192.0.2.2")
    assert (await other.post("/v1/sms/send", SEND)).status == 401
