"""A start that fails can be stopped: what was begun ends, and nothing hides why it failed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from onesixty.app.platform import Platform
from onesixty.ops.settings import Settings
from tests.support.databases import memory_database
from tests.support.waiting import free_port

#: What a start calls, in the order in which it does.
STEPS = (
    "app.platform.open_store",
    "accounts.feature.bootstrap",
    "store.lease_keeper.LeaseKeeper.start",
    "app.platform.Features",
    "app.path.recover",
    "network.feature.adopt",
    "alerts.feature.AlertsFeature.start",
    "app.platform.open_doors",
    "app.platform.SmppListeners.open",
    "app.platform.open_monitoring",
)


class Broken(Exception):
    """The cause."""


@pytest.mark.parametrize("step", STEPS)
async def test_a_start_that_failed_can_be_stopped(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> Any:
        raise Broken(step)

    before = asyncio.all_tasks()
    settings = Settings(
        data_dir=tmp_path,
        processes="1",
        http_listen=f"127.0.0.1:{free_port()}",
        smpp_listen=f"127.0.0.1:{free_port()}",
        shutdown_seconds=2,
    )
    platform = Platform(settings, memory=memory_database())
    with monkeypatch.context() as breaking:
        breaking.setattr(f"onesixty.{step}", breaks)
        with pytest.raises(Broken, match=step):
            await platform.start()
    await platform.stop()
    assert not platform.ready()
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    assert left == set()


async def test_what_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    await Platform(Settings(data_dir=tmp_path, processes="1")).stop()
