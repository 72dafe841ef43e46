"""The nodes of the message path, for extensions."""

from tests.support.path_fixtures import new_node, node

__all__ = ["new_node", "node"]
