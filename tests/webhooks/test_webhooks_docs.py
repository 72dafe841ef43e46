"""What docs/reference/webhooks.md says, held against the code."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from onesixty.core import events
from onesixty.webhooks import secrets, signing
from onesixty.webhooks.connection import MAX_ANSWER
from onesixty.webhooks.deliveries import MAX_REPLAY
from onesixty.webhooks.http_poster import Deadlines
from onesixty.webhooks.policy import POLICY
from onesixty.webhooks.service import MAX_ENDPOINTS

PAGE = (Path(__file__).parents[2] / "docs/reference/webhooks.md").read_text()


def test_the_verification_by_hand_works_as_printed() -> None:
    (code,) = re.findall(r"```python\n(import base64.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    secret = secrets.from_key(bytes(32))
    body = b'{"id": "evt_1"}'
    keys = (bytes(range(32)), bytes(32))
    sent = dict(
        line.split(": ", 1) for line in signing.headers("evt_1", int(time.time()), body, keys).splitlines()
    )
    assert names["verified"](secret, sent, body) == {"id": "evt_1"}
    with pytest.raises(ValueError, match="wrong signature"):
        names["verified"](secret, sent, body + b" ")
    with pytest.raises(ValueError, match="too old"):
        names["verified"](secret, sent | {"webhook-timestamp": "1700000000"}, body)


def test_every_event_stands_there_with_its_sentence() -> None:
    for type_, sentence in events.TYPES.items():
        assert f"| `{type_}` | {sentence} |" in PAGE
    for type_, said in events.FEED_TYPES.items():
        scopes = " or ".join(f"`{scope}`" for scope in said.scopes)
        assert f"| `{type_}` | {said.about} | {scopes} |" in PAGE


def test_the_figures_are_those_of_the_code() -> None:
    assert "| pause | 5 s | 30 s | 2 min | 10 min | 30 min | 1 h | 2 h | 4 h |" in PAGE
    assert POLICY.pauses == (5, 30, 120, 600, 1800, 3600, 7200, 14400)
    assert (POLICY.life_ms, POLICY.longest_after) == (72 * 3_600_000, 6 * 3600)
    pace = POLICY.pace
    assert (pace.trip, pace.first_pause, pace.longest_pause, pace.concurrency) == (8, 5, 300, 8)
    assert (pace.pause_after, pace.paused_trial, pace.ramp_start, pace.ramp_step) == (86400, 3600, 1, 5)
    assert (Deadlines().answer, MAX_ANSWER, MAX_REPLAY, MAX_ENDPOINTS) == (15, 65536, 1000, 50)
    assert secrets.OVERLAP_MS == 24 * 3_600_000
