"""Keeps the instance secret of a running node up to date: the file may get a second secret, and a rotation puts
another one in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.sealing import keys
from onesixty.sealing.source import SecretError, Source
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError, Unit

#: Seconds between two looks on SQLite, where no renewal of a lease refreshes a node.
INTERVAL: Final = 5.0


class SealingFeature(Feature):
    """Reads secrets and rows again with every renewal of the lease, and tells a rotation what this node knows."""

    def __init__(self, node: Context) -> None:
        self._node = node
        self._source = Source.of(node.settings)
        self._told: tuple[int, str, str] | None = None
        self._log = structlog.get_logger("onesixty.secret")

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        store = self._node.store
        return [Rounds(store, "secret", INTERVAL, self.load)] if store.dialect == "sqlite" else []

    async def load(self) -> None:
        """See Feature."""
        node = self._node
        rows = await keys.all_keys(node.store)
        in_use = {row.id for row in rows if row.state != keys.RETIRED} | {node.keyring.current}
        try:
            node.keyring.know(self._source.read(), keep=in_use)
        except SecretError as error:  # what is known stays
            self._log.warning("secret_not_read", reason=str(error))
        keys.take_in(node.keyring, rows)
        told = (node.lease.id, " ".join(node.keyring.ids), node.keyring.current)
        if told == self._told:
            return
        writes = (("secret_node_told", told), ("secret_nodes_forget", (node.lease.id,)))
        (result,) = await node.store.commit([Unit((f"secret {node.lease.id}",), writes=writes)])
        if isinstance(result, StoreError):
            raise result
        self._told = told
