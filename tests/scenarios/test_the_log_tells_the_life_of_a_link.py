"""An operator reads the log: which links stand, which was lost and why, when it came back, and each message's end."""

import json
from typing import Any

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async


async def test_the_log_tells_the_life_of_a_link(start_node: StartNode) -> None:
    """Bound, lost, refused, failed over, bound again; and with `access_log` one line a message, without its text."""
    first = FarEnd()
    await first.__aenter__()
    port = first.port
    node = await start_node(
        [first.table("acme", reconnect_min_s=0.2, reconnect_max_s=0.5)], access_log="true"
    )
    api = node.api

    def said(event: str) -> list[dict[str, Any]]:
        lines = (json.loads(line) for line in node.product.stderr.read_text().splitlines() if line[:1] == "{")
        return [line for line in lines if line["event"] == event]

    await node.bound("acme")
    await wait_until_async(lambda: said("carrier_bound"), what="the line of the bind")
    assert said("carrier_bound")[0]["address"] == f"127.0.0.1:{port}"
    await first.__aexit__(None, None, None)
    await wait_until_async(lambda: said("failover_begun"), 30, "the failover")
    (lost,) = said("carrier_bind_lost")
    assert (lost["carrier"], lost["bind"], lost["level"]) == ("acme", "1", "info")
    assert lost["reason"]
    assert "connect failed" in said("carrier_bind_failed")[-1]["reason"]
    async with FarEnd(port=port):
        await wait_until_async(lambda: said("failover_ended"), 30, "its end")
        (again,) = said("carrier_bound_again")
        assert again["tries"] > 1
        id_ = await api.accepted("+15551230042", "A secret of two")
        await api.ended([id_])
        (line,) = await wait_until_async(lambda: said("message"), what="the line of the message")
        shown = {name: line[name] for name in ("message", "status", "carrier", "direction", "segments")}
        assert shown == {
            "message": id_, "status": "delivered", "carrier": "acme", "direction": "out", "segments": 1,
        }  # fmt: skip
        assert line["recipient"].endswith("0042")
        log = node.product.stderr.read_text()
        assert "A secret" not in log
        assert "+15551230042" not in log
        await node.stop()
