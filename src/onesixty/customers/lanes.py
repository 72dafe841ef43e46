"""The lanes of deliveries to customers' binds, and which binds may take from each.

A lane is named after a credential, or after a tenant (`AccountLane`). From a tenant's lane, any of its credentials
that gets incoming messages may take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onesixty.core.tenant import Tenant
from onesixty.customers.binds import Bind, Binds
from onesixty.customers.effect import AccountLane
from onesixty.customers.tables import SmppCredential


class Customers:
    """The binds of this node by lane. `book` has the SMPP credentials by id."""

    def __init__(self, binds: Binds, book: Mapping[str, SmppCredential]) -> None:
        self._binds = binds
        self._book = book

    def wants_inbound(self, tenant: Tenant) -> bool:
        """Whether a tenant has a credential whose binds get incoming messages."""
        return bool(self._of_tenant(tenant))

    def lanes_of(self, credential_id: str) -> list[str]:
        """The lanes that a bind of this credential may take from."""
        known = self._book.get(credential_id)
        if known is None:
            return [credential_id]
        return [credential_id, AccountLane(known.tenant).name]

    def bound(self, lane: str) -> bool:
        """Whether a bind on this node may take from a lane, with or without room."""
        return any(self._binds.bound(credential_id) for credential_id in self._credentials(lane))

    def receiver(self, lane: str) -> Bind | None:
        """The bind with most room that may take from a lane; None if none has room."""
        credentials = self._credentials(lane)
        if len(credentials) == 1:
            return self._binds.receiver(credentials[0])
        found = [bind for one in credentials if (bind := self._binds.receiver(one)) is not None]
        return max(found, key=lambda bind: bind.window_free, default=None)

    def want(self, lane: str) -> None:
        """Report that a delivery waits in a lane without a bind, so that customers can be asked to bind (outbind)."""
        for credential_id in self._credentials(lane):
            self._binds.want(credential_id)

    def _of_tenant(self, tenant: Tenant) -> list[str]:
        return [
            known.id
            for known in self._book.values()  # all of them, for each incoming message: compared field by field
            if (known.account_id, known.test) == tenant and known.revoked_at is None and known.profile.inbound
        ]

    def _credentials(self, lane: str) -> Sequence[str]:
        account = AccountLane.parse(lane) if " " in lane else None
        return (lane,) if account is None else self._of_tenant(account.tenant)
