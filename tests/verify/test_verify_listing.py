"""Lists of verifications: their filters, their pages, and that each figure has a list with as many rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from onesixty.core import times
from onesixty.verify import life
from onesixty.verify.listing import CountedAs
from tests.verify.conftest import PATH, PROFILES, TO, Desk, other_than

FIXED = "+15550100001"
FIGURES = (
    "started",
    "judged",
    "approved",
    "failed",
    "exhausted",
    "expired",
    "canceled",
    "blocked",
    "unreported",
)
#: What a row of figures is counted by, and the filter of the list.
FILTERS = {"country": "country", "network": "network", "channel": "channel", "profile": "profile_id"}


async def listed(desk: Desk, **filters: str | list[str]) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    rows: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        query = {"limit": "2", **filters, **({"after": after} if after else {})}
        reply = await desk.client().get(f"{PATH}?{urlencode(query, doseq=True)}")
        assert reply.status == 200, reply.body
        rows += reply.json["data"]
        after = reply.json["next"]
    return rows


async def some_of_everything(desk: Desk) -> None:
    """Verifications with every end, over two days, in countries and networks and without any."""
    profile = f"{PROFILES}/{desk.profile['id']}"
    guards = {"countries": ["US", "DE"], "on_simulated": True}
    changed = await desk.client().patch(
        profile, {"test_numbers": [{"number": FIXED, "code": "123456"}], "guards": guards}
    )
    assert changed.status == 200, changed.body
    ranges = {"ranges": [{"prefix": "1555", "network": "310991"}]}
    assert (await desk.client().put("/v1/number-ranges", ranges)).status == 200
    fixed = await desk.start(FIXED)
    await desk.check(fixed["id"], "123456")
    made = await desk.start()
    code = await desk.read()
    await desk.check(made["id"], other_than(code))
    await desk.check(made["id"], code)
    assert (await desk.start("+447700900123"))["status"] == "blocked"
    canceled = await desk.start("+4915112345670")
    await desk.client().post(f"{PATH}/{canceled['id']}/cancel")
    await desk.turn(30 * 3_600)
    wrong = await desk.start("+4915112345671")
    code = await desk.read(1, "+4915112345671")
    for _ in range(5):
        await desk.check(wrong["id"], other_than(code))
    await desk.start("+4915112345672")
    await desk.start("+15551234568", code="77AB12")
    await desk.turn(life.LIVES * 600)
    for _ in range(3):
        await desk.sweep()
    await desk.start("+15551234569")


async def test_every_figure_has_a_list_with_as_many_rows(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    began = desk.clock.now_ms()
    await some_of_everything(desk)
    query = {"start": times.to_text(began), "end": times.to_text(desk.clock.now_ms())}
    seen = set()
    for by in ("", "country", "network", "channel", "profile", "day"):
        report = (await desk.client().get(f"/v1/reports/verifications?{urlencode({'by': by, **query})}")).json
        for row in report["data"]:
            bounds = {"created_after": report["start"], "created_before": report["end"]}
            if by == "day":
                day = times.from_text(row["day"])
                bounds = {
                    "created_after": row["day"],
                    "created_before": times.to_text(day + 86_400_000),
                }
            elif by:
                bounds[FILTERS[by]] = row[by] or ""
            for figure in FIGURES:
                found = await listed(desk, counted_as=figure, **bounds)
                assert len(found) == row[figure], (by, row, figure)
                if found:
                    seen.add(figure)
    assert seen == set(FIGURES) - {"failed"}, "nothing failed: each carrier takes all"
    assert set(CountedAs.__args__) == set(FIGURES)  # type: ignore[attr-defined]


async def test_a_list_is_filtered_by_time_place_and_way(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    await some_of_everything(desk)
    assert len(await listed(desk)) == 8, "with what is open, and what is of a test number"
    assert {one["to"] for one in await listed(desk, country="us")} == {
        TO,
        FIXED,
        "+15551234568",
        "+15551234569",
    }
    assert await listed(desk, country="") == []
    assert {one["network"] for one in await listed(desk, network="310991")} == {"310991"}
    assert {one["country"] for one in await listed(desk, network="")} == {"DE", "GB"}
    assert [one["to"] for one in await listed(desk, guard="country")] == ["+447700900123"]
    assert await listed(desk, channel="email") == []
    newest, *older = await listed(desk)
    assert [one["id"] for one in await listed(desk, created_after=newest["created_at"])] == [newest["id"]]
    assert await listed(desk, created_before=newest["created_at"]) == older
    one = older[0]
    assert await listed(desk, to=one["to"], created_after=one["created_at"], country=one["country"]) == [one]
    assert await listed(desk, to=one["to"], created_before=one["created_at"]) == []
    assert await listed(desk, status="approved", counted_as="expired") == []


async def test_a_list_leaves_out_what_is_named(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    await some_of_everything(desk)
    every = await listed(desk)
    for filters, passes in (
        ({"status_not": ["approved", "blocked"]}, lambda one: one["status"] not in ("approved", "blocked")),
        ({"status": ["approved"], "status_not": ["approved"]}, lambda _: False),
        ({"country_not": ["us", "GB"]}, lambda one: one["country"] not in ("US", "GB")),
        ({"network_not": [""]}, lambda one: one["network"] is not None),
        ({"network_not": ["310991"]}, lambda one: one["network"] is None),
        ({"guard_not": ["country", "number"]}, lambda one: one["guard"] != "country"),
        ({"channel_not": ["email"]}, lambda _: True),
        ({"channel_not": ["sms", "email"]}, lambda _: False),
        ({"profile_id_not": [desk.profile["id"]]}, lambda _: False),
        (
            {"to": [TO], "status_not": ["approved"]},
            lambda one: one["to"] == TO and one["status"] != "approved",
        ),
    ):
        expected = [one["id"] for one in every if passes(one)]
        assert [one["id"] for one in await listed(desk, **filters)] == expected, filters
    counted = await listed(desk, counted_as="judged", status_not=["expired"])
    assert {one["status"] for one in counted} == {"approved", "exhausted"}


async def test_a_page_of_a_rare_filter_is_short_and_goes_on(
    desk_on_each_engine: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_on_each_engine
    monkeypatch.setattr("onesixty.store.slices.SLICE", 3)
    monkeypatch.setattr("onesixty.store.slices.SLICES", 2)
    for place in range(17):
        await desk.start(f"+1555123{place:04}", reference="rare" if place in (2, 12) else None)
    seen, after = [], ""
    while True:
        page = (await desk.client().get(f"{PATH}?reference=rare&limit=5{after}")).json
        seen.append([one["to"] for one in page["data"]])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [["+15551230012"], ["+15551230002"], []]
    assert [one["to"] for one in await listed(desk)] == [f"+1555123{place:04}" for place in range(16, -1, -1)]


async def test_a_time_or_country_that_is_none_is_refused(desk: Desk) -> None:
    for query, param in (
        ("created_after=yesterday", "created_after"),
        (f"created_before={quote('2026-13-01T00:00:00Z')}", "created_before"),
        ("country=Germany", "country"),
        ("network=310", "network"),
        ("counted_as=wrong", "counted_as"),
        ("channel=fax", "channel"),
        ("status_not=none", "status_not"),
        ("country_not=US&country_not=Germany", "country_not"),
        ("guard_not=country&guard_not=country", "guard_not"),
    ):
        refused = await desk.client().get(f"{PATH}?{query}")
        assert (refused.status, refused.json["param"]) == (422, param), query
