"""An operator captures a carrier's traffic, a customer's and a message's; tshark reads the files."""

import asyncio
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.scenarios.conftest import Node, StartNode
from tests.support.far_end import FarEnd
from tests.support.peers import require_program

TEXT = "Your code is 482931"


def dissected(file: Path, *fields: str) -> list[list[str]]:
    """The fields of every SMPP PDU in a file; nothing in it may be malformed."""
    tshark = require_program("tshark", "tshark")
    wanted = [part for field in fields for part in ("-e", field)]
    ran = subprocess.run(
        [tshark, "-r", str(file), "-Y", "smpp", "-T", "fields", "-E", "occurrence=a", *wanted,
         "-e", "_ws.malformed"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert all(row[-1] == "" for row in rows), "malformed"
    return [row[:-1] for row in rows]


async def fetched(node: Node, capture_id: str, file: Path) -> Path:
    """The file of a capture."""
    import aiohttp

    headers = {"Authorization": f"Bearer {node.api.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{node.api.url}/v1/captures/{capture_id}/file") as answer,
    ):
        assert answer.content_type == "application/vnd.tcpdump.pcap"
        await asyncio.to_thread(file.write_bytes, await answer.read())
    return file


@pytest.mark.deadline(120)
async def test_a_capture_opens_in_wireshark(start_node: StartNode, tmp_path: Path) -> None:
    """The network desk: captures per carrier, bind and message, with bodies masked unless asked."""
    async with FarEnd() as far_end:
        node = await start_node([far_end.table("acme")])
        node.product.allow_log("capture_with_bodies")
        await node.bound("acme")
        ask = node.api.ask
        masked = await ask("POST", "/v1/captures", {"carrier": "acme", "bind": "1"})
        open_ = await ask("POST", "/v1/captures", {"carrier": "acme", "bodies": True})
        in_a_month = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        later = (await node.api.send("+15551230001", scheduled_at=in_a_month)).id
        of_message = await ask("POST", "/v1/captures", {"message_id": later})
        sent = [(await node.api.send(f"+1555123000{n}", text=TEXT)).id for n in (1, 2)]
        await node.api.ended(sent)

        shown = dissected(await fetched(node, masked["id"], tmp_path / "masked.pcap"), "smpp.command_id")
        commands = [command for (cell,) in shown for command in cell.split(",")]
        assert commands.count("0x00000004") == 2
        assert commands.count("0x80000004") == 2
        assert commands.count("0x00000005") == 2
        assert TEXT.encode() not in (tmp_path / "masked.pcap").read_bytes()
        assert TEXT.encode() in (await fetched(node, open_["id"], tmp_path / "open.pcap")).read_bytes()
        file = await fetched(node, of_message["id"], tmp_path / "message.pcap")
        commands = [c for (cell,) in dissected(file, "smpp.command_id") for c in cell.split(",")]
        assert sorted(commands) == ["0x00000004", "0x00000005", "0x80000004", "0x80000005"]
        assert b"15551230001" in file.read_bytes()
        assert b"15551230002" not in file.read_bytes()

        stopped = await ask("POST", f"/v1/captures/{open_['id']}/stop")
        assert (stopped["status"], stopped["reason"]) == ("stopped", "stopped by request")
        await ask("POST", f"/v1/messages/{sent[1]}/redact")
        left = {capture["id"] for capture in (await ask("GET", "/v1/captures"))["data"]}
        assert left == {of_message["id"]}, "redaction reaches every file in which the number stands"
        done = await asyncio.to_thread(
            node.product.command, "capture", "--carrier", "acme", "--seconds", "1",
            "--output", str(tmp_path / "cli.pcap"), "--url", node.product.url, "--key", node.api.key,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "cli.pcap").exists()
        wrong = await node.api.call("POST", "/v1/captures", {"carrier": "acme", "bind": "9"})
        assert (wrong.status, wrong.json["param"]) == (422, "bind")
        both = await node.api.call("POST", "/v1/captures", {"carrier": "acme", "message_id": later})
        assert (both.status, both.json["param"]) == (422, "message_id")
        kept = node.product.directory / "data" / "captures"
        assert list(kept.glob("*.pcap"))
        await node.stop()
        assert not list(kept.glob("*.pcap")), "a stop leaves nothing that nobody would redact"
