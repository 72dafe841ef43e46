"""The weeks of a demonstration are the same for the same seed and moment."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from onesixty.demo.building import build
from onesixty.ops.settings import Settings

NOW = 1_800_000_000_000 + 12 * 3_600_000


def story(folder: Path, seed: int) -> list[tuple[object, ...]]:
    """What became of every message, and every alert."""
    build(folder, Settings(), seed=seed, now_ms=NOW, days=1)
    with sqlite3.connect(folder / "onesixty.db") as database:
        messages = database.execute(
            "SELECT id, status, recipient, created_at, sent_at, done_at, error_code FROM messages ORDER BY id"
        ).fetchall()
        alerts = database.execute("SELECT rule, subject, started_at, resolved_at FROM alerts ORDER BY id")
        return [*messages, *alerts.fetchall()]


@pytest.mark.slow
@pytest.mark.deadline(400, "plays a day of the product twice")
def test_a_seed_repeats_its_weeks(tmp_path: Path) -> None:
    first = story(tmp_path / "first", 160)
    assert len(first) > 500
    assert first == story(tmp_path / "again", 160)
