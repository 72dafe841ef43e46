"""`onesixty demo`: a week of traffic in a folder of its own that adds up, and goes on while it is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from onesixty.core import times
from onesixty.core.clock import SystemClock
from onesixty.demo import cast as cast_
from tests.support.api import Api
from tests.support.auditing import assert_audited
from tests.support.process import Product
from tests.support.waiting import wait_until, wait_until_async

#: Every list that a page shows, for the operator.
LISTS = (
    "accounts", "adjustments?account_id={lumo}", "alerts", "alert-rules", "audit", "carriers", "batches",
    "documents?account_id={lumo}", "invitations", "jobs", "keys", "messages?direction=inbound",
    "messages?status=held", "messages?status=scheduled", "number-ranges", "numbers", "pauses",
    "profiles?state=in_review", "refusals",
    "reports/messages", "reports/saved", "roles", "routes", "sandbox/handsets?all=true", "users", "webhooks",
    "smpp-credentials", "smpp-credentials?account_id={orbita}", "smpp-binds", "smpp-binds/refused", "captures",
    "messages?status=undelivered",
)  # fmt: skip


@pytest.fixture
def shown(new_product: Callable[..., Product]) -> Iterator[tuple[Product, Path]]:
    """A demonstration that serves, beside the data of somebody else, and its folder."""
    product = new_product()
    # Some of what is told is what a demonstration shows.
    product.allow_log("alert_firing|webhook_|failover_|breaker_|capture_with_bodies")
    data = Path(str(product.settings["data_dir"]))
    data.mkdir(exist_ok=True)
    (data / "mine.txt").write_text("mine")
    before = sorted(data.iterdir())
    folder = product.directory / "shown"
    product.spawn("demo", "--folder", str(folder))
    wait_until(product._is_ready, 300.0, "the demonstration serves")
    yield product, folder
    assert sorted(data.iterdir()) == before


@pytest.mark.deadline(420, "plays three weeks of the product")
async def test_a_demonstration_has_something_to_show_everywhere(shown: tuple[Product, Path]) -> None:
    product, folder = shown
    cast = cast_.read(folder)
    for said in (product.url, cast.email, cast.password, cast.key, cast.test_key):
        assert said in product.log
    product.settings["database_url"] = f"sqlite:///{folder}/onesixty.db"
    ids = {name: customer.id for name, customer in cast.customers.items()}
    async with Api(product.url, cast.key) as api:
        for path in LISTS:
            await wait_until_async(lambda path=path: _filled(api, path.format(**ids)), 20, path)  # type: ignore[misc]
        await _adds_up(api, cast)
        await _tells_of_bad_hours(api)
        await _goes_on(cast, product.url)
    await assert_audited(product)
    await _lets_its_people_in(product, cast)


async def _filled(api: Api, path: str) -> bool:
    return bool((await api.ask("GET", f"/v1/{path}"))["data"])


async def _adds_up(api: Api, cast: cast_.Cast) -> None:
    """Every status is there, and the figures are those of the messages."""
    seen: set[str] = set()
    start = times.to_text(SystemClock().now_ms() // 86_400_000 * 86_400_000 - 20 * 86_400_000)
    for customer in cast.customers.values():
        async with Api(api.url, customer.live) as own:

            async def agree(own: Api = own) -> bool:
                counted = await own.ask("GET", "/v1/messages/counts?direction=outbound")
                report = await own.ask("GET", f"/v1/reports/messages?by=status&mode=live&start={start}")
                found = {row["status"]: row["messages"] for row in report["data"]}
                seen.update(counted["counts"])
                return {k: v for k, v in found.items() if k != "received"} == counted["counts"]

            await wait_until_async(agree, 15, f"the figures of {customer.name}")
    assert {"scheduled", "queued", "held", "delivered", "undelivered", "failed", "canceled"} <= seen


async def _tells_of_bad_hours(api: Api) -> None:
    alerts = (await api.ask("GET", "/v1/alerts?limit=200"))["data"]
    raised = {alert["rule"] for alert in alerts}
    assert {"carrier_down", "error_spike", "limit_reached"} <= raised, raised
    assert {alert["status"] for alert in alerts} == {"firing", "resolved"}
    assert any(alert["acknowledged_by"] for alert in alerts)


async def _goes_on(cast: cast_.Cast, url: str) -> None:
    """New messages are delivered. Whose depends on the hour: customers sleep at night."""

    async def newest() -> set[str]:
        found = set()
        for customer in cast.customers.values():
            async with Api(url, customer.live) as own:
                page = await own.ask("GET", "/v1/messages?status=delivered&limit=1")
            found.update(message["id"] for message in page["data"])
        return found

    before = await newest()

    async def more() -> bool:
        return bool(await newest() - before)

    await wait_until_async(more, 30, "traffic that goes on")


async def _lets_its_people_in(product: Product, cast: cast_.Cast) -> None:
    async with Api(product.url, cast.key) as api:
        body = {"email": cast.email, "password": cast.password}
        entered = await api.call("POST", "/v1/sessions", body)
        assert (entered.status, entered.json["role"]) == (201, "owner"), msgspec.json.encode(entered.json)
