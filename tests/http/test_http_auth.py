"""The key ring: one look-up for many, short memory, bounded, and forgetting at once."""

import asyncio

import pytest

from onesixty.core.errors import Problem
from onesixty.http.auth import CAPACITY, LONGEST_KEY, KeyRing, KnownKey, hash_in, hash_of
from tests.http.world import LIVE, REVOKED, Clock, Keys, some_keys


@pytest.fixture
def keys() -> Keys:
    return some_keys()


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_key_is_looked_up_once_in_five_seconds(keys: Keys, clock: Clock) -> None:
    ring = KeyRing(keys.find, clock)
    assert ring.peek(hash_of(LIVE)) is None
    principal = await ring.get(hash_of(LIVE))
    assert ring.peek(hash_of(LIVE)) is principal
    clock.turn(4.9)
    assert await ring.get(hash_of(LIVE)) is principal
    assert len(keys.asked) == 1
    clock.turn(0.1)
    assert ring.peek(hash_of(LIVE)) is None
    await ring.get(hash_of(LIVE))
    assert len(keys.asked) == 2


async def test_many_requests_with_a_new_key_make_one_look_up(clock: Clock, keys: Keys) -> None:
    gate = asyncio.Event()
    asked = 0

    async def find(key_hash: str) -> KnownKey | None:
        nonlocal asked
        asked += 1
        await gate.wait()
        return await keys.find(key_hash)

    ring = KeyRing(find, clock)
    waiting = [asyncio.ensure_future(ring.get(hash_of(LIVE))) for _ in range(20)]
    await asyncio.sleep(0)
    waiting[0].cancel()  # one who hangs up does not end it for the others
    await asyncio.sleep(0)
    gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert len({id(principal) for principal in results[1:]}) == 1
    assert asked == 1


async def test_unknown_keys_are_remembered_for_a_second(keys: Keys, clock: Clock) -> None:
    ring = KeyRing(keys.find, clock)
    for _ in range(3):
        with pytest.raises(Problem, match="unauthorized"):
            await ring.get(hash_of("nobody"))
    assert len(keys.asked) == 1
    keys.add("nobody")
    clock.turn(1)
    assert (await ring.get(hash_of("nobody"))).account_id == "acc_1"


async def test_what_is_remembered_is_bounded(keys: Keys, clock: Clock) -> None:
    ring = KeyRing(keys.find, clock, capacity=100)
    for number in range(1000):
        with pytest.raises(Problem):
            await ring.get(hash_of(str(number)))
    assert len(ring._known) == 100
    assert not ring._loading
    assert CAPACITY <= 100_000


async def test_a_revocation_during_the_look_up_is_not_overwritten_by_it(keys: Keys, clock: Clock) -> None:
    gate = asyncio.Event()

    async def find(key_hash: str) -> KnownKey | None:
        known = await keys.find(key_hash)
        await gate.wait()
        return known

    ring = KeyRing(find, clock)
    early = asyncio.ensure_future(ring.get(hash_of(LIVE)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    known = keys.known[hash_of(LIVE)]
    keys.known[hash_of(LIVE)] = KnownKey(known.principal, "key_revoked")
    ring.forget(hash_of(LIVE))
    gate.set()
    await early  # it was asked before the revocation
    with pytest.raises(Problem, match="key_revoked"):
        await ring.get(hash_of(LIVE))


async def test_a_look_up_that_fails_is_tried_again(keys: Keys, clock: Clock) -> None:
    broken = True

    async def find(key_hash: str) -> KnownKey | None:
        if broken:
            raise ConnectionError("away")
        return await keys.find(key_hash)

    ring = KeyRing(find, clock)
    with pytest.raises(ConnectionError):
        await ring.get(hash_of(LIVE))
    broken = False
    assert (await ring.get(hash_of(LIVE))).key_id


async def test_a_revoked_key_is_never_peeked(keys: Keys, clock: Clock) -> None:
    ring = KeyRing(keys.find, clock)
    for _ in range(2):
        with pytest.raises(Problem, match="key_revoked"):
            await ring.get(hash_of(REVOKED))
        assert ring.peek(hash_of(REVOKED)) is None


def test_only_headers_with_a_key_are_kept_and_only_short_ones() -> None:
    hash_in.cache_clear()
    longest = b"k" * LONGEST_KEY
    assert hash_in(b"Bearer " + longest) == hash_in(b"bearer " + longest) == hash_of(longest)
    for header in (
        None,
        b"",
        b"Bearer ",
        b"Basic k",
        b"Bearer " + longest + b"k",
        b"Bearer" + b" " * 60_000 + b"k",
    ):
        with pytest.raises(Problem, match="unauthorized"):
            hash_in(header)
    assert hash_in.cache_info().currsize == 2
