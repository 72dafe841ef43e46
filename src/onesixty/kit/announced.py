"""Hands changes of resources' rows to what makes events of them. That is connected after the features with the rows.

It is a `store.rows.RowEffect`: the events are written in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.core.contracts import Write
from onesixty.store.rows import RowChange, RowEffect


class Announced:
    """The listener of one node. Before there is one, nothing is announced."""

    def __init__(self) -> None:
        self._listener: RowEffect | None = None

    def listen(self, listener: RowEffect) -> None:
        """Hand every change to `listener`, in place of an earlier one."""
        self._listener = listener

    def effect(self, change: RowChange) -> Sequence[Write]:
        """The writes of the listener."""
        return () if self._listener is None else self._listener(change)
