"""What the tests of the API need: a clock to turn, keys, a front over the routes of a feature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from fastapi import APIRouter

from onesixty.core.actor import Actor
from onesixty.core.clock import Clock as AnyClock
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.doors.v1 import build_api
from onesixty.doors.v1.door import pages_door, v1_door
from onesixty.http.auth import KeyRing, KnownKey, hash_of
from onesixty.http.call import FindOpen, HotRoute
from onesixty.http.door import Together
from onesixty.http.front import Count, Front
from onesixty.http.reading import BODY_SECONDS, MAX_BODY
from onesixty.http.scopes import ALL_SCOPES, TEST_SCOPES, Principal

LIVE = "os_live_0123456789abcdefghijklmnopqrstuv"
TEST = "os_test_0123456789abcdefghijklmnopqrstuv"
NARROW = "os_live_narrow6789abcdefghijklmnopqrstuv"
REVOKED = "os_live_revoked789abcdefghijklmnopqrstuv"
SLOW = "os_live_slow56789abcdefghijklmnopqrstuvw"
PUBLIC_URL = "http://sms.example"

SEND = {"from": "YourBrand", "to": "+15551234567", "text": "Your verification code is 482931"}


class Clock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.ms = 1_795_390_000_000

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def turn(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


@dataclass
class Keys:
    """The keys that exist, by hash; counts the look-ups."""

    account_id: str = "acc_1"
    known: dict[str, KnownKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(
        self, secret: str, *, test: bool = False, scopes: Sequence[str] = ALL_SCOPES, rate: int = 100_000
    ) -> None:
        number = len(self.known) + 1
        principal = Principal(
            Tenant(self.account_id, test), Actor("key", f"key_{number}"), frozenset(scopes), rate
        )
        self.known[hash_of(secret)] = KnownKey(principal, "key_revoked" if secret == REVOKED else None)

    async def find(self, key_hash: str) -> KnownKey | None:
        self.asked.append(key_hash)
        return self.known.get(key_hash)


def some_keys(account_id: str = "acc_1") -> Keys:
    keys = Keys(account_id)
    keys.add(LIVE)
    keys.add(TEST, test=True, scopes=TEST_SCOPES)
    keys.add(NARROW, scopes=["messages:read"])
    keys.add(REVOKED)
    keys.add(SLOW, rate=2)
    return keys


def new_ids(clock: AnyClock) -> IdSource:
    return IdSource(clock, Random(160))


def front_over(
    *routers: APIRouter,
    clock: AnyClock,
    keys: Keys | None = None,
    hot: Mapping[tuple[str, str], HotRoute] | None = None,
    together: Mapping[tuple[str, str], Together] | None = None,
    max_body: int = MAX_BODY,
    body_seconds: float = BODY_SECONDS,
    find_open: FindOpen | None = None,
    count: Count | None = None,
) -> Front:
    """The API of these routes alone."""
    api = build_api(
        routers=routers, ready=lambda: True, metrics=lambda: b"", public_url=PUBLIC_URL, version="1"
    )
    ring = KeyRing((keys or some_keys()).find, clock)
    v1 = v1_door(
        api, ring, PUBLIC_URL, hot=hot or {}, together=together, max_body=max_body, find_open=find_open
    )
    doors = (v1, pages_door(api, PUBLIC_URL, max_body=max_body))
    return Front(doors, clock=clock, ids=new_ids(clock), body_seconds=body_seconds, count=count)
