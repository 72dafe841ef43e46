"""Business profiles as a feature of a node: endpoints, the step for messages, and what time does to profiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.messages.drafts import Step
from onesixty.ops.metrics import Metrics
from onesixty.profiles.document_endpoints import document_routes
from onesixty.profiles.keeper import Keeper
from onesixty.profiles.profile_endpoints import ProfilesResource, profile_routes
from onesixty.profiles.service import Profiles, RoomFor
from onesixty.profiles.standing import ALL, Standing
from onesixty.profiles.step import Verification
from onesixty.profiles.stores import stores_of
from onesixty.profiles.tables import DOCUMENTS, PROFILES
from onesixty.store.rounds import Rounds
from onesixty.store.rows import Rows


class ProfilesFeature(Feature):
    """Profiles, documents, and who counts as verified."""

    def __init__(self, node: Context, accounts: Accounts, room_for: RoomFor) -> None:
        self._node = node
        self._accounts = accounts
        settings = node.settings
        rows = Rows(PROFILES, node.store, node.clock, node.ids, one="profile", effects=node.row_effects)
        documents = Rows(
            DOCUMENTS, node.store, node.clock, node.ids, one="document", effects=node.row_effects
        )
        self.standing = Standing(rows, accounts, settings.unverified_may_send)
        self._files = stores_of(settings, node.clock)
        self._profiles = Profiles(node.store, rows, documents, self._files, room_for)
        self.keeper = Keeper(
            node.store, self._profiles, self.standing, accounts, settings.retention_documents_days
        )

    @property
    def rules(self) -> Sequence[Step]:
        """The step for every message, if unverified accounts are restricted."""
        return () if self.standing.unverified == ALL else (Verification(self.standing),)

    async def country_of(self, account_id: str) -> str | None:
        """The country of the business behind an account; that of the account itself if its profile says none."""
        return (await self._profiles.of(account_id)).country or self._accounts.book[account_id].country

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node, book = self._node, self._accounts.book
        resource = ProfilesResource(self._profiles, book, self.standing)
        return [
            profile_routes(resource, self._profiles, node.idempotency),
            document_routes(self._profiles, book, node.notes, node.idempotency),
        ]

    async def load(self) -> None:
        """See Feature."""
        await self.standing.load()

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.profiles.read_from(
            lambda: {
                (state,): n
                for state, n in Counter(one.state for one in self.standing.profiles.values()).items()
            }
        )

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self.keeper.rounds]

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self._files.close()
