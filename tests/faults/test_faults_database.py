"""A database that crashes under traffic, again and again, while the node lives: nothing is lost and nothing is
sent twice.

Each round damages PostgreSQL in ways and at moments drawn from its number, and holds what came out to the
promises. The node keeps all it has in memory, so not even a repeat is allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from onesixty.smpp.backoff import BackoffConfig
from tests.faults.submitter import Submitter
from tests.support.api import Api
from tests.support.auditing import assert_audited
from tests.support.customer import Customer
from tests.support.far_end import FarEnd
from tests.support.outage import OUTAGE, Customers
from tests.support.postgres import PostgresProcess
from tests.support.process import Product
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

#: Rounds in `make test`; `make faults` makes one for every ten kills.
FEWEST = 2
DAMAGES = 4
#: Messages that come in before the next damage.
BETWEEN = 15
HOME = "15550001111"
HANDSET = "15557654321"
#: As whom the carrier's link binds.
LINK = "test"
OURS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'onesixty' AND pid <> pg_backend_pid()"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    rounds = metafunc.config.getoption("--fault-rounds")
    # Those with two nodes wait for leases to run out: one is enough for every day.
    count = max(1, rounds // 50) if "two_nodes" in metafunc.function.__name__ else max(FEWEST, rounds // 10)
    metafunc.parametrize("seed", range(count))


@pytest.mark.deadline(300)
async def test_a_database_that_crashes_under_traffic_breaks_no_promise(
    seed: int, own_postgres: PostgresProcess, new_product: Callable[..., Product], receiver: Receiver
) -> None:
    """Promises 1 to 7: what was answered is there, ends once, was sent once and was told."""
    chance = random.Random(seed)
    url = own_postgres.create_database()
    async with FarEnd(latency_ms=20, receipts_early=0.2, receipts_doubled=0.2) as far_end:
        carriers = json.dumps([far_end.table("acme", window=chance.choice((1, 10, 50)))])
        product = new_product(carriers=carriers, database_url=url)
        for event in OUTAGE:
            product.allow_log(event)
        await asyncio.to_thread(product.start)
        async with Api(product.url, product.admin_key) as api:
            await api.ask("POST", "/v1/webhooks", {"url": f"{receiver.url}/hook", "events": ["*"]})
            async with Customers(api, f"+1555{seed % 1000:03}", at_once=8) as customers:
                for _ in range(DAMAGES):
                    wanted = len(customers.accepted) + BETWEEN
                    await wait_until_async(lambda: len(customers.accepted) >= wanted, 60, "messages")  # noqa: B023
                    await asyncio.sleep(chance.random() * 0.05)  # so that it meets each step of the way
                    await damage(chance, own_postgres, url)
                ids = await customers.finish()
            await wait_until_async(lambda: _is_ready(api), 30, "the node being ready")
            ended = await api.ended(ids, timeout=60)
            assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
            assert len(await api.messages()) == len(ids), "a retry did not send twice"
            assert {far_end.copies()[m["to"], 1] for m in ended.values()} == {1}
            told = {event["event_id"] for id_ in ids for event in await api.events(id_)}
            await wait_until_async(
                lambda: told <= {post.id for post in receiver.requests}, 60, "every event at the receiver"
            )
        await asyncio.to_thread(product.stop)
    await assert_audited(product)


@pytest.mark.deadline(300)
async def test_what_comes_over_smpp_meanwhile_breaks_no_promise_either(
    seed: int, own_postgres: PostgresProcess, new_product: Callable[..., Product]
) -> None:
    """Promises 1 to 4: a customer's messages and parts, his receipts, and what handsets send."""
    chance = random.Random(1000 + seed)
    url = own_postgres.create_database()
    async with FarEnd(latency_ms=5) as far_end:
        product = new_product(
            carriers=json.dumps([far_end.table("acme")]), database_url=url, smpp_parts_seconds=600
        )
        for event in OUTAGE:
            product.allow_log(event)
        await asyncio.to_thread(product.start)
        async with Api(product.url, product.admin_key) as api:
            made = {"system_id": "shop", "profile": {"deduplicate": "reference"}}
            credential = await api.ask("POST", "/v1/smpp-credentials", made)
            await api.ask("POST", "/v1/numbers", {"number": HOME})
            quick = BackoffConfig(0.05, 0.2)
            async with Customer(product.smpp_port, "shop", credential["password"], backoff=quick) as customer:
                submitter = Submitter(customer)
                over = asyncio.Event()

                async def traffic() -> None:
                    for n in itertools.count():
                        if over.is_set():
                            return
                        submitter.want(f"1555111{n:04}", f"single {n}".encode())
                        submitter.want(f"1555222{n:04}", b"first, ", 1)
                        submitter.want(f"1555222{n:04}", b"second", 2)
                        far_end.smsc.deliver(HANDSET, HOME, f"from a handset {n}".encode(), system_id=LINK)
                        await wait_until_async(submitter.submit_all, 60, "every answer")

                running = asyncio.create_task(traffic())
                for _ in range(DAMAGES):
                    wanted = len(submitter.ids) + BETWEEN
                    await wait_until_async(lambda: len(submitter.ids) >= wanted, 60, "messages")  # noqa: B023
                    await asyncio.sleep(chance.random() * 0.05)
                    await damage(chance, own_postgres, url)
                over.set()
                await asyncio.wait_for(running, 60)
                await wait_until_async(lambda: _is_ready(api), 30, "the node being ready")
                await _check_smpp(api, far_end, customer, submitter)
        await asyncio.to_thread(product.stop)
    await assert_audited(product)


async def _check_smpp(api: Api, far_end: FarEnd, customer: Customer, submitter: Submitter) -> None:
    """Each message once and delivered, a receipt for every id, and all of the handset's there once and told."""
    singles = {f"+{to}" for to, number in submitter.wanted if not number}
    wanted = {f"+{to}" for to, _ in submitter.wanted}

    async def ended() -> bool:
        sent = Counter(m["status"] for m in await api.messages() if m["direction"] == "outbound")
        return sent["delivered"] >= len(wanted)

    with contextlib.suppress(AssertionError):
        await wait_until_async(ended, 60)
    sent = [m for m in await api.messages() if m["direction"] == "outbound"]
    assert Counter((m["to"], m["status"]) for m in sent) == Counter((to, "delivered") for to in wanted)
    assert {far_end.copies()[to, 1] for to in singles} == {1}
    ids = set(submitter.ids.values())
    await wait_until_async(
        lambda: ids <= {receipt.id for receipt in customer.receipts}, 60, "a receipt for every id"
    )
    texts = Counter(f"from a handset {n}" for n in range(len(singles)))

    async def received() -> Counter[str]:
        return Counter(m["text"] for m in await api.messages() if m["direction"] == "inbound")

    async def all_came() -> bool:
        return set(await received()) >= set(texts)

    await wait_until_async(all_came, 30, "every message of the handset")
    assert await received() == texts
    await wait_until_async(
        lambda: set(texts) <= {pdu.message().decode() for pdu in customer.messages},
        30,
        "every message of the handset at the customer's bind",
    )


@pytest.mark.deadline(300)
async def test_two_nodes_of_which_one_dies_while_the_database_crashes(
    seed: int, own_postgres: PostgresProcess, new_product: Callable[..., Product]
) -> None:
    """Promises 1 to 3, 5 and 6: what the dead one had is taken over once, and repeats are counted."""
    chance = random.Random(2000 + seed)
    url = own_postgres.create_database()
    async with FarEnd(latency_ms=20) as far_end, contextlib.AsyncExitStack() as ending:
        carriers = json.dumps([far_end.table("acme", window=10)])
        nodes = [new_product(carriers=given, database_url=url) for given in (carriers, "[]")]
        apis = []
        for node in nodes:
            for event in (*OUTAGE, "lease_lost", "outcome_is_evidence"):
                node.allow_log(event)
            await asyncio.to_thread(node.start)
            apis.append(await ending.enter_async_context(Api(node.url, node.admin_key)))
        survivor, victim = apis[0], nodes[1]
        async with (
            Customers(survivor, f"+1555{seed % 500:03}", at_once=4) as customers,
            Customers(apis[1], f"+1555{500 + seed % 500:03}", at_once=4) as others,
        ):
            for _ in range(2):
                wanted = len(customers.accepted) + BETWEEN
                await wait_until_async(lambda: len(customers.accepted) >= wanted, 60, "messages")  # noqa: B023
                await asyncio.sleep(chance.random() * 0.05)
                await damage(chance, own_postgres, url)
            await wait_until_async(lambda: len(others.accepted) >= BETWEEN, 60, "messages of the other node")
            await asyncio.to_thread(victim.kill)
            await damage(chance, own_postgres, url)
            wanted = len(customers.accepted) + BETWEEN
            await wait_until_async(lambda: len(customers.accepted) >= wanted, 60, "messages after the death")
            ids = await customers.finish()
        await wait_until_async(lambda: _is_ready(survivor), 30, "the node being ready")
        ids += others.accepted.values()
        ended = await survivor.ended(ids, timeout=90)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        copies = far_end.copies()
        assert all(1 <= copies[m["to"], 1] <= 1 + m["duplicates"] for m in ended.values())
        assert sum(m["duplicates"] for m in ended.values()) <= 10, "more than the dead one's window"
        twice = [to for to, count in Counter(m["to"] for m in await survivor.messages()).items() if count > 1]
        assert not twice, f"one request, several messages: {twice}"
        await asyncio.to_thread(nodes[0].stop)
        await assert_audited(nodes[0])


async def _is_ready(api: Api) -> bool:
    return (await api.call("GET", "/readyz")).status == 200


async def damage(chance: random.Random, server: PostgresProcess, url: str) -> None:
    """Stop the server without a word, crash it by the loss of one of its processes, or end our connections; when
    it returns the server takes connections again."""
    what = chance.choice(("stop", "crash", "end"))
    if what == "stop":
        await asyncio.to_thread(server.stop, signal.SIGQUIT)
        await asyncio.sleep(chance.random() * 0.5)
        await asyncio.to_thread(server.start)
        return
    connection = await _connected(url)
    if what == "end":
        await connection.fetch(f"SELECT pg_terminate_backend(pid) FROM ({OURS}) AS found")
        await connection.close(timeout=10)
        return

    async def ours() -> list[int]:
        return [record["pid"] for record in await connection.fetch(OURS)]

    victims = await wait_until_async(ours, 30, "a session of the node")
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(victims), signal.SIGKILL)
    await wait_until_async(connection.is_closed, 30, "the server ending all its sessions")
    await (await _connected(url)).close(timeout=10)


async def _connected(url: str) -> Any:
    async def connect() -> Any:
        try:
            return await asyncpg.connect(url, timeout=10)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return None

    return await wait_until_async(connect, 30, "a connection")
