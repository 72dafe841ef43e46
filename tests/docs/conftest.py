"""The product that the documentation's commands and examples run against, one for each worker."""

from collections.abc import Iterator

import pytest

from tests.support.process import Product


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running product with its simulated carriers. Its log must be clean at the end."""
    running = Product(tmp_path_factory.mktemp("docs"))
    running.start()
    try:
        yield running
    finally:
        running.end()
