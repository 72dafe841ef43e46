"""The instance secret is replaced beside a running node: carriers keep their settings, webhooks stay signed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.support.api import Api
from tests.support.process import Product
from tests.support.receiver import Receiver


async def delivered_signed(api: Api, receiver: Receiver, secret: str) -> None:
    seen = len(receiver.requests)
    message = await api.accepted("+15551234567")
    await api.ended([message])
    request = (await receiver.wait_for(seen + 1))[-1]
    Webhook(secret).verify(request.body, request.headers)


@pytest.mark.deadline(120)  # starts two nodes, and waits for renewals of their leases
async def test_a_rotation_beside_a_running_node(
    engine_url: str, new_product: Callable[..., Product], receiver: Receiver
) -> None:
    product = new_product(database_url=engine_url)
    if engine_url.startswith("sqlite"):
        del product.settings["secret_key"]  # the file
    await asyncio.to_thread(product.start)
    async with Api(product.url, product.admin_key) as api:
        body: dict[str, Any] = {"url": receiver.url, "events": ["message.delivered"]}
        secret = (await api.ask("POST", "/v1/webhooks", body))["secret"]
        settings = {"host": "smsc.example", "port": 2775, "system_id": "me", "password": "hushhush"}
        carrier = {"name": "far", "type": "smpp", "enabled": False, "settings": settings}
        await api.ask("POST", "/v1/carriers", carrier)
        await delivered_signed(api, receiver, secret)
    before = await asyncio.to_thread(product.command, "secret", "show", "--json")
    if engine_url.startswith("postgresql"):
        old = product.settings["secret_key"]
        product.settings["secret_key"] = f"another-secret-of-tests-for-the-rotation,{old}"
        await asyncio.to_thread(product.stop)
        await asyncio.to_thread(product.start)
    done = await asyncio.to_thread(product.command, "secret", "rotate", timeout=60)
    assert done.returncode == 0, done.stderr
    async with Api(product.url, product.admin_key) as api:
        await delivered_signed(api, receiver, secret)
        await api.ask("PATCH", "/v1/carriers/far", {"settings": {"system_id": "other"}})
        assert (await api.ask("GET", "/v1/carriers/far"))["settings"]["system_id"] == "other"
    if engine_url.startswith("postgresql"):
        product.settings["secret_key"] = str(product.settings["secret_key"]).partition(",")[0]
    after = await asyncio.to_thread(product.command, "secret", "show", "--json")
    assert before.stdout != after.stdout
    await asyncio.to_thread(product.stop)
    await asyncio.to_thread(product.start)
    async with Api(product.url, product.admin_key) as api:
        await delivered_signed(api, receiver, secret)
        assert (await api.ask("GET", "/v1/carriers/far"))["settings"]["system_id"] == "other"
    assert "hushhush" not in product.log
    assert secret not in product.log
