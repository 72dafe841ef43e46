"""Settings of carriers over HTTP: what is wrong is refused by its name, and the documented examples are right."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onesixty.carriers.http.callbacks import inbound_of, receipts_of
from onesixty.carriers.http.paths import each_of, steps, text_at
from onesixty.carriers.http.profiles import PROFILES
from onesixty.carriers.http.requests import PLACEHOLDERS
from onesixty.carriers.http.settings import Answers, Inbound, Receipts
from onesixty.carriers.http.templates import ABSENT, fill
from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.settings import MASK, decode
from onesixty.core.errors import Problem
from tests.carriers.http.providers import PROVIDERS, Provider

DOCS = Path(__file__).resolve().parents[3] / "docs"
HTTP: dict[str, Any] = {"url": "https://api.example.net/send"}
TWILIO: dict[str, Any] = {"account_sid": "AC1", "auth_token": "x"}


@pytest.mark.parametrize(
    ("type_", "changes", "param"),
    [
        ("http", {"url": "ftp://api.example.net"}, "url"),
        ("http", {"url": "https://{to}.example.net/"}, "url"),
        ("http", {"url": "https://user:secret@example.net/"}, "url"),
        ("http", {"url": "https://example.net:99999/"}, "url"),
        ("http", {"url": "https://example.net/\n"}, "url"),
        ("http", {"url": "https://example.net/{too}"}, "url"),
        ("http", {"fields": {"a": [{"b": "{txet}"}]}}, "fields"),
        ("http", {"fields": {"a": {"b": 1}}, "body": "form"}, "fields"),
        ("http", {"headers": {"X Y": "1"}}, "headers.X Y"),
        ("http", {"headers": {"X-Y": "1\r\n2"}}, "headers.X-Y"),
        ("http", {"words": {"nothing": {}}}, "words.nothing"),
        ("http", {"auth": "bearer"}, "token"),
        ("http", {"auth": "oauth2", "username": "u", "password": "p"}, "token_url"),
        ("http", {"auth": "signed"}, "signing_secret"),
        ("http", {"sign_template": "{nothing}"}, "sign_template"),
        ("http", {"callback_template": "{to}"}, "callback_template"),
        ("http", {"callback_signature": "pigeon"}, "callback_signature"),
        ("http", {"callback_token": "a/b"}, "callback_token"),
        ("http", {"answer": {"success": ["2xx"]}}, "answer.success"),
        ("http", {"answer": {"id": "a..b"}}, "answer.id"),
        ("http", {"answer": {"text": True, "id": "(a)(b)"}}, "answer.id"),
        ("http", {"answer": {"text": True, "id": "("}}, "answer.id"),
        ("http", {"answer": {"state": "a"}}, "answer.state_ok"),
        ("http", {"answer": {"codes": {"7": "nope"}}}, "answer.codes.7"),
        ("http", {"answer": {"codes": {"7": "outcome_unknown"}}}, "answer.codes.7"),
        ("http", {"answer": {"statuses": {"999": "carrier_busy"}}}, "answer.statuses.999"),
        ("http", {"answer": {"statuses": {"500-400": "carrier_busy"}}}, "answer.statuses.500-400"),
        ("http", {"receipts": {"states": {"ok": "FINE"}}}, "receipts.states.ok"),
        ("http", {"receipts": {"errors": {"1": "rate_limited"}}}, "receipts.errors.1"),
        ("http", {"receipts": {"at_format": "iso8601"}}, "receipts.at_format"),
        ("http", {"receipts": {"when": {"a[x]": ["1"]}}}, "receipts.when"),
        ("http", {"inbound": {"text": "[0"}}, "inbound.text"),
        ("http", {"reconnect_min_s": 60}, "reconnect_max_s"),
        ("http", {"tls_ca_file": "/nowhere/ca.pem"}, "tls_ca_file"),
        ("http", {"validity_min_s": 10, "validity_max_s": 5}, "validity_max_s"),
        ("twilio", {"account_sid": "AC/1"}, "account_sid"),
        ("twilio", {"auth_token": ""}, "auth_token"),
        ("twilio", {"base_url": "https://api.twilio.com/"}, "base_url"),
        ("twilio", {"reconnect_min_s": 60}, "reconnect_max_s"),
        ("twilio", {"codes": {"1": "nope"}}, "codes.1"),
    ],
)
def test_an_error_names_its_field(type_: str, changes: dict[str, Any], param: str) -> None:
    with pytest.raises(Problem) as caught:
        BUILT_IN.validate(type_, (TWILIO if type_ == "twilio" else HTTP) | changes)
    assert (caught.value.code, caught.value.param) == ("invalid_field", f"settings.{param}")


def test_unknown_fields_are_refused_at_every_depth() -> None:
    for changes, param in (({"urls": "x"}, "urls"), ({"answer": {"ids": "x"}}, "answer.ids")):
        with pytest.raises(Problem) as caught:
            BUILT_IN.validate("http", HTTP | changes)
        assert (caught.value.code, caught.value.param) == ("unknown_field", f"settings.{param}")


def test_settings_that_mean_the_same_are_the_same() -> None:
    spelt_out = HTTP | {"window": 10, "answer": {"success": ["200-299"]}, "body": "json"}
    assert BUILT_IN.validate("http", spelt_out) == BUILT_IN.validate("http", HTTP) == HTTP
    kept = BUILT_IN.validate("http", HTTP | {"answer": {"id": "a"}})
    assert BUILT_IN.validate("http", kept) == kept


def test_secrets_are_not_shown() -> None:
    secrets = ("password", "token", "signing_secret", "callback_secret", "callback_token")
    shown = BUILT_IN.public("http", HTTP | dict.fromkeys(secrets, "very-secret"))
    assert all(shown[name] == MASK for name in secrets)
    assert "very-secret" not in str(shown)


@pytest.mark.parametrize("page", ["how-to/connect-an-http-provider.md", "reference/http-carriers.md"])
def test_documented_carriers_can_be_made(page: str) -> None:
    blocks = (DOCS / page).read_text().split("```toml\n")[1:]
    tables = [
        table
        for block in blocks
        for table in tomllib.loads(block.split("```")[0]).get("carriers", [])
    ]  # fmt: skip
    for table in tables:
        own = {name: "AC1" if value == "AC..." else value for name, value in table.items() if name != "name"}
        BUILT_IN.validate(own.pop("type"), own)


def test_every_placeholder_and_nested_field_is_documented() -> None:
    page = (DOCS / "reference" / "http-carriers.md").read_text()
    assert all(f"| `{{{name}}}` | {about} |" in page for name, about in PLACEHOLDERS.items())
    for struct in (Answers, Receipts, Inbound):
        assert all(f"`{name}`" in page for name in struct.__struct_fields__)


# ---------------------------------------------------------------- templates and paths


def test_templates_keep_types_and_leave_out_what_is_empty() -> None:
    values = {"n": 3, "t": "x", "e": "", "no": False, "none": None}
    assert fill({"a": "{n}", "b": "{n}!", "c": ["{t}", "{e?}"], "d": {"e": "{e?}"}, "f": 7}, values) == {
        "a": 3, "b": "3!", "c": ["x"], "f": 7,
    }  # fmt: skip
    assert fill({"a": "{no?}", "b": "{none?}"}, values) is ABSENT
    assert fill({"a": "{e}", "b": {}, "c": "{no}"}, values) == {"a": "", "b": {}, "c": False}
    # What a customer wrote is never a template.
    assert fill("{t}", {"t": "{n}", "n": 1}) == "{n}"
    assert fill("x {t}", {"t": "{n}{t.__class__}", "n": 1}) == "x {n}{t.__class__}"


def test_paths_reach_what_is_there_and_nothing_else() -> None:
    document = {"a": [{"b-c": 1, "d": True, "e": None, "f": 1.5}], "g": "x"}
    assert text_at(document, "a[0].b-c") == "1"
    assert text_at(document, "a[0].d") == "true"
    assert text_at(document, "a[0].f") == "1.5"
    for path in ("", "a", "a[1].d", "a[0].e", "g.h", "g[0]", "nothing"):
        assert text_at(document, path) is None
    assert each_of(document, "a") == document["a"]
    assert each_of(document, "nothing") == []
    assert each_of([1, 2], "") == [1, 2]
    for broken in (".", "a.", "a[", "a[x]", "a]b"):
        with pytest.raises(ValueError, match="path"):
            steps(broken)


# ---------------------------------------------------------------- whatever a provider may write

WORDS = st.sampled_from(
    ["id", "status", "type", "data", "payload", "to", "results", "text", "body", "at", "message.received",
     "mo_binary", "mo_text", "delivered", "1e400", "-1", "9" * 30, "ff", "2701150800", "\0\ud800"]
)  # fmt: skip
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(
    document=DOCUMENTS, provider=st.sampled_from(PROVIDERS), form=st.sampled_from(["unix", "unix_ms", "iso"])
)
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_provider_writes_is_too_much(document: Any, provider: Provider, form: str) -> None:
    own = provider.settings | {"base_url": "http://127.0.0.1:1"}
    profile = PROFILES[provider.type]
    made = profile.expand(decode(own, profile.settings))
    timed = msgspec.structs.replace(made.receipts, when={}, at="at", at_format=form)
    for mapping in (made.receipts, timed, Receipts(code="data", to="to", at="at", at_format="%y%m%d%H%M")):
        for receipt in receipts_of(each_of(document, mapping.each), mapping, "car_1"):
            assert receipt.raw.isprintable()
            assert receipt.done_at is None or 0 < receipt.done_at < 1 << 53
            receipt.raw.encode()
            receipt.carrier_message_id.encode()
    everything = msgspec.structs.replace(made.inbound, when={}, octets_when={})
    for inbound in (
        made.inbound,
        everything,
        Inbound(part_reference="at", part_total="id", part_number="to"),
    ):
        for message in inbound_of(each_of(document, inbound.each), inbound, "car_1", 1):
            (message.text or "").encode()
            assert "\0" not in (message.text or "") + message.sender + message.recipient
