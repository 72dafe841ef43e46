"""Serves a demonstration, and lets traffic go on while it runs.

Rules kept here:
- traffic comes in through the API, with the customers' own keys;
- a part of the traffic that fails is told of and begins again: the server goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog

from onesixty.app.platform import Platform
from onesixty.app.server import Ready, run_server
from onesixty.core.clock import SystemClock, system_random
from onesixty.demo.api import Api
from onesixty.demo.building import HOST, settings_of
from onesixty.demo.cast import Cast
from onesixty.demo.features import GOING_ON
from onesixty.demo.hooks import Hooks, Receiver
from onesixty.demo.scene import Scene
from onesixty.extensions.loading import Extensions
from onesixty.ops.settings import Settings
from onesixty.smpp.network import LoopNetwork
from onesixty.webhooks.http_poster import HttpPoster
from onesixty.webhooks.poster import Answer

#: Seconds before a part of the traffic that failed begins again.
_AGAIN: Final = 10.0


def serve(folder: Path, given: Settings, cast: Cast, on_ready: Callable[[Ready], None]) -> int:
    """Serve the demonstration in `folder` until a signal ends it (`app.server.run_server`)."""

    def make(settings: Settings, extensions: Extensions) -> Platform:
        clock = SystemClock()
        beyond = HttpPoster(LoopNetwork(), clock, allow_private=settings.webhook_allow_private)
        hooks = Hooks(clock, beyond)
        for host, began in cast.failing.items():
            hooks.receivers[host] = Receiver(0.3, 200, began, Answer(503))
        return Platform(settings, extensions=extensions, poster=hooks)

    async def beside(platform: Platform) -> None:
        api = Api(platform.front(), HOST, key=cast.key)
        scene = Scene(api, cast, platform.clock, system_random())
        await asyncio.gather(*(_keep_going(part, scene) for part in GOING_ON))

    return run_server(settings_of(folder, given), on_ready, make=make, beside=beside)


async def _keep_going(part: Callable[[Scene], Any], scene: Scene) -> None:
    log = structlog.get_logger("onesixty.demo")
    while True:
        try:
            await part(scene)
        except Exception as error:
            log.warning("demo_traffic_failed", part=part.__module__, reason=str(error))
        await asyncio.sleep(_AGAIN)
