"""The audit log as a feature of a node: its endpoints, the task that chains entries, and what redaction takes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.audit_log.chainer import Chainer
from onesixty.audit_log.endpoints import audit_routes
from onesixty.audit_log.reading import Reading
from onesixty.audit_log.retention import Cleaner
from onesixty.audit_log.starts import note_start
from onesixty.audit_log.visits import Visits
from onesixty.core.contracts import Write
from onesixty.core.message import Message
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.store.notes import LONGEST
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError


class AuditLogFeature(Feature):
    """The reader and the chainer. Entries are made by `recording`, which the context has as `notes` and among its
    `row_effects`."""

    def __init__(self, node: Context, accounts: Accounts) -> None:
        self._node = node
        self._accounts = accounts
        #: Notes who acts in another account.
        self.visits = Visits(node.store, node.clock, node.notes)
        #: Removes entries past their time, for retention.
        self.remove = Cleaner(node.store, node.clock, node.keyring).remove_all
        #: Reads entries.
        self.reading = Reading(node.store)
        self.chainer = Chainer(node.store, node.clock, node.ids, node.keyring, node.observer)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [audit_routes(self._node.store, self._node.notes, self._accounts.book)]

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self.chainer.rounds]

    def scrub(self, message: Message) -> Sequence[Write]:
        """See Feature."""
        values = {message.recipient, message.sender, message.text[:LONGEST]} - {""}
        return [("audit_redact_value", (message.account_id, value)) for value in sorted(values)]

    async def start(self) -> None:
        """Note what was changed while no node ran."""
        node = self._node
        await note_start(node.store, node.settings, node.notes, self._accounts.operator().id)

    async def stop(self, seconds: float) -> None:
        """Chain what was written last."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(seconds / 8):
                await self.chainer.chain()
