"""Units, guards and groups: what is written, and what each caller is told. On both engines."""

import asyncio

import pytest

from onesixty.store.contract import Row, Store
from onesixty.store.units import Poisoned, Unavailable, Unit
from tests.store.conftest import Counts, OpenStore, contents
from tests.support.waiting import wait_until_async


async def test_a_unit_is_written_and_read_back(store: Store) -> None:
    assert await store.commit([Unit(("a",), writes=(("put", ("a", "1")),))]) == [True]
    assert await store.fetch("get", key="a") == [("1",)]


async def test_the_rows_of_each_statement_are_counted(store: Store, counts: Counts) -> None:
    units = [Unit((key,), guards=(("put_once", ("g", "")),), writes=(("put", (key, "")),)) for key in "ab"]
    units.append(Unit(("c",), writes=(("put", ("c", "")), ("ledger", ("m", "hold", 1)))))
    assert await store.commit(units) == [True, False, True]
    await store.commit(units[1:2])  # writes nothing, so there is nothing to count
    await wait_until_async(lambda: counts.groups, what="the counts")
    assert counts.groups == [(3, {"put_once": 1, "put": 2, "ledger": 1})]


async def test_no_units_are_answered_too(store: Store) -> None:
    assert await store.commit([]) == []


async def test_a_lost_guard_drops_its_unit_and_nothing_else(store: Store) -> None:
    await store.commit([Unit(("a",), writes=(("put", ("a", "old")),))])
    results = await store.commit(
        [
            Unit(("x",), guards=(("swap", ("a", "wrong", "new")),), writes=(("put", ("x", "1")),)),
            Unit(("y",), guards=(("put_once", ("y", "guard")),), writes=(("put", ("z", "1")),)),
        ]
    )
    assert results == [False, True]
    assert await contents(store) == {"a": "old", "y": "guard", "z": "1"}


async def test_of_twins_in_one_group_the_first_wins(store: Store, counts: Counts) -> None:
    """A request that comes twice at once is written once."""
    for guard in ("put_once", "put_if"):
        await store.commit([Unit((f"seed {guard}",), writes=(("put", (f"seed {guard}", "")),))])
    results = await store.commit(
        [
            Unit((name,), guards=(("put_once", ("key", name)),), writes=(("put", (name, "written")),))
            for name in ("first", "second", "third")
        ]
    )
    assert results == [True, False, False]
    assert counts.groups[-1][0] == 3, "the twins did share a group"
    assert (await contents(store))["key"] == "first"


async def test_a_conditional_insert_is_a_guard(store: Store) -> None:
    await store.commit([Unit(("lease",), writes=(("put", ("lease", "")),))])
    results = await store.commit(
        [
            Unit(("b",), guards=(("put_if", ("b", "1", "gone")),), writes=(("put", ("x", "1")),)),
            Unit(("c",), guards=(("put_if", ("c", "1", "lease")),), writes=(("put", ("y", "1")),)),
        ]
    )
    assert results == [False, True]
    assert await contents(store) == {"lease": "", "c": "1", "y": "1"}


async def test_a_unit_that_loses_its_second_guard_leaves_nothing_of_its_first(store: Store) -> None:
    await store.commit([Unit(("a",), writes=(("put", ("taken", "1")),))])
    torn = Unit(
        ("t",),
        guards=(("put_once", ("fresh", "1")), ("swap", ("taken", "wrong", "2"))),
        writes=(("put", ("t", "1")),),
    )
    whole = Unit(("w",), guards=(("put_once", ("other", "1")), ("swap", ("taken", "1", "3"))))
    plain = Unit(("p",), writes=(("put", ("p", "1")),))
    assert await store.commit([torn, whole, plain]) == [False, True, True]
    assert await contents(store) == {"taken": "3", "other": "1", "p": "1"}
    assert await store.commit([torn]) == [False]
    assert "fresh" not in await contents(store)


async def test_rows_that_name_the_same_row_are_written_one_after_the_other(store: Store) -> None:
    """A batch must not lose one of two changes to a row, as one UPDATE with a join would."""
    await store.commit([Unit(("a",), writes=(("put", ("a", "")), ("put", ("b", ""))))])
    unit = Unit(("a",), writes=tuple(("append", (key, digit)) for digit in "123" for key in "ab"))
    twice = Unit(("k",), writes=tuple(("put_or_replace", ("k", digit)) for digit in "12"))
    assert await store.commit([unit, twice]) == [True, True]
    assert await contents(store) == {"a": "123", "b": "123", "k": "2"}


async def test_units_that_share_a_key_run_in_order(store: Store, counts: Counts) -> None:
    units = [Unit(("a",), writes=(("put", ("a", "0")),))]
    units += [Unit(("a",), guards=(("swap", ("a", str(n), str(n + 1))),)) for n in range(5)]
    assert await store.commit(units) == [True] * 6
    assert await contents(store) == {"a": "5"}
    assert [size for size, _ in counts.groups] == [1] * 6


async def test_what_waits_goes_together(store: Store, counts: Counts) -> None:
    futures = [store.commit([Unit((f"k{n}",), writes=(("put", (f"k{n}", "")),))]) for n in range(50)]
    assert await asyncio.gather(*futures) == [[True]] * 50
    assert sum(size for size, _ in counts.groups) == 50
    assert len(counts.groups) <= 3, "fifty units took many transactions"


async def test_a_group_is_bounded(engine_url: str, opened: OpenStore, counts: Counts) -> None:
    store = await opened(engine_url, observer=counts, most_units=8)
    units = [Unit((f"k{n}",), writes=(("put", (f"k{n}", "")),)) for n in range(30)]
    assert await store.commit(units) == [True] * 30
    assert max(size for size, _ in counts.groups) == 8


async def test_bad_data_is_isolated(store: Store, counts: Counts) -> None:
    """One poison message is set aside alone."""
    await store.commit([Unit(("old",), writes=(("put", ("old", "")),))])
    units = [Unit((f"k{n}",), writes=(("put", (f"k{n}", "")),)) for n in range(20)]
    units[7] = Unit(("bad",), writes=(("put", ("never", "")), ("put", ("old", "again"))))
    units[13] = Unit(("worse",), writes=(("put", ("worse", object())),))
    results = await store.commit(units)
    for place, result in enumerate(results):
        if place in (7, 13):
            assert isinstance(result, Poisoned)
            assert not result.retryable
            assert result.conflict == (place == 7)
        else:
            assert result is True
    assert set(await contents(store)) == {"old", *(f"k{n}" for n in range(20) if n not in (7, 13))}
    # a store process tells its counts a moment after its results
    await wait_until_async(lambda: counts.failures == {"poisoned": 2}, what="the count of both")
    assert store.healthy


@pytest.mark.parametrize(
    "row",
    [("a", None), ("a",), ("a", "b", "c"), ("a", "\ud800"), (b"a", 1.5, 2)],
    ids=["null", "short", "long", "surrogate", "types"],
)
async def test_each_kind_of_bad_row_is_poison(store: Store, row: Row) -> None:
    bad, good = Unit(("a",), writes=(("put", row),)), Unit(("b",), writes=(("put", ("b", "")),))
    results = await store.commit([bad, good])
    assert isinstance(results[0], Poisoned)
    assert results[1] is True


async def test_a_number_that_is_too_large_is_poison(store: Store) -> None:
    results = await store.commit([Unit(("m",), writes=(("ledger", ("m", "hold", 2**63)),))])
    assert isinstance(results[0], Poisoned)


@pytest.mark.parametrize("name", ["nothing", "get", "put_cold"])
async def test_what_is_no_write_of_units_is_poison(store: Store, name: str) -> None:
    results = await store.commit(
        [Unit(("a",), writes=((name, ("a",)),)), Unit(("b",), writes=(("put", ("b", "")),))]
    )
    assert isinstance(results[0], Poisoned)
    assert results[1] is True


async def test_the_text_of_an_error_holds_no_data(store: Store) -> None:
    secret = "+15551234567"
    await store.commit([Unit(("a",), writes=(("put", (secret, "")),))])
    for row in ((secret, ""), ("k", secret, "x"), (secret, "\ud800"), (secret, None)):
        (result,) = await store.commit([Unit(("a",), writes=(("put", row),))])
        assert isinstance(result, Poisoned)
        assert secret not in str(result)


async def test_a_caller_who_goes_away_does_not_cancel_his_unit(store: Store) -> None:
    future = store.commit([Unit(("a",), writes=(("put", ("a", "1")),))])
    future.cancel()
    await store.commit([Unit(("a",), writes=(("put", ("b", "1")),))])
    assert await contents(store) == {"a": "1", "b": "1"}


async def test_subscribers_run_after_the_commit_and_before_the_answer(store: Store) -> None:
    seen: list[str] = []
    rows: list[Row] = []
    store.subscribe("put", lambda committed: (rows.extend(committed), seen.append("told")))  # type: ignore[func-returns-value]
    store.subscribe("put_once", lambda committed: seen.append("guard"))
    future = store.commit(
        [
            Unit(("a",), guards=(("put_once", ("g", "")),), writes=(("put", ("a", "1")),)),
            Unit(("b",), guards=(("put_once", ("g", "")),), writes=(("put", ("b", "1")),)),
        ]
    )
    future.add_done_callback(lambda _: seen.append("answered"))
    await future
    await asyncio.sleep(0)
    assert sorted(seen[:2]) == ["guard", "told"]
    assert seen[2:] == ["answered"]
    assert rows == [("a", "1")]


async def test_a_subscriber_that_fails_harms_nobody(store: Store) -> None:
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    seen: list[Row] = []

    def fail(_rows: list[Row]) -> None:
        raise ValueError("on purpose")

    store.subscribe("put", fail)
    store.subscribe("put", seen.extend)
    assert await store.commit([Unit(("a",), writes=(("put", ("a", "1")),))]) == [True]
    assert seen == [("a", "1")]
    assert isinstance(reported[0]["exception"], ValueError)


async def test_a_cold_write_returns_its_rows_and_is_told(store: Store) -> None:
    seen: list[Row] = []
    store.subscribe("put_cold", seen.extend)
    assert await store.execute("put_cold", key="a", value="1") == [("a", "1")]
    assert seen == [("a", "1")]
    with pytest.raises(Poisoned) as caught:
        await store.execute("put_cold", key="a", value="2")
    assert caught.value.conflict
    assert await contents(store) == {"a": "1"}


async def test_lists_and_wrong_params_of_reads(store: Store) -> None:
    await store.commit([Unit(("a",), writes=tuple(("put", (key, "")) for key in "abc"))])
    assert await store.fetch("get_some", keys=["a", "c", "x"]) == [("a", ""), ("c", "")]
    assert await store.fetch("get_some", keys=[]) == []
    others = {key for key, _ in await store.fetch("get_others", keys=["a"])}
    assert {"b", "c"} <= others
    assert "a" not in others
    for params in ({}, {"key": "a", "more": 1}):
        with pytest.raises(TypeError):
            await store.fetch("get", **params)
    with pytest.raises(TypeError):
        await store.fetch("put", key="a", value="b")
    with pytest.raises(TypeError):
        await store.execute("get", key="a")
    with pytest.raises(TypeError):
        store.subscribe("get", lambda _: None)


async def test_a_slow_read_does_not_hold_up_the_loop(store: Store) -> None:
    counting = asyncio.ensure_future(store.fetch("count_slowly", most=1_000_000))
    assert await store.commit([Unit(("a",), writes=(("put", ("a", "")),))]) == [True]
    assert await store.fetch("get", key="a") == [("",)]
    assert not counting.done()
    assert await counting == [(1_000_000,)]


async def test_a_slow_read_is_broken_off_at_the_end(store: Store) -> None:
    counting = asyncio.ensure_future(store.fetch("count_slowly", most=10**12))
    await store.commit([Unit(("a",), writes=(("put", ("a", "")),))])
    await store.close()
    with pytest.raises(Unavailable):
        await counting


async def test_booleans_are_numbers(store: Store) -> None:
    assert await store.commit([Unit(("m",), writes=(("ledger", ("m", "hold", True)),))]) == [True]
    assert await store.fetch("ledger_all") == [("m", "hold", 1)]


async def test_what_was_handed_in_is_written_before_the_store_closes(
    engine_url: str, opened: OpenStore
) -> None:
    store = await opened(engine_url, most_units=10)
    future = store.commit([Unit((f"k{n}",), writes=(("put", (f"k{n}", "")),)) for n in range(25)])
    await store.close()
    assert await future == [True] * 25
    assert not store.healthy
    (late,) = await store.commit([Unit(("late",), writes=(("put", ("late", "")),))])
    assert isinstance(late, Unavailable)
    assert late.retryable
    again = await opened(engine_url)
    assert len(await contents(again)) == 25
