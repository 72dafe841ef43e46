"""Makes the folder of a demonstration: a node in memory on virtual time plays the weeks, its database becomes a file.

Rules kept here:
- a folder that holds anything else is refused; one that holds a demonstration is emptied of it first;
- nothing of the user's settings counts but the addresses to listen on: a demonstration never opens their database,
  their carriers or their mail server;
- the weeks end now: what is of today is of today.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Final

from onesixty.app.platform import Platform
from onesixty.demo import cast as cast_
from onesixty.demo import clock as clock_
from onesixty.demo.api import Api
from onesixty.demo.cast import Cast
from onesixty.demo.clock import SteppedTime
from onesixty.demo.features import FEATURES, people
from onesixty.demo.hooks import Hooks
from onesixty.demo.week import BEFORE, DAYS, Week
from onesixty.ops.settings import Settings
from onesixty.simulator.virtual import NoNet
from onesixty.store.opening import owned
from onesixty.store.sqlite import MemoryDatabase

EMAIL: Final = "marta.lindqvist@harborlight.example"
SEED: Final = 160
#: The host that calls in this process name.
HOST: Final = "127.0.0.1:8160"
_DAY_MS: Final = 86_400_000


class NotOurs(Exception):
    """The folder is not a demonstration's, or one is running in it. The text says which."""


def settings_of(folder: Path, given: Settings) -> Settings:
    """The settings of a demonstration: those of the user on where to listen, and nothing else of them."""
    kept = (
        "http_listen", "metrics_listen", "smpp_listen", "public_url", "insecure_cookies", "http_proxies", "console",
        "log_level", "log_format", "webhook_allow_private",
    )  # fmt: skip
    return Settings(data_dir=folder, processes="1", **{name: getattr(given, name) for name in kept})


def build(
    folder: Path, given: Settings, *, seed: int = SEED, now_ms: int | None = None, days: int = DAYS
) -> Cast:
    """Make a demonstration in `folder`, with weeks that end now. Raises NotOurs, OSError."""
    _make_room(folder)
    cast = Cast(seed, email=EMAIL, password=f"harbor-{secrets.token_urlsafe(9)}")
    cast.save(folder)
    now = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    memory = MemoryDatabase()
    try:
        _play(folder, given, cast, memory, now, days)
        _write(memory, folder / "onesixty.db")
    finally:
        memory.close()
    cast.save(folder)
    return cast


def _play(folder: Path, given: Settings, cast: Cast, memory: MemoryDatabase, now: int, days: int) -> None:
    start = (now // _DAY_MS - days) * _DAY_MS
    clock = SteppedTime(start - BEFORE * _DAY_MS)
    hooks = Hooks(clock)
    platform = Platform(
        settings_of(folder, given),
        clock=clock,
        random=Random(f"product {cast.seed}"),
        net=NoNet(),
        poster=hooks,
        memory=memory,
    )

    async def play() -> None:
        await platform.start(doors=False)
        keys = {made.key.test: made.secret for made in platform.new_keys}
        cast.key, cast.test_key = keys[False], keys[True]
        api = Api(platform.front(), HOST, key=cast.key)
        week = Week(clock, api, hooks, cast, start_ms=start, end_ms=now, days=days)
        token = await platform.features.people.people.setup.first()
        assert token is not None
        await people.set_up(week, token, cast.email, cast.password)
        for plan in FEATURES:
            plan(week)
        await week.play()
        await platform.stop()

    clock_.run(clock, play())


def _make_room(folder: Path) -> None:
    """Make the folder, or empty it of a demonstration. Raises NotOurs, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        return
    if not (folder / cast_.FILE).is_file():
        raise NotOurs(f"{folder} holds something else than a demonstration; name another folder")
    if owned(folder / "onesixty.db"):
        raise NotOurs(f"a demonstration is running in {folder}")
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _write(memory: MemoryDatabase, path: Path) -> None:
    """Write the database to a file that only its owner may read."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="building-") as beside:
        made = Path(beside) / path.name
        os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        memory.connection.execute("VACUUM INTO ?", (str(made),))
        made.rename(path)
