"""The requests of the HTTP client: single messages, batches, and a mix. Every run of a case sends the same bytes.

A gateway describes its requests as settings, which are JSON for the client's process; `made` builds the requests
from them.

Rules kept here:
- each message has its own recipient: request `number` of batches of 100 has the recipients from 100 times `number`;
- the mix is drawn once, from a fixed seed, and its shares are exact in every thousand messages.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from onesixty.load.http import RECIPIENT_PREFIX, RECIPIENTS, Requests, Target

#: The sender of every message.
SENDER: Final = "YourBrand"
TEXT: Final = "Your verification code is 482931"

#: Texts of the mix: a fifth is UCS-2, a fifth has two segments.
UCS2: Final = "Ваш код подтверждения 482931"
LONG: Final = "Your parcel will be at your door between ten and twelve. " * 4
ACCOUNTS: Final = 50
#: The digits before a recipient's own seven digits: 20 countries.
COUNTRIES: Final = (
    "1555", "447911", "491512", "3361", "3461", "39331", "3161", "3247", "4850", "43664",
    "4179", "4670", "474", "452", "35840", "35191", "35385", "91981", "551198", "6141",
)  # fmt: skip
_CYCLE: Final = 1000
_SEED: Final = 160
_HEAD: Final = "Host: {host}:{port}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"

Settings = dict[str, Any]


def single(target: Target) -> Settings:
    """Describe requests of one message each."""
    return {
        "kind": "single", "host": target.host, "port": target.port,
        "head": target.head.decode("ascii"), "tail": target.tail.decode("ascii"),
    }  # fmt: skip


def sendsms(url: str, parameters: Mapping[str, str]) -> Settings:
    """Describe `GET /cgi-bin/sendsms` of a Kannel at `url`; `parameters` without `to`."""
    address = urlsplit(url)
    assert address.hostname is not None
    assert address.port is not None
    head = f"GET /cgi-bin/sendsms?{urlencode(parameters)}&to="
    tail = f" HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
    return single(Target(address.hostname, address.port, head.encode("ascii"), tail.encode("ascii")))


def batches(host: str, port: int, key: str, size: int) -> Settings:
    """Describe `POST /v1/sms/batch` with `size` messages, each with all its fields."""
    return {"kind": "batch", "host": host, "port": port, "key": key, "size": size}


def mix(host: str, port: int, keys: Sequence[str]) -> Settings:
    """Describe `POST /v1/sms/send` from as many accounts as there are keys."""
    return {"kind": "mix", "host": host, "port": port, "keys": list(keys)}


def made(settings: Settings) -> Requests:
    """Build the requests that these settings describe."""
    fields = {name: value for name, value in settings.items() if name != "kind"}
    if settings["kind"] == "batch":
        return Batches(**fields)
    if settings["kind"] == "mix":
        return Mix(**fields)
    return Target(
        fields["host"], fields["port"], fields["head"].encode("ascii"), fields["tail"].encode("ascii")
    )


class Batches:
    """Requests of `size` messages each."""

    def __init__(self, host: str, port: int, key: str, size: int) -> None:
        self.host, self.port = host, port
        self._size = size
        one = json.dumps({"from": SENDER, "text": TEXT}).removesuffix("}") + f', "to": "+{RECIPIENT_PREFIX}'
        self._first, self._joint, self._last = f'{{"messages": [{one}', f'"}}, {one}', '"}]}'
        length = len(self._first) + len(self._last) + (size - 1) * len(self._joint) + size * 7
        self._head = (
            f"POST /v1/sms/batch HTTP/1.1\r\n{_HEAD.format(host=host, port=port, key=key)}"
            f"Content-Length: {length}\r\n\r\n"
        )

    def request(self, number: int) -> bytes:
        """Return the batch with the recipients from `number * size` on."""
        first = number * self._size
        recipients = [f"{each % RECIPIENTS:07d}" for each in range(first, first + self._size)]
        return f"{self._head}{self._first}{self._joint.join(recipients)}{self._last}".encode("ascii")


class Shape(NamedTuple):
    """The form of a message in the mix: the indexes of its account and country, its text, whether it has a key."""

    account: int
    country: int
    text: str
    keyed: bool


def _shapes() -> tuple[Shape, ...]:
    draw = random.Random(_SEED)
    fifth = _CYCLE // 5
    columns: list[list[Any]] = [
        [number % ACCOUNTS for number in range(_CYCLE)],
        [number % len(COUNTRIES) for number in range(_CYCLE)],
        [UCS2] * fifth + [LONG] * fifth + [TEXT] * (_CYCLE - 2 * fifth),
        [number % 2 == 0 for number in range(_CYCLE)],
    ]
    for column in columns:
        draw.shuffle(column)
    return tuple(Shape(*row) for row in zip(*columns, strict=True))


SHAPES: Final = _shapes()


def segments(first: int, count: int) -> int:
    """Return how many segments the messages of the mix from `first` on have."""
    return sum(2 if SHAPES[number % _CYCLE].text is LONG else 1 for number in range(first, first + count))


class Mix:
    """Requests of one message each, as different as those of many customers."""

    def __init__(self, host: str, port: int, keys: Sequence[str]) -> None:
        self.host, self.port = host, port
        self._parts = [self._halves(shape, keys[shape.account % len(keys)]) for shape in SHAPES]

    def request(self, number: int) -> bytes:
        """Return the request for the message with this number."""
        before, after, keyed = self._parts[number % _CYCLE]
        key = b"Idempotency-Key: mix-%d\r\n\r\n" % number if keyed else b"\r\n"
        return b'%b%b%b%07d"}' % (before, key, after, number % RECIPIENTS)

    def _halves(self, shape: Shape, key: str) -> tuple[bytes, bytes, bool]:
        """Return the bytes before and after the line of the key. After both come the recipient's own digits and
        two closing octets."""
        text = json.dumps({"from": SENDER, "text": shape.text}, ensure_ascii=False).removesuffix("}")
        body = f'{text}, "to": "+{COUNTRIES[shape.country]}'.encode()
        head = (
            f"POST /v1/sms/send HTTP/1.1\r\n{_HEAD.format(host=self.host, port=self.port, key=key)}"
            f"Content-Length: {len(body) + 7 + 2}\r\n"
        )
        return head.encode("ascii"), body, shape.keyed
