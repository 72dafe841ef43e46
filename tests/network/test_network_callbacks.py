"""Providers call without a key: known by their carrier alone, bounded, and answered when all is on disk."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from onesixty.core.contracts import CallbackAnswer, CallbackRequest, Callbacks
from onesixty.core.errors import Problem
from onesixty.http.front import OPEN_PER_SECOND
from onesixty.network.callback_endpoints import CallbackDoor, callback_routes
from tests.http.asgi import Client
from tests.http.world import PUBLIC_URL, Clock, front_over


class Called:
    """A carrier that takes whatever comes with the token "right"."""

    def __init__(self) -> None:
        self.requests: list[CallbackRequest] = []
        self.fault: Exception | None = None

    async def called(self, request: CallbackRequest) -> CallbackAnswer:
        self.requests.append(request)
        if request.token not in ("right", ""):
            raise Problem("unauthorized", "The token is not right.")
        if self.fault is not None:
            raise self.fault
        return CallbackAnswer(200, b"<Response/>", b"text/xml")


class Office:
    """The API with one carrier that is called, and one that is switched off."""

    def __init__(self) -> None:
        self.carrier = Called()
        self.counted: list[tuple[str, int]] = []
        running: Any = self
        door = CallbackDoor(running, PUBLIC_URL)
        self.front = front_over(
            callback_routes(door),
            clock=Clock(),
            find_open=door.open_route,
            max_body=4096,
            body_seconds=0.05,
            count=lambda route, status, _seconds: self.counted.append((route, status)),
        )
        self.client = Client(self.front)

    def called(self, id_or_name: str) -> Callbacks | None:
        if id_or_name == "off":
            raise Problem("unavailable", "This carrier is disabled.", retry_after=60)
        return self.carrier if id_or_name in ("car_1", "acme") else None


@pytest.fixture
def office() -> Office:
    return Office()


async def test_a_call_reaches_its_carrier_as_it_came(office: Office) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Signature": "abc"}
    reply = await office.client.post("/v1/carriers/acme/receipts?a=%2B1&b=2", raw=b"x=1&y=%20", headers=form)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"<Response/>", "text/xml")
    assert "x-request-id" in reply.headers
    (request,) = office.carrier.requests
    assert (request.kind, request.method, request.token) == ("receipts", "POST", "")
    assert request.url == f"{PUBLIC_URL}/v1/carriers/acme/receipts?a=%2B1&b=2"
    assert (request.query, request.body) == ("a=%2B1&b=2", b"x=1&y=%20")
    assert request.headers["x-signature"] == "abc"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", ["receipts", "inbound"])
async def test_both_methods_and_a_token_in_the_path(office: Office, method: str, kind: str) -> None:
    reply = await office.client.request(method, f"/v1/carriers/car_1/{kind}/right?id=1")
    assert reply.status == 200
    request = office.carrier.requests[0]
    assert (request.kind, request.method, request.token) == (kind, method, "right")


async def test_who_is_not_known_is_refused(office: Office) -> None:
    for path, status, code in (
        ("/v1/carriers/car_1/receipts/wrong", 401, "unauthorized"),
        ("/v1/carriers/nobody/receipts", 404, "not_found"),
        ("/v1/carriers/off/inbound", 503, "unavailable"),
        ("/v1/carriers/car_1/receipts/a/b", 401, "unauthorized"),  # no open route: the API's own, with a key
        ("/v1/carriers/car_1/elsewhere", 401, "unauthorized"),
        ("/v1/carriers", 401, "unauthorized"),
    ):
        reply = await office.client.post(path, {"id": "1"})
        assert (reply.status, reply.json["code"]) == (status, code), path
    assert (await office.client.delete("/v1/carriers/car_1/receipts")).status == 401
    assert len(office.carrier.requests) == 1


async def test_what_could_not_be_stored_is_called_again(office: Office) -> None:
    office.carrier.fault = Problem("unavailable", "The call could not be stored.", retry_after=5)
    reply = await office.client.post("/v1/carriers/acme/receipts", {"id": "1"})
    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "unavailable", "5")


async def test_a_fault_of_ours_is_told_as_one_and_logs_no_token(office: Office) -> None:
    office.carrier.fault = RuntimeError("broken")
    with capture_logs() as logs:
        reply = await office.client.post("/v1/carriers/acme/receipts/right", {"id": "1"})
    assert (reply.status, reply.json["code"]) == (500, "internal_error")
    assert [line["path"] for line in logs] == ["/v1/carriers/{id}/receipts/{token}"]


async def test_a_body_is_bounded_and_in_time(office: Office) -> None:
    reply = await office.client.post("/v1/carriers/acme/receipts", raw=b"x" * 5000)
    assert (reply.status, reply.json["code"]) == (413, "body_too_large")
    reply = await office.client.post("/v1/carriers/acme/receipts", chunks=[b"{"], then="hang")
    assert (reply.status, reply.json["code"]) == (408, "request_timeout")
    gone = await office.client.post("/v1/carriers/acme/receipts", chunks=[b"{"], then="hang up")
    assert gone.status == 0
    assert office.carrier.requests == []


async def test_a_provider_may_call_often_and_not_without_end(office: Office) -> None:
    for _ in range(OPEN_PER_SECOND):
        office.front._limits.take("open:v1:192.0.2.1", OPEN_PER_SECOND)
    reply = await office.client.post("/v1/carriers/acme/receipts", {"id": "1"})
    assert (reply.status, reply.json["code"]) == (429, "rate_limited")
    other = Client(office.front, None, "192.0.2.2")
    assert (await other.post("/v1/carriers/acme/receipts", {"id": "1"})).status == 200


async def test_calls_are_counted_under_their_template(office: Office) -> None:
    await office.client.post("/v1/carriers/acme/receipts/right", {"id": "1"})
    await office.client.post("/v1/carriers/acme/inbound", {"id": "1"})
    assert office.counted == [
        ("/v1/carriers/{id}/receipts/{token}", 200),
        ("/v1/carriers/{id}/inbound", 200),
    ]


async def test_the_document_says_that_no_key_is_needed(office: Office) -> None:
    document = (await office.client.get("/openapi.json")).json
    for kind in ("receipts", "inbound"):
        operation = document["paths"][f"/v1/carriers/{{id}}/{kind}"]["post"]
        assert operation["summary"]
        assert "security" not in operation or operation["security"] == []
