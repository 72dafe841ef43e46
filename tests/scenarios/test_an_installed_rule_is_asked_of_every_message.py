"""An operator installs a package with a rule: preview, send, batch, SMPP, an edit, a release and a failover ask it.
A second package gets every event. The metrics show what both cost."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onesixty.cli.extension import write
from onesixty.smpp import constants as c
from tests.extensions import shouting
from tests.scenarios.conftest import Node, StartNode
from tests.support.customer import Customer
from tests.support.extensions import install_source
from tests.support.waiting import wait_until_async

TO = "+15551234567"
LOUD = "please REPLY"
#: The first carrier refuses every message to this country, so a second one is asked.
CARRIERS = [
    {"name": "first", "type": "simulator", "countries": ["FR"], "receipt_delay_ms": 20},
    {"name": "second", "type": "simulator", "receipt_delay_ms": 20},
]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the toy rule and a sink, each begun with `onesixty extension new`."""
    write(tmp_path / "rule", "shouting", "step")
    source = Path(shouting.__file__).read_text()
    (tmp_path / "rule" / "onesixty_shouting.py").write_text(source)
    write(tmp_path / "archive", "archive", "sink")
    site = tmp_path / "site"
    for name in ("rule", "archive"):
        install_source(tmp_path / name, site)
    return site


async def restarted(node: Node, **settings: str) -> None:
    """Start the node again with other settings of the rule."""
    await node.stop()
    for name, value in settings.items():
        node.product.extra_environment[f"ONESIXTY_EXTENSIONS__SHOUTING__{name.upper()}"] = value
    await node.start()
    await node.bound("first", "second")


@pytest.mark.deadline(180)  # two packages are installed, and the product starts twice
async def test_an_installed_rule_is_asked_of_every_message(
    start_node: StartNode, site: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    node = await start_node(
        CARRIERS,
        {"default": ["first", "second"]},
        environment={
            "PYTHONPATH": os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH", "")])),
            "ONESIXTY_EXTENSIONS__SHOUTING__CAPITALS": "5",
            "ONESIXTY_EXTENSIONS__ARCHIVE__PATH": str(events),
        },
    )
    node.product.allow_log("extension_slow")  # on a machine that is busy with other tests
    ask = node.api.ask

    # a send, and its preview
    refused = await node.api.send(TO, LOUD)
    assert (refused.status, refused.code, refused.json["param"]) == (422, "refused_by_rule", "text")
    assert (refused.json["rule"], refused.json["detail"]) == ("shouting", "REPLY stands in capitals.")
    seen = await ask("POST", "/v1/sms/preview", {"from": "Shop", "to": TO, "text": LOUD})
    assert seen["refusal"]["code"] == "refused_by_rule"
    # a batch
    messages = [{"from": "Shop", "to": TO, "text": text} for text in ("quiet", LOUD)]
    batch = await ask("POST", "/v1/sms/batch", {"messages": messages})
    assert (batch["accepted"], batch["refused"]) == (1, 1)
    # SMPP
    credential = await ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})
    async with Customer(node.product.smpp_port, "shop", credential["password"]) as customer:
        answer = await customer.offer(TO[1:], LOUD.encode())
        assert answer.command_status == c.ESME_RSUBMITFAIL
        await customer.submit(TO[1:], b"quiet")
    # an edit
    at = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    later = await node.api.accepted(TO, "quiet", scheduled_at=at)
    edited = await node.api.call("PATCH", f"/v1/messages/{later}", {"text": LOUD})
    assert edited.code == "refused_by_rule"

    # A release and a failover: a send is not judged any more.
    await restarted(node, quiet_at='["send"]')
    at = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    released = await node.api.accepted(TO, LOUD, scheduled_at=at)
    failed = await node.api.until(released, "failed")
    assert failed["error"]["code"] == "refused_by_rule"
    quiet, loud = await node.api.accepted(TO, "quiet"), await node.api.accepted(TO, LOUD)
    ended = await node.api.ended([quiet, loud])
    assert ended[quiet]["status"] == "delivered", "the second carrier has it"
    assert (ended[loud]["status"], ended[loud]["error"]["code"]) == ("failed", "carrier_refused")

    # What it cost, and what the sink got.
    assert await node.api.metrics("onesixty_extension_calls_total") >= 5
    assert 0 < await node.api.metrics("onesixty_extension_seconds_total") < 10

    def written() -> set[tuple[str, str]]:
        lines = events.read_text().splitlines() if events.exists() else []
        return {(event["data"]["id"], event["type"]) for event in map(json.loads, lines)}

    wanted = {(quiet, "message.delivered"), (loud, "message.failed"), (released, "message.failed")}
    await wait_until_async(lambda: wanted <= written(), 20, "the events in the file")
    await node.audit()
    await asyncio.to_thread(node.product.stop)
    assert '"event":"extension_used"' in node.product.log.replace(": ", ":")
