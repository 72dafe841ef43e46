"""The binds of customers by credential, and how to send deliveries over them.

Rules kept here:
- each delivery is answered exactly once: with the customer's command_status, UNSENT or UNKNOWN;
- listeners are called when a receiving bind has connected or has room again, not at each answer;
- a changed credential applies to its binds at once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Final

from onesixty.customers.message_ids import SHORT
from onesixty.customers.refused_binds import RefusedBinds
from onesixty.customers.tables import SmppCredential
from onesixty.smpp import constants as c
from onesixty.smpp.link import Link
from onesixty.smpp.pacing import TokenBucket
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection

#: The result for `Answered` without a command_status: never sent, or not answered in time.
UNSENT: Final = -1
UNKNOWN: Final = -2

Answered = Callable[[int], None]

_KINDS: Final = {
    c.BIND_TRANSMITTER: "transmitter",
    c.BIND_RECEIVER: "receiver",
    c.BIND_TRANSCEIVER: "transceiver",
}


class Bind:
    """One bind of a customer. Times in epoch ms, `bucket` in segments a second."""

    __slots__ = (
        "address",
        "bucket",
        "connection",
        "credential",
        "deliveries",
        "full",
        "grant",
        "id",
        "kind",
        "since",
        "submissions",
        "tls",
    )

    def __init__(
        self,
        id_: str,
        credential: SmppCredential,
        connection: Connection,
        bucket: TokenBucket,
        *,
        command_id: int,
        address: str,
        tls: bool,
        since: int,
    ) -> None:
        self.id = id_
        self.credential = credential
        self.grant = credential.grant
        self.connection = connection
        self.bucket = bucket
        self.address = address
        self.tls = tls
        self.since = since
        self.kind = _KINDS[command_id]
        self.full = False
        self.submissions = 0
        self.deliveries = 0

    @property
    def id_form(self) -> str:
        """The form of message ids over this bind: SMPP 3.3 has room for eight characters."""
        if self.connection.interface_version < c.INTERFACE_VERSION_34:
            return SHORT
        return self.credential.profile.message_id_form

    @property
    def receives(self) -> bool:
        """Whether deliver_sm can be sent: bound as receiver or transceiver."""
        return self.connection.receives

    @property
    def window_free(self) -> int:
        """How many deliver_sm may be sent now."""
        return self.connection.window_free

    @property
    def interface_version(self) -> int:
        """The SMPP version that both sides use: 0x33, 0x34 or 0x50."""
        return self.connection.interface_version

    def deliver(self, pdu: Pdu, answered: Answered) -> None:
        """Send deliver_sm, data_sm or alert_notification; `answered` is called exactly once, later.

        Raises WindowFullError, InvalidStateError or EncodeError; then nothing is queued and `answered` is not
        called.
        """
        if pdu.tlvs and self.connection.interface_version < c.INTERFACE_VERSION_34:
            pdu.tlvs = ()  # 3.3 knows none
        self.connection.send(pdu, answered)
        self.deliveries += 1
        if self.connection.window_free == 0:
            self.full = True


class Binds:
    """The binds of this node."""

    def __init__(self) -> None:
        self._by_credential: dict[str, list[Bind]] = {}
        self._by_id: dict[str, Bind] = {}
        self._on_room: list[Callable[[str], None]] = []
        self._on_wanted: list[Callable[[str], None]] = []
        #: The binds that were refused.
        self.refused = RefusedBinds()

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Bind]:
        return iter(list(self._by_id.values()))

    def get(self, bind_id: str) -> Bind | None:
        """The bind with this id."""
        return self._by_id.get(bind_id)

    def of(self, credential_id: str) -> Sequence[Bind]:
        """All binds of a credential."""
        return self._by_credential.get(credential_id, ())

    def over(self, link: Link) -> Bind | None:
        """The bind over this link; None if it has not bound yet, or has unbound."""
        return next((bind for bind in self._by_id.values() if bind.connection.link is link), None)

    def receiver(self, credential_id: str) -> Bind | None:
        """The receiving bind with most room in its window; None if none has room."""
        best: Bind | None = None
        most = 0
        for bind in self._by_credential.get(credential_id, ()):
            free = bind.connection.window_free  # 0 for a bind that cannot receive
            if free > most:
                best, most = bind, free
        return best

    def bound(self, credential_id: str) -> bool:
        """Whether any bind of it can receive, with or without room."""
        return any(bind.receives for bind in self._by_credential.get(credential_id, ()))

    def on_room(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the credential's id when a receiving bind has connected, or a full one has room
        again.
        """
        self._on_room.append(listener)

    def on_wanted(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the credential's id when a delivery waits and no bind can receive it."""
        self._on_wanted.append(listener)

    def want(self, credential_id: str) -> None:
        """Report that a delivery waits for this credential and no bind can receive it (outbind)."""
        for listener in self._on_wanted:
            listener(credential_id)

    # ------------------------------------------------------------ for the door

    def add(self, bind: Bind) -> None:
        """Add a bind."""
        self._by_id[bind.id] = bind
        self._by_credential.setdefault(bind.credential.id, []).append(bind)
        if bind.receives:
            self._tell(bind.credential.id)

    def remove(self, bind: Bind) -> None:
        """Remove a bind."""
        self._by_id.pop(bind.id, None)
        others = self._by_credential.get(bind.credential.id, [])
        if bind in others:
            others.remove(bind)
        if not others:
            self._by_credential.pop(bind.credential.id, None)

    def answered(self, bind: Bind) -> None:
        """A request of ours was answered or timed out, so its slot is free."""
        if bind.full and bind.connection.window_free:
            bind.full = False
            self._tell(bind.credential.id)

    def change(self, credential: SmppCredential) -> None:
        """Apply a changed credential to its binds, or close them if it was revoked."""
        for bind in list(self.of(credential.id)):
            bind.credential, bind.grant = credential, credential.grant
            if credential.revoked_at is not None:
                bind.connection.unbind()

    def end_of(self, accounts: Container[str]) -> None:
        """Close the binds of closed accounts."""
        for bind in self:
            if bind.credential.account_id in accounts:
                bind.connection.unbind()

    def _tell(self, credential_id: str) -> None:
        for listener in self._on_room:
            listener(credential_id)
