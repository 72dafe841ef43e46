"""A template, from a file on the command line to a carrier that asks for its registration."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.conftest import Node, StartNode
from tests.support.far_end import FarEnd, recipient_of
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

TEMPLATE: dict[str, Any] = {
    "name": "order-shipped",
    "purpose": "transactional",
    "default_language": "en",
    "texts": {
        "en": "{shop}: arrives in {days, plural, one {# day} other {# days}}, {price}.",
        "ru": "{shop}: будет через {days, plural, one {# день} few {# дня} many {# дней} other {# дня}}, {price}.",
        "ar": "طلب {shop}: يصل خلال {days, plural, one {يوم} two {يومين} few {# أيام} many {# يوما} other {# يوم}}.",
    },
    "variables": {
        "shop": {"type": "string", "longest": 20},
        "days": {"type": "number", "longest": 2},
        "price": {"type": "money", "default": {"amount": "0", "currency": "EUR"}},
    },
    "registrations": [{"country": "IN", "ids": {"entity": "1101", "template": "1107"}}],
}
TLVS = [
    {"tag": 0x1400, "value": "{registration:entity}", "type": "string"},
    {"tag": 0x1401, "value": "{registration:template}", "type": "string"},
]


async def run(node: Node, *arguments: str) -> str:
    """A command at the node, which has to succeed."""
    product = node.product
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "onesixty", *arguments, "--url", product.url, "--key", product.admin_key],
        cwd=product.directory, env=product.environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


@pytest.mark.deadline(120)
async def test_a_template_is_written_approved_and_sent(
    engine_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver, tmp_path: Path
) -> None:
    table = far_end.table("acme", tlvs=TLVS)
    node = await start_node(
        [table], {"default": ["acme"]}, database_url=engine_url, webhook_allow_private=True
    )
    await node.bound("acme")
    await node.hook(receiver)
    file = tmp_path / "order.json"
    file.write_text(json.dumps(TEMPLATE), encoding="utf-8")

    id_ = json.loads(await run(node, "template", "create", "--file", str(file), "--json"))["id"]
    values = ("--variables", "days=22", "--variables", "shop=Acme")
    preview = json.loads(await run(node, "template", "preview", id_, "--language", "ru", *values, "--json"))
    (text,) = preview["texts"]
    assert text["rendered"]["text"].startswith("Acme: будет через 22 дня, 0,00")
    unapproved = await node.api.send("+919812345678", text=None, template="order-shipped", variables={})
    assert unapproved.code == "template_not_approved"
    await run(node, "template", "submit", id_)
    await run(node, "template", "decide", id_, "--decision", "approve")
    assert "approved" in await run(node, "template", "list", "--state", "approved")

    price = {"amount": "12.5", "currency": "EUR"}
    sent = [
        await node.api.send(to, text=None, template="order-shipped", language=language, variables=variables)
        for to, language, variables in (
            ("+919812345678", "hi", {"shop": "Acme", "days": 1, "price": price}),
            ("+79161234567", "ru", {"shop": "Acme", "days": 5, "price": price}),
            ("+966501234567", "ar-SA", {"shop": "Acme", "days": 3}),
        )
    ]
    assert [reply.status for reply in sent] == [202, 202, 202], sent
    assert [reply.json["template"]["language"] for reply in sent] == ["en", "ru", "ar"]
    ended = await node.api.ended([reply.id for reply in sent])
    assert {one["status"] for one in ended.values()} == {"delivered"}
    assert {one["template"]["version"] for one in ended.values()} == {1}
    assert far_end.text_for("+919812345678") == "Acme: arrives in 1 day, €12.50."
    assert far_end.text_for("+79161234567") == "Acme: будет через 5 дней, 12,50 €."
    assert far_end.text_for("+966501234567") == "طلب Acme\u200f: يصل خلال 3 أيام."
    tlvs = {recipient_of(pdu): (pdu.tlv(0x1400), pdu.tlv(0x1401)) for pdu in far_end.smsc.messages}
    assert tlvs == {
        "+919812345678": (b"1101", b"1107"), "+79161234567": (None, None), "+966501234567": (None, None),
    }  # fmt: skip

    def told() -> bool:
        events = [json.loads(post.body) for post in receiver.requests]
        kinds = [event["type"] for event in events]
        delivered = [event["data"]["template"] for event in events if event["type"] == "message.delivered"]
        return kinds.count("template.changed") == 3 and len(delivered) == 3 and all(delivered)

    await wait_until_async(_async(told), 10, "the events")

    values = ("--variable", "shop=Acme", "--variable", "days=2", "--variable", f"price={json.dumps(price)}")
    said = await run(
        node,
        "send",
        "--to",
        "+79161234568",
        "--template",
        "order-shipped",
        "--language",
        "ru",
        *values,
        "--wait",
    )
    assert "delivered" in said
    assert far_end.text_for("+79161234568") == "Acme: будет через 2 дня, 12,50 €."

    await run(node, "template", "change", id_, "--texts", "en={shop}: soon.")
    await node.restart()
    await node.bound("acme")
    again = await node.api.send(
        "+15550100001", text=None, template="order-shipped", variables={"shop": "Acme", "days": 2}
    )
    assert (again.json["text"], again.json["template"]["version"]) == ("Acme: arrives in 2 days, €0.00.", 1)
    await run(node, "template", "retire", id_)
    assert (await node.api.send("+15550100001", text=None, template="order-shipped", variables={})).code == (
        "template_not_approved"
    )
    said = await run(node, "template", "ready", "--language", "fr", "--json")
    assert "code de vérification" in said
    await node.audit()


def _async(check: Any) -> Any:
    async def asked() -> bool:
        return bool(check())

    return asked
