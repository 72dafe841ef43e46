"""A running product for foreign customers: a simulated network at its end, handsets to read and to answer from."""

import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.process import Product
from tests.support.waiting import wait_until

#: The simulated network: quick, and without a fault of its own.
QUICK = {
    "name": "network", "type": "simulator", "latency_ms": 5, "latency_jitter_ms": 0, "receipt_delay_ms": 50,
    "receipt_jitter_ms": 20,
}  # fmt: skip

PATIENCE = 30.0
#: What goes each way: a short text, one of several segments with characters of GSM-7's extension, one in UCS-2.
SHORT = "Hello @ all: 5 € [net]"
LONG = "Price: 5 € [net] {x} ~ ^ | and @£$ÄÖÜß, number by number. " * 6
UNICODE = "Zażółć gęślą jaźń 👩‍👩‍👧 漢字 " * 8
#: A number whose handset is off: its receipt says EXPIRED (docs/reference/fixed-numbers.md).
OFF = "+15000160011"


@dataclass(frozen=True)
class Customer:
    """What a customer binds with, the customer's own number, and the handsets that no other customer writes to."""

    id: str
    system_id: str
    password: str
    number: str
    handsets: Iterator[str]


class Shop:
    """The product and its API with a test key. Blocks: call it through asyncio.to_thread inside a loop."""

    def __init__(self, directory: Path) -> None:
        self.product = Product(directory, carriers=json.dumps([QUICK]), smpp_parts_seconds=20)
        self._key = self.product.admin_key
        self._count = itertools.count(1)

    def start(self) -> None:
        self.product.start()
        self._key = str(self.ask("POST", "/v1/keys", {"name": "interop", "mode": "test"})["secret"])

    @property
    def port(self) -> int:
        """Of the SMPP door."""
        return self.product.smpp_port

    def customer(self, name: str, **profile: object) -> Customer:
        """A new customer. Messages to its number come to its binds."""
        count = next(self._count)
        made = self.ask(
            "POST", "/v1/smpp-credentials", {"system_id": f"{name}-{count}", "test": True, "profile": profile}
        )
        number = f"+1555010{count:04}"
        body = {"number": number, "test": True, "credential_id": made["id"]}
        self.ask("POST", "/v1/numbers", body, key=self.product.admin_key)
        handsets = (f"+1555{count + 100:03}{n:04}" for n in itertools.count(1))
        return Customer(made["id"], made["system_id"], made["password"], number, handsets)

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The JSON of a request that has to succeed."""
        request = urllib.request.Request(
            self.product.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {key or self._key}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def handset(self, number: str) -> list[str]:
        """The texts that a handset got, oldest first, long ones joined."""
        try:
            found = self.ask("GET", f"/v1/sandbox/handsets/{number}/messages")["data"]
        except AssertionError:
            return []
        return [one["text"] for one in reversed(found) if one["direction"] == "received"]

    def wait_for_texts(self, number: str, *texts: str) -> None:
        """Wait until a handset has exactly these."""
        wait_until(lambda: len(self.handset(number)) >= len(texts), PATIENCE, f"the texts on {number}")
        assert self.handset(number) == list(texts)

    def answer(self, handset: str, to: str, text: str) -> None:
        """Send a message from a handset."""
        self.ask("POST", f"/v1/sandbox/handsets/{handset}/messages", {"to": to, "text": text})

    def sent_to(self, number: str) -> list[Any]:
        """The messages to a number, oldest first, as the API shows them."""
        found = self.ask("GET", f"/v1/messages?limit=100&to={number.replace('+', '%2B')}")["data"]
        return list(reversed(found))

    def binds(self, customer: Customer) -> list[Any]:
        """The binds of a customer."""
        found = self.ask("GET", "/v1/smpp-binds")["data"]
        return [one for one in found if one["system_id"] == customer.system_id]

    def wait_unbound(self, customer: Customer) -> None:
        """Wait until none of a customer's binds is left."""
        wait_until(lambda: not self.binds(customer), PATIENCE, f"the end of {customer.system_id}'s binds")
