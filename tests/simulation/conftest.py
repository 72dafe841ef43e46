"""What the modules that run seeds share: the schema, and their seeds in groups.

A module says by `SEEDS` which option of the command line tells how many seeds it runs.
"""

from __future__ import annotations

import pytest

from onesixty.store.sqlite import MemoryDatabase
from tests.simulation.seeds import groups, template


@pytest.fixture(scope="module")
def empty() -> MemoryDatabase:
    """The schema, copied by each seed."""
    return template()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The seeds in groups, so that all workers share them."""
    if "group" in metafunc.fixturenames:
        first, count = (metafunc.config.getoption(name) for name in ("--first-seed", metafunc.module.SEEDS))
        metafunc.parametrize("group", groups(first, count), ids=lambda group: f"{group[0]}-{group[-1]}")
