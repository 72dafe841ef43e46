"""A customer fills in its profile and uploads a document by commands; an operator verifies it; then it sends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.profiles.samples import PDF
from tests.scenarios.conftest import Node, StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd


async def run(node: Node, key: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command at the node, with a key."""
    product = node.product
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "onesixty", *arguments, "--url", product.url, "--key", key],
        cwd=product.directory, env=product.environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


@pytest.mark.deadline(120)
async def test_a_business_is_verified_and_then_sends(
    engine_url: str, start_node: StartNode, far_end: FarEnd, tmp_path: Path
) -> None:
    far_end_table = far_end.table("acme")
    settings: dict[str, Any] = {"database_url": engine_url, "unverified_may_send": "test"}
    node = await start_node([far_end_table], {"default": ["acme"]}, **settings)
    await node.bound("acme")
    body = {"name": "Shop", "price_per_segment": "0.02"}
    made = await node.api.ask("POST", "/v1/accounts", body)
    account = made["id"]
    live, test = (key["secret"] for key in made["keys"])
    file = tmp_path / "register.pdf"
    file.write_bytes(PDF)

    async def has_to(key: str, *arguments: str) -> str:
        done = await run(node, key, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    async with Api(node.product.url, live) as shop, Api(node.product.url, test) as trying:
        assert (await shop.send("+15550100001")).code == "account_unverified"
        # It passes, to where this node has no simulated carrier.
        assert (await trying.send("+15550100001")).code == "no_route"
        await has_to(
            live, "profile", "change", account, "--legal-name", "Shop GmbH", "--street", "Hauptstr. 1", "--city",
            "Berlin", "--country", "DE", "--contact-email", "ada@shop.example.com",
        )  # fmt: skip
        await has_to(live, "document", "upload", str(file), "--kind", "registration")
        await has_to(live, "profile", "submit", account)
        assert account in await has_to(node.api.key, "profile", "list", "--state", "submitted")
        (document,) = (await node.api.ask("GET", f"/v1/documents?account_id={account}"))["data"]
        copy = tmp_path / "copy.pdf"
        said = await has_to(node.api.key, "document", "download", document["id"], "--output", str(copy))
        assert f"{len(PDF)} bytes" in said
        assert (copy.read_bytes(), copy.stat().st_mode & 0o777) == (PDF, 0o600)
        await has_to(node.api.key, "profile", "decide", account, "--decision", "verify")
        message = await shop.accepted("+15550100002")
        await shop.until(message, "delivered")

        await node.restart()
        await node.bound("acme")
        await shop.until(await shop.accepted("+15550100003"), "delivered")
        await has_to(node.api.key, "document", "download", document["id"], "-o", str(tmp_path / "again.pdf"))
        with_text = await run(node, live, "document", "upload", os.fspath(__file__))
        assert (with_text.returncode, "must end in" in with_text.stderr) == (2, True)
    await node.audit()
