"""Receives webhooks, verifies them, and replies to incoming messages."""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from client import call

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))


def is_genuine(headers: dict[str, str], body: bytes) -> bool:
    """Whether a signature is valid and at most five minutes old (Standard Webhooks)."""
    id_, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
    signed = hmac.digest(SECRET, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = b"v1," + base64.b64encode(signed)
    given = headers.get("webhook-signature", "").encode().split()
    recent = timestamp.isdecimal() and abs(time.time() - int(timestamp)) <= 300
    return recent and any(hmac.compare_digest(expected, signature) for signature in given)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not is_genuine({name.lower(): value for name, value in self.headers.items()}, body):
            self.answer(400)
            return
        event = json.loads(body)
        print(event["type"], event["data"]["id"], flush=True)
        if event["type"] == "message.received":
            # An event may arrive twice. Its id as the key prevents a second reply.
            path = f"/v1/messages/{event['data']['id']}/reply"
            call("POST", path, {"text": "Thank you, we got your message."}, idempotency_key=event["id"])
        self.answer(204)  # only now: had the reply failed, the event would come again

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()
