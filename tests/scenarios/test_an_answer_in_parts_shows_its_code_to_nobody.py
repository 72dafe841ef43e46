"""People answer with the code in long messages, while the product is stopped and killed between the parts: nobody who
reads the database, its file, a capture or the log finds the code, whether it stands in one part or is cut by the end
of one, and also if the other part never comes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from onesixty import text
from tests.scenarios.conftest import Node, StartNode
from tests.scenarios.test_redaction_reaches_everything import _cells
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

OURS = "40404"
UCS2 = 8


class Answer(NamedTuple):
    """An answer in two parts, and how it is shown once they are joined. `{}` is the code, `{0}` and `{1}` its halves;
    the second part comes first."""

    first: str
    second: str
    shown: str
    data_coding: int = 0

    def part(self, number: int, code: str) -> bytes:
        words = (self.first, self.second)[number - 1].format(code[:5], code[5:], code=code)
        return words.encode("utf-16-be") if self.data_coding == UCS2 else words.encode("ascii")


ANSWERS = (
    Answer("This is my code {0}", "{1} and my name", "This is my code ********** and my name"),
    Answer("My code is {code}. ", "Thank you", "My code is **********. Thank you"),
    Answer("Мой код {0}", "{1} спасибо", "Мой код ********** спасибо", UCS2),
    Answer("Спасибо. ", "Код {code}!", "Спасибо. Код **********!", UCS2),
)
#: Never joined: what came is given out on its own.
HALF = Answer("Here it is {0}", "", "Here it is *****")


def written(code: str) -> Iterator[bytes]:
    """The forms in which what was said stands in rows, files and logs."""
    for said in (code, code[:5], code[5:]):
        yield said.encode()
        yield said.encode("utf-16-be")
        yield said.encode("utf-16-be").hex().encode()
    for answer in (*ANSWERS, HALF):
        for number in (1, 2):
            if octets := answer.part(number, code):
                yield base64.b64encode(octets).rstrip(b"=")


def files_of(folder: Path) -> dict[str, bytes]:
    """All files: the database with its journal, captures, logs."""
    found = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):  # a journal goes with its last reader
            found[path.name] = path.read_bytes()
    return found


async def assert_hidden(folder: Path, url: str, code: str) -> None:
    """No file has the code, and no row."""
    found = await asyncio.to_thread(files_of, folder)
    assert not url.startswith("sqlite") or "onesixty.db" in found
    found["rows"] = "\n".join(await _cells(url)).encode()
    told = [(name, form) for name, octets in found.items() for form in written(code) if form in octets]
    assert told == []


async def code_of(node: Node, far_end: FarEnd, number: str) -> str:
    """The code that a person with this number gets."""
    started = await node.api.ask("POST", "/v1/verifications", {"to": number})
    assert started["status"] == "pending", started
    await wait_until_async(lambda: far_end.text_for(number), 20, "the text")
    found = re.search(r"code ([0-9A-Z]{10})\.", far_end.text_for(number))
    assert found is not None
    return found[1]


@pytest.mark.deadline(120)
async def test_an_answer_in_parts_shows_its_code_to_nobody(
    engine_url: str, tmp_path: Path, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    node = await start_node([far_end.table("acme")], database_url=engine_url, processes=1)
    node.product.allow_log("capture_with_bodies")
    await node.bound("acme")
    await node.hook(receiver)
    profile = {
        "name": "login", "application": "Acme", "alphabet": "both", "code_length": 10, "sender": "Acme",
        "guards": {"countries": ["US"]},
    }  # fmt: skip
    await node.api.ask("POST", "/v1/verify-profiles", profile)
    people = [f"+1555{place}2{place}45{place}7" for place in range(len(ANSWERS) + 1)]
    codes = {number: await code_of(node, far_end, number) for number in people}
    await node.api.ask("POST", "/v1/captures", {"carrier": "acme", "bodies": True})

    def says(place: int, answer: Answer, part: int) -> None:
        number = people[place]
        udh, octets = text.concat_udh(place, 2, part), answer.part(part, codes[number])
        far_end.smsc.deliver(number[1:], OURS, octets, udh=udh, data_coding=answer.data_coding)

    async def waiting(count: int) -> None:
        async def there() -> bool:
            parts = [cell for cell in await _cells(engine_url) if cell.startswith("inbound_parts: 'prt_")]
            return len(parts) == count

        await wait_until_async(there, 20, f"{count} parts that wait")

    for place, answer in enumerate(ANSWERS):
        says(place, answer, 2)
    await waiting(len(ANSWERS))
    for number in people:
        await assert_hidden(tmp_path, engine_url, codes[number])
    await asyncio.to_thread(node.product.kill)
    for number in people:
        await assert_hidden(tmp_path, engine_url, codes[number])
    await node.start()
    await node.bound("acme")
    for place, answer in enumerate(ANSWERS):
        says(place, answer, 1)
    await waiting(0)
    await node.stop()
    node.product.settings["inbound_parts_seconds"] = 1
    await node.start()
    await node.bound("acme")
    says(len(ANSWERS), HALF, 1)
    shown = {number: answer.shown for number, answer in zip(people, (*ANSWERS, HALF), strict=True)}

    async def received() -> bool:
        found = (await node.api.ask("GET", "/v1/messages?direction=inbound"))["data"]
        return {message["from"]: message["text"] for message in found} == shown

    await wait_until_async(received, 30, "the answers, masked")
    bodies = b"".join(post.body for post in await receiver.wait_for(len(people), path="/hook"))
    exported = await asyncio.to_thread(
        node.product.command,
        "message",
        "export",
        "--direction",
        "inbound",
        "--url",
        node.product.url,
        "--key",
        node.api.key,
    )
    assert exported.stdout.count(OURS) == len(people), exported.stderr
    await node.stop()
    await node.audit()
    for number in people:
        await assert_hidden(tmp_path, engine_url, codes[number])
        for form in written(codes[number]):
            assert form not in bodies
            assert form.decode() not in exported.stdout
