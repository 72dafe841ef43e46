"""Carriers whose address is one of our own doors: a route that leads back to its own gateway."""

from typing import Any

import pytest

from onesixty.core.errors import Problem
from onesixty.network.loop_check import LoopCheck, addresses_of
from onesixty.ops.settings import Address

DOORS = [Address("127.0.0.1", 8160), Address("0.0.0.0", 2775)]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"host": "localhost", "port": 2775}, True),
        ({"host": "127.0.0.1"}, True),
        ({"host": "127.0.0.5", "port": 2775}, True),
        ({"host": "127.0.0.1", "port": 2776}, False),
        ({"host": "192.0.2.1", "port": 2775}, False),
        ({"host": "no.such.host.invalid", "port": 2775}, False),
        ({"profile": "onesixty", "base_url": "http://127.0.0.1:8160"}, True),
        ({"send": {"url": "http://localhost:8160/v1/sms/send"}}, True),
        ({"send": {"url": "http://127.0.0.5:8160/"}}, False),
        ({"send": {"urls": ["https://127.0.0.1/", "http://[::1:8160"]}}, False),
        ({}, False),
    ],
)
async def test_which_addresses_are_our_own(settings: dict[str, Any], found: bool) -> None:
    check = LoopCheck(lambda: DOORS)
    assert (await check.leads_to(settings) is not None) is found
    if found:
        with pytest.raises(Problem, match="leads back to this node"):
            await check.refuse(settings)
    else:
        await check.refuse(settings)


def test_all_addresses_of_settings_are_looked_at() -> None:
    settings = {"host": "a", "port": 1, "send": {"url": "https://b/x"}, "list": ["http://c:3", "ftp://d"]}
    assert list(addresses_of(settings)) == [Address("a", 1), Address("b", 443), Address("c", 3)]
