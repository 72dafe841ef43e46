"""The connector of carriers over HTTP: the contract, and what is its own."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import trustme
from aiohttp import web
from structlog.testing import capture_logs

from onesixty.carriers.http.link import MAX_ANSWER
from onesixty.carriers.http.settings import Answers, Inbound
from onesixty.core import outcomes
from onesixty.core.contracts import Refusal, Submission
from onesixty.core.errors import Problem
from tests.carriers.conformance import LONG, Conformance, MakeRig, message, submit, until
from tests.carriers.http.rig import HttpRig, call, make_rig

MakeHttpRig = Callable[..., Awaitable[HttpRig]]


@pytest.fixture
async def rig() -> AsyncIterator[MakeHttpRig]:
    made: list[HttpRig] = []

    async def make(**settings: Any) -> HttpRig:
        made.append(await make_rig(**settings))
        return made[-1]

    yield make
    for one in made:
        await one.end()


class TestConformance(Conformance):
    """The shared suite. A message is one request here, and the provider cuts it: where the suite counts segments
    on the wire, these count requests."""

    async def test_a_message_longer_than_the_window_goes_all_the_same(self, rig: MakeRig) -> None:
        it = await rig(window=1)
        await it.start()
        submission = submit(it, LONG)
        second = submit(it, LONG, number=2)
        assert it.carrier.capacity() == 0
        await until(lambda: len(it.host.outcomes) == 14, "outcomes")
        for one in (submission, second):
            of_it = [(segment, outcome) for s, segment, outcome in it.host.outcomes if s is one]
            assert sorted(segment for segment, _ in of_it) == one.pending
            assert len({outcome.carrier_message_id for _, outcome in of_it}) == 1
        await until(lambda: len(it.host.receipts) == 2, "a receipt for each message")

    async def test_a_receipt_names_its_segment(self, rig: MakeRig) -> None:
        it = await rig(window=10)
        await it.start()
        submit(it, LONG, sender="+4915112345678")
        await until(lambda: it.host.receipts and len(it.host.outcomes) == 7, "the receipt")
        receipt = it.host.receipts[0]
        assert {outcome.carrier_message_id for _, _, outcome in it.host.outcomes} == set(receipt.candidates)
        assert (receipt.carrier_id, receipt.state) == (it.carrier.id, 2)
        assert (receipt.recipient, receipt.sender) == ("+15550000001", "+4915112345678")
        assert LONG[:20] not in receipt.raw

    async def test_stopping_reports_everything_that_is_open(self, rig: MakeHttpRig) -> None:
        it = await rig(window=1, loss=1, response_timeout_s=30)
        await it.start()
        submit(it, LONG)
        submit(it, LONG, number=2)
        await until(lambda: it.provider.got, "the first on the wire")
        await it.carrier.stop(0.2)
        assert it.host.kinds == {outcomes.UNKNOWN: 7, outcomes.RETRYABLE: 7}
        assert it.carrier.capacity() == 0
        assert not it.carrier.state().connected
        submit(it)
        await until(lambda: len(it.host.outcomes) == 15, "the outcome of what came too late")
        assert it.host.outcomes[-1][2].kind == outcomes.RETRYABLE

    async def test_a_broken_link_comes_back(self, rig: MakeHttpRig) -> None:
        it = await rig(window=1, latency_ms=20_000, latency_jitter_ms=0)
        await it.start()
        submit(it, LONG)
        submit(it, LONG, number=2)
        await until(lambda: it.provider.got, "the first on the wire")
        await it.cut()
        await until(lambda: len(it.host.outcomes) == 14, "outcomes")
        assert it.host.kinds == {outcomes.UNKNOWN: 7, outcomes.RETRYABLE: 7}
        assert it.carrier.capacity() == 0
        assert it.carrier.state().last_error
        before = it.host.readies
        submit(it)
        await until(lambda: len(it.host.outcomes) == 15, "the outcome of what came while it was down")
        last = it.host.outcomes[-1][2]
        assert (last.kind, last.code) == (outcomes.RETRYABLE, "carrier_unreachable")
        await it.mend()
        await until(lambda: it.carrier.capacity() == it.window, "room again")
        assert it.host.readies > before
        assert it.carrier.state().last_error is None

    async def test_rendering_cuts_and_numbers_the_segments(self, rig: MakeRig) -> None:
        """An empty payload for each segment priced: the provider cuts."""
        it = await rig(window=1)
        rendered = it.carrier.render(message("漢" * 100), "Acme", 0)
        assert not isinstance(rendered, Refusal)
        assert rendered.units == 2


async def test_a_rest_of_a_message_cannot_go_alone(rig: MakeRig) -> None:
    it = await rig(window=2)
    await it.start()
    one = message(LONG)
    rendered = it.carrier.render(one, one.sender, 3)
    assert not isinstance(rendered, Refusal)
    it.carrier.submit(Submission(one, rendered, [4, 6], 2, 3, 60_000, one.created_at))
    await until(lambda: len(it.host.outcomes) == 2, "outcomes")
    assert {outcome.code for _, _, outcome in it.host.outcomes} == {"carrier_cannot_carry"}


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Starts a server whose handler is given; gives its URL."""
    runners: list[web.AppRunner] = []

    async def start(handler: Any, tls: ssl.SSLContext | None = None) -> str:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        return f"{'https' if tls else 'http'}://127.0.0.1:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()


Serve = Callable[..., Awaitable[str]]


async def one_outcome(it: HttpRig) -> Any:
    await it.start()
    submit(it)
    await until(lambda: it.host.outcomes, "the outcome")
    return it.host.outcomes[0][2]


async def test_a_get_is_not_repeated_by_the_client(rig: MakeRig, serve: Serve) -> None:
    """An aiohttp client repeats idempotent methods on a fresh connection; a message must not go twice."""
    seen: list[str] = []

    async def hang_up(request: web.Request) -> web.Response:
        seen.append(request.query["to"])
        if len(seen) == 1:
            return web.json_response({"id": "1"})
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    url = await serve(hang_up)
    it = await rig(window=2, url=url, method="GET", query={"to": "{to_digits}"}, body="none")
    assert (await one_outcome(it)).kind == outcomes.ACCEPTED
    submit(it, number=2)
    await until(lambda: len(it.host.outcomes) == 2, "the second")
    assert it.host.outcomes[1][2].kind == outcomes.UNKNOWN
    assert seen == ["15550000001", "15550000002"]


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (200, {"id": 7}, {}, ("accepted", None, None, None)),
        (200, {}, {}, ("accepted", None, None, None)),
        (429, {}, {"Retry-After": "7"}, ("throttled", "carrier_throttled", "http 429", 7.0)),
        (503, {}, {"Retry-After": "99999"}, ("throttled", "carrier_throttled", "http 503", 300.0)),
        (500, {}, {}, ("retryable", "carrier_busy", "http 500", None)),
        (504, {}, {}, ("unknown", "outcome_unknown", "http 504", None)),
        (302, {}, {"Location": "http://127.0.0.1/"}, ("permanent", "carrier_refused", "http 302", None)),
        (401, {}, {}, ("permanent", "carrier_refused", "http 401", None)),
        (400, {"error": {"code": "optout"}}, {}, ("permanent", "recipient_opted_out", "optout", None)),
        (400, {"error": {"code": "else"}}, {}, ("permanent", "carrier_refused", "else", None)),
        (409, {}, {}, ("permanent", "message_refused", "http 409", None)),
    ],
)
async def test_what_an_answer_means(
    rig: MakeRig, serve: Serve, status: int, body: Any, headers: dict[str, str], expected: Any
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    it = await rig(
        window=2,
        url=await serve(answer),
        answer=Answers(
            id="id", code=["error.code"], codes={"optout": "recipient_opted_out"},
            statuses={"400-499": "carrier_refused", "409": "message_refused", "429": "carrier_throttled"},
        ),
    )  # fmt: skip
    outcome = await one_outcome(it)
    assert (outcome.kind, outcome.code, outcome.carrier_code, outcome.retry_after) == expected
    if body.get("id"):
        assert outcome.carrier_message_id == "7"


def _fault(*_: Any, **__: Any) -> Any:
    raise LookupError("a fault of ours")


@pytest.mark.parametrize(
    "where", ["onesixty.carriers.http.link._read", "onesixty.carriers.http.answers.outcome_kind"]
)
async def test_what_was_written_and_not_understood_is_unknown(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A fault of ours in reading the answer says nothing of the message: the provider may have taken it."""
    it = await rig(window=2, throttle=1.0)
    monkeypatch.setattr(where, _fault)
    with capture_logs() as logs:
        outcome = await one_outcome(it)
    assert len(it.provider.got) == 1
    assert (outcome.kind, outcome.code) == (outcomes.UNKNOWN, "outcome_unknown")
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["submission_failed"]
    state = it.carrier.state()
    assert (state.connected, state.in_flight, state.last_error) == (True, 0, "LookupError")


async def test_a_fault_before_anything_was_written_costs_no_message(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = await rig(window=2)
    monkeypatch.setattr("onesixty.carriers.http.requests.values_of", _fault)
    outcome = await one_outcome(it)
    assert (outcome.kind, outcome.code) == (outcomes.RETRYABLE, "carrier_busy")
    assert it.provider.got == []
    monkeypatch.undo()
    monkeypatch.setattr(it.carrier._link.session, "request", _fault)  # type: ignore[union-attr]
    submit(it, number=2)
    await until(lambda: len(it.host.outcomes) == 2, "the second")
    assert it.host.outcomes[1][2].kind == outcomes.RETRYABLE
    assert it.carrier.state().connected


async def test_a_text_answer_is_read_by_patterns(rig: MakeRig, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        return web.Response(text={"no": "ERR: 105", "odd": "<html>"}.get(str(form["text"]), "OK: abc-1"))

    it = await rig(
        window=2, url=await serve(answer), body="form",
        answer=Answers(
            text=True, id=r"OK: (\S+)", state=r"^(OK|ERR)", state_ok=["OK"], code=[r"ERR: (\d+)"],
            codes={"105": "sender_refused"},
        ),
    )  # fmt: skip
    assert (await one_outcome(it)).carrier_message_id == "abc-1"
    submit(it, "no")
    await until(lambda: len(it.host.outcomes) == 2, "the second")
    assert it.host.outcomes[1][2].code == "sender_refused"
    submit(it, "odd")
    await until(lambda: len(it.host.outcomes) == 3, "the third")
    assert it.host.outcomes[2][2].kind == outcomes.UNKNOWN


async def test_an_answer_over_the_bound_is_its_status_alone(rig: MakeRig, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * (MAX_ANSWER + 1), status=500)

    it = await rig(window=2, url=await serve(answer))
    outcome = await one_outcome(it)
    assert (outcome.kind, outcome.code) == (outcomes.RETRYABLE, "carrier_busy")


async def test_a_provider_that_answers_for_each_part(rig: MakeRig, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        parts = [{"id": f"p{n}", "ok": 0 if body["text"] == LONG or n < 6 else 9} for n in range(7)]
        return web.json_response({"parts": parts})

    it = await rig(
        window=2, url=await serve(answer), answer=Answers(parts="parts", id="id", state="ok", state_ok=["0"])
    )
    await it.start()
    submit(it, LONG)
    await until(lambda: len(it.host.outcomes) == 7, "outcomes")
    assert [outcome.carrier_message_id for _, _, outcome in it.host.outcomes] == [f"p{n}" for n in range(7)]
    submit(it, LONG.replace("All", "The"))
    await until(lambda: len(it.host.outcomes) == 14, "outcomes")
    assert it.host.kinds == {outcomes.ACCEPTED: 13, outcomes.PERMANENT: 1}


async def test_a_signed_request_and_its_values(rig: MakeRig, serve: Serve) -> None:
    seen: list[tuple[dict[str, str], bytes, str]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.read(), str(request.rel_url)))
        return web.json_response({"id": "1"})

    it = await rig(
        window=2,
        url=await serve(answer) + "/send/{to_digits}",
        query={"from": "{from}", "ref": "{reference?}"},
        headers={"X-Time": "{timestamp}"},
        fields={
            "to": ["{to}"], "n": "{segments}", "flash": "{flash?}", "cb": "{callback_url}", "mixed": "{id}/{ n }",
            "nested": {"udh": "{udh?}", "ref": "{reference?}"}, "kind": "{encoding}",
        },
        words={"encoding": {"gsm7": "plain"}},
        auth="signed", signing_secret="s3cret", sign_header="X-Sig",
        sign_template="{method}\n{path}\n{query}\n{timestamp}\n{body}", sign_encoding="base64", sign_prefix="v=",
    )  # fmt: skip
    assert (await one_outcome(it)).kind == outcomes.ACCEPTED
    headers, body, target = seen[0]
    path, _, query = target.partition("?")
    assert (path, query) == ("/send/15550000001", "from=Acme")
    right = hmac.digest(
        b"s3cret", f"POST\n{path}\n{query}\n{headers['X-Time']}\n".encode() + body, hashlib.sha256
    )
    assert headers["X-Sig"] == "v=" + base64.b64encode(right).decode()
    assert body == (
        b'{"to":["+15550000001"],"n":1,"cb":"https://sms.example.net/v1/carriers/car_http/receipts/tok",'
        b'"mixed":"msg_00000000000000000000000001/{ n }","kind":"plain"}'
    )


async def test_oauth_fetches_one_token_and_a_new_one_when_it_is_refused(rig: MakeRig, serve: Serve) -> None:
    tokens = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal tokens
        if request.path == "/token":
            tokens += 1
            form = await request.post()
            assert form["grant_type"] == "client_credentials"
            return web.json_response({"access_token": f"t{tokens}", "expires_in": 3600})
        good = request.headers["Authorization"] == "Bearer t2" or (tokens == 1 and len(it.host.outcomes) < 3)
        return web.json_response({"id": "1"}, status=200 if good else 401)

    url = await serve(answer)
    it = await rig(window=5, url=url, auth="oauth2", username="u", password="p", token_url=f"{url}/token")
    await it.start()
    for number in range(3):
        submit(it, number=number)
    await until(lambda: len(it.host.outcomes) == 3, "outcomes")
    assert tokens == 1
    submit(it)
    await until(lambda: len(it.host.outcomes) == 4, "the refused one")
    assert it.host.outcomes[3][2].kind == outcomes.RETRYABLE
    submit(it)
    await until(lambda: len(it.host.outcomes) == 5, "the one with a new token")
    assert it.host.outcomes[4][2].kind == outcomes.ACCEPTED


async def test_tls_is_verified_unless_told_otherwise(rig: MakeRig, serve: Serve, tmp_path: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"id": "1"})

    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    url = await serve(answer, tls)
    it = await rig(window=1, url=url)
    await it.carrier.start(it.host)
    await until(lambda: it.carrier.state().last_error, "the refusal")
    assert "certificate not valid" in str(it.carrier.state().last_error)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trusted = await rig(window=1, url=url, tls_ca_file=str(tmp_path / "ca.pem"))
    assert (await one_outcome(trusted)).kind == outcomes.ACCEPTED
    findings = await trusted.carrier.check()
    assert any("certificate is valid" in finding.what for finding in findings)


async def test_a_value_that_no_header_can_hold_is_refused(rig: MakeRig) -> None:
    it = await rig(window=1, headers={"X-Text": "{text}"})
    await it.start()
    submit(it, "two\nlines")
    await until(lambda: it.host.outcomes, "the outcome")
    assert it.host.outcomes[0][2].code == "message_refused"
    assert it.provider.got == []


@pytest.mark.parametrize(
    "fields",
    [{"encoding": "binary", "text": "AAE="}, {"content": '{"flash":true}'}, {"content": '{"udh":"027000"}'}],
)
async def test_a_template_without_a_place_for_it_cannot_carry_it(rig: MakeRig, fields: Any) -> None:
    it = await rig(window=1)
    refused = it.carrier.render(message(**fields), "Acme", 0)
    assert isinstance(refused, Refusal)
    assert refused.code == "carrier_cannot_carry"
    able = await rig(window=1, fields={"hex": "{binary_hex?}", "flash": "{flash?}", "udh": "{udh?}"})
    assert not isinstance(able.carrier.render(message(**fields), "Acme", 0), Refusal)


# ---------------------------------------------------------------- calls of the provider


async def test_a_call_is_answered_only_when_it_is_on_disk(rig: MakeRig) -> None:
    it = await rig(window=1)
    await it.start()
    it.host.answer = None
    answered = asyncio.create_task(it.carrier.called(call([{"id": "1", "status": "DELIVRD"}, {"id": "2"}])))
    await until(lambda: len(it.host.open) == 2, "both reports")
    it.host.open[0](True)
    await asyncio.sleep(0.01)
    assert not answered.done()
    it.host.open[1](True)
    assert (await answered).status == 200
    it.host.answer = False
    with pytest.raises(Problem) as caught:
        await it.carrier.called(call({"id": "1"}))
    assert (caught.value.code, caught.value.kind.status) == ("unavailable", 503)


async def test_a_wrong_token_or_body_is_refused(rig: MakeRig) -> None:
    it = await rig(window=1)
    await it.start()
    for changes, code in (({"token": "x"}, "unauthorized"), ({"body": b'{"id": '}, "bad_json")):
        with pytest.raises(Problem) as caught:
            await it.carrier.called(call({}, **changes))
        assert caught.value.code == code
    with capture_logs() as logs:
        for token in ("x", "y", "tok", "z"):
            with contextlib.suppress(Problem):
                await it.carrier.called(call({"id": "1"}, token=token))
    assert [line["event"] for line in logs] == ["call_refused", "call_refused"], "one until a good one comes"
    assert "tok" not in [str(value) for line in logs for value in line.values() if value != "token"]
    without = await rig(window=1, callback_token="")
    await without.start()
    with pytest.raises(Problem):  # without a secret every call is refused
        await without.carrier.called(call({"id": "1"}, token=""))


async def test_a_report_that_cannot_be_read_is_kept(rig: MakeRig) -> None:
    it = await rig(window=1)
    await it.start()
    await it.carrier.called(call({"id": None, "status": "QUARK\0", "to": "00491511234567"}))
    receipt = it.host.receipts[0]
    assert (receipt.candidates, receipt.state, receipt.recipient) == ((), 7, "+491511234567")
    assert receipt.raw == "stat:QUARK"


async def test_messages_from_handsets(rig: MakeRig) -> None:
    it = await rig(
        window=1,
        inbound=Inbound(
            octets="data", octets_when={"type": ["binary"]}, udh="udh", part_reference="ref",
            part_total="total", part_number="part",
        ),
    )  # fmt: skip
    await it.start()
    base = {"from": "+491511234567", "to": "40404", "id": "in-1"}
    await it.carrier.called(call(base | {"text": "Grüße 🙂"}, "inbound"))
    await it.carrier.called(call(base | {"text": "half ", "ref": "12", "total": 2, "part": "1"}, "inbound"))
    await it.carrier.called(call(base | {"type": "binary", "data": "00ff", "udh": "027000"}, "inbound"))
    whole, part, octets = it.host.inbounds
    assert (whole.text, whole.payload, whole.sender, whole.recipient) == (
        "Grüße 🙂", b"", "+491511234567", "40404",
    )  # fmt: skip
    assert (part.text, part.payload.decode("utf-16-be"), part.data_coding, part.sar) == (
        None, "half ", 8, (12, 2, 1),
    )  # fmt: skip
    assert (octets.text, octets.payload, octets.udh, octets.data_coding) == (None, b"\0\xff", b"\2\x70\0", 4)


async def test_forms_and_query_parameters_are_read_alike(rig: MakeRig) -> None:
    it = await rig(window=1)
    await it.start()
    form = {"content-type": "application/x-www-form-urlencoded"}
    await it.carrier.called(call(None, headers=form, body=b"id=a&status=DELIVRD&to=%2B491511234567"))
    await it.carrier.called(call(None, method="GET", body=b"", query="id=b&status=undeliv&error=5"))
    first, second = it.host.receipts
    assert (first.carrier_message_id, first.state, first.recipient) == ("a", 2, "+491511234567")
    assert (second.carrier_message_id, second.state, second.code) == ("b", 5, "5")


async def test_a_check_tells_what_is_wrong_without_a_message(rig: MakeRig, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.method == "GET"
        return web.Response(status=200 if request.headers["X-Key"] == "right" else 401)

    url = await serve(answer)
    for token, said in (("right", "credentials are right"), ("wrong", "credentials are refused")):
        it = await rig(
            window=1, url=f"{url}/send", auth="header", token=token, token_name="X-Key",
            check_url=f"{url}/balance", headers={"X-To": "{to}"},
        )  # fmt: skip
        findings = await it.carrier.check()
        assert any(said in finding.what for finding in findings)
        assert not any(
            f" {token} " in finding.what.replace("credentials are right", "") for finding in findings
        )
        assert not any("tok" in finding.what.split("/") for finding in findings)
    down = await rig(window=1, url="http://127.0.0.1:1/")
    assert any(finding.level == "error" for finding in await down.carrier.check())
