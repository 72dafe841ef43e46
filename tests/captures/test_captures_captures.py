"""Captures and redaction: no file keeps a number or a text that was taken away everywhere else."""

from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from onesixty.captures.captures import Captures, Via
from onesixty.core.clock import SystemClock
from onesixty.core.ids import IdSource
from onesixty.customers.binds import Binds
from onesixty.smpp import constants as c
from onesixty.smpp.codec import encode
from onesixty.smpp.link import Link
from onesixty.smpp.pdu import Pdu


@pytest.fixture
def captures(tmp_path: Path) -> Captures:
    ids = IdSource(SystemClock(), Random(1))
    return Captures(tmp_path / "captures", SystemClock(), ids, Binds(), lambda number: False)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (b"4915112345678", False),
        (b"015112345678", False),  # as a customer with a default_country writes it
        (b"01a2066fe52971f6b0950b44b7ec2f2c", False),  # a replace_sm names the message alone
        (b"4915112345679", True),
    ],
)
async def test_redaction_deletes_what_holds_the_number_in_any_form(
    captures: Captures, written: bytes, left: bool
) -> None:
    """Redaction reaches captures."""
    made = captures.begin(
        {"credential": "smpp_1"},
        carrier_id=None,
        number=None,
        seconds=60,
        most=10_000,
        bodies=True,
        who="key_1",
    )
    made._wanted = None
    link: Any = SimpleNamespace(local=("127.0.0.1", 1), peer=("127.0.0.1", 2))
    frame = bytes(16) + written + b"\x00and the text"
    assert made.see(cast(Link, link), "in", frame, 1.0, lambda _: Via())
    await captures.redact("+4915112345678", ["01a2066fe52971f6b0950b44b7ec2f2c"])
    assert [one.id for one in captures.list()] == ([made.id] if left else [])
    assert made.path.exists() is left
    captures.close()


def frame(command_id: int, **fields: Any) -> bytes:
    return encode(Pdu(command_id, 0, 1, fields))


async def test_a_code_on_its_way_is_masked_even_with_bodies(tmp_path: Path) -> None:
    """Frames to and from the number of a verification, and what any receipt repeats; everything else is shown."""
    ids = IdSource(SystemClock(), Random(1))
    captures = Captures(tmp_path, SystemClock(), ids, Binds(), lambda number: number.endswith("15551234567"))
    capture = captures.begin(
        {"credential": "smpp_1"},
        carrier_id=None,
        number=None,
        seconds=60,
        most=100_000,
        bodies=True,
        who="test",
    )
    capture._wanted = None
    link = cast(Link, SimpleNamespace(local=("127.0.0.1", 1), peer=("127.0.0.1", 2)))
    code = b"code 482931"
    receipt = b"id:1 stat:DELIVRD err:000 text:code 482931"
    for sent in (
        frame(c.SUBMIT_SM, source_addr="Acme", destination_addr="15551234567", short_message=code),
        frame(c.DELIVER_SM, source_addr="15551234567", destination_addr="4040", short_message=b"482931"),
        frame(c.DELIVER_SM, esm_class=4, source_addr="15559999999", short_message=receipt),
    ):
        assert capture.see(link, "out", sent, 0.0, lambda _: Via())
    capture.flush()
    written = capture.path.read_bytes()
    assert b"482931" not in written
    assert b"id:1 stat:DELIVRD err:000 text:XXXX" in written
    other = frame(
        c.SUBMIT_SM, source_addr="Acme", destination_addr="15550000000", short_message=b"hello 482931"
    )
    assert capture.see(link, "out", other, 0.0, lambda _: Via())
    capture.flush()
    assert b"hello 482931" in capture.path.read_bytes()
    captures.close()
