"""Which units go together, and who is told what: properties of the queue and of `settle`, without a database."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from onesixty.store.group import Apart, BadData, Entry, Queue, Tried, settle
from onesixty.store.units import Poisoned, Result, Unavailable, Unit

KEYS = st.lists(st.sampled_from("abcdefg"), max_size=3, unique=True).map(tuple)


def numbered(all_keys: Sequence[tuple[str, ...]]) -> list[Unit]:
    return [Unit(keys, writes=(("put", (number,)),)) for number, keys in enumerate(all_keys)]


def number_of(unit: Unit) -> int:
    number = unit.writes[0][1][0]
    assert isinstance(number, int)
    return number


@given(
    calls=st.lists(st.lists(KEYS, max_size=6), max_size=12),
    most=st.integers(1, 5),
    steps=st.lists(st.sampled_from(["take", "finish"]), max_size=60),
)
def test_units_that_share_a_key_are_never_in_flight_together_and_keep_their_order(
    calls: list[list[tuple[str, ...]]], most: int, steps: list[str]
) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        queue = Queue(most)
        flat = [keys for call in calls for keys in call]
        units = numbered(flat)
        futures = []
        start = 0
        for call in calls:
            futures.append(loop.create_future())
            queue.put(units[start : start + len(call)], futures[-1])
            start += len(call)
        flying: list[list[Entry]] = []
        done: list[int] = []

        def finish() -> None:
            batch = flying.pop(0)
            done.extend(number_of(unit) for unit, _, _ in batch)
            queue.finish(batch, [True] * len(batch))

        def take() -> None:
            batch = queue.take()
            assert len(batch) <= most
            if batch:
                flying.append(batch)
            keys = [key for each in flying for unit, _, _ in each for key in unit.keys]
            assert len(keys) == len(set(keys)), "two units with one key are in flight"

        for step in steps:
            if step == "take":
                take()
            elif flying:
                finish()
        while queue or flying:
            take()
            if flying:
                finish()
        assert sorted(done) == list(range(len(units))), "each unit ran once"
        for key in "abcdefg":
            order = [number for number in done if key in flat[number]]
            assert order == sorted(order), "units of one key changed their order"
        for call, future in zip(calls, futures, strict=True):
            assert await future == [True] * len(call)

    asyncio.run(run())


@given(size=st.integers(1, 40), bad=st.sets(st.integers(0, 39)), torn=st.sets(st.integers(0, 39)))
def test_each_bad_unit_ends_alone_and_all_others_are_written(
    size: int, bad: set[int], torn: set[int]
) -> None:
    written: list[int] = []
    reason = Poisoned("bad")

    def attempt(units: Sequence[Unit]) -> Tried:
        numbers = [number_of(unit) for unit in units]
        if bad.intersection(numbers):
            return BadData(reason)
        places = frozenset(place for place, number in enumerate(numbers) if number in torn)
        if places and len(units) > 1:
            return Apart(places)
        results: list[Result] = [number not in torn for number in numbers]
        written.extend(number for number in numbers if number not in torn)
        return results

    results = drive(numbered([()] * size), attempt)
    for number, result in enumerate(results):
        if number in bad:
            assert result is reason
        else:
            assert result is (number not in torn)
    assert sorted(written) == [number for number in range(size) if results[number] is True]


def test_the_environment_answers_everyone_and_what_was_written_stays_so() -> None:
    """The poison is set aside; then the database goes away half-way through."""
    away = Unavailable("away")
    tried: list[int] = []

    def attempt(units: Sequence[Unit]) -> Tried:
        tried.append(len(units))
        if len(tried) == 1:
            return BadData(Poisoned("bad"))
        return [True] * len(units) if len(tried) == 2 else away

    assert drive(numbered([()] * 4), attempt) == [True, True, away, away]


def test_a_poison_unit_among_many_costs_few_transactions() -> None:
    tried = 0

    def attempt(units: Sequence[Unit]) -> Tried:
        nonlocal tried
        tried += 1
        if any(number_of(unit) == 77 for unit in units):
            return BadData(Poisoned("bad"))
        return [True] * len(units)

    drive(numbered([()] * 200), attempt)
    assert tried <= 17


def test_a_queue_full_of_one_key_is_not_searched_to_its_end() -> None:
    async def run() -> None:
        queue = Queue(10)
        future = asyncio.get_running_loop().create_future()
        queue.put(numbered([("same",)] * 5000), future)
        for _ in range(5000):
            batch = queue.take()
            assert len(batch) == 1
            queue.finish(batch, [True])
        assert len(await future) == 5000

    asyncio.run(run())


def drive(units: list[Unit], attempt: object) -> list[Result]:
    assert callable(attempt)
    trial = settle(units)
    try:
        wanted = next(trial)
        while True:
            wanted = trial.send(attempt(wanted))
    except StopIteration as done:
        results: list[Result] = done.value
        return results
