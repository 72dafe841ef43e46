"""Each profile against its provider as documented: request, answers, throttling, signed calls, unsigned ones."""

import dataclasses
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from aiohttp import web

from onesixty.carriers.http.carrier import HttpCarrier
from onesixty.carriers.http.profiles import PROFILES
from onesixty.carriers.http.requests import Place, placeholders_of, render, request_of, values_of
from onesixty.carriers.http.settings import ProfileSettings
from onesixty.carriers.http.signatures import form_of, genuine
from onesixty.carriers.http.validation import check
from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.settings import MASK, decode
from onesixty.channels.sms.content import Content, MadeFrom, Registered, to_text
from onesixty.core.contracts import CarrierConfig, Checkable, Refusal, Submission
from onesixty.core.errors import Problem
from tests.carriers.conformance import LONG, Host, message, until
from tests.carriers.http.providers import NOW, PROVIDERS, PUBLIC, Provider, jwt, request, vonage


class Clock:
    """Wall time as the providers' signatures have it."""

    def now_ms(self) -> int:
        return NOW * 1000

    def monotonic(self) -> float:
        return 0.0


@dataclasses.dataclass
class Rig:
    provider: Provider
    answer: tuple[int, Any]
    got: list[tuple[str, dict[str, str], Any]] = dataclasses.field(default_factory=list)
    host: Host = dataclasses.field(default_factory=Host)
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    carrier: Any = None

    async def handle(self, call: web.Request) -> web.Response:
        if call.method == "GET":
            return web.json_response({})
        body = dict(parse_qsl(await call.text())) if self.provider.form else await call.json()
        self.got.append((call.path, dict(call.headers), body))
        return web.json_response(self.answer[1], status=self.answer[0], headers=self.headers)

    async def send(self, text: str = "hi", **fields: Any) -> list[Any]:
        """The outcomes of one message."""
        one = message(text, sender="+15559990000", **fields)
        rendered = self.carrier.render(one, one.sender, 1)
        before = len(self.host.outcomes)
        pending = list(range(rendered.units))
        self.carrier.submit(Submission(one, rendered, pending, 1, 1, 60_000, NOW * 1000))
        await until(lambda: len(self.host.outcomes) == before + len(pending), "the outcomes")
        return [outcome for _, _, outcome in self.host.outcomes[before:]]


@pytest.fixture(params=PROVIDERS, ids=lambda provider: provider.type)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    provider: Provider = request.param
    it = Rig(provider, provider.answer)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", it.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    own = provider.settings | {"base_url": f"http://127.0.0.1:{runner.addresses[0][1]}"}
    row = CarrierConfig(
        id="car_http", name="p", type=provider.type, enabled=True, version=1, created_at=0,
        settings=msgspec.json.encode(BUILT_IN.validate(provider.type, own)).decode(),
    )  # fmt: skip
    it.carrier = BUILT_IN.build(row, clock=Clock(), random=random.Random(1), public_url=PUBLIC)
    await it.carrier.start(it.host)
    await until(it.carrier.capacity, "room")
    yield it
    await it.carrier.stop(0.2)
    await runner.cleanup()


async def test_a_message_is_sent_as_documented(rig: Rig) -> None:
    (outcome,) = await rig.send()
    assert (outcome.kind, outcome.carrier_message_id) == ("accepted", rig.provider.id)
    path, headers, body = rig.got[0]
    assert path == rig.provider.path
    assert body == rig.provider.sent
    assert {name: headers[name] for name in rig.provider.headers} == rig.provider.headers
    assert {outcome.carrier_message_id for outcome in await rig.send(LONG)} == {rig.provider.id}
    unicode = await rig.send("漢字")
    assert unicode[0].kind == "accepted"
    assert "漢字" in str(rig.got[-1][2])


#: What a flash message, and a binary one with a header of its own, have in the body; None: refused.
SPECIAL: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None]] = {
    "vonage": ({"message-class": "0"}, {"type": "binary", "body": "00ff", "udh": "027000"}),
    "sinch": ({"flash_message": True}, {"type": "mt_binary", "body": "AP8=", "udh": "027000"}),
    "messagebird": ({"type": "flash"}, None),
    "onesixty": ({"flash": True}, {"binary": "AP8=", "udh": "027000"}),
}


async def test_flash_and_binary_go_where_the_provider_takes_them(rig: Rig) -> None:
    kinds = ({"content": '{"flash":true}'}, {"encoding": "binary", "content": '{"udh":"027000"}'})
    for fields, expected in zip(kinds, SPECIAL.get(rig.provider.type, (None, None)), strict=True):
        text = "AP8=" if "encoding" in fields else "hi"
        if expected is None:
            refused = rig.carrier.render(message(text, **fields), "Acme", 1)
            assert isinstance(refused, Refusal)
            assert refused.code == "carrier_cannot_carry"
            continue
        assert (await rig.send(text, **fields))[0].kind == "accepted"
        body = rig.got[-1][2]
        assert {name: body.get(name) for name in expected} == expected
        assert ("text" in body) is (text == "hi" and rig.provider.type in ("vonage", "onesixty"))


@pytest.mark.parametrize("rig", [PROVIDERS[1]], indirect=True, ids=["vonage"])
async def test_vonage_answers_reports_and_hands_over_part_by_part(rig: Rig) -> None:
    parts = [{"message-id": f"0A{n}", "status": "0", "to": "15550000001"} for n in range(7)]
    rig.answer = (200, {"message-count": "7", "messages": parts})
    assert [outcome.carrier_message_id for outcome in await rig.send(LONG)] == [f"0A{n}" for n in range(7)]
    fields = {
        "messageId": "0B1", "msisdn": "15550000001", "to": "15559990000", "text": "half", "type": "text",
        "concat": "true", "concat-ref": "1A", "concat-total": "2", "concat-part": "2",
    }  # fmt: skip
    await rig.carrier.called(vonage("inbound", fields))
    inbound = rig.host.inbounds[0]
    assert (inbound.text, inbound.sar) == (None, (0x1A, 2, 2))
    assert inbound.payload.decode("utf-16-be") == "half"


async def test_refusals_and_throttling_are_read_as_documented(rig: Rig) -> None:
    rig.headers = {"Retry-After": "2"}
    for status, body, code in rig.provider.refusals:
        rig.answer = (status, body)
        (outcome,) = await rig.send()
        assert outcome.code == code, (status, body)
        assert outcome.kind == ("throttled" if code == "carrier_throttled" else "permanent")
        assert outcome.retry_after == (2.0 if code == "carrier_throttled" else None)


async def test_a_signed_report_is_a_receipt(rig: Rig) -> None:
    answer = await rig.carrier.called(rig.provider.report(rig.provider.id))
    assert answer.status == 200
    (receipt,) = rig.host.receipts
    assert (receipt.carrier_message_id, receipt.state) == (rig.provider.id, 2)
    assert receipt.recipient == "+15550000001"
    assert receipt.sender in (None, "+15559990000")
    assert receipt.done_at in (NOW * 1000, NOW * 1000 - NOW * 1000 % 60_000)
    assert not rig.host.inbounds


async def test_a_signed_message_of_a_handset_comes_in(rig: Rig) -> None:
    await rig.carrier.called(rig.provider.inbound())
    (inbound,) = rig.host.inbounds
    assert (inbound.sender, inbound.recipient, inbound.text) == ("+15550000001", "+15559990000", "answer")
    assert inbound.carrier_message_id
    assert not rig.host.receipts


async def test_a_wrong_signature_reaches_nothing(rig: Rig) -> None:
    report = rig.provider.report(rig.provider.id)
    secret = next(
        name for name in report.headers if "signature" in name and "nonce" not in name and "time" not in name
        and "algorithm" not in name
    ) if any("signature" in name for name in report.headers) else ""  # fmt: skip
    forged = []
    if report.query:
        forged.append(msgspec.structs.replace(report, url=report.url.replace("delivered", "expired")))
    elif secret:
        forged.append(msgspec.structs.replace(report, body=report.body.replace(b"elivered", b"elivereD")))
    if secret:
        without = {name: value for name, value in report.headers.items() if name != secret}
        forged.append(msgspec.structs.replace(report, headers=without))
        forged.append(msgspec.structs.replace(report, headers=report.headers | {secret: "AAAA"}))
    elif "authorization" in report.headers:
        forged.append(
            msgspec.structs.replace(report, headers=report.headers | {"authorization": "Basic eDp5"})
        )
        forged.append(msgspec.structs.replace(report, headers={}))
    else:
        forged.append(msgspec.structs.replace(report, body=report.body.replace(b"delivered", b"expired")))
        forged.append(msgspec.structs.replace(report, body=b"{}"))
    for call in forged:
        with pytest.raises(Problem) as caught:
            await rig.carrier.called(call)
        assert caught.value.code == "unauthorized"
    assert not rig.host.receipts


async def test_without_its_secret_and_a_token_a_profile_refuses_every_call(rig: Rig) -> None:
    """The signature of an unset secret must not be one that anyone can make."""
    profile = PROFILES[rig.provider.type]
    needed = {
        "twilio": ("account_sid", "auth_token"), "plivo": ("auth_id", "auth_token"),
        "infobip": ("base_url", "api_key"), "onesixty": ("base_url", "api_key"),
        "vonage": ("api_key", "api_secret"), "sinch": ("service_plan_id", "api_token"),
        "telnyx": ("api_key",), "messagebird": ("access_key",),
    }  # fmt: skip
    own = rig.provider.settings | {"base_url": "http://127.0.0.1:1"}
    bare = profile.expand(decode({name: own[name] for name in needed[rig.provider.type]}, profile.settings))
    check(bare, "settings")
    if rig.provider.type not in ("twilio", "plivo"):  # those sign with the token that they are called with
        assert not genuine(bare, rig.provider.report("1"), NOW)
        with_token = msgspec.structs.replace(bare, callback_token="tok")
        assert genuine(with_token, msgspec.structs.replace(rig.provider.report("1"), token="tok"), NOW)


async def test_a_check_uses_the_credentials(rig: Rig) -> None:
    assert isinstance(rig.carrier, Checkable)
    findings = await rig.carrier.check()
    assert any("credentials are right" in finding.what for finding in findings)


def test_secrets_of_profiles_are_masked() -> None:
    for provider in PROVIDERS:
        own = provider.settings | {"base_url": "http://127.0.0.1:1", "callback_token": "tok"}
        shown = BUILT_IN.public(provider.type, own)
        secrets = set(PROFILES[provider.type].secrets)
        for name, value in own.items():
            masked = shown[name] == MASK
            assert masked == (name in secrets), (provider.type, name, value)


# ---------------------------------------------------------------- published vectors, and ages


def settings_of(type_: str, **own: Any) -> Any:
    profile = PROFILES[type_]
    return profile.expand(decode(own, profile.settings))


def test_the_published_vector_of_twilio() -> None:
    """www.twilio.com/docs/usage/security: the example of validating signatures."""
    call = request(
        "receipts",
        b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
        {"content-type": "application/x-www-form-urlencoded",
         "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
        url="https://mycompany.com/myapp.php?foo=1&bar=2",
    )  # fmt: skip
    assert genuine(settings_of("twilio", account_sid="AC1", auth_token="12345"), call, NOW)
    assert not genuine(settings_of("twilio", account_sid="AC1", auth_token="12346"), call, NOW)


def test_a_form_of_a_million_fields_is_not_read() -> None:
    assert form_of(b"a=1&b=2") == [("a", "1"), ("b", "2")]
    assert form_of(b"a=1&" * 1_000_000) == []


def test_the_published_vector_of_vonage_and_its_jwt() -> None:
    """The vector of the vendor's own client library; the JWT of developer.vonage.com, signed webhooks."""
    settings = settings_of("vonage", api_key="k", api_secret="s", signature_secret="secret")
    query = "a=1&b=2&timestamp=1461605396&sig=6af838ef94998832dbfc29020b564830"
    assert genuine(settings, request("receipts", b"", {}, method="GET", query=query), NOW)
    assert not genuine(settings, request("receipts", b"", {}, query=query.replace("b=2", "b=3")), NOW)
    import hashlib

    hashed = hashlib.sha256(b"{}").hexdigest()
    for claims, right in (
        ({"iat": NOW, "payload_hash": hashed}, True),
        ({"payload_hash": "00"}, False),
        ({"payload_hash": hashed, "exp": NOW - 4000}, False),
    ):
        headers = {"authorization": "Bearer " + jwt(claims, "secret")}
        assert genuine(settings, request("receipts", b"{}", headers), NOW) is right
    for broken in ("", "x", "a.b.c", jwt({}, "other")):
        headers = {"authorization": f"Bearer {broken}"}
        assert not genuine(settings, request("receipts", b"{}", headers), NOW)


def test_only_the_hash_of_vonage_has_another_name_there() -> None:
    """A secret with the same characters as the name of a hash stays as it is."""
    settings = settings_of("vonage", api_key="k", api_secret="md5hash", signature_secret="sha1")
    assert (settings.password, settings.callback_hash) == ("md5hash", "md5")


def test_plivo_signs_messages_with_version_two_as_well() -> None:
    from tests.carriers.http.providers import digest

    settings = settings_of("plivo", auth_id="MA1", auth_token="pl-token")
    call = request("receipts", b"a=1", {"x-plivo-signature-v2-nonce": "n"}, url=f"{PUBLIC}/x?y=1")
    call.headers["x-plivo-signature-v2"] = digest("pl-token", f"{PUBLIC}/xn")
    assert genuine(settings, call, NOW)


@pytest.mark.parametrize("type_", ["telnyx", "onesixty", "messagebird"])
def test_an_old_signature_is_refused(type_: str) -> None:
    provider = next(provider for provider in PROVIDERS if provider.type == type_)
    own = provider.settings | {"base_url": "http://127.0.0.1:1"}
    settings = settings_of(type_, **own)
    assert genuine(settings, provider.report("1"), NOW + 200)
    assert not genuine(settings, provider.report("1"), NOW + 2000)


def test_a_running_carrier_of_a_profile_is_the_connector() -> None:
    row = CarrierConfig(
        id="car_1", name="t", type="twilio", settings='{"account_sid": "AC1", "auth_token": "x"}',
        enabled=True, version=1, created_at=0,
    )  # fmt: skip
    carrier = BUILT_IN.build(row, clock=Clock(), random=random.Random(1))
    assert isinstance(carrier, HttpCarrier)
    assert not carrier.simulated
    assert carrier.receipt_error("30006") == "recipient_refused"


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.type)
def test_each_optional_setting_alone_makes_valid_settings(provider: Provider) -> None:
    """Whatever is given, no row of a profile has a wrong name, and no template names a setting that is not there."""
    profile = PROFILES[provider.type]
    fields = msgspec.structs.fields(profile.settings)
    known = provider.settings | {"base_url": "https://api.example.com"}
    required = {field.name: known[field.name] for field in fields if field.required}
    common = ProfileSettings.__struct_fields__
    optional = {
        field.name: known.get(field.name) or field.default or "x1"
        for field in fields
        if field.name not in required and field.name not in common
    }
    for given in ({}, *({name: value} for name, value in optional.items()), optional):
        check(profile.expand(decode(required | given, profile.settings)), "settings")


def test_every_profile_has_its_provider_here() -> None:
    assert sorted(PROFILES) == sorted(provider.type for provider in PROVIDERS)


@pytest.mark.parametrize(
    ("type_", "where"),
    [
        (
            "infobip",
            lambda body: body["messages"][0]["options"].get("regional", {}).get("indiaDlt"),
        ),
        (
            "vonage",
            lambda body: {name: body[name] for name in ("entity-id", "content-id") if name in body} or None,
        ),
    ],
)
def test_registrations_go_where_the_provider_takes_them(type_: str, where: Any) -> None:
    provider = next(one for one in PROVIDERS if one.type == type_)
    profile = PROFILES[type_]
    given_ = provider.settings | {"base_url": "https://api.example.com"}
    settings = profile.expand(msgspec.convert(BUILT_IN.validate(type_, given_), profile.settings))
    made_from = MadeFrom(
        id="tpl_1",
        version=1,
        language="en",
        registered=(Registered(country="IN", ids={"entity": "1101", "template": "1107"}),),
    )
    place = Place("", "", NOW * 1000, "n")
    found = []
    for country in ("IN", "DE"):
        one = message("hi", content=to_text(Content(made_from=made_from)), country=country)
        rendered = render(one, one.sender, placeholders_of(settings))
        assert not isinstance(rendered, Refusal)
        sent = Submission(one, rendered, [0], 1, 1, 60_000, NOW * 1000)
        body = request_of(settings, values_of(sent, settings, place)).body or b""
        read = dict(parse_qsl(body.decode())) if provider.form else msgspec.json.decode(body)
        found.append(where(read))
    assert set(found[0].values()) == {"1101", "1107"}
    assert found[1] is None, "left out"
