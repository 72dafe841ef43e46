"""What time does to profiles: verifications end, documents of closed accounts are removed, and files without a row.

Rules kept here:
- an account is closed when it, or an account above it, is. The first round that sees it notes the time; if the
  account is opened again before its time is over, the note goes;
- after the time, its documents go, and what its profile says. The state stays;
- every step may be repeated, and by every node: whoever comes second finds nothing left to do.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from onesixty.accounts import Accounts
from onesixty.core import ids
from onesixty.profiles import states
from onesixty.profiles.service import Profiles
from onesixty.profiles.standing import Standing
from onesixty.profiles.tables import FIELDS, Profile
from onesixty.store.contract import Store
from onesixty.store.rounds import Rounds
from onesixty.store.rows import Lost
from onesixty.store.unanswered import one_in_time
from onesixty.store.units import StoreError, Unit

INTERVAL: Final = 60.0  # seconds
DAY_MS: Final = 86_400_000
#: An upload takes no longer than this from its id to its row.
LEFT_OVER_MS: Final = 3_600_000
#: Files whose rows are looked up at once.
_AT_ONCE: Final = 500


class Keeper:
    """The rounds of one node."""

    def __init__(
        self, store: Store, profiles: Profiles, standing: Standing, accounts: Accounts, days: int
    ) -> None:
        """`days` is how long the documents of a closed account are kept; 0 is for ever."""
        self._store = store
        self._profiles = profiles
        self._standing = standing
        self._tree = accounts.tree
        self._kept_ms = days * DAY_MS
        self._files_at = 0
        self.rounds = Rounds(store, "profiles", INTERVAL, self.once)

    async def once(self) -> None:
        """One round. Raises StoreError."""
        now = self._profiles.rows.now()
        for profile in list(self._standing.profiles.values()):
            try:
                await self._look_at(profile, now)
            except Lost:  # somebody changed it; the next round looks again
                continue
        if now - self._files_at >= LEFT_OVER_MS or now < self._files_at:
            self._files_at = now
            await self._remove_left_over(now)

    async def _look_at(self, profile: Profile, now: int) -> None:
        if profile.state == states.VERIFIED and profile.expires_at is not None and profile.expires_at <= now:
            profile = await self._profiles.move(profile, "expire", None)
        closed = profile.account_id in self._tree.closed
        if closed != (profile.closed_at is not None):
            profile = await self._profiles.save(
                profile, replace(profile, closed_at=now if closed else None), None
            )
        if profile.closed_at is not None and self._kept_ms and now - profile.closed_at >= self._kept_ms:
            await self._forget(profile)

    async def _forget(self, profile: Profile) -> None:
        found = await self._store.fetch("documents_of", account_id=profile.account_id)
        if found:
            account_id = profile.account_id
            unit = Unit(
                keys=(account_id,),
                writes=(("profiles_documents_gone", (account_id,)), ("documents_gone", (account_id,))),
            )
            result = await one_in_time(self._store.commit([unit]))
            if isinstance(result, StoreError):
                raise result
            for (document_id,) in found:
                await self._profiles.files.remove(account_id, str(document_id))
        if any(getattr(profile, name) is not None for name in FIELDS) or profile.reasons:
            empty = dict.fromkeys(FIELDS)
            await self._profiles.save(profile, replace(profile, reasons=(), **empty), None)

    async def _remove_left_over(self, now: int) -> None:
        """Remove old files of which there is no row."""
        files = self._profiles.files
        old = [(account, id_) async for account, id_ in files.all() if now - ids.made_at(id_) >= LEFT_OVER_MS]
        for start in range(0, len(old), _AT_ONCE):
            some = old[start : start + _AT_ONCE]
            rows = await self._store.fetch("documents_known", ids=[id_ for _, id_ in some])
            known = {str(row[0]) for row in rows}
            for account, id_ in some:
                if id_ not in known:
                    await files.remove(account, id_)
