"""Every example of `examples/` does what it says, in each language that is at hand, against the running product."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.docs.languages import LANGUAGES, Command, Language
from tests.docs.shop import ask
from tests.support.process import Product
from tests.support.waiting import free_port, wait_until

NUMBERS = (f"+1555{number:07}" for number in itertools.count(2_000_000))
THANKS = "Thank you, we got your message."
BUSY = json.dumps(
    {"code": "unavailable", "detail": "Try again.", "retryable": True, "param": None, "status": 503}
).encode()


def environment(product: Product, **variables: object) -> dict[str, str]:
    given = {"ONESIXTY_URL": product.url, "ONESIXTY_KEY": product.admin_key}
    return os.environ | given | {name: str(value) for name, value in variables.items()}


def run(command: list[str], variables: dict[str, str], given: bytes = b"") -> str:
    """What it prints; it has to end well."""
    done = subprocess.run(command, env=variables, input=given, capture_output=True, check=False, timeout=240)
    output = done.stdout.decode()
    assert done.returncode == 0, output + done.stderr.decode()
    return output


class Flaky(ThreadingHTTPServer):
    """In front of the product: hands the first request on and never answers it, is busy at the second, then works."""

    def __init__(self, target: int) -> None:
        self.target, self.seen = target, itertools.count(1)
        super().__init__(("127.0.0.1", 0), FlakyHandler)


class FlakyHandler(BaseHTTPRequestHandler):
    server: Flaky

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        turn = next(self.server.seen)
        if turn == 2:
            self._answer(503, BUSY)
            return
        link = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=30)
        wanted = ("Authorization", "Content-Type", "Idempotency-Key")
        link.request("POST", self.path, body, {name: self.headers[name] for name in wanted})
        answer = link.getresponse()
        content = answer.read()
        link.close()
        if turn > 1:
            self._answer(answer.status, content)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def flaky(product: Product) -> Iterator[Flaky]:
    with Flaky(product.http_port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module", params=LANGUAGES, ids=lambda language: language.name)
def language(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Language, Command]:
    """A language with its examples built, once."""
    found: Language = request.param
    return found, found.prepare(tmp_path_factory.mktemp(found.name))


def messages_to(product: Product, number: str) -> list[Any]:
    found: list[Any] = ask(product, "GET", f"/v1/messages?to=%2B{number[1:]}")["data"]
    return found


@pytest.mark.deadline(300)
def test_the_examples_send_and_follow(shop: Product, language: tuple[Language, Command]) -> None:
    """A message, one that is retried and arrives once, many at once, and what became of the first."""
    _, command = language
    variables = environment(shop)

    to = next(NUMBERS)
    sent = run([*command("send"), to, "Your verification code is 482931"], variables)
    (message,) = messages_to(shop, to)
    assert message["id"] in sent
    assert "482931" in message["text"]

    followed = run([*command("follow"), message["id"]], variables)
    assert f"{message['id']} delivered" in followed
    assert followed.count(message["id"]) >= 2

    to = next(NUMBERS)
    with flaky(shop) as front:
        url = f"http://127.0.0.1:{front.server_port}"
        order = f"{time.time_ns()}"
        retried = run([*command("retry"), to, "Paid", order], variables | {"ONESIXTY_URL": url})
        assert next(front.seen) >= 4, "at least three requests"
    (message,) = messages_to(shop, to)
    assert message["id"] in retried

    many = next(NUMBERS), next(NUMBERS)
    batch = run([*command("batch"), "Closed today", *many, "+1"], variables)
    for number in many:
        (message,) = messages_to(shop, number)
        assert message["id"] in batch
    assert "invalid_recipient" in batch


def signed(secret: str, body: bytes, at: int) -> dict[str, str]:
    """The headers of a webhook (Standard Webhooks, HMAC-SHA256)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, b"evt_1." + str(at).encode() + b"." + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(mac).decode()
    return {"webhook-id": "evt_1", "webhook-timestamp": str(at), "webhook-signature": "v1,other " + signature}


def post(port: int, body: bytes, headers: dict[str, str]) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("POST", "/", body, headers)
    answer = link.getresponse()
    answer.read()
    link.close()
    return answer.status


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def thanks_at(product: Product, number: str) -> int:
    shown = ask(product, "GET", f"/v1/sandbox/handsets/%2B{number[1:]}/messages")["data"]
    return sum(message["text"] == THANKS for message in shown)


@pytest.mark.deadline(180)
def test_the_receiver_verifies_and_replies(
    shop: Product, language: tuple[Language, Command], tmp_path: Path
) -> None:
    """A message from a handset comes in as a webhook and is answered; a false or an old signature is refused."""
    found, command = language
    if not found.can_serve:
        _verify_and_reply_by_hand(shop, command)
        return
    port = free_port()
    hook = ask(
        shop, "POST", "/v1/webhooks", {"url": f"http://127.0.0.1:{port}/", "events": ["message.received"]}
    )
    log = tmp_path / "receiver.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command("receive"), env=environment(shop, PORT=port, WEBHOOK_SECRET=hook["secret"]),
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or listens(port), 60, "the receiver")
        assert process.poll() is None, log.read_text()
        number = next(NUMBERS)
        ask(
            shop, "POST", "/v1/sms/send", {"from": "+15550009999", "to": number, "text": "Is it a good time?"}
        )
        wait_until(lambda: messages_to(shop, number)[0]["status"] == "delivered", 30, "the message")
        ask(shop, "POST", f"/v1/sandbox/handsets/%2B{number[1:]}/messages", {"text": "Yes"})
        wait_until(lambda: thanks_at(shop, number) == 1, 30, f"the reply ({log.read_text()})")
        wait_until(lambda: "message.received" in log.read_text(), 10, "the line of the log")

        body, now = b'{"id": "evt_1", "type": "message.sent", "data": {"id": "msg_1"}}', int(time.time())
        right = signed(hook["secret"], body, now)
        assert post(port, body, right) == 204, log.read_text()
        assert post(port, body + b" ", right) == 400
        assert post(port, body, signed(hook["secret"], body, now - 301)) == 400
        assert post(port, body, {}) == 400
        assert post(port, body, right | {"webhook-timestamp": "now", "webhook-signature": "v1,"}) == 400
    finally:
        ask(shop, "DELETE", f"/v1/webhooks/{hook['id']}")
        process.terminate()
        process.wait(30)


def _verify_and_reply_by_hand(product: Product, command: Command) -> None:
    """The shell has no server: it verifies what a receiver got, and replies."""
    secret = "whsec_" + base64.b64encode(bytes(range(200, 232))).decode()
    body, now = b'{"id": "evt_1"}\n', int(time.time())
    for given, at, right in ((body, now, True), (body + b" ", now, False), (body, now - 301, False)):
        headers = signed(secret, body, at)
        done = subprocess.run(
            [*command("verify"), *headers.values()], env=os.environ | {"WEBHOOK_SECRET": secret}, input=given,
            capture_output=True, check=False, timeout=30,
        )  # fmt: skip
        assert (done.returncode == 0) is right, done.stderr
    number = next(NUMBERS)
    ask(product, "POST", "/v1/sms/send", {"from": "+15550009999", "to": number, "text": "Is it a good time?"})
    wait_until(lambda: messages_to(product, number)[0]["status"] == "delivered", 30, "the message")
    ask(product, "POST", f"/v1/sandbox/handsets/%2B{number[1:]}/messages", {"text": "Yes"})

    def incoming() -> list[Any]:
        found: list[Any] = ask(product, "GET", f"/v1/messages?direction=inbound&from=%2B{number[1:]}")["data"]
        return found

    (message,) = wait_until(incoming, 30, "the message that comes in")
    run([*command("reply"), message["id"], THANKS], environment(product))
    wait_until(lambda: thanks_at(product, number) == 1, 30, "the reply")
