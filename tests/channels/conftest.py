"""Nodes of the message path."""

from tests.support.path_fixtures import new_node, node

__all__ = ["new_node", "node"]
