"""The webhook receivers of the world, as webhooks see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from onesixty.webhooks.poster import Answer, Outgoing
from tests.simulation.world import World


class WorldSink:
    """Answers late, fails at random while the world says so; what was taken may look as if it was not."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._life = world.life

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        world, random = self._world, self._world.random
        world.posts += 1
        failing = random.random() < (
            0.9 if world.sick_until.get(outgoing.url, 0.0) > world.time.now else world.failing
        )
        answer = Answer(204)
        if failing:
            answer = random.choice((Answer(500), Answer(503, retry_after=3.0), Answer(None, "timed out")))
        if not failing or (answer.status is None and random.random() < 0.5):
            world.took_event(outgoing.url, outgoing.body)
        asyncio.get_running_loop().call_later(random.uniform(0.001, 0.2), done, answer)

    def forget(self, lane: str) -> None:
        """There are no connections."""

    async def close(self) -> None:
        """There are no connections."""
