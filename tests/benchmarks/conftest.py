"""The message path on a real store, for the tests of this folder."""

from tests.support.path_fixtures import new_node

__all__ = ["new_node"]
