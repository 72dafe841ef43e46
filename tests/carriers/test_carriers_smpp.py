"""The SMPP connector against the simulated SMSC: the contract, and what is its own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.carriers.conformance import Conformance, MakeRig
from tests.carriers.smpp_rig import SmppRig, make_rig


@pytest.fixture
async def rig() -> AsyncIterator[MakeRig]:
    made: list[SmppRig] = []

    async def make(**settings: Any) -> SmppRig:
        made.append(await make_rig(**settings))
        return made[-1]

    yield make
    for one in made:
        await one.end()


class TestConformance(Conformance):
    """The shared suite."""
