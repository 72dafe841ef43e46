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
from onesixty.smpp.link import Link


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
