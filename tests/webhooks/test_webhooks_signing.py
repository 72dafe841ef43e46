"""Signatures, held against the package of Standard Webhooks."""

import base64
import hashlib
import hmac
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from onesixty.webhooks import secrets, signing

SECRET = secrets.from_key(bytes(range(32)))
KEY = secrets.to_key(SECRET)


def headers_of(lines: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in lines.splitlines())


@given(st.text())
def test_the_standard_package_verifies_what_we_sign(text: str) -> None:
    """What is signed is id, timestamp and body, so no proxy in between can break it."""
    body = text.encode("utf-8", "replace")
    sent = headers_of(signing.headers("evt_1", int(time.time()), body, (KEY,)))
    Webhook(SECRET).verify(body, sent, json_parse=False)


def test_any_change_breaks_the_signature() -> None:
    body = b'{"id":"evt_1"}'
    sent = headers_of(signing.headers("evt_1", int(time.time()), body, (KEY,)))
    for changed_body, changed in (
        (b'{"id":"evt_2"}', {}),
        (body, {"webhook-id": "evt_2"}),
        (body, {"webhook-timestamp": str(int(time.time()) + 1)}),
        (body, {"webhook-signature": "v1," + base64.b64encode(os.urandom(32)).decode()}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(changed_body, sent | changed)


def test_the_signature_by_hand() -> None:
    """As docs/reference/webhooks.md explains it."""
    expected = hmac.new(KEY, b"evt_1.1700000000.{}", hashlib.sha256).digest()
    assert signing.sign("evt_1", 1_700_000_000, b"{}", KEY) == "v1," + base64.b64encode(expected).decode()


def test_after_a_rotation_both_secrets_verify_for_a_day() -> None:
    now = int(time.time() * 1000)
    newer = secrets.from_key(os.urandom(32))
    column = secrets.rotated(SECRET, newer, now)
    both = secrets.keys_at(secrets.parse_column(column), now)
    sent = headers_of(signing.headers("evt_1", now // 1000, b"{}", both))
    Webhook(SECRET).verify(b"{}", sent)
    Webhook(newer).verify(b"{}", sent)
    later = secrets.keys_at(secrets.parse_column(column), now + secrets.OVERLAP_MS)
    assert later == (secrets.to_key(newer),)
    again = secrets.rotated(column, secrets.from_key(os.urandom(32)), now)
    assert len(secrets.parse_column(again)) == 2, "only the secret just replaced goes on"


@pytest.mark.parametrize(
    "bad", ["", "whsec_", "whsec_!!!", "abc", "whsec_" + base64.b64encode(b"short").decode()]
)
def test_what_is_no_secret(bad: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        secrets.to_key(bad)
