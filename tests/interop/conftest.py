"""Fixtures of the foreign programs."""

from collections.abc import Iterator

import pytest

from tests.interop.shop import Shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running product that all foreign customers of this run bind to. Its log must be clean at the end."""
    running = Shop(tmp_path_factory.mktemp("shop"))
    running.start()
    try:
        yield running
    finally:
        running.product.end()
