"""The lanes of what waits for customers' binds, and who of them may take what is in one.

A lane is named by a credential, or by an account and a mode (`messages.bind_effect.account_lane`): then any
credential of it that wants incoming messages may.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from onesixty.customers.binds import Bind, Binds
from onesixty.customers.delivery_rows import Item
from onesixty.customers.effect import account_lane
from onesixty.customers.tables import SmppCredential


class Lane:
    """What waits in memory for the binds of a credential, or of any credential of an account."""

    __slots__ = ("in_flight", "loading", "name", "queue", "rest_until", "spilled")

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue: deque[Item] = deque()
        self.in_flight = 0
        self.loading = False
        self.spilled = False  # more of it waits in the rows, and new ones go there too
        self.rest_until = 0.0


class Customers:
    """The binds of this node by lane. `book` are the SMPP credentials by id."""

    def __init__(self, binds: Binds, book: Mapping[str, SmppCredential]) -> None:
        self._binds = binds
        self._book = book

    def of_account(self, account_id: str, test: bool) -> list[str]:
        """The credentials of an account and mode whose binds get incoming messages."""
        return [
            known.id
            for known in self._book.values()
            if known.account_id == account_id
            and known.test is test
            and known.revoked_at is None
            and known.profile.inbound
        ]

    def lanes_of(self, credential_id: str) -> list[str]:
        """The lanes that a bind of this credential may take from."""
        known = self._book.get(credential_id)
        if known is None:
            return [credential_id]
        return [credential_id, account_lane(known.account_id, known.test)]

    def bound(self, lane: str) -> bool:
        """Whether anybody is bound here who may take what is in a lane, with room or without."""
        return any(self._binds.bound(credential_id) for credential_id in self._credentials(lane))

    def receiver(self, lane: str) -> Bind | None:
        """The bind with most room that may take what is in a lane; None while none has room."""
        credentials = self._credentials(lane)
        if len(credentials) == 1:
            return self._binds.receiver(credentials[0])
        found = [bind for one in credentials if (bind := self._binds.receiver(one)) is not None]
        return max(found, key=lambda bind: bind.window_free, default=None)

    def want(self, lane: str) -> None:
        """Something waits in a lane, and nobody is bound: ask those who may."""
        for credential_id in self._credentials(lane):
            self._binds.want(credential_id)

    def _credentials(self, lane: str) -> Sequence[str]:
        account_id, of_account, mode = lane.partition(" ")
        return self.of_account(account_id, mode == "test") if of_account else (lane,)


def older(queue: deque[Item], id_: str) -> int:
    """How many items at the head of a queue were made before `id_`."""
    count = 0
    for item in queue:
        if item.id > id_:
            break
        count += 1
    return count
