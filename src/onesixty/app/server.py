"""`onesixty serve`: one node until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
import uvloop

from onesixty.accounts.keys import NewKey
from onesixty.app.platform import Platform
from onesixty.console.door import PATH as CONSOLE_PATH
from onesixty.extensions.loading import Extensions, load
from onesixty.ops import garbage
from onesixty.ops.notify import keep_alive, notify
from onesixty.ops.settings import CONSOLE_OFF, Settings


class SetupLink(msgspec.Struct):
    """The way to the first user. `url` is where browsers find this node."""

    url: str
    token: str


class Ready(msgspec.Struct):
    """What to report once the node serves. `new_keys` are the keys of a first start, shown once."""

    url: str
    new_keys: list[NewKey]
    #: Whether the operator set a key in the settings.
    admin_key: bool = False
    #: The address of the console; None if it is turned off.
    console: str | None = None
    #: The set-up link by which the owner makes the first user, if there is a new one.
    setup: SetupLink | None = None


#: Seconds in which a second signal counts as the first one, because `make` forwards what its whole group received.
ONE_WISH: Final = 1.0


def run_server(
    settings: Settings,
    on_ready: Callable[[Ready], None] | None = None,
    on_failed_start: Callable[[list[NewKey]], None] | None = None,
    *,
    make: Callable[..., Platform] = Platform,
    beside: Callable[[Platform], Coroutine[Any, Any, None]] | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT. The exit code is 0 after an orderly stop, and 1 if the node could not go on and
    has to be restarted. A second signal ends it at once, unless it is an echo of the first.

    `on_failed_start` gets the keys that a start created before it failed, because they would
    never be shown otherwise. `make` makes the node; `beside` runs while it serves. Raises SettingsError, also for an
    extension that cannot be used.
    """
    return uvloop.run(_serve(settings, load(settings), on_ready, on_failed_start, make, beside))


async def _serve(
    settings: Settings,
    extensions: Extensions,
    on_ready: Callable[[Ready], None] | None,
    on_failed_start: Callable[[list[NewKey]], None] | None,
    make: Callable[..., Platform],
    beside: Callable[[Platform], Coroutine[Any, Any, None]] | None,
) -> int:
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    asked_at = 0.0

    def end() -> None:
        nonlocal asked_at
        if not ending.is_set():
            asked_at = loop.time()
            ending.set()
        elif loop.time() - asked_at > ONE_WISH:
            raise SystemExit(1)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    platform = make(settings, extensions=extensions)
    try:
        await platform.start()
    except BaseException:
        if on_failed_start is not None:
            on_failed_start(platform.new_keys)
        with contextlib.suppress(Exception):  # report the cause of the failed start instead
            await platform.stop()
        raise
    garbage.settle()
    if on_ready is not None:
        token, seen_at = platform.setup_token, settings.public_url or platform.url
        console = None if settings.console == CONSOLE_OFF else f"{seen_at}{CONSOLE_PATH}"
        setup = None if token is None else SetupLink(seen_at, token)
        on_ready(Ready(platform.url, platform.new_keys, settings.admin_key is not None, console, setup))
    notify("READY=1")
    watchdog = asyncio.ensure_future(keep_alive())
    company = None if beside is None else asyncio.ensure_future(beside(platform))
    waits = [asyncio.ensure_future(event.wait()) for event in (ending, platform.failed)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    notify("STOPPING=1")
    if company is not None:
        company.cancel()
        await asyncio.gather(company, return_exceptions=True)
    await platform.stop()
    watchdog.cancel()
    return 1 if platform.failed.is_set() else 0
